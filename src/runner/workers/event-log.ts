/**
 * Proof that every event was done exactly once: workers append the number of each finished event to their
 * event log (one decimal number per line), and the numbers are counted when all have ended.
 */
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { EVENT_LOG } from './worker-share.ts';

/** Event numbers named in a report; more are counted only. */
const NAMED_EVENTS = 20;

/** What the counting of events gave. */
export interface EventCount {
  /** Events the job should have; absent when their number is not known. */
  expected?: number;
  /** Events found in the logs of the workers; absent when no worker kept one. */
  counted?: number;
  missingCount: number;
  repeatedCount: number;
  /** Events nobody asked for. */
  strayCount: number;
  /** The first events missing and repeated. */
  missing: number[];
  repeated: number[];
  stray: number[];
}

/** Numbers in the event log of a worker's directory; undefined without log. A last line without its end is left out. */
export function readEventLog(directory: string): number[] | undefined {
  let text: string;
  try {
    text = readFileSync(join(directory, EVENT_LOG), 'latin1');
  } catch {
    return undefined;
  }
  const complete = text.slice(0, text.lastIndexOf('\n') + 1);
  return complete.split('\n').filter((line) => line.trim() !== '').map(Number);
}

/** Counts the finished events of a running worker: only what was added since the last look is read. */
export class EventCounter {
  readonly #path: string;
  #sizeBytes = 0;
  #lines = 0;

  constructor(directory: string) {
    this.#path = join(directory, EVENT_LOG);
  }

  /** Number of complete lines now; undefined without log. */
  count(): number | undefined {
    let descriptor: number;
    try {
      descriptor = openSync(this.#path, 'r');
    } catch {
      return undefined;
    }
    try {
      const size = fstatSync(descriptor).size;
      if (size < this.#sizeBytes) [this.#sizeBytes, this.#lines] = [0, 0]; // the worker runs again
      const added = Buffer.alloc(size - this.#sizeBytes);
      const read = readSync(descriptor, added, 0, added.length, this.#sizeBytes);
      this.#sizeBytes += read;
      for (let at = added.indexOf(0x0a); at >= 0 && at < read; at = added.indexOf(0x0a, at + 1)) this.#lines++;
      return this.#lines;
    } finally {
      closeSync(descriptor);
    }
  }
}

/** A list that counts all and names the first. */
class Named {
  readonly first: number[] = [];
  count = 0;

  add(event: number): void {
    if (this.count++ < NAMED_EVENTS) this.first.push(event);
  }
}

/** Holds the events of all logs against those the job should have (`first` to `first + expected - 1`). */
export function countEvents(logs: readonly (readonly number[] | undefined)[], first: number, expected: number | undefined): EventCount {
  const known = logs.some((log) => log !== undefined);
  const [missing, repeated, stray] = [new Named(), new Named(), new Named()];
  let counted = 0;
  if (expected === undefined) counted = countUnbounded(logs, repeated);
  else {
    const times = new Uint8Array(expected);
    for (const log of logs) {
      for (const event of log ?? []) {
        const index = event - first;
        if (!Number.isInteger(index) || index < 0 || index >= expected) stray.add(event);
        else if (times[index] === 0) times[index] = 1;
        else if (times[index] === 1) {
          times[index] = 2;
          repeated.add(event);
        }
      }
    }
    for (let index = 0; index < expected; index++) {
      if (times[index] !== 0) counted++;
      else if (known) missing.add(first + index);
    }
  }
  return {
    ...(expected !== undefined && { expected }),
    ...(known && { counted }),
    missingCount: missing.count,
    repeatedCount: repeated.count,
    strayCount: stray.count,
    missing: missing.first,
    repeated: repeated.first,
    stray: stray.first,
  };
}

/** Number of different events where nobody said how many there should be. */
function countUnbounded(logs: readonly (readonly number[] | undefined)[], repeated: Named): number {
  const seen = new Set<number>();
  const again = new Set<number>();
  for (const log of logs) {
    for (const event of log ?? []) {
      if (seen.has(event) && !again.has(event)) {
        again.add(event);
        repeated.add(event);
      }
      seen.add(event);
    }
  }
  return seen.size;
}
