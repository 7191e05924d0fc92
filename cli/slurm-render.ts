/** Runs on Slurm as text for people: what would be submitted, what was, and how far a run is. Pure: data in, text out. */
import type { JobStatus, MergeStatusReport, SlurmPreview, SlurmSubmission, WorkerStatusReport } from '../src/index.ts';
import { formatCount, printableLines } from './text-pieces.ts';
import { tableLines } from './text-table.ts';

/** Files and commands of a dry run, as lines of a shell. */
export function previewText({ directory, files, commands }: SlurmPreview): string {
  const scripts = files.map(({ path, text }) => `# ${path}\n${text}`);
  return [...scripts, `# nothing was submitted; the job directory would be ${directory}`, ...commands].map(printableLines).join('\n');
}

/** What was handed over, and how to go on. */
export function submissionText({ directory, name, workerCount, workerJobs, mergeJobs }: SlurmSubmission): string {
  const jobs = `${formatCount(workerCount, 'worker')} (${jobsText(workerJobs)}) and ${formatCount(mergeJobs.length, 'merge')} (${jobsText(mergeJobs)})`;
  return printableLines(
    `submitted as ${name}: ${jobs}\npool-run --status ${directory} tells how far it is; the same command with --resume instead of --detach follows it`,
  );
}

/** `job 3`, `jobs 3, 4`, `jobs 3 to 50`. */
function jobsText(ids: readonly string[]): string {
  if (ids.length === 1) return `job ${ids[0]}`;
  return ids.length < 4 ? `jobs ${ids.join(', ')}` : `jobs ${ids[0]} to ${ids.at(-1)}`;
}

const STATE_TEXT: Readonly<Record<JobStatus['state'], string>> = {
  running: 'at work',
  done: 'done',
  dropped: 'done, without the workers that were dropped',
  failed: 'failed; --resume goes on',
  stopped: 'stopped; --resume goes on',
};

/** Tables of workers and merges, failures below, and the state of the whole in the last line. */
export function statusText({ directory, state, name, workers, merges }: JobStatus): string {
  const failures = [
    ...workers.flatMap(({ failures: messages }) => messages),
    ...merges.flatMap(({ merge, message }) => (message === undefined ? [] : [`merge ${merge}: ${message}`])),
  ];
  const lines = [
    ...table(['worker', 'status', 'events', 'job', 'Slurm', 'machine'], workers.map(workerRow)),
    ...(merges.length > 0 ? table(['merge', 'status', 'job', 'Slurm'], merges.map(mergeRow)) : []),
    ...failures,
    `${directory}${name === undefined ? '' : ` (${name})`}: ${STATE_TEXT[state]}`,
  ];
  return lines.map(printableLines).join('\n');
}

function workerRow({ worker, status, attempts, events, job, slurm, host }: WorkerStatusReport): string[] {
  return [
    String(worker),
    attempts > 1 ? `${status} (${attempts}.)` : status,
    events === undefined ? '' : String(events),
    job ?? '',
    slurm ?? '',
    host ?? '',
  ];
}

function mergeRow({ merge, status, job, slurm }: MergeStatusReport): string[] {
  return [String(merge), status, job, slurm ?? ''];
}

/** Columns that nobody has anything in are left out. */
function table(head: readonly string[], rows: readonly string[][]): string[] {
  const kept = head.flatMap((_, column) => (rows.some((row) => row[column] !== '') ? [column] : []));
  return tableLines([head, ...rows].map((row) => kept.map((column) => row[column] ?? '')));
}
