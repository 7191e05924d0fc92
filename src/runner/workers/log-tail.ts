/** Logs of workers: the end of one for a message, all of them as one. */
import { closeSync, fstatSync, openSync, readFileSync, readSync, writeFileSync, appendFileSync } from 'node:fs';

const TAIL_BYTES = 4096;
const TAIL_LINES = 10;

/** The last lines of a log, at most ten; empty when there is none. */
export function tailOf(path: string): string {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch {
    return '';
  }
  try {
    const size = fstatSync(descriptor).size;
    const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES));
    const count = readSync(descriptor, bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString('utf8', 0, count).trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
  } finally {
    closeSync(descriptor);
  }
}

/** Writes logs one after the other into one file, each under a line that names its worker. */
export function joinLogs(target: string, logs: readonly { worker: number; path: string }[]): void {
  writeFileSync(target, '');
  for (const { worker, path } of logs) {
    appendFileSync(target, `=== worker ${worker}\n`);
    appendFileSync(target, readFileSync(path));
  }
}
