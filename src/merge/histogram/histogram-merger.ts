/** The merger of TH1, TH2, TH3 and profiles: contents, errors, entries and statistics are summed as TH1::Merge sums them. */
import { MergeConflictError } from '../../errors.ts';
import type { Merger, PlanContext, PlannedWork } from '../merger.ts';
import type { MergePlan } from '../plan/plan.ts';
import { forEachContribution } from './contribution-list.ts';
import { HistogramWork, type LargestSizes } from './histogram-work.ts';

/** Merges histograms of equal axes; whether axes are equal is seen when they are read. */
export const histogramMerger: Merger = {
  family: 'histogram',
  plan(targets: readonly number[], ctx: PlanContext): PlannedWork {
    const sizes: Sizes = { inputBytes: 0, largestRecord: 0, largestObject: 0 };
    for (const target of targets) {
      ctx.plan.decide(target, 'add', 'mergeable');
      ctx.plan.targets.slotCount.set(target, 1);
      addSizes(sizes, ctx.plan, target);
    }
    return {
      family: 'histogram',
      inputBytes: sizes.inputBytes,
      async execute(executeContext): Promise<void> {
        if (targets.length > 0) await new HistogramWork(targets, sizes, ctx, executeContext).run();
        if (ctx.plan.conflicts.length > 0) throw new MergeConflictError(ctx.plan.conflicts);
      },
      async check(planContext): Promise<void> {
        if (targets.length > 0) await new HistogramWork(targets, sizes, planContext).run();
      },
    };
  },
};

interface Sizes extends LargestSizes {
  inputBytes: number;
}

function addSizes(sizes: Sizes, plan: MergePlan, target: number): void {
  forEachContribution(plan, target, (keys, key) => {
    const nbytes = keys.nbytes(key);
    sizes.inputBytes += nbytes;
    sizes.largestRecord = Math.max(sizes.largestRecord, nbytes);
    sizes.largestObject = Math.max(sizes.largestObject, keys.objlen(key));
  });
}
