/**
 * A run on Slurm watched from outside: what the tasks note is read again and again; Slurm is asked seldom, for those of
 * them that ended without a word (killed, out of time, lost with their machine).
 */
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { AbortedError, SchedulerError, WorkerError } from '../../errors.ts';
import { EventCounter } from '../workers/event-log.ts';
import type { JobOptions } from '../job.ts';
import { workerProgress, type JobProgress } from '../job-report.ts';
import { tailOf } from '../workers/log-tail.ts';
import { readJob, readQueue, type JobFacts } from './slurm-commands.ts';
import type { SlurmRun } from './slurm-run.ts';
import { VISIBLE_MS, errorOfReport, failureOf, failureRecord } from './slurm-states.ts';

/** Time between looks at the states, and between questions to Slurm, in milliseconds: a part of the time gone by, within limits. */
const LOOK = { part: 0.05, least: 250, most: 5000 };
const ASK = { part: 0.1, least: 1000, most: 15_000 };
/** How long Slurm may not answer, in milliseconds. */
const SILENCE_MS = 300_000;

/** Ends of a job that are no answer of its own program: nothing will be noted any more. */
const LOST: ReadonlySet<string> = new Set(['BOOT_FAIL', 'CANCELLED', 'DEADLINE', 'NODE_FAIL', 'OUT_OF_MEMORY', 'PREEMPTED', 'TIMEOUT']);
const ENDED: ReadonlySet<string> = new Set([...LOST, 'COMPLETED', 'FAILED']);

/** Watches a run to its end. */
export class SlurmFollower {
  readonly #run: SlurmRun;
  readonly #options: JobOptions;
  readonly #counters: readonly EventCounter[];
  readonly #start = performance.now();
  /** Since when a job is neither in the queue nor has it noted its end, by its number. */
  readonly #missing = new Map<string, number>();
  #lastAnswer = Date.now();

  constructor(run: SlurmRun, options: JobOptions) {
    this.#run = run;
    this.#options = options;
    this.#counters = run.shares.map(({ directory }) => new EventCounter(directory));
  }

  /**
   * Resolves when the output is there.
   * @throws WorkerError for a worker that failed for good, SchedulerError when Slurm does not answer or ends a merge
   * @throws what a merge threw, with its code
   * @throws AbortedError when the caller's signal came
   */
  async follow(): Promise<void> {
    const { signal, onProgress } = this.#options;
    for (let asked = Date.now(); ;) {
      if (signal?.aborted === true) throw new AbortedError(signal.reason);
      onProgress?.(this.#progress());
      if (this.#run.isMerged) return;
      this.#throwFailures();
      if (Date.now() - asked >= this.#pause(ASK)) {
        await this.#askSlurm();
        asked = Date.now();
      }
      await sleep(this.#pause(LOOK), undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    }
  }

  #pause({ part, least, most }: typeof LOOK): number {
    return Math.min(most, Math.max(least, part * (performance.now() - this.#start)));
  }

  #throwFailures(): void {
    const { states, shares, tree, plan } = this.#run;
    for (const { node } of tree) {
      const { status, error } = states.mergeState(node);
      if (status === 'failed' && error !== undefined) throw errorOfReport(error);
    }
    if (plan.options.onFailure?.kind === 'drop') return;
    for (const { worker } of shares) {
      const { isEnded, status, failures } = states.worker(worker);
      if (isEnded && status !== 'done') {
        throw failures.map(failureOf).at(-1) ?? new WorkerError('failed', { worker, logPath: states.taskLog(worker) });
      }
    }
  }

  /** Finds the tasks that Slurm has no more and that did not say how they ended. */
  async #askSlurm(): Promise<void> {
    const queued = await this.#queued();
    if (queued === undefined) return;
    const { states, shares, jobs, tree } = this.#run;
    const again: number[] = [];
    for (const { worker } of shares) {
      const id = jobs.workers[worker] ?? '';
      const facts = queued.has(id) || states.worker(worker).isEnded ? this.#seen(id) : await this.#lostFacts(id);
      if (facts !== undefined && !states.worker(worker).isEnded && this.#isTriedAgain(worker, id, facts)) again.push(worker);
    }
    if (again.length > 0) return this.#run.submit(again, queued);
    for (const { node } of tree) {
      const id = jobs.merges[node] ?? '';
      const isKnown = queued.has(id) || states.mergeState(node).status === 'done' || states.mergeState(node).status === 'failed';
      const facts = isKnown ? this.#seen(id) : await this.#lostFacts(id, VISIBLE_MS);
      if (facts !== undefined) {
        throw new SchedulerError(`merge ${node} (job ${id}) was ended by Slurm: ${factsText(facts)}; its log is ${states.mergeLog(node)}`);
      }
    }
  }

  /** Numbers of the jobs in the queue; undefined when Slurm does not answer now. */
  async #queued(): Promise<Set<string> | undefined> {
    try {
      const queue = await readQueue(this.#run.jobs.name);
      this.#lastAnswer = Date.now();
      return new Set(queue.map(({ id }) => id));
    } catch (err) {
      if (Date.now() - this.#lastAnswer > SILENCE_MS) throw err;
      return undefined;
    }
  }

  #seen(id: string): undefined {
    this.#missing.delete(id);
  }

  /** What Slurm says of a job that is gone; undefined while it may still say how it ended. */
  async #lostFacts(id: string, patienceMs = 0): Promise<JobFacts | undefined> {
    const facts = await readJob(id);
    if (facts !== undefined && !ENDED.has(facts.state)) return this.#seen(id);
    const since = this.#missing.get(id) ?? Date.now();
    this.#missing.set(id, since);
    const patience = facts !== undefined && LOST.has(facts.state) ? patienceMs : VISIBLE_MS;
    if (Date.now() - since < patience) return undefined;
    return facts ?? { state: 'UNKNOWN', reason: 'None', exitCode: 0, signalNumber: 0 };
  }

  /** Notes the failure of a worker that was lost; true when it is to run again. */
  #isTriedAgain(worker: number, id: string, facts: JobFacts): boolean {
    const { states, plan } = this.#run;
    const { attempts, failures } = states.worker(worker);
    const logPath = states.taskLog(worker);
    const failure = new WorkerError(`was ended by Slurm: ${factsText(facts)} (job ${id})`, {
      worker,
      signal: signalName(facts.signalNumber),
      logPath,
      logTail: tailOf(logPath),
    });
    const { onFailure } = plan.options;
    // A task that never began has no attempt of its own.
    const used = Math.max(attempts, failures.length + 1);
    if (onFailure?.kind === 'retry' && used <= onFailure.times) {
      states.reset(worker, used, [...failures, failureRecord(failure)]);
      return true;
    }
    states.end(worker, onFailure?.kind === 'drop' ? 'dropped' : 'failed', [failure]);
    return false;
  }

  #progress(): JobProgress {
    const { states, shares, tree } = this.#run;
    const done = tree.filter(({ node }) => states.mergeState(node).status === 'done').length;
    return {
      seconds: (performance.now() - this.#start) / 1000,
      workers: shares.map(({ worker, eventCount }) =>
        workerProgress(worker, states.worker(worker), { events: this.#counters[worker]?.count(), eventCount }),
      ),
      merges: { done, total: tree.length },
    };
  }
}

/** `TIMEOUT`, `CANCELLED, DependencyNeverSatisfied`. */
function factsText({ state, reason }: JobFacts): string {
  return ['', 'None'].includes(reason) ? state : `${state}, ${reason}`;
}

function signalName(number: number): string | undefined {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
}
