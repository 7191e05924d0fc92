/** The commands of Slurm: jobs submitted, asked for and cancelled. Nothing here knows what the jobs do. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { SchedulerError } from '../../errors.ts';

/** Longest time for one command, in milliseconds: a busy controller answers late. */
const COMMAND_MS = 60_000;

/** A job, or one task of an array, that has not ended. */
export interface QueuedTask {
  /** `12`, or `12_3` for index 3 of an array. */
  id: string;
  /** Slurm's word: PENDING, RUNNING, COMPLETING, … */
  state: string;
  /** Why it is pending. */
  reason: string;
}

/** What Slurm remembers of a job. */
export interface JobFacts {
  state: string;
  reason: string;
  exitCode: number;
  /** Number of the signal that ended it; 0: none. */
  signalNumber: number;
}

const run = promisify(execFile);

async function command(program: string, args: readonly string[]): Promise<string> {
  try {
    return (await run(program, [...args], { timeout: COMMAND_MS, maxBuffer: 1e9 })).stdout;
  } catch (cause) {
    const { code, stderr } = cause as NodeJS.ErrnoException & { stderr?: string };
    if (code === 'ENOENT') throw new SchedulerError(`${program} was not found: this machine has no Slurm`, { cause });
    throw new SchedulerError(`${program} failed: ${stderr?.trim() || String(cause)}`, { cause });
  }
}

/**
 * Submits a job; returns its number.
 * @throws SchedulerError with what sbatch said
 */
export async function submitBatch(args: readonly string[]): Promise<string> {
  const text = await command('sbatch', args);
  const id = /^(\d+)\s*$/.exec(text)?.[1];
  if (id === undefined) throw new SchedulerError(`sbatch answered '${text.trim()}', no number of a job`);
  return id;
}

/** Jobs of a name that have not ended. */
export async function readQueue(name: string): Promise<QueuedTask[]> {
  return parseQueue(await command('squeue', ['--noheader', '--array', `--name=${name}`, '--format=%F|%K|%T|%r']));
}

/** Lines of squeue in the format `%F|%K|%T|%r`; tasks of one array come one by one. */
export function parseQueue(text: string): QueuedTask[] {
  return text.split('\n').flatMap((line) => {
    const match = /^(\d+)\|(\d+|N\/A)\|(\w+)\|(.*?)\s*$/.exec(line);
    if (match === null) return [];
    const [, job = '', index = '', state = '', reason = ''] = match;
    return [{ id: index === 'N/A' ? job : `${job}_${index}`, state, reason }];
  });
}

/** What Slurm remembers of a job or a task of an array; undefined when it has forgotten it. */
export async function readJob(id: string): Promise<JobFacts | undefined> {
  try {
    return parseJob(await command('scontrol', ['--oneliner', 'show', 'job', id]));
  } catch {
    return undefined;
  }
}

/** The last line of `scontrol --oneliner show job`. */
export function parseJob(text: string): JobFacts | undefined {
  const line = text.trimEnd().split('\n').at(-1) ?? '';
  const field = (name: string): string => new RegExp(`(?:^| )${name}=(\\S*)`).exec(line)?.[1] ?? '';
  const [exitCode, signalNumber] = field('ExitCode').split(':').map(Number);
  if (exitCode === undefined || signalNumber === undefined || field('JobState') === '') return undefined;
  return { state: field('JobState'), reason: field('Reason'), exitCode, signalNumber };
}

/** Cancels all jobs of a name. */
export async function cancelJobs(name: string): Promise<void> {
  await command('scancel', [`--name=${name}`]);
}

/** Cancels jobs by their numbers. */
export async function cancelById(ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await command('scancel', ids);
}

/** Throws a SchedulerError on a machine without Slurm. */
export async function requireSlurm(): Promise<void> {
  await command('sbatch', ['--version']);
}
