/** The merges of a run on Slurm: those of groups, and the last one, which ends the job. */
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AbortedError, VerificationError, WorkerError } from '../../errors.ts';
import { errorReport } from '../../merge/report/error-report.ts';
import { merge } from '../../merge/merge.ts';
import { finishJob } from '../job-finish.ts';
import { optionsFor, requireAll } from '../job-merge.ts';
import { workersOf, type MergeNode } from '../merge-tree.ts';
import { groupOutputs } from '../outputs.ts';
import { VISIBLE_MS, failureOf, type SlurmPlan, type SlurmStates, type TaskState } from './slurm-states.ts';
import type { WorkerShare } from '../workers/worker-share.ts';

const LOOK_MS = 1000;

/** A run as its tasks see it. */
export interface TaskRun extends SlurmPlan {
  states: SlurmStates;
  shares: WorkerShare[];
  signal: AbortSignal | undefined;
}

/** Does one merge and notes how it ended; throws what went wrong. */
export async function runMerge(run: TaskRun, node: MergeNode): Promise<void> {
  const { states, tree } = run;
  states.updateMerge(node.node, { status: 'running', workers: [] });
  try {
    const workers = node.node === tree.length - 1 ? await mergeLast(run, node) : await mergePart(run, node);
    states.updateMerge(node.node, { status: 'done', workers });
  } catch (err) {
    if (err instanceof AbortedError) states.resetMerge(node.node);
    else states.updateMerge(node.node, { status: 'failed', workers: [], error: errorReport(err) });
    throw err;
  }
}

/** Merges files of equal name of a group into the folder of the merge; returns the workers whose files these are. */
async function mergePart(run: TaskRun, node: MergeNode): Promise<number[]> {
  const { states, plan, signal } = run;
  const done = await doneShares(run, node);
  const sources = node.of === 'workers' ? done.map(({ directory }) => directory) : partsOf(run, node);
  const groups = groupOutputs(sources);
  if (node.of === 'workers') requireAll(groups, done);
  const folder = states.mergePath(node.node);
  rmSync(folder, { recursive: true, force: true });
  for (const { name, files } of groups) {
    const output = join(folder, name);
    mkdirSync(dirname(output), { recursive: true });
    // Compressing once, in the last merge, is enough.
    const { compression: _compression, ...options } = optionsFor(files, plan.options.merge) ?? {};
    await merge(files, { ...options, output, ...(signal !== undefined && { signal }) });
  }
  return done.map(({ worker }) => worker);
}

/** The merge that makes the output, and the end of the job; what the others made is removed. */
async function mergeLast(run: TaskRun, node: MergeNode): Promise<number[]> {
  const { states, plan, tree, shares, signal, submitted } = run;
  const done = await doneShares(run, node);
  const known = new Map(shares.map(({ worker }) => [worker, states.worker(worker)]));
  const settled = {
    path: states.path,
    worker: (worker: number) => settledState(known.get(worker)),
    update: () => undefined,
    freshWorker: (worker: number) => states.workerPath(worker),
  };
  const failures = [...known].flatMap(([worker, state]) => failuresOf(worker, state, states.taskLog(worker)));
  const runSeconds = (Date.now() - Date.parse(submitted)) / 1000;
  const options = { ...plan.options, ...(signal !== undefined && { signal }) };
  await finishJob({ states: settled, shares, options, failures, runSeconds, ...(node.of === 'nodes' && { parts: partsOf(run, node) }) });
  for (const other of tree.slice(0, -1)) rmSync(states.mergePath(other.node), { recursive: true, force: true });
  return done.map(({ worker }) => worker);
}

/** A worker that is not done at the end was dropped. */
function settledState(state: TaskState | undefined): Pick<TaskState, 'status' | 'attempts'> {
  const { status, attempts } = state ?? { status: 'dropped', attempts: 0 };
  return { status: status === 'done' ? 'done' : 'dropped', attempts };
}

function failuresOf(worker: number, { failures, isEnded }: TaskState, logPath: string): WorkerError[] {
  const lost = isEnded ? [] : [new WorkerError('was ended by Slurm', { worker, logPath })];
  return [...failures.map(failureOf), ...lost];
}

/** Folders of the merges below a node that hold something. */
function partsOf({ states, tree }: TaskRun, node: MergeNode): string[] {
  return tree
    .filter((other) => node.inputs.includes(other.node) && workersOf(tree, other).some((worker) => isDone(states.worker(worker))))
    .map((other) => states.mergePath(other.node));
}

/**
 * The workers below a node whose files count.
 * @throws WorkerError for one that is not done, unless those may be dropped
 * @throws VerificationError when a merge below does not hold exactly these
 */
async function doneShares(run: TaskRun, node: MergeNode): Promise<WorkerShare[]> {
  const { states, tree, plan, shares } = run;
  const below = workersOf(tree, node);
  const isVisible = (): boolean =>
    below.every((worker) => states.worker(worker).isEnded) &&
    (node.of === 'workers' || node.inputs.every((input) => states.mergeState(input).status === 'done'));
  for (const end = Date.now() + VISIBLE_MS; Date.now() < end && !isVisible();) await sleep(LOOK_MS);
  const done = below.filter((worker) => isDone(states.worker(worker)));
  const lacking = below.find((worker) => !done.includes(worker));
  if (lacking !== undefined && plan.options.onFailure?.kind !== 'drop') {
    throw (
      failuresOf(lacking, states.worker(lacking), states.taskLog(lacking)).at(-1) ??
      new WorkerError('is not done', { worker: lacking, logPath: states.taskLog(lacking) })
    );
  }
  if (node.of === 'nodes') {
    requireHeld(
      node.inputs.flatMap((input) => states.mergeState(input).workers),
      done,
      states.path,
    );
  }
  return shares.filter(({ worker }) => done.includes(worker));
}

function isDone({ status, isEnded }: TaskState): boolean {
  return isEnded && status === 'done';
}

function requireHeld(held: readonly number[], done: readonly number[], file: string): void {
  if (held.join() === done.join()) return;
  throw new VerificationError('the merges of groups do not hold the files of all workers, each once; nothing was merged', {
    file,
    planned: done.join(),
    found: held.join(),
  });
}
