/**
 * Pages of zeros: a column that was added while an input was written has no pages for the entries before.
 * In the first input the schema extension says so; behind other inputs the zeros must be stored.
 * All bytes zero means value zero in every column type (BinaryFormatSpecification.md "Column Description").
 */
import { xxh3 } from '../../io/codec/hash.ts';
import { compress } from '../../io/codec/payload.ts';
import { CHECKSUM_BYTES } from '../../io/root/rntuple/checksum.ts';
import { pageBytes } from '../../io/root/rntuple/column-types.ts';
import type { Cluster } from '../../io/root/rntuple/page-list.ts';
import type { BlobWriter } from '../../io/root/rntuple/blob-writer.ts';

/** Most bytes of one page of zeros once decompressed, as in ROOT's merger. */
const MAX_ZERO_PAGE_BYTES = 256 * 1024;

/** Writes pages of zeros for one cluster; equal pages are written once. */
export class ZeroPages {
  /** Bytes written. */
  encodedBytes = 0;
  readonly #blobs: BlobWriter;
  readonly #places = new Map<string, { offset: number; storedBytes: number }>();

  constructor(blobs: BlobWriter) {
    this.#blobs = blobs;
  }

  /** Appends `elements` zero elements of `bits` bits to the column of `cluster` that is being filled. */
  add(cluster: Cluster, elements: number, bits: number, setting: number): void {
    const perPage = Math.floor((MAX_ZERO_PAGE_BYTES * 8) / bits);
    for (let left = elements; left > 0; left -= perPage) {
      const count = Math.min(perPage, left);
      const { offset, storedBytes } = this.#place(pageBytes(count, bits), setting);
      cluster.elements.push(count);
      cluster.offset.push(offset);
      cluster.storedBytes.push(storedBytes);
      cluster.checksumBytes.push(CHECKSUM_BYTES);
    }
  }

  #place(bytes: number, setting: number): { offset: number; storedBytes: number } {
    const key = `${bytes} ${setting}`;
    let place = this.#places.get(key);
    if (place === undefined) {
      const stored = compress(setting, new Uint8Array(bytes));
      const page = new Uint8Array(stored.length + CHECKSUM_BYTES);
      page.set(stored);
      new DataView(page.buffer).setBigUint64(stored.length, xxh3(stored), true);
      place = { offset: this.#blobs.write(page), storedBytes: stored.length };
      this.encodedBytes += page.length;
      this.#places.set(key, place);
    }
    return place;
  }
}
