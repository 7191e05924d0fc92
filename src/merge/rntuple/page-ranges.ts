/** Pages of a cluster as byte ranges of the input, and what is known of each. */
import { addContext } from '../../errors.ts';
import { LittleEndianReader } from '../../io/bytes/little-endian.ts';
import { checkFirstBlock, type BlockHeader } from '../../io/codec/block.ts';
import { verifyPayload } from '../../io/codec/payload.ts';
import { checkSum } from '../../io/root/rntuple/checksum.ts';
import { pageBytes } from '../../io/root/rntuple/column-types.ts';
import type { Cluster } from '../../io/root/rntuple/page-list.ts';
import type { PageRecoder } from '../../io/root/rntuple/page-encoding.ts';
import type { ClusterSource } from '../../io/root/rntuple/rntuple.ts';

/** Where the pages of a cluster lie in the output, by page index of the input's cluster. */
export interface PagePlaces {
  offset: Float64Array;
  storedBytes: Float64Array;
  checksumBytes: Float64Array;
}

/** The distinct byte ranges of a cluster's pages, ascending, and what is in them. */
export interface PageRanges {
  count: number;
  position: Float64Array;
  /** Bytes with checksum. */
  bytes: Float64Array;
  /** The page (index in the cluster) that stands for the range. */
  page: Uint32Array;
  /** Range of each page. */
  rangeOf: Uint32Array;
}

/** How the pages of one cluster are to be read. */
export interface PageTask {
  source: ClusterSource;
  cluster: Cluster;
  /** Bits per element of each column of the cluster. */
  bits: readonly number[];
  /** By column, where pages must be encoded anew; undefined: nowhere. */
  recoders: readonly (PageRecoder | undefined)[] | undefined;
}

/** Sorts pages by offset and joins those with the same range, unless each page must be looked at by itself. */
export function pageRanges(cluster: Cluster, join = true): PageRanges {
  const pageCount = cluster.offset.length;
  const order = Uint32Array.from({ length: pageCount }, (_, p) => p);
  order.sort((a, b) => (cluster.offset[a] as number) - (cluster.offset[b] as number) || a - b);
  const ranges: PageRanges = {
    count: 0,
    position: new Float64Array(pageCount),
    bytes: new Float64Array(pageCount),
    page: new Uint32Array(pageCount),
    rangeOf: new Uint32Array(pageCount),
  };
  for (const p of order) {
    const [position, bytes] = [cluster.offset[p] as number, (cluster.storedBytes[p] as number) + (cluster.checksumBytes[p] as number)];
    const last = ranges.count - 1;
    if (!join || last < 0 || ranges.position[last] !== position || ranges.bytes[last] !== bytes) {
      [ranges.position[ranges.count], ranges.bytes[ranges.count], ranges.page[ranges.count]] = [position, bytes, p];
      ranges.count++;
    }
    ranges.rangeOf[p] = ranges.count - 1;
  }
  return ranges;
}

/** Column of every page of a cluster. */
export function pageColumns(cluster: Cluster): Uint32Array {
  const out = new Uint32Array(cluster.offset.length);
  for (let c = 0; c < cluster.firstElement.length; c++) out.fill(c, cluster.pageStart[c], cluster.pageStart[c + 1]);
  return out;
}

/** Index in its column of the first element of every page of a cluster. */
export function firstElements(cluster: Cluster): Float64Array {
  const out = new Float64Array(cluster.offset.length);
  for (let c = 0; c < cluster.firstElement.length; c++) {
    let element = cluster.firstElement[c] as number;
    for (let p = cluster.pageStart[c] as number; p < (cluster.pageStart[c + 1] as number); p++) {
      out[p] = element;
      element += cluster.elements[p] as number;
    }
  }
  return out;
}

/** Bytes of every page of a cluster once decompressed. */
export function unpackedBytes({ cluster, bits }: PageTask): Float64Array {
  return Float64Array.from(pageColumns(cluster), (column, page) => pageBytes(cluster.elements[page] as number, bits[column] as number));
}

/**
 * Tests a page by its first block alone: what is compressed must announce `unpacked` bytes. CorruptFileError with the page's
 * file offset.
 */
export function checkPage(cluster: Cluster, page: number, unpacked: number, buffer: Uint8Array, at: number, block: BlockHeader): void {
  const stored = cluster.storedBytes[page] as number;
  if (stored >= unpacked) return;
  try {
    checkFirstBlock(buffer, at, at + stored, unpacked, block);
  } catch (err) {
    throw addContext(err, { baseOffset: cluster.offset[page] as number });
  }
}

/** Tests a page with the checksum behind it, if it has one. CorruptFileError with the page's file offset. */
export function verifyPage(cluster: Cluster, page: number, unpacked: number, bytes: Uint8Array): void {
  const stored = bytes.subarray(0, cluster.storedBytes[page]);
  try {
    if (cluster.checksumBytes[page] !== 0) checkSum('RNTuple page', stored, new LittleEndianReader(bytes, stored.length).u64());
    verifyPayload(stored, unpacked);
  } catch (err) {
    throw addContext(err, { baseOffset: cluster.offset[page] as number });
  }
}
