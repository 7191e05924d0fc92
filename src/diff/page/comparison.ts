/** Two histograms with the same bins: which bins differ, their ratio and pull. */

/** Contents of bins with their errors; NaN where a bin has none (a profile without entries). */
export interface BinValues {
  values: Float64Array;
  errors: Float64Array;
}

/** How two sets of bins compare, bin by bin. */
export interface BinComparison {
  /** 1 where contents or errors differ. */
  differs: Uint8Array;
  /** test / reference, and its error for independent samples; NaN where the reference is 0. */
  ratios: Float64Array;
  ratioErrors: Float64Array;
  /** (test - reference) over the errors of both added in quadrature; infinite where both are 0, NaN where a value is missing. */
  pulls: Float64Array;
  differingCount: number;
  /** Largest |pull| that is finite; 0 when there is none. */
  largestPull: number;
}

/** Compares bins that correspond by number; both have as many. */
export function compareBins(reference: BinValues, test: BinValues): BinComparison {
  const length = reference.values.length;
  const result: BinComparison = {
    differs: new Uint8Array(length),
    ratios: new Float64Array(length),
    ratioErrors: new Float64Array(length),
    pulls: new Float64Array(length),
    differingCount: 0,
    largestPull: 0,
  };
  for (let i = 0; i < length; i++) {
    const [a, b, sa, sb] = [reference.values[i] ?? NaN, test.values[i] ?? NaN, reference.errors[i] ?? NaN, test.errors[i] ?? NaN];
    const isDifferent = !isEqual(a, b) || !isEqual(sa, sb);
    const ratio = a === 0 ? NaN : b / a;
    const pull = a === b ? 0 : (b - a) / Math.hypot(sa, sb);
    result.differs[i] = Number(isDifferent);
    result.differingCount += Number(isDifferent);
    result.ratios[i] = ratio;
    result.ratioErrors[i] = Math.hypot(sb, ratio * sa) / Math.abs(a);
    result.pulls[i] = pull;
    if (Number.isFinite(pull)) result.largestPull = Math.max(result.largestPull, Math.abs(pull));
  }
  return result;
}

function isEqual(a: number, b: number): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}

/** Neighbouring bins that differ, as [first, behind the last]. */
export function differingRuns(differs: Uint8Array): [number, number][] {
  const runs: [number, number][] = [];
  differs.forEach((flag, i) => {
    const run = runs.at(-1);
    if (flag === 0) return;
    if (run !== undefined && run[1] === i) run[1] = i + 1;
    else runs.push([i, i + 1]);
  });
  return runs;
}

/** The value; 0 for one that has no place in a drawing. */
export function finiteOrZero(value: number): number {
  return Number.isFinite(value) ? value : 0;
}
