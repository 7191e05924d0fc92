/**
 * Values of a column (a branch of a tree, a field of an RNTuple) over a range of entries, as typed arrays. Nested values are
 * flat; `levels` say where they belong:
 *
 *   x               levels []                values: one per entry
 *   x[3]            levels [3]               value k of entry i at 3 i + k
 *   vector<float>   levels [offsets]         values of entry i: [offsets[i], offsets[i + 1])
 *   x[n][4]         levels [offsets, 4]      row r of entry i, r in [offsets[i], offsets[i + 1]): 4 values from 4 r
 *   vector<vector>  levels [outer, inner]    lists of entry i: [outer[i], outer[i + 1]); values of list l: [inner[l], inner[l + 1])
 */
import { UnsupportedError } from '../../errors.ts';
import { GrowingBytes } from '../bytes/growing-bytes.ts';

/** Types of values; `bytes`: values that are not understood, each as the bytes it is stored in. */
export type ValueType =
  'bool' | 'int8' | 'uint8' | 'int16' | 'uint16' | 'int32' | 'uint32' | 'int64' | 'uint64' | 'float32' | 'float64' | 'string' | 'bytes';

/** Arrays of numbers; a bool is 0 or 1 in a Uint8Array. */
export type NumberArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

/** Values of some entries. */
export interface ColumnArrays {
  type: ValueType;
  firstEntry: number;
  entryCount: number;
  /** From the entry inwards: a number of values each, or offsets (one more than there are lists). */
  levels: readonly (number | Int32Array)[];
  /** Of type `string`: texts. Of `bytes`: the bytes of all entries, `levels` are their offsets. */
  values: NumberArray | string[];
}

/** A range of entries. */
export interface EntryWindow {
  /** Default 0. */
  firstEntry?: number;
  /** Default: all that follow. */
  entryCount?: number;
}

/** A level of values that is being read: a number of values each, or offsets that grow. */
export type LevelBuilder = number | GrowingOffsets;

/** Bytes per value; 0 for texts. */
const WIDTHS: Readonly<Record<ValueType, number>> = {
  bool: 1,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  float32: 4,
  float64: 8,
  string: 0,
  bytes: 1,
};

/** Bytes of a value of a type; 0 for texts. */
export function valueWidth(type: ValueType): number {
  return WIDTHS[type];
}

/** Offsets of lists, to which lists are appended. */
export class GrowingOffsets {
  #offsets = new Int32Array(256);
  /** Lists so far. */
  count = 0;

  /** Appends a list of `length` values. UnsupportedError when there are more than 2^31 values in all. */
  push(length: number): void {
    if (this.count + 2 > this.#offsets.length) {
      const next = new Int32Array(this.#offsets.length * 2);
      next.set(this.#offsets);
      this.#offsets = next;
    }
    const end = (this.#offsets[this.count] as number) + length;
    if (end > 0x7fff_ffff) throw new UnsupportedError('more than 2^31 values at once: ask for fewer entries');
    this.#offsets[++this.count] = end;
  }

  done(): Int32Array {
    return this.#offsets.slice(0, this.count + 1);
  }
}

/** Values that are being read: bytes of numbers in native order, or texts. */
export class ArrayBuilder {
  readonly type: ValueType;
  readonly levels: readonly LevelBuilder[];
  readonly texts: string[] = [];
  readonly bytes: GrowingBytes = new GrowingBytes(1024);

  constructor(type: ValueType, levels: readonly LevelBuilder[]) {
    this.type = type;
    this.levels = levels;
  }

  /** The levels that are offsets, outermost first. */
  get offsets(): GrowingOffsets[] {
    return this.levels.filter((level) => typeof level !== 'number');
  }

  /** Appends big-endian values. */
  appendBigEndian(data: Uint8Array, start: number, end: number): void {
    const at = this.bytes.grow(end - start);
    this.bytes.bytes.set(data.subarray(start, end), at);
    swapValues(this.bytes.bytes.subarray(at, this.bytes.pos), WIDTHS[this.type]);
  }

  done(firstEntry: number, entryCount: number): ColumnArrays {
    const levels = this.levels.map((level) => (typeof level === 'number' ? level : level.done()));
    return {
      type: this.type,
      firstEntry,
      entryCount,
      levels,
      values: this.type === 'string' ? this.texts : numbersOf(this.type, this.bytes.done()),
    };
  }
}

/** Turns the byte order of values around, in place. */
function swapValues(bytes: Uint8Array, width: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (width === 2) buffer.swap16();
  else if (width === 4) buffer.swap32();
  else if (width === 8) buffer.swap64();
}

/** Little-endian bytes as an array of their type: of bytes of their own, so that they are aligned. */
export function numbersOf(type: ValueType, bytes: Uint8Array): NumberArray {
  const own = bytes.slice();
  const { buffer } = own;
  switch (type) {
    case 'int8':
      return new Int8Array(buffer);
    case 'int16':
      return new Int16Array(buffer);
    case 'uint16':
      return new Uint16Array(buffer);
    case 'int32':
      return new Int32Array(buffer);
    case 'uint32':
      return new Uint32Array(buffer);
    case 'int64':
      return new BigInt64Array(buffer);
    case 'uint64':
      return new BigUint64Array(buffer);
    case 'float32':
      return new Float32Array(buffer);
    case 'float64':
      return new Float64Array(buffer);
    default:
      return own;
  }
}
