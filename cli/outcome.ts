/** How a run ended, and the exit code it gets; the only place that sets one. */
import { isPoolMergeError, type ErrorCode, type JobReport, type MergeReport, type PlanReport } from '../src/index.ts';

/** Exit codes; a stable promise to scripts, listed in `--help` and README.md. */
export const EXIT = {
  merged: 0,
  failed: 1,
  usage: 2,
  skipped: 3,
  verification: 4,
} as const;

/** Exit code of a process that a signal ended: 128 + the signal's number. */
const SIGNAL_EXIT: Record<string, number> = { SIGINT: 130, SIGTERM: 143 };

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

/** Exit code of a run that threw; `signal` is the name of the signal that interrupted it, if one did. */
export function exitCodeOfError(err: unknown, signal: string | undefined): number {
  if (isPoolMergeError(err, 'ABORTED') && signal !== undefined) return SIGNAL_EXIT[signal] ?? EXIT.failed;
  return isPoolMergeError(err) ? (ERROR_EXIT[err.code] ?? EXIT.failed) : EXIT.failed;
}

/** Sets the process's exit code; the process ends by itself when everything is written. */
export function setExitCode(code: number): void {
  process.exitCode = code;
}
