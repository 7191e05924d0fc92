/** Compresses pages anew: checked, unpacked, packed with the wanted setting, with a new checksum behind them. */
import { addContext } from '../../errors.ts';
import type { Sink } from '../../io/bytes/sink.ts';
import { xxh3At } from '../../io/codec/hash.ts';
import { compressInto, decompressInto, maxCompressedBytes, prepareCompression } from '../../io/codec/payload.ts';
import { codecMemory } from '../../io/codec/wasm.ts';
import { CHECKSUM_BYTES, checkSumAt } from '../../io/root/rntuple/checksum.ts';
import type { Progress } from '../progress.ts';
import type { BlobWriter } from './blob-writer.ts';
import { unpackedBytes, type PageRanges, type PageTask } from './page-ranges.ts';

/** Where the byte ranges of a cluster lie after compression, by range. */
interface RangePlaces {
  offset: Float64Array;
  /** Bytes as stored, without checksum. */
  storedBytes: Float64Array;
}

/** Addresses in the codecs' memory: a page as stored, unpacked, and packed anew. */
interface Regions {
  stored: number;
  unpacked: number;
  packed: number;
}

/** Writes clusters with another compression. */
export class PageRecompressor {
  readonly #sink: Sink;
  readonly #blobs: BlobWriter;
  readonly #setting: number;

  constructor(sink: Sink, blobs: BlobWriter, setting: number) {
    this.#sink = sink;
    this.#blobs = blobs;
    this.#setting = setting;
  }

  /** Reads, converts and writes every page of a cluster, page after page. */
  async run(task: PageTask, ranges: PageRanges, progress: Progress): Promise<RangePlaces> {
    const unpacked = unpackedBytes(task);
    const [mostStored, mostUnpacked] = [largest(ranges.bytes, ranges.count), largest(unpacked, unpacked.length)];
    const memory = codecMemory();
    const start = memory.alloc(mostStored + 2 * mostUnpacked + 64);
    const regions = { stored: start, unpacked: align(start + mostStored), packed: align(start + mostStored + mostUnpacked + 16) };
    try {
      return await this.#writeRanges(task, ranges, unpacked, regions, progress);
    } finally {
      memory.free(start);
    }
  }

  async #writeRanges(task: PageTask, ranges: PageRanges, unpacked: Float64Array, regions: Regions, progress: Progress): Promise<RangePlaces> {
    const places: RangePlaces = { offset: new Float64Array(ranges.count), storedBytes: new Float64Array(ranges.count) };
    let blob = ranges.count === 0 ? undefined : this.#blobs.begin();
    let blobBytes = 0;
    for (let range = 0; range < ranges.count; range++) {
      const most = (unpacked[ranges.page[range] as number] as number) + CHECKSUM_BYTES;
      if (blob !== undefined && blobBytes > 0 && blobBytes + most > this.#blobs.maxBytes) {
        this.#blobs.finish(blob);
        [blob, blobBytes] = [this.#blobs.begin(), 0];
      }
      const bytes = this.#convert(task, ranges, range, unpacked, regions);
      places.offset[range] = this.#sink.position;
      places.storedBytes[range] = bytes;
      this.#append(regions.packed, bytes);
      blobBytes += bytes + CHECKSUM_BYTES;
      await progress.step(ranges.bytes[range] as number);
    }
    if (blob !== undefined) this.#blobs.finish(blob);
    return places;
  }

  /** Leaves the page in its new form at `regions.packed`; returns its bytes. */
  #convert(task: PageTask, ranges: PageRanges, range: number, unpacked: Float64Array, regions: Regions): number {
    const page = ranges.page[range] as number;
    const [position, length] = [ranges.position[range] as number, ranges.bytes[range] as number];
    const [stored, objectBytes] = [task.cluster.storedBytes[page] as number, unpacked[page] as number];
    const memory = codecMemory();
    task.source.file.source.readInto(memory.u8, regions.stored, length, position);
    try {
      if (task.cluster.checksumBytes[page] !== 0) checkSumAt('RNTuple page', regions.stored, stored, memory.view.getBigUint64(regions.stored + stored, true));
      decompressInto(regions.stored, stored, regions.unpacked, objectBytes);
    } catch (err) {
      throw addContext(err, { offset: position });
    }
    const setting = prepareCompression(this.#setting, objectBytes);
    return compressInto(setting, regions.unpacked, objectBytes, regions.packed, maxCompressedBytes(objectBytes));
  }

  #append(at: number, bytes: number): void {
    this.#sink.append(codecMemory().u8, at, bytes);
    const sum = new Uint8Array(CHECKSUM_BYTES);
    new DataView(sum.buffer).setBigUint64(0, xxh3At(at, bytes), true);
    this.#sink.append(sum);
  }
}

function largest(values: Float64Array, count: number): number {
  let most = 0;
  for (let i = 0; i < count; i++) most = Math.max(most, values[i] as number);
  return most;
}

/** Kernels like their data aligned to 16 bytes. */
function align(address: number): number {
  return Math.ceil(address / 16) * 16;
}
