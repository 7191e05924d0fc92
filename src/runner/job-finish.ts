/** The end of a job, when its workers have ended: events counted, files merged, report written, directories tidied. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnostic } from '../diagnostics.ts';
import { UsageError, VerificationError, type WorkerError } from '../errors.ts';
import { removeQueue } from './events/event-queue.ts';
import { countEvents, type EventCount, type EventList } from './workers/event-count.ts';
import { readEventLog } from './workers/event-log.ts';
import type { JobOptions } from './job.ts';
import type { WorkerStates } from './job-directory.ts';
import { keepLogs, mergeOutputs, removeMerged } from './job-merge.ts';
import type { FailureReport, JobReport, WorkerReport } from './job-report.ts';
import { readMemoryLog } from './workers/memory-log.ts';
import { listWorkerFiles } from './outputs.ts';
import type { WorkerShare } from './workers/worker-share.ts';

/** Name of the report in the job directory. */
export const REPORT_FILE = 'report.json';

/** What is there when all workers have ended. */
export interface FinishedRun {
  states: WorkerStates;
  shares: readonly WorkerShare[];
  options: JobOptions;
  /** Failures that were retried or dropped. */
  failures: readonly WorkerError[];
  runSeconds: number;
  /** Directories in which the outputs of all workers were merged already, in the order of the workers. */
  parts?: readonly string[];
}

/**
 * Merges what the workers that are done wrote, and reports.
 * @throws the first failure when no worker is done
 * @throws VerificationError when events are missing or were done twice; nothing is merged then
 * @throws what mergeOutputs throws
 */
export async function finishJob({ states, shares, options, failures, runSeconds, parts }: FinishedRun): Promise<JobReport> {
  const done = shares.filter(({ worker }) => states.worker(worker).status === 'done');
  const start = performance.now();
  const logs = new Map(shares.map((share) => [share, readEventLog(share.directory)]));
  const events = countEvents(
    done.map((share) => logs.get(share)),
    options.firstEvent ?? 0,
    options.events,
  );
  const workers = shares.map((share) => workerReport(states, share, logs.get(share)));
  if (done.length === 0) throw failures[0] ?? new UsageError('no worker ran');
  requireOnce(events, done.length < shares.length, states.path, shortWorkers(done, logs));
  const { groups, outputs } = await mergeOutputs(states.path, done, options, parts);
  if (options.keepLogs === true) keepLogs(states.path, shares);
  const report: JobReport = {
    schemaVersion: 1,
    kind: 'job',
    directory: states.path,
    workerCount: shares.length,
    seconds: { run: runSeconds, merge: (performance.now() - start) / 1000 },
    events,
    workers,
    failures: failures.map(failureReport),
    outputs,
    diagnostics: leftFiles(states.path, workers),
  };
  writeFileSync(join(states.path, REPORT_FILE), `${JSON.stringify(report, undefined, 2)}\n`);
  if (outputs.length > 0 && options.keepWorkers !== true) {
    removeMerged(done, groups);
    // While a worker is missing, what the others took must stay known: it may be run with --resume.
    const queue = done.length === shares.length ? shares[0]?.queue : undefined;
    if (queue !== undefined) removeQueue(queue);
  }
  return report;
}

/** Refuses a result in which events are missing, done twice or not asked for. Dropped workers may lack theirs. */
function requireOnce(events: EventCount, dropped: boolean, file: string, short: string): void {
  const { counted, expected, missingCount, repeatedCount, strayCount } = events;
  if (counted === undefined) return;
  const wrong = [
    ...(missingCount > 0 && !dropped ? [`${missingCount} missing (${events.missing.join(', ')})${short}`] : []),
    ...(repeatedCount > 0 ? [`${repeatedCount} done more than once (${events.repeated.join(', ')})`] : []),
    ...(strayCount > 0 ? [`${strayCount} nobody asked for (${events.stray.join(', ')})`] : []),
  ];
  if (wrong.length > 0) {
    throw new VerificationError(`events: ${wrong.join('; ')}; nothing was merged`, {
      file,
      planned: expected ?? 'each once',
      found: counted,
    });
  }
}

/** The workers that ended in order before all of their events were done; empty where nobody knows how many a worker has. */
function shortWorkers(done: readonly WorkerShare[], logs: ReadonlyMap<WorkerShare, EventList>): string {
  const short = done.flatMap((share) => {
    const { worker, eventCount = 0 } = share;
    const count = logs.get(share)?.length ?? 0;
    return count < eventCount ? [`worker ${worker} did ${count} of ${eventCount}`] : [];
  });
  return short.length === 0 ? '' : `: ${short.join(', ')}`;
}

function failureReport({ worker, message, exitCode, signal }: WorkerError): FailureReport {
  return { worker, message, ...(exitCode !== undefined && { exitCode }), ...(signal !== undefined && { signal }) };
}

/** A warning where workers wrote files that are not merged. */
function leftFiles(file: string, workers: readonly WorkerReport[]): Diagnostic[] {
  const count = workers.filter(({ otherFiles }) => otherFiles.length > 0).length;
  const message = `${count} of the workers wrote files of other formats: they stay in their directories`;
  return count === 0 ? [] : [{ code: 'files-not-merged', file, message }];
}

function workerReport(states: WorkerStates, { worker, directory: path }: WorkerShare, events: EventList): WorkerReport {
  const { status, attempts } = states.worker(worker);
  const files = listWorkerFiles(path);
  const memory = readMemoryLog(path);
  return {
    worker,
    status,
    attempts,
    ...(events !== undefined && { events: events.length }),
    ...(memory !== undefined && { memory }),
    files: files.mergeable,
    otherFiles: files.other,
  };
}
