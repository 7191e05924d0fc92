/**
 * Standard output and error of a tool: errors and reports written to them, and what happens when they fail (a reader
 * that goes away, a full disk).
 */
import { PoolMergeError, UsageError, errorReport, writeReportFile } from '../src/index.ts';
import { setFailure } from './outcome.ts';
import { errorText } from './text-pieces.ts';

/**
 * A reader that closes the pipe early (`| head`) is no failure of the tool. Anything else is told once, and the exit code is
 * `failed` or a larger one: whoever reads the output must not take a part for all.
 */
export function watchStandardStreams(failed: number): void {
  let isTold = false;
  const tell = (err: NodeJS.ErrnoException): void => {
    if (err.code === 'EPIPE') return;
    setFailure(failed);
    if (!isTold) console.error(errorText(`standard output cannot be written (${err.code ?? err.message})`));
    isTold = true;
  };
  process.stdout.on('error', tell);
  process.stderr.on('error', (err: NodeJS.ErrnoException) => {
    if (err.code !== 'EPIPE') setFailure(failed);
  });
}

/** Tells why a tool ends; after a wrong call, where its help is. */
export function tellError(err: unknown, tool: string): void {
  console.error(errorText(messageOf(err)));
  if (err instanceof UsageError && err.file === undefined) console.error(`See '${tool} --help'.`);
}

function messageOf(err: unknown): string {
  if (err instanceof PoolMergeError) return err.message;
  if (err instanceof Error && 'syscall' in err && err.syscall === 'uv_cwd') {
    return 'the current directory is gone: change into one that exists';
  }
  return `internal error, please report it: ${err instanceof Error ? err.stack : String(err)}`;
}

/** Tells why a tool ends, and writes that in place of the report; a report that could not be written is not tried again. */
export function tellFailure(err: unknown, tool: string, json: string | undefined): void {
  tellError(err, tool);
  if (err instanceof PoolMergeError && err.code === 'OUTPUT' && err.file === json) return;
  try {
    writeReport(json, [jsonText(errorReport(err))]);
  } catch (reportErr) {
    tellError(reportErr, tool);
  }
}

/** Writes a report to its place: nowhere, a file, or standard output (`-`). */
export function writeReport(place: string | undefined, pieces: Iterable<string>): void {
  if (place === undefined) return;
  if (place !== '-') return writeReportFile(place, pieces);
  for (const piece of pieces) process.stdout.write(piece);
}

/** A report as JSON, with a line break at its end. */
export function jsonText(report: unknown): string {
  return `${JSON.stringify(report, undefined, 2)}\n`;
}
