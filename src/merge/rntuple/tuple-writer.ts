/**
 * Writes one merged RNTuple: header (first input's bytes), pages cluster by cluster, its attribute sets in the same
 * way, one page list, footer, anchor. Clusters with entries stay as they are, one to one; entries and elements of later
 * inputs are counted on.
 */
import { withContext } from '../../errors.ts';
import { RNTUPLE_CLASS, encodeAnchor } from '../../io/root/rntuple/anchor.ts';
import { CollectionEnds } from '../../io/root/rntuple/collection-ends.ts';
import { ElementCounter } from '../../io/root/rntuple/element-counter.ts';
import { encodeFooter, type AttributeSet, type ClusterGroup } from '../../io/root/rntuple/footer.ts';
import { PageListWriter, SUPPRESSED, emptyCluster, type Cluster } from '../../io/root/rntuple/page-list.ts';
import { readClusters } from '../../io/root/rntuple/rntuple.ts';
import type { Column } from '../../io/root/rntuple/schema.ts';
import { outputDirectory, type ExecuteContext } from '../merger.ts';
import { BlobWriter, MAX_BLOB_BYTES } from '../../io/root/rntuple/blob-writer.ts';
import { PageCopier } from './page-copier.ts';
import type { PagePlaces } from './page-ranges.ts';
import { pageFiller } from './page-values.ts';
import { MISSING_COLUMN, type AbsentPart, type TupleJob, type TuplePart } from './tuple-job.ts';
import { ZeroPages } from './zero-pages.ts';

/** ROOT's default for RNTuples: zstd, level 5. For pages of zeros in clusters that store nothing else. */
const DEFAULT_COMPRESSION = 505;

/** Writes the records of a job and lists the anchor in the slot of its target. */
export async function writeTuple(job: TupleJob, ctx: ExecuteContext): Promise<void> {
  const writer = new TupleWriter(job, ctx, new BlobWriter(ctx.writer));
  await writer.run();
}

class TupleWriter {
  readonly #job: TupleJob;
  readonly #ctx: ExecuteContext;
  readonly #blobs: BlobWriter;
  readonly #copier: PageCopier;
  readonly #pageList = new PageListWriter();
  /** Entries and, by logical column id, elements of the inputs so far. */
  #entryCount = 0;
  readonly #elements: Float64Array;
  #encodedBytes = 0;
  /** Bytes copied beside pages: headers, and all that attribute sets copied. */
  #otherBytes = 0;

  constructor(job: TupleJob, ctx: ExecuteContext, blobs: BlobWriter) {
    this.#job = job;
    this.#ctx = ctx;
    this.#blobs = blobs;
    this.#copier = new PageCopier(ctx, this.#blobs, job.compression);
    this.#elements = new Float64Array(job.columns.length);
  }

  async run(): Promise<void> {
    this.#writeAnchor(await this.#writeBlobs());
    this.#report();
  }

  /** Writes all but the anchor; returns its payload. */
  async #writeBlobs(): Promise<Uint8Array> {
    const { anchor, headerStored } = this.#job;
    const header = { ...anchor.header, offset: this.#blobs.write(headerStored) };
    this.#otherBytes += headerStored.length;
    for (const part of this.#job.parts) {
      if ('source' in part) await this.#addPart(part, part === this.#job.extended);
      else this.#addAbsent(part);
    }
    const footer = this.#writeFooter(await this.#writeAttributeSets());
    return encodeAnchor({ version: anchor.version, header, footer, maxKeySize: MAX_BLOB_BYTES });
  }

  /** Each under an anchor that no key list names. */
  async #writeAttributeSets(): Promise<AttributeSet[]> {
    const { writer } = this.#ctx;
    const sets: AttributeSet[] = [];
    for (const { name, version, job } of this.#job.attributeSets) {
      const set = new TupleWriter(job, this.#ctx, this.#blobs);
      const payload = await set.#writeBlobs();
      const key = { className: Buffer.from(RNTUPLE_CLASS), name: Buffer.from(name), title: new Uint8Array(0), cycle: 1 };
      const { seekKey, keylen } = writer.writeRecord(writer.root, undefined, key, payload, payload.length);
      sets.push({ name, version, anchor: { offset: seekKey + keylen, storedBytes: payload.length } });
      this.#otherBytes += set.#otherBytes + set.#copier.copiedBytes;
      this.#encodedBytes += set.#encodedBytes + set.#copier.encodedBytes + payload.length;
    }
    return sets;
  }

  async #addPart(part: TuplePart, isFirst: boolean): Promise<void> {
    const counter = new ElementCounter(part.traits);
    const bits = this.#sourceBits(part);
    const ends = this.#ctx.policy.verify === 'full' ? new CollectionEnds(part) : undefined;
    const { file, path } = part.source;
    for (const cluster of readClusters(part.source, counter)) {
      if (isEmpty(cluster)) continue;
      withContext({ file: file.path, objectPath: path }, () => ends?.check(cluster, counter));
      const places = await this.#copier.copy({ source: part.source, cluster, bits, recoders: part.recoders });
      this.#pageList.add(this.#placeCluster(part, counter, cluster, places, isFirst));
    }
    this.#entryCount += counter.entryCount;
    this.#job.traits.logical.forEach((logical, id) => {
      if (logical !== id) return;
      const source = part.sourceOf?.[id] ?? id;
      const added = source === MISSING_COLUMN ? this.#defaults(id, counter.entryCount) : (counter.elements[source] as number);
      this.#elements[id] = (this.#elements[id] as number) + added;
    });
  }

  /** One cluster of made entries. */
  #addAbsent({ entryCount, values }: AbsentPart): void {
    const { columns, traits, compression } = this.#job;
    const out = emptyCluster(this.#entryCount, entryCount);
    const pages = new ZeroPages(this.#blobs);
    const setting = compression ?? DEFAULT_COMPRESSION;
    columns.forEach((column, id) => {
      const isPrimary = traits.logical[id] === id;
      out.firstElement.push(isPrimary ? (this.#elements[id] as number) : SUPPRESSED);
      out.compression.push(isPrimary ? setting : 0);
      const own = values.get(id);
      if (isPrimary) {
        pages.add(out, this.#defaults(id, entryCount), column, setting, own === undefined ? undefined : pageFiller(column, own));
        this.#elements[id] = (this.#elements[id] as number) + this.#defaults(id, entryCount);
      }
      out.pageStart.push(out.elements.length);
    });
    this.#pageList.add(out);
    this.#entryCount += entryCount;
    this.#encodedBytes += pages.encodedBytes;
  }

  /** Bits per element by column id of the input. */
  #sourceBits({ sourceOf }: TuplePart): number[] {
    const bits: number[] = [];
    this.#job.columns.forEach((column, id) => {
      const source = sourceOf?.[id] ?? id;
      if (source !== MISSING_COLUMN) bits[source] = column.bits;
    });
    return bits;
  }

  /** The cluster as the output's page list shows it. */
  #placeCluster(part: TuplePart, counter: ElementCounter, cluster: Cluster, places: PagePlaces, isFirst: boolean): Cluster {
    const out = emptyCluster(this.#entryCount + cluster.firstEntry, cluster.entryCount);
    const zeros = new ZeroPages(this.#blobs);
    // a cluster of the first input lists the columns of its time: the extension says where the others begin
    const columnCount = isFirst ? cluster.firstElement.length : this.#job.columns.length;
    for (let id = 0; id < columnCount; id++) {
      const source = part.sourceOf?.[id] ?? id;
      if (source === MISSING_COLUMN) this.#placeDefaults(out, id, cluster, zeros);
      else this.#placeColumn(out, id, { counter, cluster, places, source, logical: part.traits.logical[source] as number, isFirst, zeros });
      out.pageStart.push(out.elements.length);
    }
    this.#encodedBytes += zeros.encodedBytes;
    return out;
  }

  /** Elements of a column the input lacks, for `entries` entries: zeros; none inside collections, which are empty. */
  #defaults(id: number, entries: number): number {
    return (this.#job.traits.perEntry[id] as number) * entries;
  }

  #placeDefaults(out: Cluster, id: number, cluster: Cluster, zeros: ZeroPages): void {
    const isPrimary = this.#job.traits.logical[id] === id;
    const setting = this.#job.compression ?? firstSetting(cluster) ?? DEFAULT_COMPRESSION;
    out.firstElement.push(isPrimary ? (this.#elements[id] as number) + this.#defaults(id, cluster.firstEntry) : SUPPRESSED);
    out.compression.push(isPrimary ? setting : 0);
    if (isPrimary) zeros.add(out, this.#defaults(id, cluster.entryCount), this.#job.columns[id] as Column, setting);
  }

  #placeColumn(out: Cluster, id: number, from: ColumnSource): void {
    const { counter, cluster, places, source, logical, isFirst, zeros } = from;
    const isListed = source < cluster.firstElement.length;
    const isStored = isListed ? cluster.firstElement[source] !== SUPPRESSED : logical === source;
    out.firstElement.push(SUPPRESSED);
    out.compression.push(0);
    if (!isStored) return;
    const setting = this.#job.compression ?? (isListed ? cluster.compression[source] : firstSetting(cluster)) ?? DEFAULT_COMPRESSION;
    const before = this.#elements[this.#job.traits.logical[id] as number] as number;
    out.firstElement[id] = before + ((isFirst ? cluster.firstElement[source] : counter.elements[logical]) as number);
    out.compression[id] = setting;
    if (!isFirst) zeros.add(out, counter.missing(cluster, source), this.#job.columns[id] as Column, setting);
    if (isListed) appendPages(out, cluster, source, places);
  }

  #writeFooter(attributeSets: AttributeSet[]): ReturnType<BlobWriter['writeEnvelope']> {
    const { headerChecksum, extensionBytes, hasAttributeList } = this.#job;
    const clusterGroups: ClusterGroup[] = [];
    if (this.#pageList.clusterCount > 0) {
      const pageList = this.#blobs.writeEnvelope(this.#pageList.encode(headerChecksum));
      clusterGroups.push({ firstEntry: 0, entryCount: this.#entryCount, clusterCount: this.#pageList.clusterCount, pageList });
      this.#encodedBytes += pageList.storedBytes;
    }
    const footer = this.#blobs.writeEnvelope(
      encodeFooter({ headerChecksum, extensionBytes, clusterGroups, hasAttributeList, attributeSets }),
    );
    this.#encodedBytes += footer.storedBytes;
    return footer;
  }

  #writeAnchor(payload: Uint8Array): void {
    const { plan, writer } = this.#ctx;
    const { target } = this.#job;
    const { directory, keyIndex } = plan.contribution(target, 0);
    const key = {
      className: Buffer.from(RNTUPLE_CLASS),
      name: plan.nameText(target),
      title: directory.keys.titleText(keyIndex),
      cycle: 1,
      datime: directory.keys.datime(keyIndex),
    };
    writer.writeRecord(outputDirectory(this.#ctx, target), plan.targets.slot.at(target), key, payload, payload.length);
    this.#encodedBytes += payload.length;
  }

  #report(): void {
    const { outcomes } = this.#ctx;
    const { target } = this.#job;
    outcomes.bytesCopied[target] = this.#otherBytes + this.#copier.copiedBytes;
    outcomes.bytesEncoded[target] = this.#encodedBytes + this.#copier.encodedBytes;
  }
}

/** Where a column of the output comes from. */
interface ColumnSource {
  counter: ElementCounter;
  cluster: Cluster;
  places: PagePlaces;
  /** Column id in the input, and the logical one its elements are counted under. */
  source: number;
  logical: number;
  isFirst: boolean;
  zeros: ZeroPages;
}

/** uproot writes clusters without entries; ROOT takes a list with one of them for damaged. */
function isEmpty({ entryCount, elements }: Cluster): boolean {
  return entryCount === 0 && elements.length === 0;
}

function firstSetting(cluster: Cluster): number | undefined {
  return cluster.compression.find((_, c) => cluster.firstElement[c] !== SUPPRESSED);
}

function appendPages(out: Cluster, cluster: Cluster, source: number, places: PagePlaces): void {
  for (let p = cluster.pageStart[source] as number; p < (cluster.pageStart[source + 1] as number); p++) {
    out.elements.push(cluster.elements[p] as number);
    out.offset.push(places.offset[p] as number);
    out.storedBytes.push(places.storedBytes[p] as number);
    out.checksumBytes.push(places.checksumBytes[p] as number);
  }
}
