/** Writes one branch: entries go into a buffer (entry-buffer.ts), full buffers become baskets (basket.ts). */
import type { Sink } from '../../bytes/sink.ts';
import { compress, decompress } from '../../codec/payload.ts';
import type { ColumnValue } from '../column.ts';
import {
  ENTRY_OFFSET_LENGTH,
  emptyBasketHeader,
  encodeBasketRecord,
  newBasket,
  parseBasketHeader,
  parseBasketPayload,
  sealBasketRecord,
  type BasketParts,
} from './basket.ts';
import { entryBounds } from './branch-rows.ts';
import { EntryBuffer, type StoredEntry } from './entry-buffer.ts';
import type { BasicLayout } from './leaf-layouts.ts';
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

/** The branch of one column. */
export class BranchWriter {
  readonly column: BranchColumn;
  /** What of an object column it stores; undefined for a column of values. */
  readonly part: ObjectPart | undefined;
  /** Name of the branch. */
  readonly name: string;
  /** The basket table: file offset, bytes, and first entry of each basket. */
  seeks: number[] = [];
  nbytes: number[] = [];
  firstEntries: number[] = [];
  entryCount = 0;
  /** Bytes of all baskets with their keys, uncompressed and as stored. */
  totBytes = 0;
  zipBytes = 0;
  /** Entries that are not in a basket yet. */
  readonly #buffer: EntryBuffer;
  readonly #template: Pick<BasketParts, 'header' | 'source'>;
  readonly #basketBytes: number;

  constructor(column: BranchColumn, treeName: string, basketBytes: number, part?: ObjectPart) {
    this.column = column;
    this.part = part;
    this.name = part?.branchName ?? column.name;
    this.#basketBytes = basketBytes;
    this.#buffer = new EntryBuffer(column, part?.role, basketBytes);
    this.#template = newBasket({
      branchName: Buffer.from(this.name),
      treeName: Buffer.from(treeName),
      bufferSize: basketBytes,
      nevBufSize: this.isVariable ? ENTRY_OFFSET_LENGTH : this.valueCount * (this.layout?.width ?? 0),
    });
  }

  /** Layout of the values; undefined for strings. */
  get layout(): BasicLayout | undefined {
    return this.#buffer.layout;
  }

  /** Values per element: the product of the dimensions of fixed length. */
  get valueCount(): number {
    return this.#buffer.valueCount;
  }

  /** True when entries differ in size, so that baskets hold offsets. */
  get isVariable(): boolean {
    return this.#buffer.isVariable;
  }

  /** Largest value of a counter, or number of objects; one more than the bytes of the longest text. */
  get maximum(): number {
    return this.#buffer.maximum;
  }

  /** Takes in the value of a counter. */
  includeCount(count: number): void {
    this.#buffer.maximum = Math.max(this.#buffer.maximum, count);
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
    return this.#buffer.bytes;
  }

  /** True when the buffer makes a basket. */
  get isFull(): boolean {
    return this.#buffer.bytes + (this.isVariable ? 4 * this.#buffer.count : 0) >= this.#basketBytes;
  }

  /**
   * Appends an entry. UsageError when the value does not fit the column; then nothing was appended.
   * @param length for arrays of varying length: the value of their counter
   */
  append(value: unknown, length: number): void {
    this.#buffer.append(value, length);
    this.entryCount++;
  }

  /** Takes the entry appended last back; it was not written yet. `bytesBefore`: `pendingBytes` before it. */
  takeBack(bytesBefore: number): void {
    this.#buffer.takeBack(bytesBefore);
    this.entryCount--;
  }

  /** Writes what is in the buffer as a basket; nothing to do when it is empty. */
  flush(output: BasketOutput): void {
    const { count, data, starts } = this.#buffer;
    if (count === 0) return;
    const { header, source } = this.#template;
    const { keylen } = header;
    Object.assign(header, { nevBuf: count, last: keylen + data.length, datime: output.datime });
    const offsets = this.isVariable ? Int32Array.from(starts, (start) => keylen + start) : undefined;
    this.firstEntries.push(this.entryCount - count);
    this.#write({ header, source, data, offsets, displacements: undefined }, output);
    this.#buffer.clear();
  }

  #write(parts: BasketParts, { sink, seekDir, compression }: Omit<BasketOutput, 'datime'>): void {
    const { key, payload } = encodeBasketRecord(parts);
    const stored = compress(compression, payload);
    this.#place(sink, seekDir, key, stored);
    this.totBytes += key.length + payload.length;
    this.zipBytes += key.length + stored.length;
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
  moveBaskets(output: BasketOutput, read: ReadBack, change?: (data: Uint8Array) => void): void {
    const [seeks, nbytes] = [this.seeks, this.nbytes];
    [this.seeks, this.nbytes] = [[], []];
    if (change !== undefined) [this.totBytes, this.zipBytes] = [0, 0];
    const { keylen } = this.#template.header;
    seeks.forEach((at, i) => {
      const record = new Uint8Array(read(at, nbytes[i] as number));
      if (change === undefined) {
        this.#place(output.sink, output.seekDir, record.subarray(0, keylen), record.subarray(keylen));
        return;
      }
      const parts = partsOfRecord(record);
      change(parts.data);
      this.#write(parts, output);
    });
    change?.(this.#buffer.data);
  }

  /** Bytes of an entry: from the buffer, or from the basket that holds it. */
  entry(index: number, read: ReadBack): StoredEntry {
    const firstPending = this.entryCount - this.#buffer.count;
    if (index >= firstPending) return this.#buffer.entry(index - firstPending);
    const basket = this.firstEntries.findLastIndex((first) => first <= index);
    const parts = partsOfRecord(read(this.seeks[basket] as number, this.nbytes[basket] as number));
    const bounds = entryBounds(parts);
    const i = index - (this.firstEntries[basket] as number);
    return { data: parts.data, start: bounds[i] as number, end: bounds[i + 1] as number };
  }

  /** Forgets all entries. */
  reset(): void {
    [this.seeks, this.nbytes, this.firstEntries] = [[], [], []];
    [this.entryCount, this.totBytes, this.zipBytes, this.#buffer.maximum] = [0, 0, 0, 0];
    this.#buffer.clear();
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
