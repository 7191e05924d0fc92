/**
 * Pages that no input has, mostly of zeros: a column that was added while an input was written has no pages for the entries before.
 * In the first input the schema extension says so; behind other inputs the zeros must be stored.
 * All bytes zero means value zero in every column type but that of quantized reals, where it is the least value
 * (BinaryFormatSpecification.md "Column Description").
 */
import { compress } from '../../io/codec/payload.ts';
import { CHECKSUM_BYTES, withChecksum } from '../../io/root/rntuple/checksum.ts';
import { pageBytes } from '../../io/root/rntuple/column-types.ts';
import { packElements, quantizedZero } from '../../io/root/rntuple/packed-elements.ts';
import type { Cluster } from '../../io/root/rntuple/page-list.ts';
import type { Column } from '../../io/root/rntuple/schema.ts';
import type { BlobWriter } from '../../io/root/rntuple/blob-writer.ts';

/** Most bytes of one such page once decompressed, as in ROOT's merger. */
const MAX_ZERO_PAGE_BYTES = 256 * 1024;

/** Fills a page, all of whose bytes are zero, with the elements from `firstElement` on. */
export type FillPage = (page: Uint8Array, firstElement: number) => void;

/** The element of a column that reads as 0; undefined for quantized reals that have none. */
export function zeroElement({ bits, range }: Column): number | undefined {
  return range === undefined ? 0 : quantizedZero(bits, range);
}

/** Writes such pages for one cluster; pages of zeros of equal size are written once. */
export class ZeroPages {
  /** Bytes written. */
  encodedBytes = 0;
  readonly #blobs: BlobWriter;
  readonly #places = new Map<string, PagePlace>();

  constructor(blobs: BlobWriter) {
    this.#blobs = blobs;
  }

  /** Appends `elements` elements to the column of `cluster` that is being filled; zeros (`zeroElement`) unless `fill` is given. */
  add(cluster: Cluster, elements: number, column: Column, setting: number, fill?: FillPage): void {
    const { bits } = column;
    const perPage = Math.floor((MAX_ZERO_PAGE_BYTES * 8) / bits);
    for (let left = elements; left > 0; left -= perPage) {
      const count = Math.min(perPage, left);
      const { offset, storedBytes } =
        fill === undefined ? this.#zeros(count, column, setting) : this.#filled(pageBytes(count, bits), setting, fill, elements - left);
      cluster.elements.push(count);
      cluster.offset.push(offset);
      cluster.storedBytes.push(storedBytes);
      cluster.checksumBytes.push(CHECKSUM_BYTES);
    }
  }

  #zeros(count: number, column: Column, setting: number): PagePlace {
    const element = zeroElement(column) ?? 0;
    const bytes = pageBytes(count, column.bits);
    const key = element === 0 ? `${bytes} ${setting}` : `${count} of ${element} in ${column.bits} ${setting}`;
    let place = this.#places.get(key);
    if (place === undefined) {
      place = this.#write(element === 0 ? new Uint8Array(bytes) : packElements(element, count, column.bits), setting);
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
    const page = withChecksum(stored);
    this.encodedBytes += page.length;
    return { offset: this.#blobs.write(page), storedBytes: stored.length };
  }
}

/** Where a page lies in the output. */
interface PagePlace {
  offset: number;
  storedBytes: number;
}
