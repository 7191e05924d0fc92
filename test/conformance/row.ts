/**
 * Rows of the conformance table: what the test suites of other mergers, and the issues of their users, ask
 * of a merge. H, M, T, G, B, R, S: ROOT's own suites (hadd, filemerger, cloning, TFileMerger, TBufferMerger,
 * RNTuple, histograms); X: other projects; P: POOL; N: regressions taken from issues.
 *
 * Every row is tested under its id, or stands in elsewhere.json (with the file that tests it) or in
 * out-of-scope.json (with the reason). A tested row that fails stands in known-failing.json, which must shrink.
 */
import { readFileSync } from 'node:fs';
import { it } from 'vitest';

/** Rows that fail today, with what is missing. */
export const knownFailing: Readonly<Record<string, string>> = readJson('known-failing.json');

export function readJson<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8')) as T;
}

/** A test of one or more rows (`'M07 M08'`). One that is known to fail must fail. */
export function row(ids: string, requirement: string, test: () => void | Promise<void>): void {
  const fails = ids.split(' ').some((id) => id in knownFailing);
  (fails ? it.fails : it)(`${ids}: ${requirement}`, test);
}
