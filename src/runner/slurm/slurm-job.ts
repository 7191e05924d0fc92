/** A job on Slurm from the caller's side: run to its end, handed over, or shown. */
import { join } from 'node:path';
import { InternalError, UsageError } from '../../errors.ts';
import { REPORT_FILE } from '../job-finish.ts';
import type { Job, JobOptions } from '../job.ts';
import { checkOutput, checkPlan, planJob, type JobPlan } from '../job-plan.ts';
import type { JobReport } from '../job-report.ts';
import { readJsonFile } from '../json-file.ts';
import { requireSlurm } from './slurm-commands.ts';
import { SlurmFollower } from './slurm-follow.ts';
import { SlurmRun } from './slurm-run.ts';
import { previewRun, type SlurmPreview } from './slurm-submit.ts';

/** A run that was handed over to Slurm. */
export interface SlurmSubmission {
  schemaVersion: 1;
  kind: 'submission';
  /** Absolute path of the job directory. */
  directory: string;
  /** Name of all jobs. */
  name: string;
  workerCount: number;
  /** Numbers of the worker arrays, and of the merges. */
  workerJobs: string[];
  mergeJobs: string[];
}

/** Runs a planned job on Slurm to its end: see runJob. When the caller's signal comes, all jobs are cancelled. */
export async function runOnSlurm(plan: JobPlan, options: JobOptions): Promise<JobReport> {
  const run = await startRun(plan, options);
  let isEnded = true;
  try {
    await new SlurmFollower(run, options).follow();
  } catch (err) {
    // Jobs of a Slurm that does not answer cannot be cancelled: they go on, and can be followed again.
    isEnded = await run.cancel().then(
      () => true,
      () => false,
    );
    throw err;
  } finally {
    run.close(isEnded);
  }
  return reportOf(run);
}

/**
 * Submits a job and returns at once: workers, merges and the end of the job need nobody.
 * @throws UsageError, SchedulerError
 */
export async function submitJob(job: Job, options: JobOptions): Promise<SlurmSubmission> {
  const plan = planJob(job, options);
  checkPlan(plan);
  const run = await startRun(plan, options);
  run.close(false);
  const { jobs, directory } = run;
  const workerJobs = [...new Set(jobs.workers.map((task) => task.split('_')[0] ?? task))];
  return {
    schemaVersion: 1,
    kind: 'submission',
    directory: directory.path,
    name: jobs.name,
    workerCount: plan.workerCount,
    workerJobs,
    mergeJobs: jobs.merges,
  };
}

/** What `submitJob` would submit; writes nothing. */
export function previewJob(job: Job, options: JobOptions): Promise<SlurmPreview> {
  const plan = planJob(job, options);
  checkPlan(plan);
  requireWorkers(plan);
  checkOutput(plan);
  if (options.resume === true) throw new UsageError('a dry run shows a new run: leave out --resume');
  return previewRun(plan, options);
}

async function startRun(plan: JobPlan, options: JobOptions): Promise<SlurmRun> {
  requireWorkers(plan);
  if (options.resume !== true) checkOutput(plan);
  await requireSlurm();
  const run = await SlurmRun.open(plan, options);
  if (run.isMerged) return run;
  try {
    checkOutput(plan);
    await run.submitMissing();
  } catch (err) {
    run.close(false);
    throw err;
  }
  return run;
}

function requireWorkers({ options: { workers } }: JobPlan): void {
  if (workers <= 0) throw new UsageError('a serial run has no workers for Slurm: leave out --backend, or add -n COUNT');
}

function reportOf({ directory }: SlurmRun): JobReport {
  const report = readJsonFile(join(directory.path, REPORT_FILE));
  if (report === undefined) throw new InternalError(`the last merge has ended without ${REPORT_FILE}`);
  return report as JobReport;
}
