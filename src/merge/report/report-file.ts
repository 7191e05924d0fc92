/** Reports as JSON: one line per object, so that 10^6 of them never become one string. */
import { resolve } from 'node:path';
import { UsageError } from '../../errors.ts';
import { createSink } from '../../io/bytes/sink.ts';
import { writeStream } from '../../io/bytes/stream.ts';
import { checkTarget, isByteStream, isSameFile } from '../../io/bytes/target.ts';
import type { MergeReport, PlanReport } from './report.ts';

/** Objects per chunk. */
const CHUNK_TARGETS = 1000;

/** The report in pieces that make one JSON document; schema: docs/report.md. */
export function* reportChunks(report: MergeReport | PlanReport): Generator<string> {
  const { targets, schemaVersion, kind, ...head } = report;
  yield `${JSON.stringify({ schemaVersion, kind, ...head }, undefined, 2).slice(0, -2)},\n  "targets": [`;
  for (let from = 0; from < targets.length; from += CHUNK_TARGETS) {
    const lines = targets.slice(from, from + CHUNK_TARGETS).map((target) => `\n    ${JSON.stringify(target)}`);
    yield (from === 0 ? '' : ',') + lines.join(',');
  }
  yield targets.length > 0 ? '\n  ]\n}\n' : ']\n}\n';
}

/**
 * Refuses a place for the report before any work is done.
 * @throws UsageError when it is one of the given files (inputs, output), a directory, or neither a file nor a pipe or
 * device that takes text
 * @throws OutputError when its directory does not exist
 */
export function checkReportPath(path: string, others: readonly string[]): void {
  const clash = others.find((other) => resolve(other) === resolve(path) || isSameFile(other, path));
  if (clash !== undefined) throw new UsageError(`the report would overwrite ${clash}`, { file: path });
  if (!isByteStream(path)) checkTarget(path, true, 'report');
}

/** Writes pieces of text to a file, all or nothing (an existing file is replaced), or to a pipe or device. Throws OutputError. */
export function writeReportFile(path: string, chunks: Iterable<string>): void {
  if (isByteStream(path)) return writeStream(path, chunks, 'report');
  using sink = createSink(path, { force: true, role: 'report' });
  for (const chunk of chunks) sink.append(Buffer.from(chunk));
  sink.commit();
}
