/** Bins in native numbers, with the additions of TH1::AddBinContent (ROOT hist/hist/src/TH1.cxx, hist/hist/inc/TH1.h). */
import { CorruptFileError, UnsupportedError } from '../../errors.ts';
import type { ArraySpan } from '../../io/root/streamer/member-list.ts';
import { TypeCode } from '../../io/root/streamer/type-codes.ts';

/** Storage type of the bins of histograms: C i8, S i16, I i32, L i64, F f32, D f64. */
export type CellType = 'C' | 'S' | 'I' | 'L' | 'F' | 'D';
/** Of bins of n dimensions also UC u8, US u16, UI u32, UL u64. */
export type BinType = CellType | 'UC' | 'US' | 'UI' | 'UL';

/** Bin contents, under- and overflow included; index = binx + (nbinsx + 2) * (biny + (nbinsy + 2) * binz). */
export type Cells =
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Float32Array
  | Float64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array;

const WIDTHS: Readonly<Record<BinType, number>> = { C: 1, S: 2, I: 4, L: 8, F: 4, D: 8, UC: 1, US: 2, UI: 4, UL: 8 };
/** Contents of C, S and I stay within plus and minus these (not -2^n: ROOT leaves that value out). */
const LIMITS: Readonly<Partial<Record<CellType, number>>> = { C: 127, S: 32767, I: 2147483647 };

const LONG_LIMIT = 2n ** 63n - 1n;
const UNSIGNED_LONG_LIMIT = 2n ** 64n - 1n;

/** Bytes of one bin. */
export function cellBytes(type: CellType): number {
  return WIDTHS[type];
}

const TYPES: ReadonlyMap<number, BinType> = new Map([
  [TypeCode.char, 'C'],
  [TypeCode.short, 'S'],
  [TypeCode.int, 'I'],
  [TypeCode.long, 'L'],
  [TypeCode.long64, 'L'],
  [TypeCode.float, 'F'],
  [TypeCode.double, 'D'],
  [TypeCode.uchar, 'UC'],
  [TypeCode.ushort, 'US'],
  [TypeCode.uint, 'UI'],
  [TypeCode.ulong, 'UL'],
  [TypeCode.ulong64, 'UL'],
]);

/** Storage type of bins that are values of a type code (type-codes.ts). UnsupportedError for all others. */
export function cellTypeOf(typeCode: number): BinType {
  const type = TYPES.get(typeCode);
  if (type === undefined) throw new UnsupportedError(`bins of type ${typeCode}`);
  return type;
}

/** Bins of a type, all of them 0. */
export function emptyCells(type: BinType, count: number): Cells {
  switch (type) {
    case 'C':
      return new Int8Array(count);
    case 'S':
      return new Int16Array(count);
    case 'I':
      return new Int32Array(count);
    case 'L':
      return new BigInt64Array(count);
    case 'F':
      return new Float32Array(count);
    case 'D':
      return new Float64Array(count);
    case 'UC':
      return new Uint8Array(count);
    case 'US':
      return new Uint16Array(count);
    case 'UI':
      return new Uint32Array(count);
    case 'UL':
      return new BigUint64Array(count);
  }
}

/** Decodes the values of a TArray. CorruptFileError when their width is not that of the class. */
export function decodeCells(type: BinType, span: ArraySpan): Cells {
  if (span.width !== WIDTHS[type]) {
    throw new CorruptFileError('bins have another width than their class', { expected: WIDTHS[type], found: span.width });
  }
  const view = new DataView(span.bytes.buffer, span.bytes.byteOffset + span.start, span.count * span.width);
  const cells = emptyCells(type, span.count);
  for (let i = 0; i < span.count; i++) cells[i] = readCell(view, type, i);
  return cells;
}

function readCell(view: DataView, type: BinType, i: number): number | bigint {
  switch (type) {
    case 'C':
      return view.getInt8(i);
    case 'S':
      return view.getInt16(2 * i);
    case 'I':
      return view.getInt32(4 * i);
    case 'L':
      return view.getBigInt64(8 * i);
    case 'F':
      return view.getFloat32(4 * i);
    case 'D':
      return view.getFloat64(8 * i);
    case 'UC':
      return view.getUint8(i);
    case 'US':
      return view.getUint16(2 * i);
    case 'UI':
      return view.getUint32(4 * i);
    case 'UL':
      return view.getBigUint64(8 * i);
  }
}

/** Big-endian bytes of bins or of doubles. */
export function encodeCells(cells: Cells): Uint8Array {
  const bytes = new Uint8Array(cells.byteLength);
  const native = new Uint8Array(cells.buffer, cells.byteOffset, cells.byteLength);
  const width = cells.BYTES_PER_ELEMENT;
  // Typed arrays are in the machine's order, which is little-endian wherever Node runs on WebAssembly.
  for (let i = 0; i < bytes.length; i += width) {
    for (let k = 0; k < width; k++) bytes[i + k] = native[i + width - 1 - k] as number;
  }
  return bytes;
}

/**
 * Adds `value` to bin `i` as ROOT does: float in single precision; C, S, I saturate; so does L, where ROOT wraps. A sum
 * that is just the limit of I is stored, where ROOT keeps what was there before. Integer bins drop the fraction of a
 * weight, and a weight that is NaN, which ROOT turns into whatever the processor makes of it. Returns 1 when the bin is
 * not the exact sum, else 0.
 */
export function addToCell(type: CellType, cells: Cells, i: number, value: number | bigint): number {
  if (cells instanceof BigInt64Array) return addToLong(cells, i, value);
  const old = cells[i] as number;
  if (type === 'F') {
    cells[i] = old + Math.fround(Number(value));
    return 0;
  }
  if (type === 'D') {
    cells[i] = old + Number(value);
    return 0;
  }
  const limit = LIMITS[type] as number;
  const sum = old + Math.trunc(Number(value));
  if (Number.isNaN(sum)) return 1;
  cells[i] = Math.max(-limit, Math.min(limit, sum));
  return cells[i] === sum ? 0 : 1;
}

function addToLong(cells: BigInt64Array, i: number, value: number | bigint): number {
  if (Number.isNaN(value)) return 1;
  const sum = (cells[i] as bigint) + (typeof value === 'bigint' ? value : wholeNumber(value));
  if (BigInt.asIntN(64, sum) === sum) {
    cells[i] = sum;
    return 0;
  }
  cells[i] = sum < 0n ? -LONG_LIMIT : LONG_LIMIT;
  return 1;
}

/** The integer of a weight; infinite ones are beyond every bin. */
function wholeNumber(value: number): bigint {
  if (Number.isFinite(value)) return BigInt(Math.trunc(value));
  return value > 0 ? 2n ** 64n : -(2n ** 64n);
}

/** Adds all bins of `next`; returns how many are not the exact sum. */
export function addCells(type: CellType, cells: Cells, next: Cells): number {
  let inexact = 0;
  for (let i = 0; i < cells.length; i++) inexact += addToCell(type, cells, i, next[i] as number | bigint);
  return inexact;
}

/**
 * Adds bin `k` of `next` to bin `i` of cells of the same type: exact sums as long as the type holds them, then its
 * largest or smallest value, where the classes of n dimensions wrap. Returns 1 when the bin is not the exact sum of
 * integers, else 0.
 */
export function addBin(cells: Cells, i: number, next: Cells, k: number): number {
  if (cells instanceof BigInt64Array) return addToLong(cells, i, next[k] as bigint);
  if (cells instanceof BigUint64Array) return addToUnsignedLong(cells, i, next[k] as bigint);
  const sum = (cells[i] as number) + (next[k] as number);
  cells[i] = sum;
  if (cells[i] === sum || cells instanceof Float32Array || cells instanceof Float64Array) return 0;
  cells[i] = nearestValue(cells, sum);
  return 1;
}

/** The largest or smallest value of the integer type of cells: the one next to a sum that it does not hold. */
function nearestValue(cells: Cells, sum: number): number {
  const bits = 8 * cells.BYTES_PER_ELEMENT;
  const isUnsigned = cells instanceof Uint8Array || cells instanceof Uint16Array || cells instanceof Uint32Array;
  if (isUnsigned) return 2 ** bits - 1;
  return sum > 0 ? 2 ** (bits - 1) - 1 : -(2 ** (bits - 1));
}

function addToUnsignedLong(cells: BigUint64Array, i: number, value: bigint): number {
  const sum = (cells[i] as bigint) + value;
  cells[i] = sum > UNSIGNED_LONG_LIMIT ? UNSIGNED_LONG_LIMIT : sum;
  return cells[i] === sum ? 0 : 1;
}

/** Adds `next` to `sum`, element by element. */
export function addDoubles(sum: Float64Array, next: Float64Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (next[i] as number);
}

/** Bin contents as doubles, as TH1::RetrieveBinContent gives them. */
export function cellsAsDoubles(cells: Cells): Float64Array {
  return Float64Array.from({ length: cells.length }, (_, i) => Number(cells[i]));
}
