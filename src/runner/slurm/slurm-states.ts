/**
 * How far the parts of a run on Slurm are. Tasks run on many machines: each writes a file of its own in the folder
 * `slurm` of the job directory, and whoever wants to know reads them all.
 *
 *   plan.json                  the run as data, and the tree of merges
 *   worker.sh, merge.sh        what was submitted
 *   worker_0003.json, .log     state of worker 3, and what its task printed; the folder worker_0003 is for forked Python jobs
 *   merge_0.json, .log         the same of a merge; the folder merge_0 holds what it merged
 */
import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { MergeConflictError, PoolMergeError, WorkerError, type WorkerFailure } from '../../errors.ts';
import type { ErrorReport } from '../../merge/report/error-report.ts';
import { WorkerDirectories, type WorkerState, type WorkerStates } from '../job-directory.ts';
import type { JobPlan } from '../job-plan.ts';
import { readJsonFile, writeJsonFile } from '../json-file.ts';
import type { MergeNode } from '../merge-tree.ts';
import { workerFileName } from './slurm-scripts.ts';

/** Time until what one machine wrote is seen by all others, in milliseconds: network file systems keep what they know for a while. */
export const VISIBLE_MS = 15_000;

/** A failure as data. */
export interface FailureRecord extends WorkerFailure {
  problem: string;
}

/** What is known of the task of a worker. */
export interface TaskState extends WorkerState {
  /** True when the task has come to its end and says no more. */
  isEnded: boolean;
  /** Failures of all attempts, in order. */
  failures: FailureRecord[];
  /** Machine it ran on last. */
  host?: string;
}

/** What is known of a merge. */
export interface MergeState {
  status: 'waiting' | 'running' | 'done' | 'failed';
  /** Workers whose files it holds. */
  workers: number[];
  /** Why it failed. */
  error?: ErrorReport;
  host?: string;
}

/** A run as its tasks find it. */
export interface SlurmPlan {
  schemaVersion: 1;
  /** Moment of the submission, ISO. */
  submitted: string;
  plan: JobPlan;
  tree: MergeNode[];
}

/** The states of a run on Slurm. */
export class SlurmStates extends WorkerDirectories implements WorkerStates {
  /** Absolute path of the folder of scripts, states and logs. */
  readonly folder: string;

  constructor(path: string) {
    super(path);
    this.folder = join(path, 'slurm');
  }

  worker(worker: number): TaskState {
    return (
      (readJsonFile(this.#workerFile(worker)) as TaskState | undefined) ?? { status: 'waiting', attempts: 0, isEnded: false, failures: [] }
    );
  }

  update(worker: number, change: WorkerState): void {
    const { failures } = this.worker(worker);
    writeJsonFile(this.#workerFile(worker), { ...change, isEnded: false, failures, host: hostname() } satisfies TaskState);
  }

  /** The task has come to its end; further failures are added to those of earlier attempts. */
  end(worker: number, status: WorkerState['status'], failures: readonly WorkerError[]): void {
    const state = this.worker(worker);
    writeJsonFile(this.#workerFile(worker), {
      ...state,
      status,
      isEnded: true,
      failures: [...state.failures, ...failures.map(failureRecord)],
    } satisfies TaskState);
  }

  /** A worker that waits: for the first time, or again after a failure. */
  reset(worker: number, attempts: number, failures: FailureRecord[]): void {
    writeJsonFile(this.#workerFile(worker), { status: 'waiting', attempts, isEnded: false, failures } satisfies TaskState);
  }

  mergeState(node: number): MergeState {
    return (readJsonFile(this.#mergeFile(node)) as MergeState | undefined) ?? { status: 'waiting', workers: [] };
  }

  updateMerge(node: number, state: MergeState): void {
    writeJsonFile(this.#mergeFile(node), { ...state, host: hostname() } satisfies MergeState);
  }

  /** A merge that waits. */
  resetMerge(node: number): void {
    writeJsonFile(this.#mergeFile(node), { status: 'waiting', workers: [] } satisfies MergeState);
  }

  readPlan(): SlurmPlan | undefined {
    const found = readJsonFile(join(this.folder, 'plan.json')) as SlurmPlan | undefined;
    const merge = found?.plan.options.merge;
    if (merge?.timestamp !== undefined) merge.timestamp = new Date(merge.timestamp);
    return found;
  }

  writePlan(plan: SlurmPlan): void {
    mkdirSync(this.folder, { recursive: true });
    writeJsonFile(join(this.folder, 'plan.json'), plan);
  }

  /** Folder in which a Python job of a worker keeps what it has before the fork. */
  startPath(worker: number): string {
    return join(this.folder, workerFileName(worker));
  }

  /** Folder with what a merge has merged. */
  mergePath(node: number): string {
    return join(this.folder, `merge_${node}`);
  }

  /** Log of a worker's task, and of a merge. */
  taskLog(worker: number): string {
    return join(this.folder, `${workerFileName(worker)}.log`);
  }

  mergeLog(node: number): string {
    return join(this.folder, `merge_${node}.log`);
  }

  #workerFile(worker: number): string {
    return join(this.folder, `${workerFileName(worker)}.json`);
  }

  #mergeFile(node: number): string {
    return join(this.folder, `merge_${node}.json`);
  }
}

/** A failure as data, for the file of a task. */
export function failureRecord({ problem, worker, exitCode, signal, logPath, logTail }: WorkerError): FailureRecord {
  return { problem, worker, exitCode, signal, logPath, logTail };
}

/** The failure again. */
export function failureOf({ problem, ...failure }: FailureRecord): WorkerError {
  return new WorkerError(problem, failure);
}

/** The error of a merge again, with its code and, if it was that, its conflicts. */
export function errorOfReport({ error, conflicts }: ErrorReport): PoolMergeError {
  return conflicts.length > 0 ? new MergeConflictError(conflicts) : new PoolMergeError(error.code, error.message);
}
