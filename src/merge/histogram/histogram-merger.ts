/** The merger of TH1, TH2, TH3 and profiles: contents, errors, entries and statistics are summed as TH1::Merge sums them. */
import { MergeConflictError } from '../../errors.ts';
import type { Merger, PlanContext, PlannedWork } from '../merger.ts';
import type { MergePlan } from '../plan/plan.ts';
import { forEachContribution } from './contribution-list.ts';
import { isDerivedHistogram, planDerived, sumDerived } from './derived-sums.ts';
import { HistogramWork, type LargestSizes } from './histogram-work.ts';

/** Merges histograms of equal axes; whether axes are equal is seen when they are read. Classes that derive from histograms are claimed. */
export const histogramMerger: Merger = {
  family: 'histogram',
  claims: isDerivedHistogram,
  plan(all: readonly number[], ctx: PlanContext): PlannedWork {
    const { plan } = ctx;
    const sizes: Sizes = { inputBytes: 0, largestRecord: 0, largestObject: 0 };
    const targets = all.filter((target) => plan.family(target) === 'histogram');
    const derived = all.filter((target) => plan.family(target) !== 'histogram');
    for (const target of targets) {
      plan.decide(target, 'add', 'mergeable');
      plan.targets.slotCount.set(target, 1);
      addSizes(sizes, plan, target);
    }
    return {
      family: 'histogram',
      inputBytes: sizes.inputBytes + planDerived(derived, ctx),
      async execute(executeContext): Promise<void> {
        if (targets.length > 0) await new HistogramWork(targets, sizes, ctx, executeContext).run();
        await sumDerived(derived, ctx, executeContext);
        if (plan.conflicts.length > 0) throw new MergeConflictError(plan.conflicts);
      },
      async check(planContext): Promise<void> {
        if (targets.length > 0) await new HistogramWork(targets, sizes, planContext).run();
        await sumDerived(derived, planContext);
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
