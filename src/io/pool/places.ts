/** Places of values inside the rows of headers and forms: what is read there can be replaced at equal width. */
import { CorruptFileError } from '../../errors.ts';
import { BigEndianReader, decodeText } from '../bytes/big-endian.ts';
import type { EntryBytes } from '../root/tree/branch-cursor.ts';
import { GUID_BYTES, formatGuid } from './guid.ts';
import { frameEnd, framedReader, memberOf, type RowColumns } from './row-columns.ts';

/** A value of fixed width in the uncompressed data of a basket. */
export interface Place {
  column: EntryBytes;
  /** Index in `column.data`. */
  at: number;
}

/** A text: `length` bytes behind its length prefix. */
export interface TextPlace extends Place {
  length: number;
}

/** A binary GUID: pieces of together 16 bytes, in the order of its text. One piece unless its members are split. */
export interface GuidPlace {
  pieces: readonly TextPlace[];
}

/** Numbers of one width in a row, big-endian. */
export interface NumberPlaces extends Place {
  count: number;
  /** Bytes of one value: 2, 4 or 8. */
  width: number;
}

/** Text at a place. */
export function textOf({ column, at, length }: TextPlace): string {
  return decodeText(column.data.subarray(at, at + length));
}

/** Number `i` of a list: unsigned up to 4 bytes, signed with 8. */
export function numberOf({ column, at, count, width }: NumberPlaces, i: number): number | bigint {
  if (i >= count) throw new CorruptFileError('row has fewer values than it says', { expected: i + 1, found: count });
  const start = column.data.byteOffset + at + width * i;
  const view = new DataView(column.data.buffer, start, width);
  if (width === 8) return view.getBigInt64(0);
  return width === 4 ? view.getUint32(0) : view.getUint16(0);
}

/** All numbers of a list of 2- or 4-byte values; `signed` for i32. */
export function smallNumbersOf(places: NumberPlaces, signed = false): number[] {
  const { column, at, count, width } = places;
  const view = new DataView(column.data.buffer, column.data.byteOffset + at, width * count);
  const numbers = new Array<number>(count);
  for (let i = 0; i < count; i++) {
    if (width === 2) numbers[i] = view.getUint16(2 * i);
    else numbers[i] = signed ? view.getInt32(4 * i) : view.getUint32(4 * i);
  }
  return numbers;
}

/** A column of numbers without frame, which it fills. */
export function locateNumbers(column: EntryBytes, count: number, width: number): NumberPlaces {
  const bytes = column.end - column.start;
  if (bytes !== count * width) {
    throw new CorruptFileError('column has another number of values than its row says', {
      offset: column.start,
      expected: count,
      found: bytes / width,
    });
  }
  return { column, at: column.start, count, width };
}

/** The count a vector's own column holds. */
export function countOf(column: EntryBytes): number {
  const count = numberOf(locateNumbers(column, 1, 4), 0) as number;
  if (count > 0x7fff_ffff) throw new CorruptFileError('vector has a negative length', { offset: column.start, found: count });
  return count;
}

/** A framed vector of numbers: its count, then the values. */
export function locateNumberVector(column: EntryBytes, width: number): NumberPlaces {
  const r = framedReader(column);
  const count = r.remaining === 0 ? 0 : r.i32();
  if (count * width !== r.remaining) {
    throw new CorruptFileError('vector of numbers has another length', {
      offset: column.start,
      expected: count * width,
      found: r.remaining,
    });
  }
  return { column, at: r.pos, count, width };
}

/** A framed column of `count` texts. */
export function locateTexts(column: EntryBytes, count: number): TextPlace[] {
  const r = framedReader(column);
  return finish(
    r,
    Array.from({ length: checkedCount(count, column) }, () => locateText(column, r)),
  );
}

/** A framed single text. */
export function locateOneText(column: EntryBytes): TextPlace {
  return locateTexts(column, 1)[0] as TextPlace;
}

/** A framed vector of texts: its count, then the texts. */
export function locateTextVector(column: EntryBytes): TextPlace[] {
  const r = framedReader(column);
  const count = r.remaining === 0 ? 0 : r.i32();
  return finish(
    r,
    Array.from({ length: checkedCount(count, column) }, () => locateText(column, r)),
  );
}

/** A framed vector of vectors of u32: counts and values. */
export function locateWordRows(column: EntryBytes): NumberPlaces[] {
  const r = framedReader(column);
  const count = r.remaining === 0 ? 0 : r.i32();
  const rows = Array.from({ length: checkedCount(count, column) }, () => {
    const length = r.i32();
    return { column, at: r.take(4 * length), count: length, width: 4 };
  });
  return finish(r, rows);
}

/** Sub-branches a GUID is split into, with their bytes. */
const GUID_MEMBERS = [
  ['m_data1', 4],
  ['m_data2', 2],
  ['m_data3', 2],
  ['m_data4', 8],
] as const;

/**
 * Binary GUIDs of `count` elements. Unsplit: framed objects, 26 or 22 bytes each; split: one column per member of
 * class Guid.
 */
export function locateGuids(columns: RowColumns, member: string, count: number): GuidPlace[] {
  const column = columns.get(member);
  if (column !== undefined) return wholeGuids(column, count);
  const parts = GUID_MEMBERS.map(([name, width]) => {
    const part = columns.get(`${member}.${name}`) ?? memberOf(columns, `${member}.${name}[8]`);
    const bytes = part.end - part.start;
    if (bytes !== count * width) {
      throw new CorruptFileError('column of GUIDs has another length', { offset: part.start, expected: count * width, found: bytes });
    }
    return { column: part, width };
  });
  return Array.from({ length: count }, (_, i) => ({
    pieces: parts.map(({ column: part, width }) => ({ column: part, at: part.start + i * width, length: width })),
  }));
}

/** Each an object with byte count, version and, where that is 0, a checksum. */
function wholeGuids(column: EntryBytes, count: number): GuidPlace[] {
  const r = new BigEndianReader(column.data, column.start, column.end);
  const guids = Array.from({ length: checkedCount(count, column) }, () => {
    const end = frameEnd(r);
    if (r.u16() === 0) r.u32();
    const at = r.take(GUID_BYTES);
    if (r.pos !== end) {
      throw new CorruptFileError('byte count of a GUID does not match', { offset: at, expected: at + GUID_BYTES, found: end });
    }
    return { pieces: [{ column, at, length: GUID_BYTES }] };
  });
  return finish(r, guids);
}

/** Text of the GUID at a place. */
export function guidOf({ pieces }: GuidPlace): string {
  const bytes = new Uint8Array(GUID_BYTES);
  let to = 0;
  for (const { column, at, length } of pieces) {
    bytes.set(column.data.subarray(at, at + length), to);
    to += length;
  }
  return formatGuid(bytes);
}

function locateText(column: EntryBytes, r: BigEndianReader): TextPlace {
  const { length } = r.tstringBytes();
  return { column, at: r.pos - length, length };
}

function checkedCount(count: number, column: EntryBytes): number {
  if (count < 0 || count > column.end - column.start) {
    throw new CorruptFileError('vector has an impossible length', { offset: column.start, found: count });
  }
  return count;
}

function finish<T>(r: BigEndianReader, places: T): T {
  if (r.remaining > 0) throw new CorruptFileError('bytes left behind the values of a column', { offset: r.pos, found: r.remaining });
  return places;
}
