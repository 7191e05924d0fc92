/** Jobs as text for people: the live table and the summary. Pure: data in, text out. */
import type { JobProgress, JobReport, ScalingReport, WorkerProgress } from '../src/index.ts';
import { lineLength, type Terminal } from './progress-bar.ts';
import { contents } from './merge-render.ts';
import { formatBytes, formatCount, printable } from './text-pieces.ts';
import { tableLines } from './text-table.ts';

/** Rows of a table that is drawn over itself: it must fit on a screen. */
const MOST_ROWS = 32;

/** A table that is drawn over itself, and the way to take it off the screen again. */
export interface LiveTable {
  readonly draw: (progress: JobProgress) => void;
  clear(): void;
}

/** Starts a table; undefined where there is no terminal. */
export function startLiveTable(terminal: Terminal): LiveTable | undefined {
  if (terminal.isTTY !== true) return undefined;
  let height = 0;
  const clear = (): void => {
    if (height > 0) terminal.write(`\u001b[${height}A\u001b[J`);
    height = 0;
  };
  const draw = (progress: JobProgress): void => {
    const lines = progressTable(progress).map((line) => line.slice(0, lineLength(terminal)));
    clear();
    height = lines.length;
    terminal.write(`${lines.join('\n')}\n`);
  };
  return { draw, clear };
}

/** Lines of the live table. */
export function progressTable({ seconds, workers, merges }: JobProgress): string[] {
  const head = ['worker', 'status', 'events', 'per second', 'private MB', 'shared MB'];
  const shown = workers.length <= MOST_ROWS ? workers : workers.filter(({ status }) => status === 'running').slice(0, MOST_ROWS);
  const rows = [head, ...shown.map((worker) => progressRow(worker, seconds))];
  const lines = tableLines(rows, (column) => column !== 1);
  return [
    ...lines,
    ...(shown === workers ? [] : [countsText(workers)]),
    ...(merges === undefined ? [] : [`merges: ${merges.done} of ${merges.total}`]),
  ];
}

/** `200 workers: 50 waiting, 30 running, 120 done`. */
function countsText(workers: readonly WorkerProgress[]): string {
  const counts = new Map<string, number>();
  for (const { status } of workers) counts.set(status, (counts.get(status) ?? 0) + 1);
  return `${formatCount(workers.length, 'worker')}: ${[...counts].map(([status, count]) => `${count} ${status}`).join(', ')}`;
}

function progressRow({ worker, status, attempts, events, eventsTotal, memory }: WorkerProgress, seconds: number): string[] {
  const megabytes = (bytes: number | undefined): string => (bytes === undefined ? '' : (bytes / 1e6).toFixed(0));
  const total = eventsTotal === undefined ? '' : `/${eventsTotal}`;
  const rate = events === undefined || seconds <= 0 ? '' : (events / seconds).toFixed(1);
  return [
    String(worker),
    attempts > 1 ? `${status} (${attempts}.)` : status,
    events === undefined ? '' : `${events}${total}`,
    rate,
    megabytes(memory?.privateBytes),
    megabytes(memory?.sharedBytes),
  ];
}

/** The table of a measurement. */
export function scalingText({ directory, rows }: ScalingReport): string {
  const head = ['workers', 'user s', 'system s', 'CPU %', 'elapsed s', 'speed-up'];
  const cells = rows.map((row) => [
    String(row.workers),
    row.userSeconds.toFixed(2),
    row.systemSeconds.toFixed(2),
    row.cpuPercent.toFixed(0),
    row.elapsedSeconds.toFixed(2),
    row.speedUp.toFixed(2),
  ]);
  return [...tableLines([head, ...cells], () => true), printable(`runs, scaling.json and scaling.svg lie in ${directory}`)].join('\n');
}

/** What a job did, a line per output. */
export function jobSummary(report: JobReport): string {
  const { workerCount, events, outputs, seconds, workers, failures } = report;
  if (workerCount === 0) return `serial run; ${seconds.run.toFixed(2)} s`;
  const dropped = workers.filter(({ status }) => status === 'dropped').length;
  const head = [
    formatCount(workerCount, 'worker'),
    eventsText(events),
    ...(failures.length > 0 ? [formatCount(failures.length, 'failure')] : []),
    ...(dropped > 0 ? [`${formatCount(dropped, 'worker')} dropped`] : []),
    `${seconds.run.toFixed(2)} s + ${seconds.merge.toFixed(2)} s merge`,
  ];
  const lines = outputs.map(
    ({ name, merge }) =>
      `${name}: ${formatCount(merge.totals.inputs, 'file')} merged into ${merge.output.path} (${formatBytes(merge.output.sizeBytes)}), ${contents(merge)}`,
  );
  const kept = outputs.length === 0 ? [`the files lie in ${report.directory}`] : [];
  return [head.join('; '), ...lines, ...kept, ...memoryTable(report)].map(printable).join('\n');
}

/** Private and shared memory of the workers at the points they noted; no lines when they noted none. */
function memoryTable({ workers }: JobReport): string[] {
  const points = [...new Set(workers.flatMap(({ memory }) => (memory ?? []).map(({ events }) => events)))];
  if (points.length === 0) return [];
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);
  const head = ['private | shared MB', ...points.map((events) => (events === 0 ? 'before event 0' : `after event ${events}`))];
  const rows = workers.map(({ worker, memory }) => [
    `worker ${worker}`,
    ...points.map((point) => {
      const found = memory?.find(({ events }) => events === point);
      return found === undefined ? '' : `${megabytes(found.privateBytes)} | ${megabytes(found.sharedBytes)}`;
    }),
  ]);
  return [head, ...rows].map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(19) : cell.padStart(14)))
      .join('  ')
      .trimEnd(),
  );
}

function eventsText({ expected, counted, missingCount }: JobReport['events']): string {
  if (counted === undefined) return expected === undefined ? 'events not counted' : `${formatCount(expected, 'event')}, not counted`;
  const missing = missingCount > 0 ? `, ${missingCount} missing` : '';
  return `${formatCount(counted, 'event')}, each once${missing}`;
}
