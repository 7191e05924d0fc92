/**
 * Pages that no input has, mostly of zeros: a column that was added while an input was written has no pages for the entries before.
 * In the first input the schema extension says so; behind other inputs the zeros must be stored.
 * All bytes zero means value zero in every column type (BinaryFormatSpecification.md "Column Description").
 */
import { xxh3 } from '../../io/codec/hash.ts';
import { compress } from '../../io/codec/payload.ts';
import { CHECKSUM_BYTES } from '../../io/root/rntuple/checksum.ts';
import { pageBytes } from '../../io/root/rntuple/column-types.ts';
import type { Cluster } from '../../io/root/rntuple/page-list.ts';
import type { BlobWriter } from '../../io/root/rntuple/blob-writer.ts';

/** Most bytes of one such page once decompressed, as in ROOT's merger. */
const MAX_ZERO_PAGE_BYTES = 256 * 1024;

/** Fills a page, all of whose bytes are zero, with the elements from `firstElement` on. */
export type FillPage = (page: Uint8Array, firstElement: number) => void;

/** Writes such pages for one cluster; pages of zeros of equal size are written once. */
export class ZeroPages {
  /** Bytes written. */
  encodedBytes = 0;
  readonly #blobs: BlobWriter;
  readonly #places = new Map<string, PagePlace>();

  constructor(blobs: BlobWriter) {
    this.#blobs = blobs;
  }

  /** Appends `elements` elements of `bits` bits to the column of `cluster` that is being filled; zeros unless `fill` is given. */
  add(cluster: Cluster, elements: number, bits: number, setting: number, fill?: FillPage): void {
    const perPage = Math.floor((MAX_ZERO_PAGE_BYTES * 8) / bits);
    for (let left = elements; left > 0; left -= perPage) {
      const count = Math.min(perPage, left);
      const { offset, storedBytes } = fill === undefined ? this.#zeros(pageBytes(count, bits), setting) : this.#filled(pageBytes(count, bits), setting, fill, elements - left);
      cluster.elements.push(count);
      cluster.offset.push(offset);
      cluster.storedBytes.push(storedBytes);
      cluster.checksumBytes.push(CHECKSUM_BYTES);
    }
  }

  #zeros(bytes: number, setting: number): PagePlace {
    const key = `${bytes} ${setting}`;
    let place = this.#places.get(key);
    if (place === undefined) {
      place = this.#write(new Uint8Array(bytes), setting);
      this.#places.set(key, place);
    }
    return place;
  }

  #filled(bytes: number, setting: number, fill: FillPage, firstElement: number): PagePlace {
    const page = new Uint8Array(bytes);
    fill(page, firstElement);
    return this.#write(page, setting);
  }

  #write(content: Uint8Array, setting: number): PagePlace {
    const stored = compress(setting, content);
    const page = new Uint8Array(stored.length + CHECKSUM_BYTES);
    page.set(stored);
    new DataView(page.buffer).setBigUint64(stored.length, xxh3(stored), true);
    this.encodedBytes += page.length;
    return { offset: this.#blobs.write(page), storedBytes: stored.length };
  }
}

/** Where a page lies in the output. */
interface PagePlace {
  offset: number;
  storedBytes: number;
}
