/**
 * Page list envelope: u64 header checksum, list of cluster summaries, nested lists of page locations.
 *
 *   summary    record: u64 first entry, u64: number of entries in bits 0..55, flags above (1: sharded cluster)
 *   locations  list of clusters > list of columns > list of pages; behind the pages of a column, inside its
 *              list frame: i64 index of its first element (negative: column suppressed), u32 compression
 *              setting (absent when suppressed)
 *   page       i32 number of elements (negative: an XXH3-64 of the page follows it in the file), locator,
 *              whose size excludes that checksum
 *
 * A cluster lists the columns that existed when it was written: those of the header and, of the extension,
 * the first few. Source: BinaryFormatSpecification.md "Page List Envelope"; RNTupleSerialize.cxx SerializePageList.
 */
import { CorruptFileError, UnsupportedError } from '../../../errors.ts';
import { LittleEndianWriter, type LittleEndianReader } from '../../bytes/little-endian.ts';
import { CHECKSUM_BYTES } from './checksum.ts';
import { EnvelopeType, encodeEnvelope, openList, openRecord, parseEnvelope, writeListFrame, writeRecordFrame } from './envelope.ts';
import { parseLocator, writeLocator } from './locator.ts';

/** `Cluster.firstElement` of a suppressed column. */
export const SUPPRESSED = -1;
/** What ROOT writes as element index of a suppressed column. */
const SUPPRESSED_MARKER = -(2n ** 63n);
const ENTRY_BITS = 56n;
/** Bytes of a page list beside summaries and locations: header checksum and two list frames. */
const LIST_OVERHEAD_BYTES = 8 + 2 * 12;
const SHARDED = 1n;

/** One cluster with its pages, as columns. */
export interface Cluster {
  firstEntry: number;
  entryCount: number;
  /** Index of the column's first element in this cluster, or SUPPRESSED; one per listed column, by column id. */
  firstElement: number[];
  /** ROOT compression setting per listed column; 0 for suppressed ones. */
  compression: number[];
  /** Pages of column c: [pageStart[c], pageStart[c + 1]). */
  pageStart: number[];
  /** Per page: number of elements, file offset, bytes as stored, and bytes of the checksum behind them (0 or 8). */
  elements: number[];
  offset: number[];
  storedBytes: number[];
  checksumBytes: number[];
}

/** A cluster without columns. */
export function emptyCluster(firstEntry: number, entryCount: number): Cluster {
  return {
    firstEntry,
    entryCount,
    firstElement: [],
    compression: [],
    pageStart: [0],
    elements: [],
    offset: [],
    storedBytes: [],
    checksumBytes: [],
  };
}

/** Parses a decompressed page list envelope, cluster by cluster: only one cluster's pages are in memory. */
export function* parsePageList(bytes: Uint8Array, headerChecksum: bigint, clusterCount: number): Generator<Cluster> {
  const { payload } = parseEnvelope(bytes, EnvelopeType.pageList);
  if (payload.u64() !== headerChecksum) throw new CorruptFileError('RNTuple page list belongs to another header');
  const [summaries, locations] = [openList(payload), openList(payload)];
  if (summaries.count !== clusterCount || locations.count !== clusterCount) {
    throw new CorruptFileError('RNTuple page list has another number of clusters than its group', {
      expected: clusterCount,
      found: `${summaries.count} summaries, ${locations.count} lists of pages`,
    });
  }
  for (let i = 0; i < clusterCount; i++) {
    const cluster = parseSummary(openRecord(summaries.items));
    parseColumns(locations.items, cluster);
    yield cluster;
  }
  if (payload.remaining > 0) throw new UnsupportedError(`RNTuple page list has ${payload.remaining} bytes of a later format version`);
}

function parseSummary(r: LittleEndianReader): Cluster {
  const [firstEntry, packed] = [r.count64(), r.u64()];
  if (((packed >> ENTRY_BITS) & SHARDED) !== 0n) {
    throw new UnsupportedError('RNTuple has sharded clusters, a feature of a later format version');
  }
  return emptyCluster(firstEntry, Number(BigInt.asUintN(Number(ENTRY_BITS), packed)));
}

function parseColumns(r: LittleEndianReader, cluster: Cluster): void {
  const columns = openList(r);
  for (let c = 0; c < columns.count; c++) {
    const pages = openList(columns.items);
    for (let p = 0; p < pages.count; p++) parsePage(pages.items, cluster);
    const first = pages.items.i64();
    const suppressed = first < 0n;
    if (suppressed && pages.count > 0) {
      throw new CorruptFileError(`RNTuple column ${c} is suppressed but has pages`, { found: pages.count });
    }
    cluster.firstElement.push(suppressed ? SUPPRESSED : Number(first));
    cluster.compression.push(suppressed ? 0 : pages.items.u32());
    cluster.pageStart.push(cluster.elements.length);
  }
}

function parsePage(r: LittleEndianReader, cluster: Cluster): void {
  const elements = r.i32();
  const { offset, storedBytes } = parseLocator(r);
  cluster.elements.push(Math.abs(elements));
  cluster.checksumBytes.push(elements < 0 ? CHECKSUM_BYTES : 0);
  cluster.offset.push(offset);
  cluster.storedBytes.push(storedBytes);
}

/** Collects clusters and encodes one page list over them. */
export class PageListWriter {
  readonly #summaries = new LittleEndianWriter(1024);
  readonly #locations = new LittleEndianWriter(16 * 1024);
  clusterCount = 0;

  /** Appends a cluster; its arrays may be reused afterwards. */
  add(cluster: Cluster): void {
    this.clusterCount++;
    writeRecordFrame(this.#summaries, () => {
      this.#summaries.count64(cluster.firstEntry);
      this.#summaries.count64(cluster.entryCount);
    });
    const { length } = cluster.firstElement;
    writeListFrame(this.#locations, length, () => {
      for (let c = 0; c < length; c++) this.#addColumn(cluster, c);
    });
  }

  #addColumn(cluster: Cluster, c: number): void {
    const w = this.#locations;
    const [from, to] = [cluster.pageStart[c] as number, cluster.pageStart[c + 1] as number];
    const first = cluster.firstElement[c] as number;
    writeListFrame(w, to - from, () => {
      for (let p = from; p < to; p++) {
        const elements = cluster.elements[p] as number;
        w.i32(cluster.checksumBytes[p] === 0 ? elements : -elements);
        writeLocator(w, cluster.offset[p] as number, cluster.storedBytes[p] as number);
      }
      if (first === SUPPRESSED) w.i64(SUPPRESSED_MARKER);
      else {
        w.count64(first);
        w.u32(cluster.compression[c] as number);
      }
    });
  }

  /** The page list envelope, uncompressed. */
  encode(headerChecksum: bigint): Uint8Array {
    const [summaries, locations] = [this.#summaries.done(), this.#locations.done()];
    const writePayload = (w: LittleEndianWriter): void => {
      w.u64(headerChecksum);
      writeListFrame(w, this.clusterCount, () => w.raw(summaries));
      writeListFrame(w, this.clusterCount, () => w.raw(locations));
    };
    return encodeEnvelope(EnvelopeType.pageList, writePayload, summaries.length + locations.length + LIST_OVERHEAD_BYTES);
  }
}
