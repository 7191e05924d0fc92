/** A run as data: what is known before anything is started, for workers and merges that run here or elsewhere. */
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import { checkTarget } from '../io/bytes/target.ts';
import { queueOf } from './events/event-queue.ts';
import { workerCountOf, type Job, type JobOptions } from './job.ts';
import { isFolder } from './outputs.ts';
import { refuseUnwritable } from './system-errors.ts';
import { shareOf, type ShareRequest, type WorkerShare } from './workers/worker-share.ts';

/** A run. JSON-serialisable but for the date in `options.merge`. */
export interface JobPlan {
  /** Paths of files in it are absolute. */
  job: Job;
  options: Omit<JobOptions, 'signal' | 'forceSignal' | 'onProgress' | 'slurm'>;
  workerCount: number;
  /** Absolute path of the directory in which the job was started. */
  submitDirectory: string;
  /** Interpreter of Python jobs. */
  interpreter: string;
}

/** What a run will be, started from the current directory. */
export function planJob(
  job: Job,
  { signal: _signal, forceSignal: _forceSignal, onProgress: _onProgress, slurm: _slurm, ...options }: JobOptions,
): JobPlan {
  const submitDirectory = process.cwd();
  return {
    job: job.kind === 'command' ? job : { ...job, path: resolve(submitDirectory, job.path) },
    options,
    workerCount: workerCountOf(options),
    submitDirectory,
    interpreter: options.python ?? process.env['PYTHON'] ?? 'python3',
  };
}

/** Throws a UsageError for options that do not fit the job. */
export function checkPlan({ job, options }: JobPlan): void {
  const { workers, events, output, noMerge, schedule, memory } = options;
  if (job.kind !== 'command' && events === undefined) throw new UsageError('how many events? add --events N');
  if (job.kind === 'command' && schedule === 'queue') {
    throw new UsageError('a command cannot take events from a queue: --schedule queue is for Python and module jobs');
  }
  if (job.kind === 'command' && memory === true) {
    throw new UsageError('the memory of a command is not known event by event: --memory is for Python and module jobs');
  }
  if (job.kind === 'module' && job.workerKind === 'thread' && memory === true) {
    throw new UsageError('threads have the memory of their process in common: --memory is for workers that are processes');
  }
  if (workers > 0 && output === undefined && noMerge !== true) {
    throw new UsageError('no output given: add -o FILE, -o FOLDER/, or --no-merge');
  }
  if (job.kind !== 'command' && !existsSync(job.path)) throw new UsageError('there is no such job', { file: job.path });
}

/**
 * Throws what checkTarget throws for an output that exists and is not to be replaced, and an OutputError for a place
 * where nothing can be written.
 */
export function checkOutput({ options: { workers, output, noMerge, force } }: JobPlan): void {
  if (workers <= 0 || output === undefined || noMerge === true) return;
  if (!isFolder(output)) checkTarget(output, force === true);
  refuseUnwritable(isFolder(output) ? output : dirname(output));
}

/** What a resumed run must have in common with the one that was stopped. */
export function planWords({ job, options, workerCount }: JobPlan): string {
  const { events, firstEvent = 0, seed = 1, schedule = 'round-robin' } = options;
  return JSON.stringify({ job, workerCount, events, firstEvent, seed, schedule });
}

/** The share of the one process of a serial run. */
export function serialShare({ options, submitDirectory }: JobPlan): WorkerShare {
  return shareOf(0, { ...shareRequest(options, 1, submitDirectory), directory: submitDirectory });
}

/** The shares of all workers. */
export function sharesOf(
  { options, workerCount, submitDirectory }: JobPlan,
  directory: { readonly path: string; workerPath(worker: number): string },
): WorkerShare[] {
  const request = shareRequest(options, workerCount, submitDirectory);
  const queue =
    options.schedule === 'queue' && options.events !== undefined
      ? queueOf(directory.path, workerCount, request.firstEvent, options.events)
      : undefined;
  return Array.from({ length: workerCount }, (_, worker) =>
    shareOf(worker, { ...request, queue, memory: options.memory, directory: directory.workerPath(worker) }),
  );
}

function shareRequest(options: JobPlan['options'], workerCount: number, submitDirectory: string): Omit<ShareRequest, 'directory'> {
  return { workerCount, events: options.events, firstEvent: options.firstEvent ?? 0, seed: options.seed ?? 1, submitDirectory };
}
