/**
 * Copies the pages of a cluster into blobs of the output: either their stored bytes as they are, in the
 * order they lie in the input and in coalesced runs, or compressed or encoded anew. Page checksums come along.
 * Pages that share one byte range in the input (ROOT merges equal pages) share one in the output.
 */
import { addContext } from '../../errors.ts';
import { emptyBlockHeader } from '../../io/codec/block.ts';
import { CHECKSUM_BYTES } from '../../io/root/rntuple/checksum.ts';
import { SUPPRESSED } from '../../io/root/rntuple/page-list.ts';
import { copyRecords, type RecordVisitor } from '../copy-runs.ts';
import type { ExecuteContext } from '../merger.ts';
import type { BlobWriter } from '../../io/root/rntuple/blob-writer.ts';
import { checkPage, pageRanges, unpackedBytes, verifyPage, type PagePlaces, type PageRanges, type PageTask } from './page-ranges.ts';
import { PageRecompressor } from './page-recompressor.ts';

/** Copies pages for one merged RNTuple. */
export class PageCopier {
  /** Bytes of pages copied as they were, and compressed anew, without keys. */
  copiedBytes = 0;
  encodedBytes = 0;
  readonly #ctx: ExecuteContext;
  readonly #blobs: BlobWriter;
  readonly #compression: number | undefined;
  #recompressor: PageRecompressor | undefined;

  constructor(ctx: ExecuteContext, blobs: BlobWriter, compression: number | undefined) {
    this.#ctx = ctx;
    this.#blobs = blobs;
    this.#compression = compression;
  }

  /** Writes the pages of one cluster and says where they are. */
  async copy(task: PageTask): Promise<PagePlaces> {
    const ranges = pageRanges(task.cluster, task.recoders === undefined);
    try {
      return this.#keepsBytes(task) ? await this.#copyRaw(task, ranges) : await this.#recompress(task, ranges);
    } catch (err) {
      throw addContext(err, { file: task.source.file.path, objectPath: task.source.path });
    }
  }

  #keepsBytes({ cluster, recoders }: PageTask): boolean {
    const wanted = this.#compression;
    if (recoders !== undefined) return false;
    return wanted === undefined || cluster.compression.every((setting, c) => setting === wanted || cluster.firstElement[c] === SUPPRESSED);
  }

  async #copyRaw(task: PageTask, ranges: PageRanges): Promise<PagePlaces> {
    const { sink } = this.#ctx.writer;
    const newOffset = new Float64Array(ranges.count);
    const full = this.#ctx.policy.verify === 'full';
    for (let from = 0; from < ranges.count;) {
      const { to, bytes } = this.#blobs.fit(ranges.bytes, from, ranges.count);
      this.#blobs.append(bytes);
      const records = { count: to - from, position: ranges.position.subarray(from, to), bytes: ranges.bytes.subarray(from, to) };
      const visitor = full ? verifyingVisitor(task, ranges, from, newOffset) : placingVisitor(task, ranges, from, newOffset);
      await copyRecords(task.source.file.source, sink, records, visitor, { progress: this.#ctx.progress, whole: full });
      this.copiedBytes += bytes;
      from = to;
    }
    const { storedBytes, checksumBytes } = task.cluster;
    const offset = Float64Array.from(ranges.rangeOf, (range) => newOffset[range] as number);
    return { offset, storedBytes: Float64Array.from(storedBytes), checksumBytes: Float64Array.from(checksumBytes) };
  }

  async #recompress(task: PageTask, ranges: PageRanges): Promise<PagePlaces> {
    this.#recompressor ??= new PageRecompressor(this.#ctx.writer.sink, this.#blobs, this.#compression);
    const { offset, storedBytes, copiedBytes, encodedBytes } = await this.#recompressor.run(task, ranges, this.#ctx.progress);
    this.copiedBytes += copiedBytes;
    this.encodedBytes += encodedBytes;
    return {
      offset: Float64Array.from(ranges.rangeOf, (range) => offset[range] as number),
      storedBytes: Float64Array.from(ranges.rangeOf, (range) => storedBytes[range] as number),
      checksumBytes: new Float64Array(task.cluster.offset.length).fill(CHECKSUM_BYTES),
    };
  }
}

/** Also tests that a compressed page announces the size its elements need. */
function placingVisitor(task: PageTask, ranges: PageRanges, from: number, newOffset: Float64Array): RecordVisitor {
  const unpacked = unpackedBytes(task);
  const block = emptyBlockHeader();
  return {
    visit: (buffer, _view, at, record, newPosition) => {
      const range = from + record;
      newOffset[range] = newPosition;
      const page = ranges.page[range] as number;
      checkPage(task.cluster, page, unpacked[page] as number, buffer, at, block);
    },
  };
}

/** Also tests every page: its checksum, and that it decompresses to the size its elements need. */
function verifyingVisitor(task: PageTask, ranges: PageRanges, from: number, newOffset: Float64Array): RecordVisitor {
  const unpacked = unpackedBytes(task);
  return {
    visit: (buffer, _view, at, record, newPosition) => {
      const range = from + record;
      newOffset[range] = newPosition;
      const page = ranges.page[range] as number;
      verifyPage(task.cluster, page, unpacked[page] as number, buffer.subarray(at, at + (ranges.bytes[range] as number)));
    },
  };
}
