/**
 * Writes one column of an RNTuple: elements go into a buffer in plain form; full buffers become pages, which are split if they
 * are compressed (page-encoding.ts), each with its XXH3-64 behind it.
 */
import { LittleEndianWriter } from '../../bytes/little-endian.ts';
import { compress } from '../../codec/payload.ts';
import type { BlobWriter } from './blob-writer.ts';
import { CHECKSUM_BYTES, withChecksum } from './checksum.ts';
import { pageBytes } from './column-types.ts';
import { pageRecoder } from './page-encoding.ts';
import type { Cluster } from './page-list.ts';

/** Bytes of a page before compression, reached by the entry that fills it. */
const PAGE_BYTES = 64 * 1024;
/** Bits per element of a column of bits, which are kept as bytes until a page is made. */
const BIT = 1;

/** Buffers and pages of one column. */
export class ColumnPages {
  /** Type on disk. */
  readonly type: number;
  readonly bits: number;
  readonly #plainType: number;
  readonly #data = new LittleEndianWriter(1024);
  /** Elements so far: in the whole column, before this cluster, and in the buffer. */
  elementCount = 0;
  firstElement = 0;
  /** Index columns: the last element of this cluster, 0 before the first. */
  lastIndex = 0;
  #pending = 0;
  /** Pages of this cluster. */
  elements: number[] = [];
  offset: number[] = [];
  storedBytes: number[] = [];
  #mark = { bytes: 0, elements: 0, pending: 0, lastIndex: 0 };

  /** @param type on disk; @param plainType its plain form, which is `type` itself for columns that are not split */
  constructor(type: number, plainType: number, bits: number) {
    this.type = type;
    this.bits = bits;
    this.#plainType = plainType;
  }

  /** Elements in this cluster: what an index column counts. */
  get inCluster(): number {
    return this.elementCount - this.firstElement;
  }

  get pendingBytes(): number {
    return this.#data.pos;
  }

  /** Makes room for an element (a byte for a bit); returns its index in `view`. */
  grow(): number {
    this.#pending++;
    this.elementCount++;
    return this.#data.grow(Math.ceil(this.bits / 8));
  }

  get view(): DataView {
    return this.#data.view;
  }

  /** Appends bytes that are elements of their own. */
  bytes(bytes: Uint8Array): void {
    this.#pending += bytes.length;
    this.elementCount += bytes.length;
    this.#data.raw(bytes);
  }

  /** Appends an element of an index column. */
  index(value: number): void {
    this.#pending++;
    this.elementCount++;
    this.#data.count64(value);
    this.lastIndex = value;
  }

  /** Remembers the state before an entry, to return to by `takeBack` until something is flushed. */
  mark(): void {
    this.#mark.bytes = this.#data.pos;
    this.#mark.elements = this.elementCount;
    this.#mark.pending = this.#pending;
    this.#mark.lastIndex = this.lastIndex;
  }

  /** Forgets what was appended since `mark`. */
  takeBack(): void {
    this.#data.pos = this.#mark.bytes;
    this.elementCount = this.#mark.elements;
    this.#pending = this.#mark.pending;
    this.lastIndex = this.#mark.lastIndex;
  }

  /** True when the buffer makes a page. */
  get isFull(): boolean {
    return this.#data.pos >= PAGE_BYTES;
  }

  /** Writes what is in the buffer as a page; returns its bytes as stored. */
  flush(blobs: BlobWriter, compression: number): number {
    if (this.#pending === 0) return 0;
    const stored = compress(compression, this.#encoded());
    const page = withChecksum(stored);
    this.elements.push(this.#pending);
    this.offset.push(blobs.write(page));
    this.storedBytes.push(stored.length);
    this.#data.pos = 0;
    this.#pending = 0;
    return page.length;
  }

  #encoded(): Uint8Array {
    const plain = this.#data.done();
    if (this.bits === BIT) return packBits(plain);
    const recode = pageRecoder(this.#plainType, this.type);
    if (recode === undefined) return plain;
    const split = new Uint8Array(plain.length);
    recode(plain, split, this.elementCount - this.#pending);
    return split;
  }

  /** Appends the column to a cluster that ends here, and begins the next one. */
  endCluster(cluster: Cluster, compression: number): void {
    cluster.firstElement.push(this.firstElement);
    cluster.compression.push(compression);
    for (const [i, count] of this.elements.entries()) {
      cluster.elements.push(count);
      cluster.offset.push(this.offset[i] as number);
      cluster.storedBytes.push(this.storedBytes[i] as number);
      cluster.checksumBytes.push(CHECKSUM_BYTES);
    }
    cluster.pageStart.push(cluster.elements.length);
    [this.elements, this.offset, this.storedBytes] = [[], [], []];
    this.firstElement = this.elementCount;
    this.lastIndex = 0;
  }

  /** Forgets all elements. */
  reset(): void {
    [this.elements, this.offset, this.storedBytes] = [[], [], []];
    [this.elementCount, this.firstElement, this.lastIndex, this.#pending, this.#data.pos] = [0, 0, 0, 0, 0];
  }
}

/** One bit per byte of `flags`, the first in the lowest bit of the first byte. */
function packBits(flags: Uint8Array): Uint8Array {
  const packed = new Uint8Array(pageBytes(flags.length, BIT));
  for (let i = 0; i < flags.length; i++) packed[i >> 3] = (packed[i >> 3] as number) | ((flags[i] as number) << (i & 7));
  return packed;
}
