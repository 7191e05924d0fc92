/**
 * The general way for one target: its histograms are summed in native numbers, and what comes of it goes into the plan
 * and the diagnostics.
 */
import { UnsupportedError } from '../../errors.ts';
import type { SpanGraph } from '../../io/root/streamer/span-graph.ts';
import type { PlanContext } from '../merger.ts';
import { graphOfKey } from '../objects/key-graph.ts';
import { contextOf, type Contribution } from '../plan/plan.ts';
import type { HistogramKind } from './histogram-kind.ts';
import { sumHistograms } from './sum-histograms.ts';

/**
 * The first contribution with the sums in it, ready to be encoded; undefined when they cannot be added, which is a conflict of
 * the target then. CorruptFileError for damaged contributions.
 */
export function sumTarget(
  target: number,
  contributions: readonly Contribution[],
  kind: HistogramKind,
  { plan, diagnostics }: PlanContext,
): SpanGraph | undefined {
  const at = (k: number): Contribution => contributions[k] as Contribution;
  try {
    const sum = sumHistograms(
      kind,
      contributions.length,
      (k) => graphOfKey(at(k)),
      (k) => contextOf(at(k)),
    );
    for (const { contribution, code, reason } of sum.disagreements) plan.refuse(target, code, reason, contributions[contribution]?.input);
    if (sum.inexact > 0) {
      const message = `${sum.inexact} bin additions reached the largest value a ${kind.className} can hold`;
      diagnostics.add({ code: 'saturated', path: plan.path(target), message });
    }
    return sum.graph;
  } catch (err) {
    if (!(err instanceof UnsupportedError)) throw err;
    plan.refuse(target, 'unsupported', err.reason, contributions.find(({ input }) => input.path === err.file)?.input);
    return undefined;
  }
}
