/**
 * Entries of one branch on their way into a basket, in the form ROOT stores them. Source: ROOT tree/tree/src/TBranch.cxx
 * (FillImpl), TLeaf*.cxx (FillBasket), io/io/src/TStreamerInfoWriteBuffer.cxx for vectors.
 *
 *   single value, array   the values, big-endian
 *   text, string          u8 length, or 255 and i32 length, then the bytes
 *   vector                u32 bytes that follow | 0x40000000, i16 10, i32 number of values, the values
 *   string of a class     u32 bytes that follow | 0x40000000, i16 10, the string as above
 *   vector of objects     i32 number; in further branches a member of all of them: numbers; strings, or vectors without
 *                         their frames, in one frame; nothing of none
 */
import { BigEndianWriter } from '../../bytes/big-endian.ts';
import {
  arrayValues,
  isBasicType,
  numberChecker,
  textBytes,
  valuesPerElement,
  vectorItem,
  wrongValue,
  type BasicColumnType,
} from '../column.ts';
import { byteCountWord } from '../streamer/type-codes.ts';
import { BASIC_LAYOUTS, type BasicLayout } from './leaf-layouts.ts';
import type { BranchColumn, ObjectPart } from './object-column.ts';

/** Version of a streamed vector or string (TStreamerInfo's, as ROOT 6 writes it). */
const VECTOR_VERSION = 10;
/** Bytes the buffer starts with, unless baskets are smaller. */
const FIRST_BYTES = 4096;

/** Bytes that hold an entry, and its range in them. */
export interface StoredEntry {
  data: Uint8Array;
  start: number;
  end: number;
}

/** See the file's head. */
export class EntryBuffer {
  /** Layout of the values; undefined for strings. */
  readonly layout: BasicLayout | undefined;
  /** Values per element: the product of the dimensions of fixed length. */
  readonly valueCount: number;
  /** True when entries differ in size, so that baskets hold offsets. */
  readonly isVariable: boolean;
  /** Number of entries. */
  count = 0;
  /** Largest value of a counter, or number of objects; one more than the bytes of the longest text. Over all entries there were. */
  maximum = 0;
  readonly #column: BranchColumn;
  readonly #role: ObjectPart['role'] | undefined;
  readonly #item: BasicColumnType | 'string' | undefined;
  readonly #checked: ((value: unknown) => number | bigint) | undefined;
  readonly #data: BigEndianWriter;
  /** Start of each entry in #data, when they differ in size. */
  #starts: number[] = [];

  /** `role`: what of an object column the branch stores; undefined for a column of values. */
  constructor(column: BranchColumn, role: ObjectPart['role'] | undefined, basketBytes: number) {
    this.#column = column;
    this.#role = role;
    this.#item = vectorItem(column.type);
    const basic = this.#item ?? column.type;
    this.layout = isBasicType(basic) ? BASIC_LAYOUTS[basic] : undefined;
    this.#checked = isBasicType(basic) ? numberChecker(column.name, basic) : undefined;
    this.valueCount = valuesPerElement(column);
    // ROOT keeps offsets for fixed arrays that are members, too, and for all that has to do with vectors.
    const isFixed = column.counter === undefined && isBasicType(column.type);
    this.isVariable = !isFixed || (role !== undefined && (column.shape !== undefined || role !== 'member'));
    this.#data = new BigEndianWriter(Math.min(basketBytes, FIRST_BYTES));
  }

  /** Bytes of the entries. */
  get bytes(): number {
    return this.#data.pos;
  }

  /** The entries, a view. */
  get data(): Uint8Array {
    return this.#data.done();
  }

  /** Start of each entry in `data`; empty for entries of one size. */
  get starts(): readonly number[] {
    return this.#starts;
  }

  /** An entry. */
  entry(index: number): StoredEntry {
    const { data } = this;
    if (this.isVariable) return { data, start: this.#starts[index] as number, end: this.#starts[index + 1] ?? data.length };
    const size = data.length / this.count;
    return { data, start: index * size, end: (index + 1) * size };
  }

  /**
   * Appends an entry. UsageError when the value does not fit the column; then nothing was appended.
   * @param length for arrays of varying length: the value of their counter
   */
  append(value: unknown, length: number): void {
    const before = this.#data.pos;
    try {
      this.#put(value, length);
    } catch (err) {
      this.#data.pos = before;
      throw err;
    }
    if (this.isVariable) this.#starts.push(before);
    this.count++;
  }

  /** Takes the entry appended last back; `bytesBefore`: the bytes there were before it. */
  takeBack(bytesBefore: number): void {
    this.#data.pos = bytesBefore;
    if (this.isVariable) this.#starts.pop();
    this.count--;
  }

  /** Removes all entries. */
  clear(): void {
    this.#data.pos = 0;
    this.#starts = [];
    this.count = 0;
  }

  #put(value: unknown, length: number): void {
    const { type, counter, shape } = this.#column;
    if (this.#role === 'count' || this.#role === 'items') this.#putObjects(this.#role, value);
    else if (type === 'text' || type === 'string') {
      if (this.#role === undefined) this.#putText(value);
      else this.#putFramed(() => this.#putText(value));
    } else if (type === 'object') this.#putObject(value);
    else if (this.#item !== undefined) this.#putVector(value);
    else if (counter !== undefined) this.#putValues(arrayValues(this.#column.name, value, length * this.valueCount));
    else if (shape !== undefined) this.#putValues(arrayValues(this.#column.name, value, this.valueCount));
    else this.#putOne(value);
  }

  #putText(value: unknown): void {
    const bytes = textBytes(this.#column.name, value);
    if ((this.#column.type === 'text' || this.#item === 'string') && bytes.includes(0)) {
      throw wrongValue(this.#column.name, JSON.stringify(value), 'a text without zeros, which end it when ROOT reads it');
    }
    this.#data.tstringBytes(bytes);
    this.maximum = Math.max(this.maximum, bytes.length + 1);
  }

  #putVector(value: unknown): void {
    this.#putFramed(() => this.#putList(value));
  }

  /** The number of values and the values. */
  #putList(value: unknown): void {
    const values = arrayValues(this.#column.name, value);
    this.#data.i32(values.length);
    if (this.#item === 'string') for (let i = 0; i < values.length; i++) this.#putText(values[i]);
    else this.#putValues(values);
  }

  #putFramed(put: () => void): void {
    const start = this.#data.grow(4);
    this.#data.i16(VECTOR_VERSION);
    put();
    this.#data.view.setUint32(start, byteCountWord(this.#data.pos - start - 4));
  }

  #putObject(value: unknown): void {
    if (!(value instanceof Uint8Array)) throw wrongValue(this.#column.name, value, 'a streamed object');
    this.#data.raw(value);
  }

  /** The number of objects of a vector, or a member of all of them. */
  #putObjects(role: 'count' | 'items', value: unknown): void {
    const { name, type, shape } = this.#column;
    const values = arrayValues(name, value);
    const each = (put: (item: unknown) => void): void => {
      for (let i = 0; i < values.length; i++) put(values[i]);
    };
    if (role === 'count') this.#data.i32(values.length);
    else if (type === 'string' && values.length > 0) this.#putFramed(() => each((text) => this.#data.tstringBytes(textBytes(name, text))));
    else if (this.#item !== undefined && values.length > 0) this.#putFramed(() => each((item) => this.#putList(item)));
    else if (type === 'object') each((item) => this.#putObject(item));
    else if (this.layout !== undefined && this.#item === undefined) {
      each((item) => (shape === undefined ? this.#putOne(item) : this.#putValues(arrayValues(name, item, this.valueCount))));
    }
    this.maximum = Math.max(this.maximum, values.length);
  }

  #putValues(values: ArrayLike<unknown>): void {
    for (let i = 0; i < values.length; i++) this.#putOne(values[i]);
  }

  #putOne(value: unknown): void {
    const layout = this.layout as BasicLayout;
    const plain = (this.#checked as (value: unknown) => number | bigint)(value);
    const at = this.#data.grow(layout.width);
    layout.put(this.#data.view, at, plain);
  }
}
