/**
 * Proof that every event was done exactly once: workers append the number of each finished event to their
 * event log (one decimal number per line), and the numbers are counted when all have ended.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { CorruptFileError } from '../../errors.ts';
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

/** Bytes read at once. */
const PIECE_BYTES = 1 << 20;
const NEWLINE = 0x0a;
const ZERO = 0x30;
/** Digits that are a whole number without rounding, whatever they are. */
const SAFE_DIGITS = 15;

/**
 * Numbers in the event log of a worker's directory; undefined without log. A last line without its end is left out, a line that is
 * no number is NaN. Logs may have many millions of lines.
 */
export function readEventLog(directory: string): Float64Array | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(join(directory, EVENT_LOG), 'r');
  } catch {
    return undefined;
  }
  try {
    const numbers = new EventNumbers();
    const piece = Buffer.alloc(PIECE_BYTES);
    for (let rest = 0; ;) {
      const count = readSync(descriptor, piece, rest, piece.length - rest, null);
      if (count === 0) return numbers.all();
      const end = piece.lastIndexOf(NEWLINE, rest + count - 1) + 1;
      numbers.addLines(piece, end);
      rest = piece.copy(piece, 0, end, rest + count);
      if (rest === piece.length) throw new CorruptFileError('event log has a line that is no number', { file: join(directory, EVENT_LOG) });
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Numbers that are found one after the other. */
class EventNumbers {
  #numbers = new Float64Array(1024);
  #count = 0;

  /** Adds the numbers of the lines in the first `end` bytes, which end with a line. */
  addLines(bytes: Buffer, end: number): void {
    for (let start = 0, at = 0, value = 0; at < end; at++) {
      const digit = (bytes[at] as number) - ZERO;
      if (digit >= 0 && digit <= 9) {
        value = value * 10 + digit;
        continue;
      }
      if (bytes[at] === NEWLINE && at > start && at - start <= SAFE_DIGITS) this.#add(value);
      else {
        at = bytes.indexOf(NEWLINE, at);
        const text = bytes.toString('latin1', start, at).trim();
        if (text !== '') this.#add(Number(text));
      }
      start = at + 1;
      value = 0;
    }
  }

  #add(value: number): void {
    if (this.#count === this.#numbers.length) {
      const more = new Float64Array(2 * this.#count);
      more.set(this.#numbers);
      this.#numbers = more;
    }
    this.#numbers[this.#count++] = value;
  }

  all(): Float64Array {
    return this.#numbers.subarray(0, this.#count);
  }
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

/** Events of a worker; undefined when it kept no log. */
export type EventList = readonly number[] | Float64Array | undefined;

/** Holds the events of all logs against those the job should have (`first` to `first + expected - 1`). */
export function countEvents(logs: readonly EventList[], first: number, expected: number | undefined): EventCount {
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
function countUnbounded(logs: readonly EventList[], repeated: Named): number {
  const all = new Float64Array(logs.reduce((count, log) => count + (log?.length ?? 0), 0));
  let at = 0;
  for (const log of logs) {
    all.set(log ?? [], at);
    at += log?.length ?? 0;
  }
  all.sort();
  let different = 0;
  for (let i = 0; i < all.length; i++) {
    if (i === 0 || !Object.is(all[i], all[i - 1])) different++;
    else if (i === 1 || !Object.is(all[i - 1], all[i - 2])) repeated.add(all[i] as number);
  }
  return different;
}
