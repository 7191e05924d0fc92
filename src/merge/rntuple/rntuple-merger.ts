/** Merges RNTuples: pages are copied, metadata is written anew. See tuple-writer.ts. */
import type { ExecuteContext, Merger, PlanContext, PlannedWork } from '../merger.ts';
import { planTuple } from './plan-tuple.ts';
import type { TupleJob } from './tuple-job.ts';
import { writeTuple } from './tuple-writer.ts';

/** The RNTuple family's entry in the table of mergers. */
export const rntupleMerger: Merger = {
  family: 'rntuple',
  plan(targets: readonly number[], ctx: PlanContext): PlannedWork {
    const jobs: TupleJob[] = [];
    for (const target of targets) {
      const job = planTuple(target, ctx);
      if (job !== undefined) jobs.push(job);
    }
    return {
      family: 'rntuple',
      inputBytes: jobs
        .flatMap((job) => [job, ...job.attributeSets.map((set) => set.job)])
        .reduce((sum, { inputBytes }) => sum + inputBytes, 0),
      async execute(context: ExecuteContext): Promise<void> {
        for (const job of jobs) await writeTuple(job, context);
      },
    };
  },
};
