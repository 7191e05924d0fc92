/** How a run ended, and the exit code it gets; the only place that sets one. */
import {
  isPoolMergeError,
  type DiffReport,
  type ErrorCode,
  type JobReport,
  type JobStatus,
  type MergeReport,
  type PlanReport,
} from '../src/index.ts';

/** Exit codes; a stable promise to scripts, listed in `--help` and README.md. */
export const EXIT = {
  merged: 0,
  failed: 1,
  usage: 2,
  skipped: 3,
  verification: 4,
  unfinished: 5,
} as const;

/** Exit codes of pool-diff. */
export const DIFF_EXIT = { same: 0, different: 1, failed: 2 } as const;

/** Exit code of a process that a signal ended: 128 + the signal's number. */
const SIGNAL_EXIT: Record<string, number> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

const ERROR_EXIT: Partial<Record<ErrorCode, number>> = {
  USAGE: EXIT.usage,
  VERIFICATION: EXIT.verification,
};

/** Exit code of a finished merge or plan. */
export function exitCodeOfReport(report: MergeReport | PlanReport): number {
  if (report.conflicts.length > 0) return EXIT.failed;
  return report.inputs.some((input) => input.status === 'skipped') ? EXIT.skipped : EXIT.merged;
}

/** Exit code of a finished job: events of dropped workers count as skipped. */
export function exitCodeOfJob(report: JobReport): number {
  return report.workers.some(({ status }) => status === 'dropped') ? EXIT.skipped : EXIT.merged;
}

/** Exit code of a look at a job. */
export function exitCodeOfStatus({ state }: JobStatus): number {
  return { done: EXIT.merged, dropped: EXIT.skipped, running: EXIT.unfinished, failed: EXIT.failed, stopped: EXIT.failed }[state];
}

/** Exit code of a run that threw; `signal` is the name of the signal that interrupted it, if one did. */
export function exitCodeOfError(err: unknown, signal: string | undefined): number {
  if (isPoolMergeError(err, 'ABORTED') && signal !== undefined) return SIGNAL_EXIT[signal] ?? EXIT.failed;
  return isPoolMergeError(err) ? (ERROR_EXIT[err.code] ?? EXIT.failed) : EXIT.failed;
}

/** Exit code of a comparison: something that could not be compared is not the same. */
export function exitCodeOfDiff({ isSame, objects }: DiffReport): number {
  if (!isSame) return DIFF_EXIT.different;
  return objects.some(({ verdict }) => verdict === 'unjudged') ? DIFF_EXIT.failed : DIFF_EXIT.same;
}

/** Exit code of a comparison that threw; `signal` as for `exitCodeOfError`. */
export function exitCodeOfDiffError(err: unknown, signal: string | undefined): number {
  return isPoolMergeError(err, 'ABORTED') && signal !== undefined ? (SIGNAL_EXIT[signal] ?? DIFF_EXIT.failed) : DIFF_EXIT.failed;
}

let failure: number = EXIT.merged;

/** Notes a failure beside the work itself (output that cannot be written): the exit code is not below it. */
export function setFailure(code: number): void {
  failure = code;
  process.exitCode = Math.max(Number(process.exitCode ?? 0), code);
}

/** Sets the process's exit code; the process ends by itself when everything is written. */
export function setExitCode(code: number): void {
  process.exitCode = Math.max(code, failure);
}
