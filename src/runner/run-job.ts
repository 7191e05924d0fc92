/** A job from start to merged output: workers, their events counted, merge, report. */
import { prepareQueue } from './events/event-queue.ts';
import type { EventCount } from './workers/event-count.ts';
import { EventCounter } from './workers/event-log.ts';
import type { Job, JobOptions } from './job.ts';
import { JOB_DIRECTORY, openJobDirectory, type JobDirectory } from './job-directory.ts';
import { finishJob } from './job-finish.ts';
import { checkOutput, checkPlan, planJob, planWords, serialShare, sharesOf, type JobPlan } from './job-plan.ts';
import { workerProgress, type JobProgress, type JobReport } from './job-report.ts';
import { launcherOf } from './workers/launchers.ts';
import { MpEventLoopMgr } from './events/mp-event-loop-mgr.ts';
import { findIncompleteOutput } from './outputs.ts';
import { memoryOf } from './workers/process-group.ts';
import { serialLoop } from './serial-run.ts';
import { runOnSlurm } from './slurm/slurm-job.ts';
import { toOutputError } from './system-errors.ts';
import { Supervisor } from './workers/supervisor.ts';
import type { WorkerShare } from './workers/worker-share.ts';

const PROGRESS_MS = 1000;

/**
 * Runs a job over several workers and merges what they wrote; with no workers, runs it here.
 * @throws UsageError before anything is started
 * @throws OutputError when something cannot be written
 * @throws WorkerError when a worker failed for good; the job directory stays, and `resume` goes on with it
 * @throws VerificationError when events are missing or were done twice; nothing is merged then
 */
export async function runJob(job: Job, options: JobOptions): Promise<JobReport> {
  return runPlan(planJob(job, options), options).catch((err: unknown) => {
    throw toOutputError(err);
  });
}

async function runPlan(plan: JobPlan, options: JobOptions): Promise<JobReport> {
  checkPlan(plan);
  if (options.slurm !== undefined) return runOnSlurm(plan, options);
  checkOutput(plan);
  const seconds = { run: 0, merge: 0 };
  let report: JobReport | undefined;
  const loop = new MpEventLoopMgr(
    options.workers,
    () => serialLoop(plan.job, serialShare(plan), plan.interpreter, options.signal),
    async () => {
      report = await runWorkers(plan, options);
    },
  );
  const start = performance.now();
  await loop.executeRun(options.events ?? 0);
  seconds.run = (performance.now() - start) / 1000;
  return report ?? serialReport(options, seconds);
}

async function runWorkers(plan: JobPlan, options: JobOptions): Promise<JobReport> {
  const directory = await openJobDirectory(options.directory ?? JOB_DIRECTORY, planWords(plan), plan.workerCount, options.resume === true);
  const shares = sharesOf(plan, directory);
  const supervisor = new Supervisor({
    states: directory,
    launcher: launcherOf(plan.job, plan.interpreter),
    shares,
    onFailure: options.onFailure ?? { kind: 'fail' },
    timeoutSeconds: options.timeoutSeconds,
    signal: options.signal,
    forceSignal: options.forceSignal,
    prepare: ({ worker, queue }) => queue !== undefined && prepareQueue(queue, worker),
    check: ({ directory: path }) => findIncompleteOutput(path),
  });
  const start = performance.now();
  const stopTelling = tellProgress(directory, supervisor, shares, options, start);
  try {
    await supervisor.run();
  } finally {
    stopTelling();
    directory.close();
  }
  return finishJob({ states: directory, shares, options, failures: supervisor.failures, runSeconds: (performance.now() - start) / 1000 });
}

function serialReport(options: JobOptions, seconds: JobReport['seconds']): JobReport {
  const diagnostics =
    options.output === undefined
      ? []
      : [{ code: 'nothing-merged', file: options.output, message: 'a serial run merges nothing: its files lie in the current directory' }];
  const events: EventCount = {
    ...(options.events !== undefined && { expected: options.events }),
    missingCount: 0,
    repeatedCount: 0,
    strayCount: 0,
    missing: [],
    repeated: [],
    stray: [],
  };
  return {
    schemaVersion: 1,
    kind: 'job',
    directory: '',
    workerCount: 0,
    seconds,
    events,
    workers: [],
    failures: [],
    outputs: [],
    diagnostics,
  };
}

/** Calls onProgress about every second; returns how to end that. */
function tellProgress(
  directory: JobDirectory,
  supervisor: Supervisor,
  shares: readonly WorkerShare[],
  { onProgress }: JobOptions,
  start: number,
): () => void {
  if (onProgress === undefined) return () => undefined;
  const counters = shares.map((share) => new EventCounter(share.directory));
  const look = (): JobProgress => ({
    seconds: (performance.now() - start) / 1000,
    workers: shares.map(({ worker, eventCount }) => {
      const pid = supervisor.pidOf(worker);
      const memory = pid === undefined ? undefined : memoryOf(pid);
      return workerProgress(worker, directory.worker(worker), { events: counters[worker]?.count(), eventCount, memory });
    }),
  });
  const timer = setInterval(() => onProgress(look()), PROGRESS_MS);
  return () => clearInterval(timer);
}
