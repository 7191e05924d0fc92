/** What a job is: the kinds of jobs, the functions of a module job, the options of a run. */
import type { IoComponentMgr } from '../io/component/io-component-mgr.ts';
import type { MergeOptions } from '../merge/merge-options.ts';
import type { JobProgress } from './job-report.ts';

/** Any command; see worker-share.ts for what its arguments and environment say. */
export interface CommandJob {
  readonly kind: 'command';
  readonly argv: readonly string[];
}

/** A Python file with the functions initialize, execute(event), finalize; its workers are forked. */
export interface PythonJob {
  readonly kind: 'python';
  readonly path: string;
  /** What the file finds in sys.argv[1:]. */
  readonly args: readonly string[];
  /** 1: the workers are forked after a rehearsal of the first event; default 0: after initialize. */
  readonly forkAfter?: 0 | 1;
  /**
   * What was filled before the fork into histograms and trees of open ROOT files counts once in the merged file
   * (`first`, default), or once per worker.
   */
  readonly keepPrefork?: 'first' | 'all';
}

/** A JavaScript module with a default export made by defineJob. */
export interface ModuleJob {
  readonly kind: 'module';
  readonly path: string;
  /** Workers are processes of Node (default), or threads of one process. */
  readonly workerKind?: WorkerKind;
  /** What was filled in initialize counts once in the merged file (`first`, default), or once per worker. */
  readonly keepPrefork?: 'first' | 'all';
}

/** What a worker of a module job is. */
export type WorkerKind = 'process' | 'thread';

/** One of the three kinds of jobs. */
export type Job = CommandJob | PythonJob | ModuleJob;

/** What the functions of a module job get to know. */
export interface JobContext<Shared = unknown> {
  /** Number of this worker, from 0. */
  readonly worker: number;
  readonly workerCount: number;
  readonly seed: number;
  /** Absolute path of the worker's directory, where its outputs belong. A thread cannot have it as current directory. */
  readonly directory: string;
  /** Absolute path of the directory in which the job was started. */
  readonly submitDirectory: string;
  /**
   * The files of this worker. Components that initialize registers here are moved to the worker's directory after it, and
   * written and closed after finalize. Relative paths of inputs count from the submit directory.
   */
  readonly io: IoComponentMgr;
  /** What share returned; the same memory in all threads. */
  readonly shared: Shared;
}

/** What share gets to know. */
export interface ShareContext {
  readonly workerCount: number;
  /** Seed of the job. */
  readonly seed: number;
  /** Absolute path of the directory in which the job was started. */
  readonly submitDirectory: string;
}

/** The functions of a module job; each may be asynchronous. */
export interface JobDefinition<Shared = unknown> {
  /**
   * Makes data once that all workers read: plain data and typed arrays (what structuredClone takes). It is called by the worker
   * that comes first; the others get what it made: threads the same memory, processes a copy each.
   */
  share?: (context: ShareContext) => Shared | Promise<Shared>;
  initialize?: (context: JobContext<Shared>) => void | Promise<void>;
  /** Called once for every event of this worker. */
  execute: (event: number, context: JobContext<Shared>) => void | Promise<void>;
  finalize?: (context: JobContext<Shared>) => void | Promise<void>;
}

/** Says that these functions make a job: `export default defineJob({ … })`. */
export function defineJob<Shared>(definition: JobDefinition<Shared>): JobDefinition<Shared> {
  return definition;
}

/** What happens when a worker fails: the job fails, the worker runs again, or its events are left out. */
export type FailurePolicy = { readonly kind: 'fail' } | { readonly kind: 'retry'; readonly times: number } | { readonly kind: 'drop' };

/** Round robin: worker n of N has the events n, n + N, …; queue: whoever is free takes the next chunk. */
export type Schedule = 'round-robin' | 'queue';

/** A run whose workers and merges are jobs of Slurm, on any machine that sees the same files. */
export interface SlurmOptions {
  /** Further options of sbatch for all jobs, as a shell would take them: `--partition=short --time=60`. */
  options?: string;
  /** Files per merge, at least 2; more workers than that are merged in steps. Default 32. */
  fanIn?: number;
}

/** What a run needs to know. */
export interface JobOptions {
  /** Number of workers; 0 or less: a plain serial run in the current directory, nothing is merged. */
  workers: number;
  /** File of the merged output, or folder (exists, or ends with a slash) that gets all merged files. */
  output?: string;
  /** Job directory; default `pool_workers`. An old one is moved aside. */
  directory?: string;
  /** Number of events of the whole job; commands may do without. */
  events?: number;
  /** Number of the first event; default 0. */
  firstEvent?: number;
  /** Worker n gets seed + n; default 1. */
  seed?: number;
  /** How events are shared out: round robin (default), or each chunk to the worker that is free (not for commands). */
  schedule?: Schedule;
  /** Time a worker may take, in seconds; default: no limit. */
  timeoutSeconds?: number;
  onFailure?: FailurePolicy;
  /** Replace existing outputs; default false. */
  force?: boolean;
  /** Leave the files of the workers where they are; default: what was merged is removed. */
  keepWorkers?: boolean;
  /** Keep the logs of all workers, joined in `job.log` of the job directory. */
  keepLogs?: boolean;
  /** Note the memory of the workers before event 0, after event 1 and after event 50 (Linux; not for commands). */
  memory?: boolean;
  /** Do not merge; the workers are kept. */
  noMerge?: boolean;
  /** Go on with a stopped or failed run: finished workers are kept. */
  resume?: boolean;
  /** Interpreter of Python jobs; default $PYTHON or python3. */
  python?: string;
  /** Run the workers as jobs of Slurm; default: as processes here. */
  slurm?: SlurmOptions;
  /** Passed on to the merge. */
  merge?: Pick<MergeOptions, 'compression' | 'verify' | 'timestamp'>;
  /** Ends the job: workers are asked to end, and made to after five seconds. */
  signal?: AbortSignal;
  /** Makes workers that are being stopped end at once. */
  forceSignal?: AbortSignal;
  /** Called about every second. */
  onProgress?: (progress: JobProgress) => void;
}

/** Number of processes that a job has use for: never more than events. */
export function workerCountOf(options: Pick<JobOptions, 'workers' | 'events'>): number {
  return options.events === undefined ? options.workers : Math.max(1, Math.min(options.workers, options.events));
}
