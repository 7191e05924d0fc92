/** How far a run is, seen from outside: what its job directory says and, for a run on Slurm, the queue. */
import { join, resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import { EventCounter } from './workers/event-log.ts';
import { REPORT_FILE } from './job-finish.ts';
import type { WorkerState, WorkerStatus } from './job-directory.ts';
import { WorkerDirectories, readState, type JobState, type SlurmJobs } from './job-directory.ts';
import type { JobReport } from './job-report.ts';
import { readJsonFile } from './json-file.ts';
import { isAlive } from './workers/process-group.ts';
import { readJob, readQueue, type QueuedTask } from './slurm/slurm-commands.ts';
import { SlurmStates, failureOf } from './slurm/slurm-states.ts';

/** Where a run is: at work, at its end, at its end without some workers, failed, or stopped by somebody. */
export type RunState = 'running' | 'done' | 'dropped' | 'failed' | 'stopped';

/** A worker in a status. */
export interface WorkerStatusReport {
  worker: number;
  status: WorkerStatus;
  attempts: number;
  /** Finished events, by its event log. */
  events?: number;
  /** Its task of Slurm, and what Slurm says of it. */
  job?: string;
  slurm?: string;
  host?: string;
  /** Messages of its failures, in order. */
  failures: string[];
}

/** A merge on Slurm in a status. */
export interface MergeStatusReport {
  merge: number;
  status: 'waiting' | 'running' | 'done' | 'failed';
  job: string;
  slurm?: string;
  message?: string;
}

/** How far a run is. JSON-serialisable. */
export interface JobStatus {
  schemaVersion: 1;
  kind: 'status';
  /** Absolute path of the job directory. */
  directory: string;
  state: RunState;
  /** Name of its jobs; absent for a run that is not on Slurm. */
  name?: string;
  workers: WorkerStatusReport[];
  /** Empty for a run that is not on Slurm. */
  merges: MergeStatusReport[];
}

/**
 * How far the run of a job directory is.
 * @throws UsageError for a directory without job
 * @throws SchedulerError when Slurm must be asked and does not answer
 */
export async function jobStatus(directory: string): Promise<JobStatus> {
  const path = resolve(directory);
  const state = readState(path);
  if (state === undefined) throw new UsageError('this is not the directory of a job: it has no job.json', { file: directory });
  return state.slurm === undefined ? localStatus(path, state) : slurmStatus(path, state.slurm);
}

function localStatus(path: string, state: JobState): JobStatus {
  const directories = new WorkerDirectories(path);
  const workers = state.workers.map((worker, i) => workerReport(i, worker, directories, []));
  return { schemaVersion: 1, kind: 'status', directory: path, state: localState(path, state), workers, merges: [] };
}

function localState(path: string, { runner, workers }: JobState): RunState {
  if (runner !== undefined && isAlive(runner)) return 'running';
  if (workers.some(({ status }) => status === 'failed')) return 'failed';
  const ended = endedState(path);
  return ended !== undefined && workers.every(({ status }) => status === 'done' || status === 'dropped') ? ended : 'stopped';
}

/** What the report says; undefined without report. */
function endedState(path: string): RunState | undefined {
  const report = readJsonFile(join(path, REPORT_FILE)) as JobReport | undefined;
  if (report === undefined) return undefined;
  return report.workers.some(({ status }) => status === 'dropped') ? 'dropped' : 'done';
}

async function slurmStatus(path: string, jobs: SlurmJobs): Promise<JobStatus> {
  const states = new SlurmStates(path);
  const last = states.mergeState(jobs.merges.length - 1);
  const queue = last.status === 'done' || jobs.isEnded ? [] : await readQueue(jobs.name);
  const workers = await Promise.all(
    jobs.workers.map(async (job, worker) => {
      const { failures, isEnded, host, ...state } = states.worker(worker);
      const slurm = isEnded ? undefined : await slurmText(job, queue);
      return {
        ...workerReport(
          worker,
          state,
          states,
          failures.map((failure) => failureOf(failure).message),
        ),
        job,
        ...(slurm !== undefined && { slurm }),
        ...(host !== undefined && { host }),
      };
    }),
  );
  const merges = await Promise.all(
    jobs.merges.map(async (job, merge) => {
      const { status, error } = states.mergeState(merge);
      const slurm = status === 'done' || status === 'failed' ? undefined : await slurmText(job, queue);
      return { merge, status, job, ...(slurm !== undefined && { slurm }), ...(error !== undefined && { message: error.error.message }) };
    }),
  );
  const isFailed =
    workers.some(({ status, failures }) => status === 'failed' && failures.length > 0) || merges.some(({ status }) => status === 'failed');
  const unended = (): RunState => {
    if (isFailed) return 'failed';
    return queue.length > 0 ? 'running' : 'stopped';
  };
  const state = last.status === 'done' ? (endedState(path) ?? 'done') : unended();
  return { schemaVersion: 1, kind: 'status', directory: path, state, name: jobs.name, workers, merges };
}

/** `PENDING (Resources)`; what Slurm remembers of a job that has left the queue. */
async function slurmText(job: string, queue: readonly QueuedTask[]): Promise<string | undefined> {
  const found = queue.find(({ id }) => id === job) ?? (job === '' ? undefined : await readJob(job));
  if (found === undefined) return undefined;
  return ['', 'None'].includes(found.reason) ? found.state : `${found.state} (${found.reason})`;
}

function workerReport(
  worker: number,
  { status, attempts }: WorkerState,
  directories: WorkerDirectories,
  failures: string[],
): WorkerStatusReport {
  const events = new EventCounter(directories.workerPath(worker)).count();
  return { worker, status, attempts, ...(events !== undefined && { events }), failures };
}
