/** What Slurm is given: two scripts, and the arguments of sbatch. Pure: data in, text out. */
import { UsageError } from '../../errors.ts';

/** Tasks per array: Slurm takes indices up to 1000 unless it was configured otherwise (MaxArraySize). */
export const ARRAY_TASKS = 1000;

/** How a task of Slurm starts this package again. */
export interface TaskProgram {
  /** Absolute paths: Node, and pool-run. */
  node: string;
  tool: string;
}

/** The script of the worker arrays; its argument is the number of the worker that has index 0. */
export function workerScript(program: TaskProgram, jobDirectory: string): string {
  return `#!/bin/sh\n# A worker of pool-run: its number is the argument + the index in the array.\n${taskLine(program, jobDirectory)} --task "worker:$(($1 + SLURM_ARRAY_TASK_ID))"\n`;
}

/** The script of the merges; its argument is the number of the merge. */
export function mergeScript(program: TaskProgram, jobDirectory: string): string {
  return `#!/bin/sh\n# A merge of pool-run: the argument is its number.\n${taskLine(program, jobDirectory)} --task "merge:$1"\n`;
}

/** exec: signals of Slurm reach pool-run itself. */
function taskLine({ node, tool }: TaskProgram, jobDirectory: string): string {
  return `exec ${[node, tool, '--dir', jobDirectory].map(shellWord).join(' ')}`;
}

/** A text as one word of a shell; a text of letters, digits and a few signs stays as it is. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** What all jobs of one run have in common. */
export interface BatchSettings {
  /** Name of all jobs of the run, by which they are asked for and cancelled. */
  name: string;
  submitDirectory: string;
  /** Absolute path of the folder of scripts, states and logs. */
  folder: string;
  /** Further arguments, of the user. */
  options: readonly string[];
}

/** Workers of one array, all in the same block of ARRAY_TASKS. */
export function workerArguments(settings: BatchSettings, workers: readonly number[]): string[] {
  const block = Math.floor((workers[0] ?? 0) / ARRAY_TASKS);
  const array = `--array=${indexList(workers.map((worker) => worker % ARRAY_TASKS))}`;
  return [...commonArguments(settings, `worker_${block}%3a.log`), array, `${settings.folder}/worker.sh`, String(block * ARRAY_TASKS)];
}

/** A merge that waits for jobs; `despiteFailure`: also when they failed. */
export function mergeArguments(settings: BatchSettings, node: number, after: readonly string[], despiteFailure: boolean): string[] {
  const dependency =
    after.length === 0 ? [] : [`--dependency=${despiteFailure ? 'afterany' : 'afterok'}:${after.join(':')}`, '--kill-on-invalid-dep=yes'];
  return [...commonArguments(settings, `merge_${node}.log`), ...dependency, `${settings.folder}/merge.sh`, String(node)];
}

function commonArguments({ name, submitDirectory, folder, options }: BatchSettings, log: string): string[] {
  return [
    '--parsable',
    `--job-name=${name}`,
    `--chdir=${submitDirectory}`,
    '--open-mode=append',
    `--output=${folder.replaceAll('%', '%%')}/${log}`,
    ...options,
  ];
}

/** Name of a worker's files in the folder, without ending; logs have it from Slurm, as block and index of three digits. */
export function workerFileName(worker: number): string {
  return `worker_${String(worker).padStart(4, '0')}`;
}

/** Ascending numbers as sbatch takes them: `0-3,7`. */
export function indexList(numbers: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const number of numbers) {
    const last = runs.at(-1);
    if (last !== undefined && number === last[1] + 1) last[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(',');
}

/** Groups ascending numbers of workers by the block of their array. */
export function arrayBlocks(workers: readonly number[]): number[][] {
  const blocks = new Map<number, number[]>();
  for (const worker of workers) {
    const block = Math.floor(worker / ARRAY_TASKS);
    const found = blocks.get(block);
    if (found === undefined) blocks.set(block, [worker]);
    else found.push(worker);
  }
  return [...blocks.values()];
}

/** The jobs to wait for: an array as a whole where all of its tasks are meant, else task by task. */
export function dependencyIds(tasks: readonly string[], arraySizes: ReadonlyMap<string, number>): string[] {
  const groups = new Map<string, string[]>();
  for (const task of tasks) {
    const job = task.split('_')[0] ?? task;
    const found = groups.get(job);
    if (found === undefined) groups.set(job, [task]);
    else found.push(task);
  }
  return [...groups].flatMap(([job, own]) => (own.length === arraySizes.get(job) ? [job] : own));
}

/** Options of sbatch that say what pool-run itself must say. */
const OWN_OPTIONS = [
  'array',
  'chdir',
  'clusters',
  'dependency',
  'job-name',
  'kill-on-invalid-dep',
  'open-mode',
  'output',
  'parsable',
  'test-only',
  'wait',
  'wrap',
];
/** The same as single letters. */
const OWN_LETTERS = 'aDMdJoW';

/**
 * Cuts a text into options of sbatch, as a shell would: at blanks outside of quotes.
 * @throws UsageError for an option that is not the user's to give
 */
export function parseBatchOptions(text: string): string[] {
  if (!/^(?:[^'"]|'[^']*'|"[^"]*")*$/.test(text)) throw new UsageError(`a quote is not closed: ${text}`);
  const words = text.match(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g) ?? [];
  const options = words.map((word) => word.replaceAll(/'([^']*)'|"([^"]*)"/g, '$1$2'));
  for (const option of options) {
    const [name = ''] = option.split('=');
    const long = name.startsWith('--') ? OWN_OPTIONS.find((own) => name.length > 2 && own.startsWith(name.slice(2))) : undefined;
    if (long !== undefined || new RegExp(`^-[${OWN_LETTERS}]`).test(option)) {
      throw new UsageError(`${name} cannot be given: pool-run says it itself`);
    }
  }
  return options;
}
