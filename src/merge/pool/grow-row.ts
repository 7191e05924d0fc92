/**
 * Changes that lengthen rows: full elements added to a DataHeader_p6, values added to vectors of metadata. In a split
 * container each member's branch gets one value more per element; in an unsplit one the vector in the row grows, and its
 * byte count with it.
 */
import { CorruptFileError, UnsupportedError, invariant } from '../../errors.ts';
import { BigEndianWriter, LONG_HEAD, LONG_TEXT } from '../../io/bytes/big-endian.ts';
import type { FullElementP6 } from '../../io/pool/data-header-p6.ts';
import { locateNumbers, type TextPlace } from '../../io/pool/places.ts';
import { memberOf, type RowColumns } from '../../io/pool/row-columns.ts';
import { byteCountWord } from '../../io/root/streamer/type-codes.ts';
import type { EntryBytes } from '../../io/root/tree/branch-cursor.ts';
import type { BasketRows } from '../../io/root/tree/branch-rows.ts';
import { patchNumber } from './patch-places.ts';

/** Bytes to be inserted into the data of a basket, inside the entry of a row. */
export interface RowInsert {
  column: EntryBytes;
  /** Index in `column.data` in front of which they go. */
  at: number;
  bytes: Uint8Array;
}

/** Member of a DataHeader_p6 that grows. */
export const FULL_ELEMENTS = 'm_fullElements';
/** Bytes between the byte count of a vector stored member by member and its number of elements: versions, and a checksum. */
const HEAD_BYTES = [12, 8] as const;

/** What a sum of rows does to the first of them. */
export interface RowSum {
  patch: (columns: RowColumns) => RowInsert[];
  /** Split vector that grows: its branch and new number of elements. */
  grown: { branch: number; count: number } | undefined;
}

/** A member of the elements of a vector, with a value for each element that is added. */
export interface AddedNumbers {
  name: string;
  /** Bytes of one value: 4 or 8. */
  width: number;
  values: readonly bigint[];
}

/**
 * Adds elements to the end of a vector of objects that is stored member by member: count and byte count in place, the rest as
 * inserts. `members`: all members of the class, in order.
 */
export function appendElements(columns: RowColumns, vector: string, members: readonly AddedNumbers[]): RowInsert[] {
  const count = locateNumbers(memberOf(columns, vector), 1, 4);
  const inserts = members.map(({ name, width, values }): RowInsert => {
    const column = memberOf(columns, `${vector}.${name}`);
    const bytes = new Uint8Array(width * values.length);
    const place = { column: { ...column, data: bytes }, at: 0, count: values.length, width };
    values.forEach((value, i) => patchNumber(place, i, value));
    return { column, at: column.end, bytes };
  });
  const last = inserts.at(-1)?.column;
  if (last?.branch === count.column.branch) {
    growByteCount(
      count.column,
      last.end,
      inserts.reduce((sum, { bytes }) => sum + bytes.length, 0),
    );
  }
  addToCount(count.column, members[0]?.values.length ?? 0);
  return inserts;
}

/** Adds to the number of elements that a vector's own column holds (4 bytes). */
export function addToCount({ data, start }: EntryBytes, added: number): void {
  const view = new DataView(data.buffer, data.byteOffset + start, 4);
  view.setInt32(0, view.getInt32(0) + added);
}

/** Adds full elements to the vector of a header. */
export function insertFullElements(columns: RowColumns, added: readonly FullElementP6[]): RowInsert[] {
  return appendElements(columns, FULL_ELEMENTS, [
    { name: 'oid2', width: 8, values: added.map(({ oid2 }) => oid2) },
    { name: 'dbIdx', width: 4, values: added.map(({ dbIndex }) => BigInt(dbIndex)) },
    { name: 'objIdx', width: 4, values: added.map(({ objectIndex }) => BigInt(objectIndex)) },
  ]);
}

/**
 * Lengthens a vector stored member by member whose count stands at `start` and whose members end at `end`. Its byte count
 * counts to the end: that tells which of the two forms of its head it has.
 */
export function growByteCount({ data, start }: EntryBytes, end: number, growth: number): void {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  for (const head of HEAD_BYTES) {
    const at = start - head;
    if (at < 0 || view.getUint32(at) !== byteCountWord(end - at - 4)) continue;
    view.setUint32(at, byteCountWord(end - at - 4 + growth));
    return;
  }
  throw new CorruptFileError('vector has no fitting byte count', { offset: start });
}

/**
 * Replaces a framed text (byte count, version, text) by one of at least as many bytes: what there is room for in place,
 * the rest as an insert.
 */
export function growText(place: TextPlace, text: string): RowInsert[] {
  const { column, at, length } = place;
  const w = new BigEndianWriter(64);
  w.tstring(text);
  const bytes = w.done();
  const start = at - (length < LONG_TEXT ? 1 : LONG_HEAD);
  const growth = bytes.length - (at + length - start);
  invariant(growth >= 0, `a text of ${length} bytes in a row is replaced by a shorter one`);
  const view = new DataView(column.data.buffer, column.data.byteOffset + column.start, 4);
  view.setUint32(0, view.getUint32(0) + growth);
  column.data.set(bytes.subarray(0, bytes.length - growth), start);
  return [{ column, at: at + length, bytes: bytes.subarray(bytes.length - growth) }];
}

/** Bytes before the values of a framed vector: byte count, version, count. */
export const VECTOR_HEAD = 10;

/** Adds values to the end of a framed vector: its byte count and count in place, the rest as an insert. */
export function appendToVector<T>(column: EntryBytes, values: readonly T[], write: (w: BigEndianWriter, value: T) => void): RowInsert[] {
  if (values.length === 0) return [];
  const w = new BigEndianWriter(64);
  for (const value of values) write(w, value);
  const bytes = w.done();
  const view = new DataView(column.data.buffer, column.data.byteOffset + column.start, VECTOR_HEAD);
  view.setUint32(0, view.getUint32(0) + bytes.length);
  view.setInt32(6, view.getInt32(6) + values.length);
  return [{ column, at: column.end, bytes }];
}

/** Inserts of the rows that are being changed, until their baskets are left. */
export class RowInserts {
  /** By data of a basket: inserts in ascending order, with their rows. */
  readonly #byData = new Map<Uint8Array, { row: number; at: number; bytes: Uint8Array }[]>();

  add(row: number, { column, at, bytes }: RowInsert): void {
    const list = this.#byData.get(column.data);
    if (list === undefined) this.#byData.set(column.data, [{ row, at, bytes }]);
    else list.push({ row, at, bytes });
  }

  /** The basket with its inserts. UnsupportedError for entries of one size. */
  applyTo(rows: BasketRows): BasketRows {
    const inserts = this.#byData.get(rows.data);
    if (inserts === undefined) return rows;
    this.#byData.delete(rows.data);
    const { offsets, header } = rows.parts;
    if (offsets === undefined) throw new UnsupportedError('rows of one size cannot grow');
    const pieces: Uint8Array[] = [];
    let from = 0;
    for (const { at, bytes } of inserts) {
      pieces.push(rows.data.subarray(from, at), bytes);
      from = at;
    }
    const data = Buffer.concat([...pieces, rows.data.subarray(from)]);
    const last = header.last + data.length - rows.data.length;
    return {
      ...rows,
      data,
      parts: { ...rows.parts, header: { ...header, last }, data, offsets: shifted(offsets, rows.firstEntry, inserts) },
    };
  }
}

/** Offsets of entries behind rows that grew. */
function shifted(offsets: Int32Array, firstEntry: number, inserts: readonly { row: number; bytes: Uint8Array }[]): Int32Array {
  const out = offsets.slice();
  for (const { row, bytes } of inserts) for (let i = row - firstEntry + 1; i < out.length; i++) out[i]! += bytes.length;
  return out;
}
