/** Statistical tests of histograms; that their p-values are ROOT's is tested in interop/compat.test.ts. */
import { describe, expect, it } from 'vitest';
import { testCompatibility } from '../../../../src/diff/histogram/compatibility-tests.ts';
import { diffFiles } from '../../../../src/diff/diff-files.ts';
import { diffMerged } from '../../../../src/diff/diff-merged.ts';
import type { DiffOptions } from '../../../../src/diff/diff-report.ts';
import type { HistogramNumbers } from '../../../../src/diff/histogram/histogram-numbers.ts';
import { chiSquareProbability, kolmogorovProbability, normalProbability } from '../../../../src/diff/histogram/probability.ts';
import { UsageError } from '../../../../src/errors.ts';
import { createRootFile } from '../../../../src/io/component/root-output.ts';
import type { AxisSpec } from '../../../../src/io/root/histogram/axis.ts';
import { Scratch } from '../../../scratch.ts';

describe('probabilities', () => {
  it.each([
    [1, 1, 0.317310507862914],
    [3.841458820694124, 1, 0.05],
    [10, 10, 0.440493285065212],
    [100, 50, 0.0000345494],
    [0, 5, 1],
    [5, 0, 0],
    [1000, 1000, 0.4940528538],
    [300_000, 300_000, 0.4996566],
  ] as const)('of chi-square %s for %s degrees of freedom', (chi2, ndf, p) => expect(chiSquareProbability(chi2, ndf)).toBeCloseTo(p, 7));

  it('fall with chi-square, without a step where the formula changes', () => {
    for (const ndf of [1, 2, 30, 31, 32, 33, 500]) {
      for (let chi2 = Math.max(0.5, ndf - 4 * Math.sqrt(2 * ndf)); chi2 < 2 * ndf + 20; chi2 += 0.5) {
        expect(chiSquareProbability(chi2, ndf)).toBeLessThanOrEqual(chiSquareProbability(chi2 - 0.25, ndf));
      }
    }
  });

  it('of pulls and of Kolmogorov distances', () => {
    expect(normalProbability(1)).toBeCloseTo(0.317310507862914, 12);
    expect(normalProbability(5)).toBeCloseTo(5.733031437e-7, 14);
    expect([0, 0.1, 0.5, 1, 1.3580986, 7].map(kolmogorovProbability)).toEqual([
      1,
      1,
      expect.closeTo(0.9639452, 6),
      expect.closeTo(0.2699997, 6),
      expect.closeTo(0.05, 6),
      0,
    ]);
  });
});

/** A histogram of counts; first and last value are underflow and overflow. */
function counts(contents: readonly number[]): HistogramNumbers {
  const values = Float64Array.from(contents);
  const sum = contents.slice(1, -1).reduce((total, value) => total + value, 0);
  const bins = contents.length - 2;
  return {
    isProfile: false,
    axes: [{ bins, first: 1, last: bins, isRange: false }],
    contents: values,
    signedContents: values,
    squares: values,
    sumOfWeights: sum,
    sumOfSquares: sum,
  };
}

describe('tests', () => {
  it('take the largest pull over all bins, flows included, for `bins`', () => {
    expect(testCompatibility('bins', counts([0, 100, 50, 0]), counts([0, 130, 50, 0]), false)).toEqual({
      statistic: 30 / Math.sqrt(230),
      pValue: expect.closeTo(1 - (1 - normalProbability(30 / Math.sqrt(230))) ** 2, 12) as number,
      detail: 'largest pull 1.978 in fArray[1], of 2 bins',
    });
    expect(testCompatibility('bins', counts([100, 9, 0]), counts([0, 9, 0]), false)).toMatchObject({
      statistic: 10,
      detail: 'largest pull 10 in fArray[0], of 2 bins',
    });
    expect(testCompatibility('bins', counts([0, 9, 0]), counts([0, 9, 0]), false)).toMatchObject({ pValue: 1, statistic: 0 });
  });

  it('find contents that are no numbers incompatible', () => {
    for (const test of ['chi2', 'ks', 'bins'] as const) {
      expect(testCompatibility(test, counts([0, Number.NaN, 5, 0]), counts([0, 3, 5, 0]), false).pValue).not.toBeGreaterThanOrEqual(0.05);
    }
  });

  it('count flows only when asked', () => {
    const [a, b] = [counts([0, 50, 50, 0]), counts([0, 50, 50, 500])];
    for (const test of ['chi2', 'ks'] as const) {
      expect(testCompatibility(test, a, b, false).pValue).toBeCloseTo(1, 9);
      expect(testCompatibility(test, a, b, true).pValue).toBeLessThan(1e-6);
    }
  });
});

/** Compares two files with one histogram `h` each, filled with the same number of values. */
async function compared(
  options: DiffOptions,
  shift: number,
  axes: readonly [AxisSpec, AxisSpec] = [
    { bins: 20, min: 0, max: 1 },
    { bins: 20, min: 0, max: 1 },
  ],
): ReturnType<typeof diffFiles> {
  using scratch = new Scratch();
  const paths = axes.map((axis, i) => {
    const path = scratch.path(`${i}.root`);
    using file = createRootFile(path, { force: true });
    const hist = file.bookHistogram('/', { className: 'TH1D', name: 'h', title: `run ${i}`, axes: [axis] });
    for (let k = 0; k < 1000; k++) hist.fill(((k * 0.6180339887) % 1) ** (1 + i * shift) * 0.999 + i * 1e-4);
    file.close();
    return path;
  });
  return diffFiles(paths[0] as string, paths[1] as string, options);
}

describe('files', () => {
  it.each(['chi2', 'ks', 'bins'] as const)('are compatible or not by %s', async (compat) => {
    const close = await compared({ compat }, 0);
    expect(close).toMatchObject({
      isSame: true,
      counts: { compatible: 1 },
      objects: [{ verdict: 'compatible', differenceCount: 0, compatibility: { test: compat, threshold: 0.05 } }],
    });
    const far = await compared({ compat }, 0.5);
    expect(far).toMatchObject({
      isSame: false,
      counts: { different: 1 },
      objects: [{ verdict: 'different', compatibility: { test: compat } }],
    });
    expect(far.objects[0]?.compatibility?.pValue).toBeLessThan(0.05);
    expect((await compared({ compat, threshold: 0 }, 0.5)).isSame).toBe(true);
  });

  it('are different where axes are', async () => {
    const { objects } = await compared({ compat: 'ks' }, 0, [{ bins: 20, min: 0, max: 1 }, { edges: [0, 0.5, 1] }]);
    expect(objects).toMatchObject([
      {
        verdict: 'different',
        differences: [{ at: 'fXaxis', left: '"20 bins from 0 to 1"', right: '"2 bins from 0 to 1, edges 0, 0.5, 1"' }],
      },
    ]);
    expect(objects[0]?.compatibility).toBeUndefined();
  });

  it('are not compared with options that make no sense', async () => {
    await expect(compared({ threshold: 0.1 }, 0)).rejects.toThrow(UsageError);
    await expect(compared({ compat: 'ks', threshold: 2 }, 0)).rejects.toThrow('threshold must be a probability, not 2');
    await expect(compared({ compat: 'cramer' as 'ks' }, 0)).rejects.toThrow(UsageError);
    await expect(diffMerged('a.root', ['b.root'], { compat: 'ks' })).rejects.toThrow('compat is for two files');
  });
});
