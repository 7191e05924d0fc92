/**
 * The job directory: `worker_0`, `worker_1`, … and `job.json`, which says what was finished, for `resume`.
 * An old directory is moved aside, never removed.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { OutputError, UsageError } from '../errors.ts';
import { readJsonFile, writeJsonFile } from './json-file.ts';
import { isAlive, processIdentity, stopGroups } from './workers/process-group.ts';
import { readQueue } from './slurm/slurm-commands.ts';

/** Default name of the job directory. */
export const JOB_DIRECTORY = 'pool_workers';
const STATE_FILE = 'job.json';

/** How far a worker came. */
export type WorkerStatus = 'waiting' | 'running' | 'done' | 'failed' | 'dropped';

/** What job.json remembers of a worker. */
export interface WorkerState {
  status: WorkerStatus;
  attempts: number;
  /** Identity of its process while it runs. */
  process?: string;
}

/** The jobs of Slurm that make a run. */
export interface SlurmJobs {
  /** Name of all of them; no other run has it. */
  name: string;
  /** Task of each worker, `12_3`; empty before it is submitted. */
  workers: string[];
  /** Job of each merge. */
  merges: string[];
  /** True when it is known that none of them goes on. */
  isEnded: boolean;
}

/** Content of job.json. */
export interface JobState {
  schemaVersion: 1;
  /** The job in words that must be equal for resume. */
  job: string;
  /** Identity of the process that runs the job; absent when it has ended. */
  runner?: string;
  workers: WorkerState[];
  slurm?: SlurmJobs;
}

/** Where the states of workers are kept: in job.json, or in a file per worker when they run on several machines. */
export interface WorkerStates {
  /** Absolute path of the job directory. */
  readonly path: string;
  /** What is remembered of a worker. */
  worker(worker: number): WorkerState;
  /** Changes what is remembered of a worker, on disk at once. */
  update(worker: number, change: WorkerState): void;
  /** An empty directory for a worker; what a former attempt left is removed. */
  freshWorker(worker: number): string;
}

/** The directories of workers in a job directory. */
export class WorkerDirectories {
  /** Absolute path of the job directory. */
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Absolute path of a worker's directory. */
  workerPath(worker: number): string {
    return join(this.path, `worker_${worker}`);
  }

  /** An empty directory for a worker; what a former attempt left is removed. */
  freshWorker(worker: number): string {
    const path = this.workerPath(worker);
    rmSync(path, { recursive: true, force: true });
    mkdirSync(path);
    return path;
  }
}

/** An open job directory. */
export class JobDirectory extends WorkerDirectories implements WorkerStates {
  readonly #state: JobState;

  constructor(path: string, state: JobState) {
    super(path);
    this.#state = state;
  }

  /** The jobs of Slurm, when the run has some. */
  get slurm(): SlurmJobs | undefined {
    return this.#state.slurm;
  }

  /** Remembers jobs of Slurm and, when they are known, the states of all workers. */
  record(slurm: SlurmJobs, workers: readonly WorkerState[] = this.#state.workers): void {
    this.#state.slurm = slurm;
    this.#state.workers = workers.map(({ status, attempts }) => ({ status, attempts }));
    this.#save();
  }

  /** What is remembered of a worker. */
  worker(worker: number): WorkerState {
    const state = this.#state.workers[worker];
    if (state === undefined) throw new UsageError(`worker ${worker} is unknown`, { file: join(this.path, STATE_FILE) });
    return state;
  }

  /** Changes what is remembered of a worker, on disk at once. */
  update(worker: number, change: WorkerState): void {
    this.#state.workers[worker] = change;
    this.#save();
  }

  /** Says that nobody works here any more. */
  close(): void {
    delete this.#state.runner;
    this.#save();
  }

  #save(): void {
    writeJsonFile(join(this.path, STATE_FILE), this.#state);
  }
}

/**
 * Opens a job directory: a fresh one, or with `resume` the old one.
 * @param job the job in words: a resumed job must be the same
 * @throws OutputError when it cannot be made
 * @throws UsageError when another run is at work there, or when there is nothing to resume
 */
export async function openJobDirectory(path: string, job: string, workerCount: number, resume: boolean): Promise<JobDirectory> {
  const absolute = resolve(path);
  const old = readState(absolute);
  if (old !== undefined) await refuseActive(path, old, resume);
  const workers = resume
    ? resumedWorkers(path, old, job)
    : Array.from({ length: workerCount }, (): WorkerState => ({ status: 'waiting', attempts: 0 }));
  if (!resume) {
    moveAside(absolute, path);
    makeDirectory(absolute, path);
  }
  const runner = processIdentity(process.pid);
  const directory = new JobDirectory(absolute, {
    schemaVersion: 1,
    job,
    workers,
    ...(runner !== undefined && { runner }),
    ...(resume && old?.slurm !== undefined && { slurm: old.slurm }),
  });
  try {
    workers.forEach((state, worker) => directory.update(worker, state));
  } catch (err) {
    if (!resume) rmSync(absolute, { recursive: true });
    throw err;
  }
  return directory;
}

/** @throws OutputError that says why it cannot be made */
function makeDirectory(absolute: string, path: string): void {
  try {
    mkdirSync(absolute);
  } catch (err) {
    const errno = (err as NodeJS.ErrnoException).code;
    if (errno === 'EEXIST' && isEmptyFolder(absolute)) return;
    throw new OutputError(`the job directory cannot be made (${errno})`, { file: path, errno, cause: err });
  }
}

/** What job.json in a directory says; undefined when it is no job directory. */
export function readState(directory: string): JobState | undefined {
  return readJsonFile(join(directory, STATE_FILE)) as JobState | undefined;
}

/** A runner at work is left alone. Workers whose runner is gone (killed) are ended when the job is resumed. */
async function refuseActive(path: string, state: JobState, resume: boolean): Promise<void> {
  const orphans = state.workers.flatMap(({ process: identity }) => (identity !== undefined && isAlive(identity) ? [identity] : []));
  const isRun = state.runner !== undefined && isAlive(state.runner);
  const active = isRun ? state.runner : orphans[0];
  if (active === undefined) return resume ? undefined : refuseQueued(path, state.slurm);
  if (isRun || !resume) {
    throw new UsageError(`a job is at work here (process ${active.split(':')[0]}): end it, or choose another directory with --dir`, {
      file: path,
    });
  }
  await stopGroups(orphans.map((identity) => Number(identity.split(':')[0])));
}

/** Jobs of Slurm go on without a runner; a resumed run follows them. */
async function refuseQueued(path: string, slurm: SlurmJobs | undefined): Promise<void> {
  if (slurm === undefined || slurm.isEnded) return;
  const queued = await readQueue(slurm.name);
  if (queued.length === 0) return;
  throw new UsageError(
    `jobs of Slurm are at work here (${slurm.name}): follow them with --resume, end them with scancel --name=${slurm.name}, or choose another directory with --dir`,
    { file: path },
  );
}

function resumedWorkers(path: string, state: JobState | undefined, job: string): WorkerState[] {
  if (state === undefined) throw new UsageError('nothing to resume: no job.json in this directory', { file: path });
  if (state.job !== job) throw new UsageError(`another job ran here, it cannot be resumed by this one: ${state.job}`, { file: path });
  return state.workers.map(({ status, attempts }, worker): WorkerState => {
    const done = status === 'done' && existsSync(join(path, `worker_${worker}`));
    return done ? { status, attempts } : { status: 'waiting', attempts: 0 };
  });
}

/**
 * Renames an old directory to the first free NAME-bak-1, NAME-bak-2, … Only the directory of a job is moved; an empty
 * one serves as it is.
 */
function moveAside(absolute: string, path: string): void {
  if (!existsSync(absolute)) {
    if (existsSync(dirname(absolute))) return;
    throw new OutputError('the folder of the job directory does not exist', { file: path, errno: 'ENOENT' });
  }
  if (isEmptyFolder(absolute)) return;
  if (readState(absolute) === undefined) {
    throw new UsageError('this exists and is not the directory of a job: choose another one with --dir', { file: path });
  }
  const taken = new Set(readdirSync(dirname(absolute)));
  let number = 1;
  while (taken.has(`${basename(absolute)}-bak-${number}`)) number++;
  renameSync(absolute, `${absolute}-bak-${number}`);
}

function isEmptyFolder(path: string): boolean {
  return statSync(path).isDirectory() && readdirSync(path).length === 0;
}

/** True for the directory of a job: it holds a job.json. */
export function isJobDirectory(path: string): boolean {
  return readState(path) !== undefined;
}
