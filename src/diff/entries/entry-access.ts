/** Entries in any order: the chunks of a branch or column are listed once, opened when needed, and the last ones stay in memory. */
import { placeOf, type Entries, type EntryChunk, type EntryPlace } from './entry-streams.ts';

/** Uncompressed bytes that stay in memory for both sides together. */
const CACHE_BYTES = 64 * 1024 * 1024;

/** Entries that can be asked for by number. */
export interface EntrySource {
  readonly count: number;
  /** The entry of that number; undefined where nothing is known of it, and beyond the last. */
  at: (entry: number) => EntryPlace | undefined;
}

/** Open chunks, the one used last at the end; the first is dropped when there are too many bytes. */
export class EntryCache {
  readonly #open = new Map<EntryChunk, Entries>();
  readonly #limit: number;
  #bytes = 0;

  /** `limit`: bytes; one chunk is held whatever it takes. */
  constructor(limit: number = CACHE_BYTES) {
    this.#limit = limit;
  }

  /** The entries of a chunk; undefined for one that cannot be opened. */
  entries(chunk: EntryChunk): Entries | undefined {
    const known = this.#open.get(chunk);
    if (known !== undefined) {
      this.#open.delete(chunk);
      this.#open.set(chunk, known);
      return known;
    }
    const entries = chunk.open?.();
    if (entries === undefined) return undefined;
    this.#open.set(chunk, entries);
    this.#bytes += entries.data.length;
    this.#shrink();
    return entries;
  }

  #shrink(): void {
    for (const [chunk, { data }] of this.#open) {
      if (this.#bytes <= this.#limit || this.#open.size === 1) return;
      this.#open.delete(chunk);
      this.#bytes -= data.length;
    }
  }
}

/** A part of a chunk that an entry, or a range of elements, lies in. */
export interface ChunkPiece {
  chunk: EntryChunk;
  /** First and one past the last, counted in the chunk. */
  start: number;
  end: number;
}

/** The chunks of one branch or column by the numbers of their entries. */
export class ChunkedEntries implements EntrySource {
  readonly count: number;
  readonly #chunks: EntryChunk[];
  /** Number of the first entry of each chunk. */
  readonly #first: Float64Array;
  readonly #cache: EntryCache;
  #last = 0;
  /** The chunk used last, so that neighbours need not be looked up. */
  #held: { chunk: number; entries: Entries | undefined } | undefined;

  constructor(chunks: Iterable<EntryChunk>, cache: EntryCache) {
    this.#chunks = [...chunks];
    this.#cache = cache;
    this.#first = new Float64Array(this.#chunks.length);
    let count = 0;
    this.#chunks.forEach((chunk, i) => {
      this.#first[i] = count;
      count += chunk.count;
    });
    this.count = count;
  }

  at(entry: number): EntryPlace | undefined {
    if (entry >= this.count) return undefined;
    const c = this.#find(entry);
    if (this.#held?.chunk !== c) this.#held = { chunk: c, entries: this.#cache.entries(this.#chunks[c] as EntryChunk) };
    const { entries } = this.#held;
    return entries && placeOf(entries, entry - (this.#first[c] as number));
  }

  /** Entries [start, end) as parts of chunks. */
  *pieces(start: number, end: number): Generator<ChunkPiece> {
    for (let at = start; at < end;) {
      const c = this.#find(at);
      const [chunk, first] = [this.#chunks[c] as EntryChunk, this.#first[c] as number];
      const stop = Math.min(end, first + chunk.count);
      yield { chunk, start: at - first, end: stop - first };
      at = stop;
    }
  }

  /** The chunk with an entry, the last one found first; else by bisection. */
  #find(entry: number): number {
    if (this.#holds(this.#last, entry)) return this.#last;
    let [low, high] = [0, this.#chunks.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#first[middle] as number) <= entry) low = middle;
      else high = middle - 1;
    }
    this.#last = low;
    return low;
  }

  #holds(c: number, entry: number): boolean {
    const [chunk, first] = [this.#chunks[c], this.#first[c] as number];
    return chunk !== undefined && entry >= first && entry < first + chunk.count;
  }
}
