/**
 * Writes an RNTuple (format 1.0): pages as columns fill, and at the end header, page list, footer and anchor. Entries are given
 * as for trees, by the same columns; a counter and the arrays it counts become a number and vectors.
 */
import { UsageError } from '../../../errors.ts';
import { LittleEndianWriter } from '../../bytes/little-endian.ts';
import { Counters, checkColumns, refuseUnknown, type ColumnSpec, type Row } from '../column.ts';
import type { OutputPlace } from '../root-file-writer.ts';
import { RNTUPLE_CLASS, encodeAnchor } from './anchor.ts';
import { BlobWriter, MAX_BLOB_BYTES } from './blob-writer.ts';
import { CHECKSUM_BYTES } from './checksum.ts';
import { TupleFields } from './field-writers.ts';
import { encodeFooter, type ClusterGroup } from './footer.ts';
import { PageListWriter, emptyCluster, type Cluster } from './page-list.ts';
import { emptyExtension, encodeHeader } from './schema-writer.ts';

/** What to write. */
export interface RNTupleSpec {
  name: string;
  description?: string;
  columns: readonly ColumnSpec[];
  /** Entries of a cluster; negative: bytes after which a cluster ends, before compression. */
  clusterSize?: number;
}

const FORMAT_VERSION = [1, 0, 0, 0] as const;
/** Bytes of a cluster before compression. */
const CLUSTER_SIZE = -128_000_000;

/** UsageError for a name with which ROOT refuses to open an RNTuple (RNTupleUtils.cxx, EnsureValidNameForRNTuple). */
function checkTupleName(name: string): void {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[./\\ \u0000-\u001f\u007f]/.test(name)) {
    throw new UsageError(
      `names of an RNTuple and its columns have no dot, slash, backslash, space or control character, as in ${JSON.stringify(name)}`,
    );
  }
}

/** An RNTuple that is being written. */
export class RNTupleWriter {
  readonly name: string;
  /** Classes for the file's streamer infos. */
  readonly classNames: readonly string[] = [RNTUPLE_CLASS];
  entryCount = 0;
  readonly #description: string;
  readonly #columns: readonly ColumnSpec[];
  readonly #names: ReadonlySet<string>;
  readonly #counters: Counters;
  readonly #fields: TupleFields;
  readonly #clusterSize: number;
  readonly #clusters: Cluster[] = [];
  #firstEntry = 0;
  /** Bytes of this cluster in pages that are written. */
  #pageBytes = 0;
  #isFinished = false;
  #output: OutputPlace;
  #blobs: BlobWriter;

  /** UsageError for columns that do not fit together. */
  constructor(spec: RNTupleSpec, output: OutputPlace) {
    checkColumns(spec.columns);
    for (const name of [spec.name, ...spec.columns.map((column) => column.name)]) checkTupleName(name);
    this.name = spec.name;
    this.#description = spec.description ?? '';
    this.#columns = spec.columns;
    this.#clusterSize = spec.clusterSize ?? CLUSTER_SIZE;
    if (this.#clusterSize === 0 || !Number.isInteger(this.#clusterSize)) {
      throw new UsageError('clusterSize must be an integer other than 0');
    }
    this.#names = new Set(spec.columns.map(({ name }) => name));
    this.#counters = new Counters(spec.columns);
    this.#output = output;
    this.#blobs = new BlobWriter(output.writer);
    this.#fields = new TupleFields(spec.columns, this.#compression !== 0);
  }

  get #compression(): number {
    return this.#output.writer.options.compression;
  }

  /** Appends an entry. UsageError when a value is missing, does not fit its column or has none; then no column got the entry. */
  fill(row: Row): void {
    if (this.#isFinished) throw new UsageError(`RNTuple ${this.name} is in a file that is closed`);
    refuseUnknown(`RNTuple ${this.name}`, this.#names, row);
    const lengths = this.#counters.lengths(row);
    const { pages, writers } = this.#fields;
    for (const column of pages) column.mark();
    try {
      this.#columns.forEach(({ name, counter }, i) => {
        writers[i]?.(lengths.get(name) ?? row[name], counter === undefined ? 0 : (lengths.get(counter) ?? 0));
      });
    } catch (err) {
      for (const column of pages) column.takeBack();
      throw err;
    }
    this.entryCount++;
    for (const column of pages) if (column.isFull) this.#pageBytes += column.flush(this.#blobs, this.#compression);
    if (this.#clusterEnds()) this.#endCluster();
  }

  #clusterEnds(): boolean {
    if (this.#clusterSize > 0) return this.entryCount - this.#firstEntry >= this.#clusterSize;
    let bytes = this.#pageBytes;
    for (const column of this.#fields.pages) bytes += column.pendingBytes;
    return bytes >= -this.#clusterSize;
  }

  #endCluster(): void {
    const cluster = emptyCluster(this.#firstEntry, this.entryCount - this.#firstEntry);
    for (const column of this.#fields.pages) {
      column.flush(this.#blobs, this.#compression);
      column.endCluster(cluster, this.#compression);
    }
    this.#clusters.push(cluster);
    this.#firstEntry = this.entryCount;
    this.#pageBytes = 0;
  }

  /** Writes the rest and the anchor into `slot` of its directory. */
  finish(slot: number): void {
    this.#isFinished = true;
    if (this.entryCount > this.#firstEntry) this.#endCluster();
    const { fields, columns } = this.#fields;
    const headerBytes = encodeHeader(this.name, this.#description, fields, columns);
    const headerChecksum = new DataView(headerBytes.buffer, headerBytes.byteOffset).getBigUint64(headerBytes.length - CHECKSUM_BYTES, true);
    const header = this.#blobs.writeEnvelope(headerBytes);
    const clusterGroups = this.#clusters.length === 0 ? [] : [this.#writePageList(headerChecksum)];
    const extensionBytes = emptyExtension(new LittleEndianWriter(64));
    const footer = this.#blobs.writeEnvelope(
      encodeFooter({ headerChecksum, extensionBytes, clusterGroups, hasAttributeList: false, attributeSets: [] }),
    );
    const anchor = encodeAnchor({ version: FORMAT_VERSION, header, footer, maxKeySize: MAX_BLOB_BYTES });
    const key = { className: Buffer.from(RNTUPLE_CLASS), name: Buffer.from(this.name), title: Buffer.alloc(0), cycle: 1 };
    this.#output.writer.writeRecord(this.#output.directory, slot, key, anchor, anchor.length);
  }

  #writePageList(headerChecksum: bigint): ClusterGroup {
    const list = new PageListWriter();
    for (const cluster of this.#clusters) list.add(cluster);
    const pageList = this.#blobs.writeEnvelope(list.encode(headerChecksum));
    return { firstEntry: 0, entryCount: this.entryCount, clusterCount: list.clusterCount, pageList };
  }

  /**
   * Goes on in another file of the same compression: what was written so far is written there again.
   * @param read gives bytes of the file that is left; undefined: start without entries
   */
  moveTo(output: OutputPlace, read: ((at: number, length: number) => Uint8Array) | undefined): void {
    this.#output = output;
    this.#blobs = new BlobWriter(output.writer);
    if (read === undefined) {
      this.#clusters.length = 0;
      for (const column of this.#fields.pages) column.reset();
      [this.entryCount, this.#firstEntry, this.#pageBytes] = [0, 0, 0];
      return;
    }
    for (const { offset, storedBytes } of [...this.#clusters, ...this.#fields.pages]) {
      offset.forEach((at, i) => (offset[i] = this.#blobs.write(read(at, (storedBytes[i] as number) + CHECKSUM_BYTES))));
    }
  }
}
