/**
 * The elements of a column by entry: where those of each entry begin follows from the ends of the collections (and the
 * tags of the variants) around the field. Source: ROOT RNTuple BinaryFormatSpecification.md, "Mapping of C++ Types to
 * Fields and Columns".
 */
import { FieldRole, type Field, type Schema } from '../../io/root/rntuple/schema.ts';
import { ChunkedEntries, type EntryCache, type EntrySource } from './entry-access.ts';
import { fixedEntries, startOf, type EntryChunk, type EntryPlace, type EntryValues } from './entry-streams.ts';
import type { TupleColumns } from './tuple-elements.ts';

/** Lists of element numbers that are kept: those of the fields around the one at hand. */
const KEPT_BOUNDS = 12;

/** Knows where the elements of each entry begin. */
export class TupleBounds {
  readonly #columns: TupleColumns;
  readonly #schema: Schema;
  readonly #kept = new Map<string, Float64Array>();

  constructor(columns: TupleColumns) {
    this.#columns = columns;
    this.#schema = columns.tuple.footer.schema;
  }

  /** Number of the first element of each entry in a column, and one past the last. */
  ofColumn(id: number): Float64Array {
    const fieldId = this.#schema.columns[id]?.fieldId ?? -1;
    const [first] = this.#columnsOf(fieldId);
    return first === id || first === undefined ? this.#ofField(fieldId) : this.#belowIndex(fieldId, first);
  }

  /** Columns of representation 0 of a field, in their order. */
  #columnsOf(fieldId: number): number[] {
    return this.#schema.columns.flatMap((column, c) => (column.fieldId === fieldId && column.representation === 0 ? [c] : []));
  }

  /** The same for the field itself: its first column has an element each. */
  #ofField(fieldId: number): Float64Array {
    return this.#keep(`field ${fieldId}`, () => {
      const field = this.#schema.fields[fieldId] as Field;
      const around =
        field.parentId === fieldId
          ? Float64Array.from({ length: this.#columns.tuple.entryCount + 1 }, (_, entry) => entry)
          : this.#below(field.parentId, fieldId);
      return field.repetitions > 1 ? around.map((first) => first * field.repetitions) : around;
    });
  }

  /** The same for what is below a field. */
  #below(fieldId: number, childId: number): Float64Array {
    const [first] = this.#columnsOf(fieldId);
    const { role } = this.#schema.fields[fieldId] as Field;
    if (first === undefined) return this.#ofField(fieldId);
    if (role === FieldRole.variant) return this.#belowVariant(fieldId, childId, first);
    return role === FieldRole.collection ? this.#belowIndex(fieldId, first) : this.#ofField(fieldId);
  }

  #belowIndex(fieldId: number, index: number): Float64Array {
    return this.#keep(`index ${fieldId}`, () => this.#sampled(this.#ofField(fieldId), index, (view, i) => view.getFloat64(8 * i, true)));
  }

  /** A tag is the number of the alternative, from 1 on; 0: none. */
  #belowVariant(fieldId: number, childId: number, column: number): Float64Array {
    const tag = 1 + this.#schema.fields.filter(({ parentId }, id) => parentId === fieldId && id !== fieldId && id < childId).length;
    return this.#sampled(this.#ofField(fieldId), column, (view, i, width) => (view.getUint32(i * width, true) === tag ? 1 : 0));
  }

  /** Sums of what `amount` says of the elements of a column, taken where entries begin. */
  #sampled(bounds: Float64Array, column: number, amount: (view: DataView, i: number, width: number) => number): Float64Array {
    const sums = new Float64Array(bounds.length);
    let [entry, element, sum] = [0, 0, 0];
    const take = (): void => {
      while (entry < bounds.length && (bounds[entry] as number) <= element) sums[entry++] = sum;
    };
    take();
    for (const { count, open } of this.#columns.chunks(column)) {
      const entries = open?.();
      const view = entries && new DataView(entries.data.buffer, entries.data.byteOffset, entries.data.byteLength);
      for (let i = 0; i < count; i++) {
        if (view !== undefined) sum += amount(view, i, entries?.width ?? 0);
        element++;
        if ((bounds[entry] as number) <= element) take();
      }
    }
    return sums;
  }

  #keep(name: string, make: () => Float64Array): Float64Array {
    const known = this.#kept.get(name);
    if (known !== undefined) return known;
    const bounds = make();
    this.#kept.set(name, bounds);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= KEPT_BOUNDS) break;
      this.#kept.delete(oldest);
    }
    return bounds;
  }
}

/** Elements of one column, of one RNTuple after another, by entry. */
export class TupleEntries implements EntrySource {
  readonly count: number;
  readonly #elements: ChunkedEntries;
  readonly #bounds: Float64Array;
  readonly #cache: EntryCache;

  /** `bounds`: of each RNTuple. */
  constructor(chunks: Iterable<EntryChunk>, bounds: readonly Float64Array[], cache: EntryCache) {
    this.#elements = new ChunkedEntries(chunks, cache);
    this.#bounds = bounds.length === 1 ? (bounds[0] as Float64Array) : joinedBounds(bounds);
    this.#cache = cache;
    this.count = this.#bounds.length - 1;
  }

  at(entry: number): EntryPlace | undefined {
    if (entry >= this.count) return undefined;
    const places: EntryPlace[] = [];
    for (const { chunk, start, end } of this.#elements.pieces(this.#bounds[entry] as number, this.#bounds[entry + 1] as number)) {
      const entries = this.#cache.entries(chunk);
      if (entries === undefined) return undefined;
      places.push({ entries, start: startOf(entries, start), end: startOf(entries, end) });
    }
    const [only] = places;
    return only !== undefined && places.length === 1 ? only : joinedPlace(places);
  }
}

function joinedBounds(bounds: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(1 + bounds.reduce((sum, { length }) => sum + length - 1, 0));
  let [at, first] = [0, 0];
  for (const each of bounds) {
    const shifted = each.map((value) => value + first);
    all.set(shifted, at);
    at += each.length - 1;
    first = all[at] as number;
  }
  return all;
}

/** Elements that lie in several pages, or none, as one entry. */
function joinedPlace(places: readonly EntryPlace[]): EntryPlace {
  const data = new Uint8Array(places.reduce((sum, { start, end }) => sum + end - start, 0));
  let at = 0;
  for (const { entries, start, end } of places) {
    data.set(entries.data.subarray(start, end), at);
    at += end - start;
  }
  const isKnown = places.every(({ entries }) => entries.values !== undefined);
  const values = (): EntryValues => {
    const parts = places.map(({ entries, start, end }) => entries.values?.(start, end) ?? []);
    return parts.length > 0 && parts.every((each) => typeof each === 'string') ? parts.join('') : parts.flat();
  };
  const { width, realWidth } = places[0]?.entries ?? { width: 0, realWidth: 0 };
  return { entries: fixedEntries(data, width, isKnown ? values : undefined, realWidth), start: 0, end: data.length };
}
