/**
 * Writes the pages of a cluster in another form: with another compression, or with the other of the split and
 * plain encodings. Every page is checked, unpacked, packed, and gets a new checksum behind it. Pages that
 * need neither keep their stored bytes.
 */
import { addContext } from '../../errors.ts';
import type { Sink } from '../../io/bytes/sink.ts';
import { xxh3At } from '../../io/codec/hash.ts';
import { compressInto, decompressInto, maxCompressedBytes, prepareCompression } from '../../io/codec/payload.ts';
import { codecMemory } from '../../io/codec/wasm.ts';
import { CHECKSUM_BYTES, checkSumAt } from '../../io/root/rntuple/checksum.ts';
import type { PageRecoder } from '../../io/root/rntuple/page-encoding.ts';
import type { Progress } from '../progress.ts';
import type { BlobWriter } from '../../io/root/rntuple/blob-writer.ts';
import { firstElements, pageColumns, unpackedBytes, type PageRanges, type PageTask } from './page-ranges.ts';

/** Where the byte ranges of a cluster lie afterwards, by range, and what it took. */
interface RangePlaces {
  offset: Float64Array;
  /** Bytes as stored, without checksum. */
  storedBytes: Float64Array;
  /** Sums with checksums: pages whose bytes stayed, pages written anew. */
  copiedBytes: number;
  encodedBytes: number;
}

/** Addresses in the codecs' memory, one page each. */
interface Regions {
  stored: number;
  unpacked: number;
  recoded: number;
  packed: number;
}

/** One page on its way. */
interface Page {
  /** File offset and bytes with checksum in the input. */
  position: number;
  rangeBytes: number;
  storedBytes: number;
  unpackedBytes: number;
  hasChecksum: boolean;
  /** Setting it is stored with, and the one it shall have. */
  setting: number;
  wanted: number;
  recoder: PageRecoder | undefined;
  firstElement: number;
}

/** Converter of one merged RNTuple; `setting`: what all pages get, or undefined to keep each page's own. */
export class PageRecompressor {
  readonly #sink: Sink;
  readonly #blobs: BlobWriter;
  readonly #setting: number | undefined;

  constructor(sink: Sink, blobs: BlobWriter, setting: number | undefined) {
    this.#sink = sink;
    this.#blobs = blobs;
    this.#setting = setting;
  }

  /** Reads, converts and writes every page of a cluster, page after page. */
  async run(task: PageTask, ranges: PageRanges, progress: Progress): Promise<RangePlaces> {
    const pages = this.#pages(task, ranges);
    const mostStored = pages.reduce((most, page) => Math.max(most, page.rangeBytes), 0);
    const mostUnpacked = pages.reduce((most, page) => Math.max(most, page.unpackedBytes), 0);
    const [storedRoom, unpackedRoom] = [align(mostStored), align(mostUnpacked)];
    const memory = codecMemory();
    const start = memory.alloc(storedRoom + 3 * unpackedRoom);
    const unpacked = start + storedRoom;
    try {
      const regions = { stored: start, unpacked, recoded: unpacked + unpackedRoom, packed: unpacked + 2 * unpackedRoom };
      return await this.#write(task, pages, regions, progress);
    } finally {
      memory.free(start);
    }
  }

  #pages(task: PageTask, ranges: PageRanges): Page[] {
    const { cluster, recoders } = task;
    const [unpacked, columns, first] = [unpackedBytes(task), pageColumns(cluster), firstElements(cluster)];
    return Array.from(ranges.page.subarray(0, ranges.count), (page, range) => {
      const column = columns[page] as number;
      const setting = cluster.compression[column] as number;
      return {
        position: ranges.position[range] as number,
        rangeBytes: ranges.bytes[range] as number,
        storedBytes: cluster.storedBytes[page] as number,
        unpackedBytes: unpacked[page] as number,
        hasChecksum: cluster.checksumBytes[page] !== 0,
        setting,
        wanted: this.#setting ?? setting,
        recoder: recoders?.[column],
        firstElement: first[page] as number,
      };
    });
  }

  async #write(task: PageTask, pages: readonly Page[], regions: Regions, progress: Progress): Promise<RangePlaces> {
    const { length } = pages;
    const places: RangePlaces = {
      offset: new Float64Array(length),
      storedBytes: new Float64Array(length),
      copiedBytes: 0,
      encodedBytes: 0,
    };
    let blob = -1;
    for (const [range, page] of pages.entries()) {
      const most = Math.max(page.unpackedBytes, page.storedBytes) + CHECKSUM_BYTES;
      if (blob >= 0 && this.#blobs.sizeSince(blob) + most > this.#blobs.maxBytes) {
        this.#blobs.finish(blob);
        blob = -1;
      }
      if (blob < 0) blob = this.#blobs.begin();
      places.offset[range] = this.#sink.position;
      places.storedBytes[range] = this.#convert(task, page, regions, places);
      await progress.step(page.rangeBytes);
    }
    if (blob >= 0) this.#blobs.finish(blob);
    return places;
  }

  /** Appends the page in its new form; returns its bytes without checksum. */
  #convert(task: PageTask, page: Page, regions: Regions, places: RangePlaces): number {
    this.#read(task, page, regions);
    if (page.recoder === undefined && page.setting === page.wanted) {
      places.copiedBytes += page.storedBytes + CHECKSUM_BYTES;
      return this.#append(regions.stored, page.storedBytes);
    }
    try {
      decompressInto(regions.stored, page.storedBytes, regions.unpacked, page.unpackedBytes);
    } catch (err) {
      throw addContext(err, { baseOffset: page.position });
    }
    const setting = prepareCompression(page.wanted, page.unpackedBytes);
    const from = recode(page, regions);
    const bytes = compressInto(setting, from, page.unpackedBytes, regions.packed, maxCompressedBytes(page.unpackedBytes));
    places.encodedBytes += bytes + CHECKSUM_BYTES;
    return this.#append(regions.packed, bytes);
  }

  #read(task: PageTask, page: Page, { stored }: Regions): void {
    const { u8, view } = codecMemory();
    task.source.file.source.readInto(u8, stored, page.rangeBytes, page.position);
    if (!page.hasChecksum) return;
    try {
      checkSumAt('RNTuple page', stored, page.storedBytes, view.getBigUint64(stored + page.storedBytes, true));
    } catch (err) {
      throw addContext(err, { offset: page.position });
    }
  }

  #append(at: number, bytes: number): number {
    this.#sink.append(codecMemory().u8, at, bytes);
    const sum = new Uint8Array(CHECKSUM_BYTES);
    new DataView(sum.buffer).setBigUint64(0, xxh3At(at, bytes), true);
    this.#sink.append(sum);
    return bytes;
  }
}

/** Gives the unpacked page the encoding of the output; returns its address. */
function recode({ recoder, unpackedBytes: bytes, firstElement }: Page, { unpacked, recoded }: Regions): number {
  if (recoder === undefined) return unpacked;
  const { u8 } = codecMemory();
  recoder(u8.subarray(unpacked, unpacked + bytes), u8.subarray(recoded, recoded + bytes), firstElement);
  return recoded;
}

/** Kernels like their data aligned to 16 bytes. */
function align(bytes: number): number {
  return Math.ceil((bytes + 1) / 16) * 16;
}
