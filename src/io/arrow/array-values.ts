/** Values of Arrow arrays, by the layouts of the Arrow columnar format. */
import { CorruptFileError, UnsupportedError } from '../../errors.ts';
import { textOrBytes } from '../bytes/exact-text.ts';
import { halfOf } from '../bytes/half-float.ts';
import type { BatchCursor } from './batch-cursor.ts';
import type { ArrowField, ArrowType } from './schema.ts';

/** A value: integers of 64 bits as bigint, decimals as text, times as the numbers they are stored as, texts that are no UTF-8 as bytes, structs and maps as lists. */
export type ArrowValue = number | bigint | string | boolean | null | Uint8Array | ArrowValue[];

/** An array in memory. */
export interface ArrowArray {
  readonly length: number;
  /** The value at an index below `length`. */
  at: (i: number) => ArrowValue;
  /** Bytes of values of fixed width without nulls: equal bytes of the same type are equal values. */
  bytes?: { data: Uint8Array; width: number };
}

/** Values of the dictionary with an id, as they are for the batch that is read. */
export type DictionaryLookup = (id: number, field: ArrowField) => ArrowArray;

/** What arrays are read from. */
export interface ArraySource {
  cursor: BatchCursor;
  dictionary: DictionaryLookup;
}

/** Reads the array of a column, or of one of its children; the cursor is behind it then. @throws CorruptFileError, UnsupportedError */
export function readArray(field: ArrowField, source: ArraySource): ArrowArray {
  const { dictionary } = field;
  if (dictionary === undefined) return readValues(field, source);
  const indices = fixedWidth(dictionary.index, source);
  const values = source.dictionary(dictionary.id, field);
  return {
    length: indices.length,
    at(i) {
      const index = indices.at(i);
      if (index === null) return null;
      const place = Number(index);
      if (!(place >= 0 && place < values.length)) {
        throw new CorruptFileError(`index ${place} is beyond the ${values.length} values of its dictionary`);
      }
      return values.at(place);
    },
  };
}

/** Reads an array of values, not of indices into a dictionary: those of a dictionary itself. */
export function readValues(field: ArrowField, source: ArraySource): ArrowArray {
  const { values: type, children } = field;
  switch (type.name) {
    case 'Null':
      return { length: source.cursor.node().length, at: () => null };
    case 'Struct':
      return struct(children, source);
    case 'Union':
      return union(field, source);
    case 'RunEndEncoded':
      return runs(children, source);
    case 'FixedSizeList':
      return fixedList(Number(type.parameters.get('listSize')), children, source);
    case 'List':
    case 'Map':
    case 'LargeList':
      return list(type.name === 'LargeList', children, source);
    case 'ListView':
    case 'LargeListView':
      return listView(type.name === 'LargeListView', children, source);
    case 'Binary':
    case 'Utf8':
    case 'LargeBinary':
    case 'LargeUtf8':
      return texts(type.name.startsWith('Large'), type.name.endsWith('Utf8'), source);
    case 'BinaryView':
    case 'Utf8View':
      return views(type.name === 'Utf8View', source);
    default:
      return fixedWidth(type, source);
  }
}

/** Node and validity of an array. */
function begin({ cursor }: ArraySource): { length: number; isNull: (i: number) => boolean; hasNulls: boolean } {
  const { length, nullCount } = cursor.node();
  const bits = cursor.buffer();
  if (length < 0) throw new CorruptFileError(`array of ${length} values`);
  if (nullCount === 0 || bits.length === 0) return { length, isNull: () => false, hasNulls: false };
  requireBytes(bits, Math.ceil(length / 8));
  return { length, isNull: (i) => (((bits[i >> 3] as number) >> (i & 7)) & 1) === 0, hasNulls: true };
}

function requireBytes(bytes: Uint8Array, least: number): void {
  if (bytes.length < least) throw new CorruptFileError('buffer is too short', { expected: `${least} bytes`, found: `${bytes.length}` });
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

type ReadAt = (view: DataView, at: number) => ArrowValue;

const INTEGERS: Readonly<Record<string, ReadAt>> = {
  '8 true': (view, at) => view.getInt8(at),
  '16 true': (view, at) => view.getInt16(at, true),
  '32 true': (view, at) => view.getInt32(at, true),
  '64 true': (view, at) => view.getBigInt64(at, true),
  '8 false': (view, at) => view.getUint8(at),
  '16 false': (view, at) => view.getUint16(at, true),
  '32 false': (view, at) => view.getUint32(at, true),
  '64 false': (view, at) => view.getBigUint64(at, true),
};
const REALS: readonly ReadAt[] = [
  (view, at) => halfOf(view.getUint16(at, true)),
  (view, at) => view.getFloat32(at, true),
  (view, at) => view.getFloat64(at, true),
];
/** By unit: months; days and milliseconds; months, days and nanoseconds. */
const INTERVALS: readonly { width: number; read: ReadAt }[] = [
  { width: 4, read: (view, at) => view.getInt32(at, true) },
  { width: 8, read: (view, at) => [view.getInt32(at, true), view.getInt32(at + 4, true)] },
  { width: 16, read: (view, at) => [view.getInt32(at, true), view.getInt32(at + 4, true), view.getBigInt64(at + 8, true)] },
];

/** Bytes of a value and how it is read. */
function elementOf({ name, parameters }: ArrowType): { width: number; read: ReadAt } {
  const parameter = (key: string): number => Number(parameters.get(key) ?? 0);
  const integer = (bits: number, signed = 'true'): { width: number; read: ReadAt } | undefined => {
    const read = INTEGERS[`${bits} ${signed}`];
    return read && { width: bits / 8, read };
  };
  const found = ((): { width: number; read: ReadAt } | undefined => {
    switch (name) {
      case 'Int':
        return integer(parameter('bitWidth'), parameters.get('is_signed'));
      case 'FloatingPoint': {
        const read = REALS[parameter('precision')];
        return read && { width: 2 << parameter('precision'), read };
      }
      case 'Date':
        return integer(parameter('unit') === 0 ? 32 : 64);
      case 'Time':
        return integer(parameter('bitWidth'));
      case 'Timestamp':
      case 'Duration':
        return integer(64);
      case 'Interval':
        return INTERVALS[parameter('unit')];
      case 'Decimal':
        return { width: parameter('bitWidth') / 8, read: decimalReader(parameter('bitWidth') / 8, parameter('scale')) };
      case 'FixedSizeBinary':
        return { width: parameter('byteWidth'), read: (view, at) => bytesOf(view, at, parameter('byteWidth')) };
      default:
        return undefined;
    }
  })();
  if (found === undefined) throw new UnsupportedError(`values of Arrow type ${name} are not known`);
  return found;
}

function bytesOf({ buffer, byteOffset }: DataView, at: number, length: number): Uint8Array {
  return new Uint8Array(buffer, byteOffset + at, length);
}

/** A signed integer of so many bytes, with a decimal point before its last digits. */
function decimalReader(width: number, scale: number): ReadAt {
  return (view, at) => {
    const hex = Buffer.from(bytesOf(view, at, width))
      .reverse()
      .toString('hex'); // a copy is reversed
    const value = BigInt.asIntN(8 * width, BigInt(`0x${hex}`));
    const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
    const text = scale <= 0 ? digits + '0'.repeat(-scale) : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
    return value < 0n ? `-${text}` : text;
  };
}

function fixedWidth(type: ArrowType, source: ArraySource): ArrowArray {
  const { length, isNull, hasNulls } = begin(source);
  const data = source.cursor.buffer();
  if (type.name === 'Bool') {
    requireBytes(data, Math.ceil(length / 8));
    return { length, at: (i) => (isNull(i) ? null : (((data[i >> 3] as number) >> (i & 7)) & 1) === 1) };
  }
  const { width, read } = elementOf(type);
  requireBytes(data, length * width);
  const view = viewOf(data);
  return { length, at: (i) => (isNull(i) ? null : read(view, i * width)), ...(!hasNulls && width > 0 && { bytes: { data, width } }) };
}

/** Offsets of 32 or 64 bits. */
function offsetsOf(isLarge: boolean, bytes: Uint8Array, count: number): (i: number) => number {
  requireBytes(bytes, count * (isLarge ? 8 : 4));
  const view = viewOf(bytes);
  return isLarge ? (i) => Number(view.getBigInt64(8 * i, true)) : (i) => view.getInt32(4 * i, true);
}

/** An empty array need not have its one offset. */
const offsetCount = (length: number): number => (length === 0 ? 0 : length + 1);

function part(length: number, start: number, end: number): void {
  if (!(start >= 0 && end >= start && end <= length)) throw new CorruptFileError(`a value reaches from ${start} to ${end} of ${length}`);
}

function texts(isLarge: boolean, isText: boolean, source: ArraySource): ArrowArray {
  const { length, isNull } = begin(source);
  const offset = offsetsOf(isLarge, source.cursor.buffer(), offsetCount(length));
  const data = source.cursor.buffer();
  return {
    length,
    at(i) {
      if (isNull(i)) return null;
      part(data.length, offset(i), offset(i + 1));
      const bytes = data.subarray(offset(i), offset(i + 1));
      return isText ? textOrBytes(bytes) : bytes;
    },
  };
}

/** Bytes of a view: length, then up to twelve bytes of the value, or four, number of the buffer, offset in it. */
const VIEW_BYTES = 16;
const INLINE_BYTES = 12;

function views(isText: boolean, source: ArraySource): ArrowArray {
  const { length, isNull } = begin(source);
  const data = source.cursor.buffer();
  requireBytes(data, length * VIEW_BYTES);
  const buffers = Array.from({ length: source.cursor.variadicCount() }, () => source.cursor.buffer());
  const view = viewOf(data);
  const bytesAt = (at: number): Uint8Array => {
    const bytes = view.getInt32(at, true);
    if (bytes <= INLINE_BYTES) return data.subarray(at + 4, at + 4 + Math.max(0, bytes));
    const [buffer, offset] = [buffers[view.getInt32(at + 8, true)] ?? new Uint8Array(), view.getInt32(at + 12, true)];
    part(buffer.length, offset, offset + bytes);
    return buffer.subarray(offset, offset + bytes);
  };
  return {
    length,
    at(i) {
      if (isNull(i)) return null;
      return isText ? textOrBytes(bytesAt(i * VIEW_BYTES)) : bytesAt(i * VIEW_BYTES);
    },
  };
}

/** The one child of a nested array. */
function childOf(children: readonly ArrowField[], source: ArraySource, which = 0): ArrowArray {
  const child = children[which];
  if (child === undefined) throw new CorruptFileError('nested column without children');
  return readArray(child, source);
}

/** Longer lists are not believed: nulls take no room in a file. */
const MAX_LIST = 2 ** 27;

function slice(values: ArrowArray, start: number, end: number): ArrowValue[] {
  part(values.length, start, end);
  if (end - start > MAX_LIST) throw new CorruptFileError(`a list of ${end - start} values`);
  return Array.from({ length: end - start }, (_, i) => values.at(start + i));
}

function list(isLarge: boolean, children: readonly ArrowField[], source: ArraySource): ArrowArray {
  const { length, isNull } = begin(source);
  const offset = offsetsOf(isLarge, source.cursor.buffer(), offsetCount(length));
  const values = childOf(children, source);
  return { length, at: (i) => (isNull(i) ? null : slice(values, offset(i), offset(i + 1))) };
}

function listView(isLarge: boolean, children: readonly ArrowField[], source: ArraySource): ArrowArray {
  const { length, isNull } = begin(source);
  const offset = offsetsOf(isLarge, source.cursor.buffer(), length);
  const size = offsetsOf(isLarge, source.cursor.buffer(), length);
  const values = childOf(children, source);
  return { length, at: (i) => (isNull(i) ? null : slice(values, offset(i), offset(i) + size(i))) };
}

function fixedList(size: number, children: readonly ArrowField[], source: ArraySource): ArrowArray {
  const { length, isNull } = begin(source);
  const values = childOf(children, source);
  return { length, at: (i) => (isNull(i) ? null : slice(values, i * size, (i + 1) * size)) };
}

function struct(children: readonly ArrowField[], source: ArraySource): ArrowArray {
  const { length, isNull } = begin(source);
  const members = children.map((child) => readArray(child, source));
  for (const member of members) part(member.length, 0, length);
  return { length, at: (i) => (isNull(i) ? null : members.map((member) => member.at(i))) };
}

/** A value is a list of the number of its type and the value. Dense unions have an offset for each. */
function union({ values: { parameters }, children }: ArrowField, source: ArraySource): ArrowArray {
  const { cursor } = source;
  const { length } = cursor.node();
  if (cursor.version < 4) cursor.buffer();
  const types = cursor.buffer();
  requireBytes(types, length);
  const offset = parameters.get('mode') === '1' ? offsetsOf(false, cursor.buffer(), length) : (i: number) => i;
  const ids = (parameters.get('typeIds') ?? '').match(/\d+/g)?.map(Number) ?? children.map((_, i) => i);
  const members = children.map((child) => readArray(child, source));
  return {
    length,
    at(i) {
      const id = types[i] as number;
      const member = members[ids.indexOf(id)];
      if (member === undefined) throw new CorruptFileError(`union has no type ${id}`);
      part(member.length, offset(i), offset(i) + 1);
      return [id, member.at(offset(i))];
    },
  };
}

/** Ends of runs, ascending, and a value for each. */
function runs(children: readonly ArrowField[], source: ArraySource): ArrowArray {
  const { length } = source.cursor.node();
  const ends = childOf(children, source);
  const values = childOf(children, source, 1);
  return {
    length,
    at(i) {
      let [low, high] = [0, ends.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (Number(ends.at(middle)) > i) high = middle;
        else low = middle + 1;
      }
      part(values.length, low, low + 1);
      return values.at(low);
    },
  };
}
