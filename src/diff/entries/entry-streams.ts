/**
 * Compares two sequences of entries (of a branch, or elements of a column) that come in chunks of any size:
 * baskets and pages of two files need not begin at the same entries. One chunk of each side is in memory.
 */

import type { SpanGraph } from '../../io/root/streamer/span-graph.ts';
import type { ProcessIds } from '../object/process-ids.ts';
import type { LeafValues } from '../../io/root/tree/leaf-values.ts';

/** Values of one entry, for tolerances and messages; bytes where the type is not known. */
export type EntryValues = LeafValues;

/** The entries of one chunk. */
export interface Entries {
  data: Uint8Array;
  /** Entry i is [bounds[i], bounds[i + 1]); undefined: entry i is `width` bytes from i * width. */
  bounds: Int32Array | undefined;
  /** Bytes per entry where there are no bounds. */
  width: number;
  /** The object in [start, end) of the data; undefined: entries are something else than whole objects. */
  graph: ((start: number, end: number) => SpanGraph) | undefined;
  /** The object, or what stands in a member, where `graph` does not understand it; undefined: nothing of the kind. */
  members?: ((start: number, end: number) => SpanGraph) | undefined;
  /** What numbers of process ids stand for; only where entries may hold references. */
  processIds?: ProcessIds | undefined;
  /** Bytes of a real (4 or 8); 0 for values that are none. */
  realWidth: number;
  /** Values of the entry in [start, end) of the data; undefined: the type is not known. */
  values: ((start: number, end: number) => EntryValues) | undefined;
}

/** Entries of equal width, `realWidth` for those that are reals. */
export function fixedEntries(data: Uint8Array, width: number, values: Entries['values'], realWidth = 0): Entries {
  return { data, bounds: undefined, width, graph: undefined, realWidth, values };
}

/** Some entries, not opened yet. */
export interface EntryChunk {
  count: number;
  /** How they are stored, and the stored bytes: equal ones of the same form are equal without being opened. */
  stored: (() => { form: string; bytes: Uint8Array } | undefined) | undefined;
  /** undefined: nothing is known of these entries, whatever is opposite passes. */
  open: (() => Entries) | undefined;
  /** What numbers of process ids stand for; only where entries may hold references: equal bytes may lead elsewhere. */
  processIds?: (() => ProcessIds) | undefined;
}

/** One entry of an open chunk. */
export interface EntryPlace {
  entries: Entries;
  start: number;
  end: number;
}

/** Told of each entry whose bytes differ, or may lead elsewhere. */
export type OnEntry = (entry: number, left: EntryPlace, right: EntryPlace) => void;

/** One side: the chunk at hand and the position in it. */
class Side {
  count = 0;
  chunk: EntryChunk | undefined;
  pos = 0;
  readonly #chunks: Iterator<EntryChunk>;
  #open: Entries | undefined;

  constructor(chunks: Iterable<EntryChunk>) {
    this.#chunks = chunks[Symbol.iterator]();
  }

  /** Steps to the next chunk with entries when this one is used up; false at the end. */
  fill(): boolean {
    while (this.chunk === undefined || this.pos >= this.chunk.count) {
      const next = this.#chunks.next();
      if (next.done === true) return false;
      [this.chunk, this.pos, this.#open] = [next.value, 0, undefined];
    }
    return true;
  }

  get left(): number {
    return (this.chunk as EntryChunk).count - this.pos;
  }

  entries(): Entries | undefined {
    this.#open ??= this.chunk?.open?.();
    return this.#open;
  }

  advance(n: number): void {
    this.pos += n;
    this.count += n;
  }

  /** Counts what is left on this side. */
  drain(): void {
    while (this.fill()) this.advance(this.left);
  }
}

/** Compares two sequences entry by entry; returns how many entries each has. */
export function compareChunks(left: Iterable<EntryChunk>, right: Iterable<EntryChunk>, onEntry: OnEntry): { left: number; right: number } {
  const [a, b] = [new Side(left), new Side(right)];
  while (a.fill() && b.fill()) {
    const n = Math.min(a.left, b.left);
    const areOtherIds = haveOtherIds(a, b);
    if (areOtherIds || !isStoredEqual(a, b)) compareRange(a, b, n, areOtherIds, onEntry);
    a.advance(n);
    b.advance(n);
  }
  a.drain();
  b.drain();
  return { left: a.count, right: b.count };
}

/** True where references in equal bytes may lead elsewhere. */
function haveOtherIds(a: Side, b: Side): boolean {
  const [x, y] = [a.chunk?.processIds?.(), b.chunk?.processIds?.()];
  return x !== undefined && y !== undefined && !x.areSame(y);
}

function isStoredEqual(a: Side, b: Side): boolean {
  if (a.pos !== 0 || b.pos !== 0 || a.left !== b.left) return false;
  const [x, y] = [a.chunk?.stored?.(), b.chunk?.stored?.()];
  return x !== undefined && y !== undefined && x.form === y.form && Buffer.compare(x.bytes, y.bytes) === 0;
}

function compareRange(a: Side, b: Side, n: number, areOtherIds: boolean, onEntry: OnEntry): void {
  const [x, y] = [a.entries(), b.entries()];
  if (x === undefined || y === undefined || (!areOtherIds && isRangeEqual(x, a.pos, y, b.pos, n))) return;
  for (let i = 0; i < n; i++) {
    const [l, r] = [placeOf(x, a.pos + i), placeOf(y, b.pos + i)];
    if (areOtherIds || !isEqual(l, r)) onEntry(a.count + i, l, r);
  }
}

/** True when `n` entries have equal bytes and equal lengths. */
function isRangeEqual(x: Entries, i: number, y: Entries, j: number, n: number): boolean {
  const [x0, x1, y0, y1] = [startOf(x, i), startOf(x, i + n), startOf(y, j), startOf(y, j + n)];
  if (x1 - x0 !== y1 - y0 || Buffer.compare(x.data.subarray(x0, x1), y.data.subarray(y0, y1)) !== 0) return false;
  if (x.bounds === undefined && y.bounds === undefined) return x.width === y.width;
  for (let k = 1; k < n; k++) if (startOf(x, i + k) - x0 !== startOf(y, j + k) - y0) return false;
  return true;
}

/** Where entry `i` begins. */
export function startOf({ bounds, width }: Entries, i: number): number {
  return bounds === undefined ? i * width : (bounds[i] as number);
}

/** Entry `i` of an open chunk. */
export function placeOf(entries: Entries, i: number): EntryPlace {
  return { entries, start: startOf(entries, i), end: startOf(entries, i + 1) };
}

/** True when two entries have the same bytes. */
export function isEqual(l: EntryPlace, r: EntryPlace): boolean {
  const length = l.end - l.start;
  if (r.end - r.start !== length) return false;
  const [x, y] = [l.entries.data, r.entries.data];
  for (let k = 0; k < length; k++) if (x[l.start + k] !== y[r.start + k]) return false;
  return true;
}
