/** Compares two histograms as samples that need not be equal: axes must be, contents by a statistical test. */
import { numberOf } from '../../io/root/streamer/member.ts';
import type { SpanGraph } from '../../io/root/streamer/span-graph.ts';
import { testCompatibility, type CompatibilityTest, type TestResult } from './compatibility-tests.ts';
import type { DifferenceList } from '../object/difference.ts';
import { AXES, cellsOf, isSameAxis, labelsOf, pendingFills } from './histogram-cells.ts';
import { dimensionOf, hasMeanErrors, histogramNumbers } from './histogram-numbers.ts';

/** How compatible two histograms are. */
export interface Compatibility extends TestResult {
  test: CompatibilityTest;
  /** p-values below it count as different. */
  threshold: number;
}

/** What is tested, and how. */
export interface CompatibilityOptions {
  test: CompatibilityTest;
  threshold: number;
  /** Underflow and overflow count for `chi2` and `ks`, too. */
  flows: boolean;
}

/** Tests two histograms of one class. Axes that differ are added to the differences, and nothing is tested then: undefined. */
export function compareDistributions(
  a: SpanGraph,
  b: SpanGraph,
  { test, threshold, flows }: CompatibilityOptions,
  differences: DifferenceList,
): Compatibility | undefined {
  for (const axis of AXES.slice(0, dimensionOf(a.className))) {
    if (!isSameAxis(a.root, b.root, axis)) differences.add(axis, axisText(a, axis), axisText(b, axis));
    else if (labelsOf(a.root, axis) !== labelsOf(b.root, axis)) {
      differences.add(`${axis}.fLabels`, labelsOf(a.root, axis), labelsOf(b.root, axis));
    }
  }
  if (differences.count > 0) return undefined;
  return { test, threshold, ...testCompatibility(test, histogramNumbers(a), histogramNumbers(b), flows) };
}

/** Why two histograms of one class can only be compared exactly; undefined where they can be tested. */
export function whyNotTested(a: SpanGraph, b: SpanGraph, { test }: CompatibilityOptions): string | undefined {
  if (pendingFills(a.root) + pendingFills(b.root) > 0) return 'fills that are in no bin yet: compared exactly';
  if (test === 'chi2' && !(hasMeanErrors(a) && hasMeanErrors(b))) return 'chi2 needs profiles with errors of the mean: compared exactly';
  return undefined;
}

function axisText({ root }: SpanGraph, axis: string): string {
  const [bins, low, high] = ['fNbins', 'fXmin', 'fXmax'].map((name) => numberOf(root, `${axis}.${name}`));
  const edges = cellsOf(root, `${axis}.fXbins`)?.values;
  return `${bins} bins from ${low} to ${high}${edges === undefined ? '' : `, edges ${[...edges].join(', ')}`}`;
}
