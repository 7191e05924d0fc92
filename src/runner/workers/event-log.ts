/** Event logs: workers append the number of each finished event to theirs, one decimal number per line. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { CorruptFileError } from '../../errors.ts';
import { EVENT_LOG } from './worker-share.ts';

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
      for (let at = added.indexOf(NEWLINE); at >= 0 && at < read; at = added.indexOf(NEWLINE, at + 1)) this.#lines++;
      return this.#lines;
    } finally {
      closeSync(descriptor);
    }
  }
}
