/** The merger of TH1, TH2, TH3 and profiles: contents, errors, entries and statistics are summed as TH1::Merge sums them. */
import { MergeConflictError } from '../../errors.ts';
import { BIG_KEY_FIXED_BYTES, SMALL_KEY_FIXED_BYTES } from '../../io/root/container/key.ts';
import type { Merger, PlanContext, PlannedWork } from '../merger.ts';
import type { MergePlan } from '../plan.ts';
import { cellBytes } from './cells.ts';
import { forEachContribution } from './contribution-list.ts';
import { histogramKind, type HistogramKind } from './histogram-kind.ts';
import { HistogramWork } from './histogram-work.ts';

const BIG_KEY_GROWTH_BYTES = BIG_KEY_FIXED_BYTES - SMALL_KEY_FIXED_BYTES;

/** Merges histograms of equal axes; whether axes are equal is seen when they are read. */
export const histogramMerger: Merger = {
  family: 'histogram',
  plan(targets: readonly number[], ctx: PlanContext): PlannedWork {
    let [inputBytes, maxOutputBytes] = [0, 0];
    for (const target of targets) {
      ctx.plan.decide(target, 'add', 'mergeable');
      ctx.plan.targets.slotCount.set(target, 1);
      const sizes = sizesOf(ctx.plan, target);
      inputBytes += sizes.inputBytes;
      maxOutputBytes += sizes.maxOutputBytes;
    }
    return {
      family: 'histogram',
      inputBytes,
      maxOutputBytes,
      async execute(executeContext): Promise<void> {
        if (targets.length > 0) await new HistogramWork(targets, ctx, executeContext).run();
        if (ctx.plan.conflicts.length > 0) throw new MergeConflictError(ctx.plan.conflicts);
      },
      async check(planContext): Promise<void> {
        if (targets.length > 0) await new HistogramWork(targets, planContext).run();
      },
    };
  },
};

function sizesOf(plan: MergePlan, target: number): { inputBytes: number; maxOutputBytes: number } {
  const kind = histogramKind(plan.className(target)) as HistogramKind;
  let [inputBytes, objectBytes, keylen] = [0, 0, 0];
  forEachContribution(plan, target, (keys, key) => {
    inputBytes += keys.nbytes(key);
    objectBytes = Math.max(objectBytes, keys.objlen(key));
    keylen = Math.max(keylen, keys.keylen(key));
  });
  // An array of squared errors, 8 bytes a bin, may be added to what the largest contribution stores.
  return { inputBytes, maxOutputBytes: keylen + BIG_KEY_GROWTH_BYTES + objectBytes * (1 + 8 / cellBytes(kind.cellType)) };
}
