/** What is given to Slurm: arrays of workers, and merges that wait for them; or, for a dry run, what would be. */
import { join, resolve } from 'node:path';
import { UsageError } from '../../errors.ts';
import type { JobOptions } from '../job.ts';
import { JOB_DIRECTORY, type SlurmJobs } from '../job-directory.ts';
import type { JobPlan } from '../job-plan.ts';
import { planMergeTree, type MergeNode } from '../merge-tree.ts';
import { packageFile } from '../../io/bytes/package-file.ts';
import {
  ARRAY_TASKS,
  arrayBlocks,
  dependencyIds,
  mergeArguments,
  mergeScript,
  parseBatchOptions,
  shellWord,
  workerArguments,
  workerScript,
  type BatchSettings,
  type TaskProgram,
} from './slurm-scripts.ts';
import { SlurmStates } from './slurm-states.ts';

/** Files per merge: few enough to open at once, many enough that one step serves most runs. */
const FAN_IN = 32;
/** Stands for the name of the jobs in a dry run. */
const NO_NAME = 'pool-run-NAME';

/** What is submitted at once. */
export interface Round {
  settings: BatchSettings;
  jobs: SlurmJobs;
  workers: readonly number[];
  nodes: readonly MergeNode[];
  /** True when merges run also after tasks that failed. */
  despiteFailure: boolean;
  isWorkerDone: (worker: number) => boolean;
  isMergeDone: (node: number) => boolean;
  submit: (args: string[]) => Promise<string>;
  onSubmitted: () => void;
}

/** Submits arrays of workers, then merges in the order of the tree, each after the tasks it needs. */
export async function submitRound({
  settings,
  jobs,
  workers,
  nodes,
  despiteFailure,
  isWorkerDone,
  isMergeDone,
  submit,
  onSubmitted,
}: Round): Promise<void> {
  const sizes = new Map<string, number>();
  for (const block of arrayBlocks(workers)) {
    const id = await submit(workerArguments(settings, block));
    sizes.set(id, block.length);
    for (const worker of block) jobs.workers[worker] = `${id}_${worker % ARRAY_TASKS}`;
    onSubmitted();
  }
  for (const { node, of, inputs } of nodes) {
    const open = inputs.filter((input) => (of === 'workers' ? !isWorkerDone(input) : !isMergeDone(input)));
    const after = open.map((input) => (of === 'workers' ? jobs.workers[input] : jobs.merges[input]) ?? '');
    jobs.merges[node] = await submit(mergeArguments(settings, node, dependencyIds(after, sizes), despiteFailure));
    onSubmitted();
  }
}

/** The merges of a run; one where nothing is merged, which counts the events. */
export function treeOf({ workerCount, options: { noMerge } }: JobPlan, { slurm }: JobOptions): MergeNode[] {
  const fanIn = slurm?.fanIn ?? FAN_IN;
  if (!Number.isInteger(fanIn) || fanIn < 2) throw new UsageError(`a merge takes at least 2 files: not ${fanIn}`);
  return planMergeTree(workerCount, noMerge === true ? Math.max(2, workerCount) : fanIn);
}

/** The user's options of sbatch; UsageError for one that is not the user's to give. */
export function batchOptionsOf({ slurm }: JobOptions): string[] {
  return parseBatchOptions(slurm?.options ?? '');
}

/** What all jobs of a run have in common. */
export function batchSettings(
  name: string,
  { submitDirectory }: JobPlan,
  { folder }: SlurmStates,
  options: readonly string[],
): BatchSettings {
  return { name, submitDirectory, folder, options };
}

/** The scripts of a run, and where they lie. */
export function scriptsOf(states: SlurmStates): { path: string; text: string }[] {
  const program: TaskProgram = { node: process.execPath, tool: packageFile('bin/pool-run.mjs') };
  return [
    { path: join(states.folder, 'worker.sh'), text: workerScript(program, states.path) },
    { path: join(states.folder, 'merge.sh'), text: mergeScript(program, states.path) },
  ];
}

/** What a run would submit. */
export interface SlurmPreview {
  /** Absolute path of the job directory. */
  directory: string;
  files: { path: string; text: string }[];
  /** The calls of sbatch as lines of a shell; each leaves the number of its job in a variable for those after it. */
  commands: string[];
}

/** What a new run would submit; nothing is written, and no Slurm is asked. */
export async function previewRun(plan: JobPlan, options: JobOptions): Promise<SlurmPreview> {
  const states = new SlurmStates(resolve(options.directory ?? JOB_DIRECTORY));
  const tree = treeOf(plan, options);
  const commands: SlurmPreview['commands'] = [];
  const workers = Array.from({ length: plan.workerCount }, (_, worker) => worker);
  const arrays = arrayBlocks(workers).length;
  await submitRound({
    settings: batchSettings(NO_NAME, plan, states, batchOptionsOf(options)),
    jobs: { name: NO_NAME, workers: [], merges: [], isEnded: false },
    workers,
    nodes: tree,
    despiteFailure: options.onFailure?.kind === 'drop',
    isWorkerDone: () => false,
    isMergeDone: () => false,
    submit: (args) => {
      const variable = commands.length < arrays ? `workers${commands.length}` : `merge${commands.length - arrays}`;
      commands.push(`${variable}=$(sbatch ${args.map(previewWord).join(' ')})`);
      return Promise.resolve(`\${${variable}}`);
    },
    onSubmitted: () => undefined,
  });
  return { directory: states.path, files: scriptsOf(states), commands };
}

/** Numbers of jobs stand in an argument as variables. */
function previewWord(argument: string): string {
  return argument.includes('${') && /^[\w${}=:-]+$/.test(argument) ? `"${argument}"` : shellWord(argument);
}
