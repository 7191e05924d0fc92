/** Runs all workers at once and holds each to its end: retried, dropped, or the end of the job. */
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { AbortedError, WorkerError } from '../../errors.ts';
import type { FailurePolicy } from '../job.ts';
import type { WorkerStates } from '../job-directory.ts';
import type { Launcher, RunningWorker, WorkerEnd } from './launcher.ts';
import { tailOf } from './log-tail.ts';
import { processIdentity } from './process-group.ts';
import { WORKER_LOG, type WorkerShare } from './worker-share.ts';

/** What a supervisor needs. */
export interface Supervision {
  states: WorkerStates;
  launcher: Launcher;
  shares: readonly WorkerShare[];
  onFailure: FailurePolicy;
  timeoutSeconds?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Makes workers that are being stopped end at once. */
  forceSignal?: AbortSignal | undefined;
  /** Called before each attempt of a worker. */
  prepare: (share: WorkerShare) => void;
  /** Looks at what a worker left that ended in order: what is wrong with it, or undefined. */
  check: (share: WorkerShare) => Promise<string | undefined>;
}

/** Runs the workers that are not done yet. */
export class Supervisor {
  readonly #need: Supervision;
  readonly #stop = new AbortController();
  /** Leaders of the process groups at work, by worker. */
  readonly #running = new Map<number, number>();
  /** Failures that were retried or dropped, in order. */
  readonly failures: WorkerError[] = [];

  constructor(need: Supervision) {
    this.#need = need;
  }

  /** Process id of a worker at work. */
  pidOf(worker: number): number | undefined {
    return this.#running.get(worker);
  }

  /**
   * Resolves when every worker is done or dropped; no process of theirs is left then.
   * @throws WorkerError for the first failure that ends the job
   * @throws AbortedError when the caller's signal came
   */
  async run(): Promise<void> {
    const { signal, launcher, shares, states } = this.#need;
    const onAbort = (): void => this.#stop.abort();
    if (signal?.aborted === true) onAbort();
    signal?.addEventListener('abort', onAbort);
    const waiting = shares.filter((share) => states.worker(share.worker).status !== 'done');
    let reason: unknown;
    try {
      const runs = waiting.map(async (share) => {
        try {
          await this.#runWorker(share);
        } catch (err) {
          reason ??= err;
          this.#stop.abort();
        }
      });
      await Promise.all(runs);
    } finally {
      signal?.removeEventListener('abort', onAbort);
      await launcher.close();
    }
    if (signal?.aborted === true) throw new AbortedError(signal.reason);
    if (reason !== undefined) throw reason;
  }

  async #runWorker(share: WorkerShare): Promise<void> {
    const { states, onFailure } = this.#need;
    const most = onFailure.kind === 'retry' ? onFailure.times + 1 : 1;
    for (let attempts = states.worker(share.worker).attempts + 1; ; attempts++) {
      if (this.#stop.signal.aborted) return;
      const failure = await this.#attempt(share, attempts);
      if (failure === undefined) return;
      if (attempts >= most && onFailure.kind !== 'drop') throw failure;
      this.failures.push(failure);
      if (onFailure.kind === 'drop') return states.update(share.worker, { status: 'dropped', attempts });
    }
  }

  /** One attempt; undefined when the worker is done or was stopped. */
  async #attempt(share: WorkerShare, attempts: number): Promise<WorkerError | undefined> {
    const { states, launcher, prepare, check, timeoutSeconds } = this.#need;
    const { worker } = share;
    states.freshWorker(worker);
    prepare(share);
    states.update(worker, { status: 'running', attempts });
    const started = await this.#within(launcher.launch(share));
    if (started === 'late') throw new WorkerError(`was not started within ${timeoutSeconds} s: initialize takes longer`, { worker });
    const end = typeof started === 'object' && 'ended' in started ? await this.#watch(worker, started, attempts) : started;
    if (end === 'stopped') {
      states.update(worker, { status: 'waiting', attempts });
      return undefined;
    }
    const problem = problemOf(end) ?? (await check(share));
    states.update(worker, { status: problem === undefined ? 'done' : 'failed', attempts });
    if (problem === undefined) return undefined;
    const logPath = join(share.directory, WORKER_LOG);
    return new WorkerError(problem, { worker, exitCode: end.exitCode, signal: end.signal, logPath, logTail: tailOf(logPath) });
  }

  /** Waits for the end of a worker, the time limit or the end of the job; then nothing of its group is left. */
  async #watch(worker: number, { pid, ended, stop, sweep }: RunningWorker, attempts: number): Promise<WorkerEnd | 'stopped'> {
    const { states, timeoutSeconds, forceSignal } = this.#need;
    const identity = pid === undefined ? undefined : processIdentity(pid);
    if (identity !== undefined) states.update(worker, { status: 'running', attempts, process: identity });
    if (pid !== undefined) this.#running.set(worker, pid);
    const first = await this.#within(ended);
    if (first === 'stopped' || first === 'late') {
      forceSignal?.addEventListener('abort', sweep);
      await stop();
      forceSignal?.removeEventListener('abort', sweep);
    } else sweep();
    const end = await ended;
    this.#running.delete(worker);
    if (first === 'stopped') return first;
    return first === 'late' ? { ...end, problem: `did not end within ${timeoutSeconds} s and was stopped` } : end;
  }

  /** What a promise gives, or why it is not waited for: the job is being stopped, or the time is over. */
  async #within<T>(awaited: Promise<T>): Promise<T | 'stopped' | 'late'> {
    const { timeoutSeconds } = this.#need;
    const over = new AbortController();
    const stopped = aborted(this.#stop.signal, over.signal).then(() => 'stopped' as const);
    const late =
      timeoutSeconds === undefined
        ? []
        : [sleep(timeoutSeconds * 1000, 'late' as const, { signal: over.signal }).catch(() => 'late' as const)];
    try {
      return await Promise.race([awaited, stopped, ...late]);
    } finally {
      over.abort();
    }
  }
}

/** Resolves when `signal` aborts; never after `over` did. */
function aborted(signal: AbortSignal, over: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true, signal: over });
  });
}

/** What is wrong with how a worker ended. */
function problemOf(end: WorkerEnd): string | undefined {
  if (end.problem !== undefined) return end.problem;
  if (end.signal !== undefined) return `was ended by ${end.signal}`;
  return end.exitCode === 0 ? undefined : `ended with exit code ${end.exitCode}`;
}
