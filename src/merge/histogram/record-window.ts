/** Reads records of one input into codec memory, many with one read. */
import type { Source } from '../../io/bytes/source.ts';
import type { CodecMemory } from '../../io/codec/arena.ts';

/** Bytes read at once; larger windows do not make it faster. */
const WINDOW_BYTES = 256 * 1024;
/** Gaps up to this many bytes are read over. */
const MAX_GAP_BYTES = 16 * 1024;

/** A window over an input; one for all inputs, one after the other. */
export class RecordWindow {
  readonly #memory: CodecMemory;
  readonly #at: number;
  readonly #capacity: number;
  #position = 0;

  /** @param largestRecord bytes of the largest record that will be read */
  constructor(memory: CodecMemory, largestRecord: number) {
    this.#memory = memory;
    this.#capacity = Math.max(WINDOW_BYTES, largestRecord);
    this.#at = memory.alloc(this.#capacity);
  }

  /**
   * Reads record `from` and as many of the following as fit; positions ascend. Returns the index after the last one read.
   * `position` and `bytes` are file offset and length of each record.
   */
  read(source: Source, position: Float64Array, bytes: Float64Array, from: number, count: number): number {
    const start = position[from] as number;
    let end = start + (bytes[from] as number);
    let stop = from + 1;
    for (; stop < count; stop++) {
      const next = position[stop] as number;
      const nextEnd = Math.max(end, next + (bytes[stop] as number));
      if (next - end > MAX_GAP_BYTES || nextEnd - start > this.#capacity) break;
      end = nextEnd;
    }
    source.readInto(this.#memory.u8, this.#at, end - start, start);
    this.#position = start;
    return stop;
  }

  /** Address of the record at a file offset that was read. */
  addressOf(position: number): number {
    return this.#at + position - this.#position;
  }

  free(): void {
    this.#memory.free(this.#at);
  }
}
