/** A job from start to merged output: workers, their events counted, merge, report. */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UsageError, VerificationError } from '../errors.ts';
import { checkTarget } from '../io/bytes/sink.ts';
import { prepareQueue, queueOf } from './event-queue.ts';
import { EventCounter, countEvents, readEventLog, type EventCount } from './event-log.ts';
import { workerCountOf, type Job, type JobOptions } from './job.ts';
import { JOB_DIRECTORY, openJobDirectory, type JobDirectory } from './job-directory.ts';
import { keepLogs, mergeOutputs, removeMerged } from './job-merge.ts';
import type { JobProgress, JobReport, WorkerReport } from './job-report.ts';
import { launcherOf } from './launchers.ts';
import { readMemoryLog } from './memory-log.ts';
import { MpEventLoopMgr } from './mp-event-loop-mgr.ts';
import { findIncompleteOutput, isFolder, listWorkerFiles } from './outputs.ts';
import { memoryOf } from './process-group.ts';
import { serialLoop } from './serial-run.ts';
import { Supervisor } from './supervisor.ts';
import { shareOf, type WorkerShare } from './worker-share.ts';

const PROGRESS_MS = 1000;

/**
 * Runs a job over several workers and merges what they wrote; with no workers, runs it here.
 * @throws UsageError before anything is started
 * @throws WorkerError when a worker failed for good; the job directory stays, and `resume` goes on with it
 * @throws VerificationError when events are missing or were done twice; nothing is merged then
 */
export async function runJob(job: Job, options: JobOptions): Promise<JobReport> {
  checkOptions(job, options);
  const seconds = { run: 0, merge: 0 };
  const interpreter = options.python ?? process.env['PYTHON'] ?? 'python3';
  const submitDirectory = process.cwd();
  const located = job.kind === 'command' ? job : { ...job, path: resolve(submitDirectory, job.path) };
  let report: JobReport | undefined;
  const serial = shareOf(0, { ...shareRequest(options, 1, submitDirectory), directory: submitDirectory });
  const loop = new MpEventLoopMgr(
    options.workers,
    () => serialLoop(located, serial, interpreter, options.signal),
    async () => {
      report = await runWorkers(located, options, interpreter);
    },
  );
  const start = performance.now();
  await loop.executeRun(options.events ?? 0);
  seconds.run = (performance.now() - start) / 1000;
  return report ?? serialReport(options, seconds);
}

function shareRequest(options: JobOptions, workerCount: number, submitDirectory: string): Omit<Parameters<typeof shareOf>[1], 'directory'> {
  return { workerCount, events: options.events, firstEvent: options.firstEvent ?? 0, seed: options.seed ?? 1, submitDirectory };
}

function checkOptions(job: Job, options: JobOptions): void {
  const { workers, events, output, noMerge, force, schedule, memory } = options;
  if (job.kind !== 'command' && events === undefined) throw new UsageError('how many events? add --events N');
  if (job.kind === 'command' && schedule === 'queue') throw new UsageError('a command cannot take events from a queue: --schedule queue is for Python and module jobs');
  if (job.kind === 'command' && memory === true) throw new UsageError('the memory of a command is not known event by event: --memory is for Python and module jobs');
  if (workers <= 0) return;
  if (output === undefined && noMerge !== true) throw new UsageError('no output given: add -o FILE, -o FOLDER/, or --no-merge');
  if (output !== undefined && noMerge !== true && !isFolder(output)) checkTarget(output, force === true);
}

async function runWorkers(job: Job, options: JobOptions, interpreter: string): Promise<JobReport> {
  const workerCount = workerCountOf(options);
  const request = shareRequest(options, workerCount, process.cwd());
  const words = JSON.stringify({ job, workerCount, events: options.events, firstEvent: request.firstEvent, seed: request.seed, schedule: options.schedule ?? 'round-robin' });
  const directory = await openJobDirectory(options.directory ?? JOB_DIRECTORY, words, workerCount, options.resume === true);
  const queue = options.schedule === 'queue' && options.events !== undefined ? queueOf(directory.path, workerCount, request.firstEvent, options.events) : undefined;
  const shares = Array.from({ length: workerCount }, (_, worker) => shareOf(worker, { ...request, queue, memory: options.memory, directory: directory.workerPath(worker) }));
  const supervisor = new Supervisor({
    directory,
    launcher: launcherOf(job, interpreter),
    shares,
    onFailure: options.onFailure ?? { kind: 'fail' },
    timeoutSeconds: options.timeoutSeconds,
    signal: options.signal,
    prepare: ({ worker, queue }) => queue !== undefined && prepareQueue(queue, worker),
    check: ({ directory: path }) => findIncompleteOutput(path),
  });
  const start = performance.now();
  const stopTelling = tellProgress(directory, supervisor, shares, options, start);
  try {
    await supervisor.run();
  } finally {
    stopTelling();
    directory.close();
  }
  return finish({ directory, shares, options, supervisor, runSeconds: (performance.now() - start) / 1000 });
}

/** What is left to do when all workers have ended. */
interface FinishedRun {
  directory: JobDirectory;
  shares: readonly WorkerShare[];
  options: JobOptions;
  supervisor: Supervisor;
  runSeconds: number;
}

async function finish({ directory, shares, options, supervisor, runSeconds }: FinishedRun): Promise<JobReport> {
  const done = shares.filter(({ worker }) => directory.worker(worker).status === 'done');
  const logs = done.map((share) => readEventLog(share.directory));
  const events = countEvents(logs, options.firstEvent ?? 0, options.events);
  const workers = shares.map((share) => workerReport(directory, share));
  if (done.length === 0) throw supervisor.failures[0] ?? new UsageError('no worker ran');
  requireOnce(events, done.length < shares.length, directory.path);
  const start = performance.now();
  const { groups, outputs } = await mergeOutputs(directory.path, done, options);
  if (options.keepLogs === true) keepLogs(directory.path, shares);
  const left = workers.filter(({ otherFiles }) => otherFiles.length > 0).length;
  const report: JobReport = {
    schemaVersion: 1,
    kind: 'job',
    directory: directory.path,
    workerCount: shares.length,
    seconds: { run: runSeconds, merge: (performance.now() - start) / 1000 },
    events,
    workers,
    failures: supervisor.failures.map(({ worker, message, exitCode, signal }) => ({ worker, message, ...(exitCode !== undefined && { exitCode }), ...(signal !== undefined && { signal }) })),
    outputs,
    diagnostics: left === 0 ? [] : [{ code: 'files-not-merged', file: directory.path, message: `${left} of the workers wrote files that are no ROOT files: they stay in their directories` }],
  };
  writeFileSync(join(directory.path, 'report.json'), `${JSON.stringify(report, undefined, 2)}\n`);
  if (outputs.length > 0 && options.keepWorkers !== true) removeMerged(done, groups);
  return report;
}

/** Refuses a result in which events are missing, done twice or not asked for. Dropped workers may lack theirs. */
function requireOnce(events: EventCount, dropped: boolean, file: string): void {
  const { counted, expected, missingCount, repeatedCount, strayCount } = events;
  if (counted === undefined) return;
  const wrong = [
    ...(missingCount > 0 && !dropped ? [`${missingCount} missing (${events.missing.join(', ')})`] : []),
    ...(repeatedCount > 0 ? [`${repeatedCount} done more than once (${events.repeated.join(', ')})`] : []),
    ...(strayCount > 0 ? [`${strayCount} nobody asked for (${events.stray.join(', ')})`] : []),
  ];
  if (wrong.length > 0) throw new VerificationError(`events: ${wrong.join('; ')}; nothing was merged`, { file, planned: expected ?? 'each once', found: counted });
}

function workerReport(directory: JobDirectory, { worker, directory: path }: WorkerShare): WorkerReport {
  const { status, attempts } = directory.worker(worker);
  const files = listWorkerFiles(path);
  const events = readEventLog(path);
  const memory = readMemoryLog(path);
  return { worker, status, attempts, ...(events !== undefined && { events: events.length }), ...(memory !== undefined && { memory }), files: files.root, otherFiles: files.other };
}

function serialReport(options: JobOptions, seconds: JobReport['seconds']): JobReport {
  const diagnostics = options.output === undefined ? [] : [{ code: 'nothing-merged', file: options.output, message: 'a serial run merges nothing: its files lie in the current directory' }];
  const events: EventCount = { ...(options.events !== undefined && { expected: options.events }), missingCount: 0, repeatedCount: 0, strayCount: 0, missing: [], repeated: [], stray: [] };
  return { schemaVersion: 1, kind: 'job', directory: '', workerCount: 0, seconds, events, workers: [], failures: [], outputs: [], diagnostics };
}

/** Calls onProgress about every second; returns how to end that. */
function tellProgress(directory: JobDirectory, supervisor: Supervisor, shares: readonly WorkerShare[], { onProgress }: JobOptions, start: number): () => void {
  if (onProgress === undefined) return () => undefined;
  const counters = shares.map((share) => new EventCounter(share.directory));
  const look = (): JobProgress => ({
    seconds: (performance.now() - start) / 1000,
    workers: shares.map(({ worker, eventCount }) => {
      const { status, attempts } = directory.worker(worker);
      const pid = supervisor.pidOf(worker);
      const events = counters[worker]?.count();
      const memory = pid === undefined ? undefined : memoryOf(pid);
      return { worker, status, attempts, ...(events !== undefined && { events }), ...(eventCount !== undefined && { eventsTotal: eventCount }), ...(memory !== undefined && { memory }) };
    }),
  });
  const timer = setInterval(() => onProgress(look()), PROGRESS_MS);
  return () => clearInterval(timer);
}
