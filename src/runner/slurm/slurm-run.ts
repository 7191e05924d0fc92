/** A run on Slurm as its front end has it: what is there already, what must be submitted, what is cancelled. */
import { randomUUID } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { SchedulerError, UsageError } from '../../errors.ts';
import type { JobOptions } from '../job.ts';
import { JOB_DIRECTORY, openJobDirectory, type JobDirectory, type SlurmJobs } from '../job-directory.ts';
import { planWords, sharesOf, type JobPlan } from '../job-plan.ts';
import { workersOf, type MergeNode } from '../merge-tree.ts';
import { cancelById, cancelJobs, readQueue, submitBatch } from './slurm-commands.ts';
import type { BatchSettings } from './slurm-scripts.ts';
import { SlurmStates, type SlurmPlan } from './slurm-states.ts';
import { batchOptionsOf, batchSettings, scriptsOf, submitRound, treeOf, type Round } from './slurm-submit.ts';
import type { WorkerShare } from '../workers/worker-share.ts';

/** Longest time that cancelled jobs may take to end, in milliseconds. */
const CANCEL_MS = 120_000;
const CANCEL_POLL_MS = 500;

/** A run whose state is kept in a job directory. */
export class SlurmRun {
  readonly directory: JobDirectory;
  readonly states: SlurmStates;
  readonly shares: readonly WorkerShare[];
  readonly jobs: SlurmJobs;
  readonly tree: readonly MergeNode[];
  readonly plan: JobPlan;
  readonly #settings: BatchSettings;

  private constructor(directory: JobDirectory, jobs: SlurmJobs, found: SlurmPlan, settings: BatchSettings) {
    this.directory = directory;
    this.states = new SlurmStates(directory.path);
    this.plan = found.plan;
    this.tree = found.tree;
    this.shares = sharesOf(found.plan, directory);
    this.jobs = jobs;
    this.#settings = settings;
  }

  /** Opens the job directory, a fresh one or that of a run to go on with, and writes what the tasks need. */
  static async open(plan: JobPlan, options: JobOptions): Promise<SlurmRun> {
    const [tree, batchOptions] = [treeOf(plan, options), batchOptionsOf(options)];
    const words = `${planWords(plan)} on Slurm`;
    const directory = await openJobDirectory(options.directory ?? JOB_DIRECTORY, words, plan.workerCount, options.resume === true);
    const states = new SlurmStates(directory.path);
    const old = states.readPlan();
    const found: SlurmPlan = { schemaVersion: 1, submitted: new Date().toISOString(), plan, tree };
    const jobs = directory.slurm ?? {
      name: `pool-run-${randomUUID().slice(0, 8)}`,
      workers: Array.from({ length: plan.workerCount }, () => ''),
      merges: tree.map(() => ''),
      isEnded: false,
    };
    const isFollowed = directory.slurm !== undefined && (await readQueue(jobs.name)).length > 0;
    if (isFollowed && old !== undefined) requireSame(old, found, directory, jobs.name);
    const isSameTree = old !== undefined && isDeepStrictEqual(old.tree, tree);
    if (!isSameTree) jobs.merges = tree.map(() => '');
    states.writePlan(isFollowed && old !== undefined ? old : found);
    if (old !== undefined && !isSameTree) for (const { node } of old.tree) forgetMerge(states, node);
    for (const { path, text } of scriptsOf(states)) writeFileSync(path, text);
    return new SlurmRun(directory, jobs, found, batchSettings(jobs.name, plan, states, batchOptions));
  }

  /** True when the output was made already. */
  get isMerged(): boolean {
    return this.states.mergeState(this.tree.length - 1).status === 'done';
  }

  /** Submits all that is neither done nor at work: workers with nothing behind them, and merges. */
  async submitMissing(): Promise<void> {
    const queued = await this.#ownQueue();
    const workers = this.shares
      .map(({ worker }) => worker)
      .filter((worker) => !this.#isDone(worker) && !queued.has(this.jobs.workers[worker] ?? ''));
    for (const worker of workers) this.states.reset(worker, 0, []);
    await this.submit(workers, queued);
  }

  /** Submits workers, and all merges that wait for them or are not there; merges in the queue that wait for a former task are replaced. */
  async submit(workers: readonly number[], queued: ReadonlySet<string>): Promise<void> {
    const again = new Set(workers);
    const isStale = (node: MergeNode): boolean => workersOf(this.tree, node).some((worker) => again.has(worker));
    const isThere = ({ node }: MergeNode): boolean =>
      this.states.mergeState(node).status === 'done' || queued.has(this.jobs.merges[node] ?? '');
    const nodes = this.tree.filter((node) => isStale(node) || !isThere(node));
    await cancelById(nodes.map(({ node }) => this.jobs.merges[node] ?? '').filter((id) => queued.has(id)));
    for (const { node } of nodes) forgetMerge(this.states, node);
    this.jobs.isEnded = false;
    this.directory.record(this.jobs);
    try {
      await submitRound(this.#round(workers, nodes));
    } catch (err) {
      await this.cancel();
      throw err;
    }
  }

  /** Cancels all jobs, and waits until none is there any more. */
  async cancel(): Promise<void> {
    await cancelJobs(this.jobs.name);
    await this.#waitGone(() => true);
  }

  /** The front end leaves; `isEnded`: no job goes on. */
  close(isEnded: boolean): void {
    this.jobs.isEnded = isEnded;
    this.directory.record(
      this.jobs,
      this.shares.map(({ worker }) => this.states.worker(worker)),
    );
    this.directory.close();
  }

  /** Jobs in the queue; those that a front end submitted but did not live to note are cancelled: nobody knows what they are for. */
  async #ownQueue(): Promise<Set<string>> {
    const { name, workers, merges } = this.jobs;
    const known = new Set([...workers, ...merges]);
    const queue = (await readQueue(name)).map(({ id }) => id);
    const strange = queue.filter((id) => !known.has(id));
    await cancelById(strange);
    if (strange.length > 0) await this.#waitGone((id) => !known.has(id));
    return new Set(queue.filter((id) => known.has(id)));
  }

  /** Waits until no job that is meant is in the queue. */
  async #waitGone(isMeant: (id: string) => boolean): Promise<void> {
    const { name } = this.jobs;
    for (const end = Date.now() + CANCEL_MS; (await readQueue(name)).some(({ id }) => isMeant(id)); await sleep(CANCEL_POLL_MS)) {
      if (Date.now() > end) throw new SchedulerError(`jobs go on although they were cancelled: see squeue --name=${name}`);
    }
  }

  #isDone(worker: number): boolean {
    const { status, isEnded } = this.states.worker(worker);
    return isEnded && status === 'done' && existsSync(this.states.workerPath(worker));
  }

  #round(workers: readonly number[], nodes: readonly MergeNode[]): Round {
    return {
      settings: this.#settings,
      jobs: this.jobs,
      workers,
      nodes,
      despiteFailure: this.plan.options.onFailure?.kind === 'drop',
      isWorkerDone: (worker) => this.#isDone(worker),
      isMergeDone: (node) => this.states.mergeState(node).status === 'done',
      submit: submitBatch,
      onSubmitted: () => this.directory.record(this.jobs),
    };
  }
}

function forgetMerge(states: SlurmStates, node: number): void {
  states.resetMerge(node);
  rmSync(states.mergePath(node), { recursive: true, force: true });
}

/** Tasks at work were told something else: what they do cannot be changed. */
function requireSame(old: SlurmPlan, found: SlurmPlan, directory: JobDirectory, name: string): void {
  const told = ({ plan, tree }: SlurmPlan): unknown => {
    const { resume: _resume, ...options } = plan.options;
    return JSON.parse(JSON.stringify({ plan: { ...plan, options }, tree }));
  };
  if (isDeepStrictEqual(told(old), told(found))) return;
  directory.close();
  throw new UsageError(
    `the jobs at work here (${name}) have other options: give the same ones to follow them, or end them with scancel --name=${name}`,
    { file: directory.path },
  );
}
