/**
 * Writes one branch: entries go into a buffer, full buffers become baskets (basket.ts). Source of the stored forms: ROOT
 * tree/tree/src/TBranch.cxx (FillImpl), TLeaf*.cxx (FillBasket), io/io/src/TStreamerInfoWriteBuffer.cxx for vectors.
 *
 *   single value, array   the values, big-endian
 *   text, string          u8 length, or 255 and i32 length, then the bytes
 *   vector                u32 bytes that follow | 0x40000000, i16 10, i32 number of values, the values
 *   string of a class     u32 bytes that follow | 0x40000000, i16 10, the string as above
 *   vector of objects     i32 number; in further branches a member of all of them: numbers; strings, or vectors without
 *                         their frames, in one frame; nothing of none
 */
import type { Sink } from '../../bytes/sink.ts';
import { BigEndianWriter } from '../../bytes/big-endian.ts';
import { compress, decompress } from '../../codec/payload.ts';
import { BIG_KEY_FIXED_BYTES, BIG_KEY_VERSION, KEY_VERSION } from '../container/key.ts';
import {
  BASKET_HEADER_BYTES,
  emptyBasketHeader,
  encodeBasketRecord,
  parseBasketHeader,
  parseBasketPayload,
  sealBasketRecord,
  type BasketHeader,
  type BasketParts,
} from './basket.ts';
import { entryBounds } from './branch-rows.ts';
import {
  arrayValues,
  isBasicType,
  numberChecker,
  textBytes,
  valuesPerElement,
  vectorItem,
  wrongValue,
  type BasicColumnType,
  type ColumnValue,
} from '../column.ts';
import { byteCountWord } from '../streamer/type-codes.ts';
import { BASIC_LAYOUTS, type BasicLayout } from './leaf-layouts.ts';
import type { BranchColumn, ObjectPart } from './object-column.ts';

/** Where baskets go. */
export interface BasketOutput {
  sink: Sink;
  /** File offset of the directory's record. */
  seekDir: number;
  /** ROOT compression setting. */
  compression: number;
  datime: number;
}

/** An object of a declared class: values of its members, objects, or vectors of objects. */
export interface ObjectRow {
  readonly [member: string]: ColumnValue | ObjectRow | readonly ObjectRow[];
}

/** An entry of a tree: values by column, objects of object columns. */
export type TreeRow = Readonly<Record<string, ColumnValue | ObjectRow>>;

/** Gives bytes of the file that is being written. */
export type ReadBack = (at: number, length: number) => Uint8Array;

/** Version of a streamed vector or string (TStreamerInfo's, as ROOT 6 writes it). */
const VECTOR_VERSION = 10;
const BASKET_VERSION = 3;
/** fNevBufSize of baskets with offsets, and fEntryOffsetLen of their branches: ROOT's default. */
export const ENTRY_OFFSET_LENGTH = 1000;

/** The branch of one column. */
export class BranchWriter {
  readonly column: BranchColumn;
  /** What of an object column it stores; undefined for a column of values. */
  readonly part: ObjectPart | undefined;
  /** Name of the branch. */
  readonly name: string;
  /** Layout of the values; undefined for strings. */
  readonly layout: BasicLayout | undefined;
  /** Values per element: the product of the dimensions of fixed length. */
  readonly valueCount: number;
  /** True when entries differ in size, so that baskets hold offsets. */
  readonly isVariable: boolean;
  /** The basket table: file offset, bytes, and first entry of each basket. */
  seeks: number[] = [];
  nbytes: number[] = [];
  firstEntries: number[] = [];
  entryCount = 0;
  /** Bytes of all baskets with their keys, uncompressed and as stored. */
  totBytes = 0;
  zipBytes = 0;
  /** Largest value of a counter, or number of objects; one more than the bytes of the longest text. */
  maximum = 0;
  readonly #item: BasicColumnType | 'string' | undefined;
  readonly #checked: ((value: unknown) => number | bigint) | undefined;
  readonly #keyTemplate: Uint8Array;
  readonly #header: BasketHeader;
  readonly #basketBytes: number;
  #data: BigEndianWriter;
  /** Start of each entry in #data. */
  #starts: number[] = [];
  /** Entries in #data. */
  #pending = 0;

  constructor(column: BranchColumn, treeName: string, basketBytes: number, part?: ObjectPart) {
    this.column = column;
    this.part = part;
    this.name = part?.branchName ?? column.name;
    this.#item = vectorItem(column.type);
    const basic = this.#item ?? column.type;
    this.layout = isBasicType(basic) ? BASIC_LAYOUTS[basic] : undefined;
    this.#checked = isBasicType(basic) ? numberChecker(column.name, basic) : undefined;
    this.valueCount = valuesPerElement(column);
    // ROOT keeps offsets for fixed arrays that are members, too, and for all that has to do with vectors.
    this.isVariable =
      column.counter !== undefined ||
      !isBasicType(column.type) ||
      (part !== undefined && (column.shape !== undefined || part.role !== 'member'));
    this.#basketBytes = basketBytes;
    this.#data = new BigEndianWriter(Math.min(basketBytes, 4096));
    const nevBufSize = this.isVariable ? ENTRY_OFFSET_LENGTH : this.valueCount * (this.layout?.width ?? 0);
    this.#keyTemplate = keyTemplate(this.name, treeName, basketBytes, nevBufSize);
    this.#header = {
      ...emptyBasketHeader(),
      keyVersion: KEY_VERSION + BIG_KEY_VERSION,
      keylen: this.#keyTemplate.length,
      stringsAt: BIG_KEY_FIXED_BYTES,
    };
  }

  /** The value an entry has for this branch of an object column; of the members of a vector's objects those of all. */
  valueIn(row: TreeRow): unknown {
    const { part } = this;
    if (part === undefined) return undefined;
    const [first = '', ...inner] = part.path;
    const value = memberOf(row[part.object.name], first);
    if (part.role !== 'items') return value;
    return Array.isArray(value) ? value.map((item) => inner.reduce(memberOf, item)) : undefined;
  }

  /** Bytes in the buffer. */
  get pendingBytes(): number {
    return this.#data.pos;
  }

  /** True when the buffer makes a basket. */
  get isFull(): boolean {
    return this.#data.pos + (this.isVariable ? 4 * this.#pending : 0) >= this.#basketBytes;
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
    this.#pending++;
    this.entryCount++;
  }

  /** Takes the entry appended last back; it was not written yet. */
  takeBack(bytesBefore: number): void {
    this.#data.pos = bytesBefore;
    if (this.isVariable) this.#starts.pop();
    this.#pending--;
    this.entryCount--;
  }

  #put(value: unknown, length: number): void {
    const { type, counter, shape } = this.column;
    if (this.part !== undefined && this.part.role !== 'member') this.#putObjects(this.part.role, value);
    else if (type === 'text' || type === 'string') {
      if (this.part === undefined) this.#putText(value);
      else this.#putFramed(() => this.#putText(value));
    } else if (type === 'object') this.#putObject(value);
    else if (this.#item !== undefined) this.#putVector(value);
    else if (counter !== undefined) this.#putValues(arrayValues(this.column.name, value, length * this.valueCount));
    else if (shape !== undefined) this.#putValues(arrayValues(this.column.name, value, this.valueCount));
    else this.#putOne(value);
  }

  #putText(value: unknown): void {
    const bytes = textBytes(this.column.name, value);
    if (this.column.type === 'text' && bytes.includes(0)) {
      throw wrongValue(this.column.name, JSON.stringify(value), 'a text without zeros, which end it when ROOT reads it');
    }
    this.#data.tstringBytes(bytes);
    this.maximum = Math.max(this.maximum, bytes.length + 1);
  }

  #putVector(value: unknown): void {
    this.#putFramed(() => this.#putList(value));
  }

  /** The number of values and the values. */
  #putList(value: unknown): void {
    const values = arrayValues(this.column.name, value);
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
    if (!(value instanceof Uint8Array)) throw wrongValue(this.column.name, value, 'a streamed object');
    this.#data.raw(value);
  }

  /** The number of objects of a vector, or a member of all of them. */
  #putObjects(role: 'count' | 'items', value: unknown): void {
    const { name, type, shape } = this.column;
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

  /** Writes what is in the buffer as a basket; nothing to do when it is empty. */
  flush({ sink, seekDir, compression, datime }: BasketOutput): void {
    if (this.#pending === 0) return;
    const header = this.#header;
    const keylen = this.#keyTemplate.length;
    Object.assign(header, { nevBuf: this.#pending, last: keylen + this.#data.pos, datime });
    new DataView(this.#keyTemplate.buffer).setInt32(keylen - 9, this.#pending);
    const offsets = this.isVariable ? Int32Array.from(this.#starts, (start) => keylen + start) : undefined;
    const { key, payload } = encodeBasketRecord({
      header,
      source: this.#keyTemplate,
      data: this.#data.done(),
      offsets,
      displacements: undefined,
    });
    const stored = compress(compression, payload);
    this.firstEntries.push(this.entryCount - this.#pending);
    this.#place(sink, seekDir, key, stored);
    this.totBytes += key.length + payload.length;
    this.zipBytes += key.length + stored.length;
    this.#data.pos = 0;
    this.#starts = [];
    this.#pending = 0;
  }

  #place(sink: Sink, seekDir: number, key: Uint8Array, stored: Uint8Array): void {
    this.seeks.push(sink.position);
    this.nbytes.push(key.length + stored.length);
    sealBasketRecord(key, stored.length, sink.position, seekDir, 0);
    sink.append(key);
    sink.append(stored);
  }

  /**
   * Writes the baskets again that lie in another file; `read` gives bytes of that file. `change` may change the data of baskets,
   * and of what is still in the buffer, in place.
   */
  moveBaskets({ sink, seekDir, compression }: BasketOutput, read: ReadBack, change?: (data: Uint8Array) => void): void {
    const [seeks, nbytes] = [this.seeks, this.nbytes];
    [this.seeks, this.nbytes] = [[], []];
    if (change !== undefined) [this.totBytes, this.zipBytes] = [0, 0];
    const keylen = this.#keyTemplate.length;
    seeks.forEach((at, i) => {
      const record = new Uint8Array(read(at, nbytes[i] as number));
      if (change === undefined) {
        this.#place(sink, seekDir, record.subarray(0, keylen), record.subarray(keylen));
        return;
      }
      const parts = partsOfRecord(record);
      change(parts.data);
      const { key, payload } = encodeBasketRecord(parts);
      const stored = compress(compression, payload);
      this.#place(sink, seekDir, key, stored);
      this.totBytes += key.length + payload.length;
      this.zipBytes += key.length + stored.length;
    });
    change?.(this.#data.done());
  }

  /** Bytes of an entry: from the buffer, or from the basket that holds it. */
  entry(index: number, read: ReadBack): { data: Uint8Array; start: number; end: number } {
    const firstPending = this.entryCount - this.#pending;
    if (index >= firstPending) {
      const data = this.#data.done();
      const [i, size] = [index - firstPending, data.length / this.#pending];
      return this.isVariable
        ? { data, start: this.#starts[i] as number, end: this.#starts[i + 1] ?? data.length }
        : { data, start: i * size, end: (i + 1) * size };
    }
    const basket = this.firstEntries.findLastIndex((first) => first <= index);
    const parts = partsOfRecord(read(this.seeks[basket] as number, this.nbytes[basket] as number));
    const bounds = entryBounds(parts);
    const i = index - (this.firstEntries[basket] as number);
    return { data: parts.data, start: bounds[i] as number, end: bounds[i + 1] as number };
  }

  /** Forgets all entries. */
  reset(): void {
    [this.seeks, this.nbytes, this.firstEntries, this.#starts] = [[], [], [], []];
    [this.entryCount, this.totBytes, this.zipBytes, this.maximum, this.#pending, this.#data.pos] = [0, 0, 0, 0, 0, 0];
  }
}

function memberOf(value: unknown, member: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[member];
}

/** A basket record taken apart. */
function partsOfRecord(record: Uint8Array): BasketParts {
  const header = emptyBasketHeader();
  parseBasketHeader(record, new DataView(record.buffer, record.byteOffset, record.length), 0, record.length, header);
  return parseBasketPayload(header, record, decompress(record.subarray(header.keylen), header.objlen));
}

/** The key of a basket up to what differs from basket to basket, see basket.ts. */
function keyTemplate(branchName: string, treeName: string, basketBytes: number, nevBufSize: number): Uint8Array {
  const w = new BigEndianWriter();
  w.grow(BIG_KEY_FIXED_BYTES);
  w.tstring('TBasket');
  w.tstring(branchName);
  w.tstring(treeName);
  const own = w.pos;
  w.i16(BASKET_VERSION);
  w.i32(basketBytes);
  w.i32(nevBufSize);
  w.grow(own + BASKET_HEADER_BYTES - w.pos);
  return w.done().slice();
}
