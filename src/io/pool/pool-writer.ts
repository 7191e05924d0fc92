/**
 * Writes the trees of a POOL file with relocatable storage (TECH 203), as current ATLAS software lays them out:
 *
 *   CollectionTree        a branch of objects per container, and index_ref; one row per event
 *   POOLContainer         DataHeader_p6 of each event, and index_ref
 *   POOLContainerForm     DataHeaderForm_p6, one per set of containers and files that events refer to, and index_ref
 *   POOLCollectionTree    event tags: Token of the header, RunNumber, EventNumber, further attributes
 *   MetaData              one row: EventStreamInfo_p3 and what the job adds; MetaDataHdr, MetaDataHdrForm its header and form
 *   ##Params …            the bookkeeping, see bookkeeping.ts
 *
 * index_ref, OID.second of tokens, is the writer's number in the upper 32 bits (ATLAS takes the process id) and the row below.
 */
import { CorruptFileError, UsageError } from '../../errors.ts';
import { isBasicType, refuseUnknown, type ColumnSpec, type ColumnValue, type Row } from '../root/column.ts';
import type { ReadBack, TreeRow } from '../root/tree/branch-writer.ts';
import { EntryBuffer } from '../root/tree/entry-buffer.ts';
import { partsOf } from '../root/tree/object-column.ts';
import type { TreeSpec, TreeWriter } from '../root/tree/tree-writer.ts';
import { BOOKKEEPING, BOOKKEEPING_BRANCH, FID_PARAM, PFN_PARAM, formatParam } from './bookkeeping.ts';
import { HEADER_CLID, type HeaderPart } from './build-header.ts';
import { bookContainer, type BookedContainer, type ContainerSpec } from './container-booking.ts';
import { INDEX_NAME } from './containers.ts';
import { HeaderStore, headerLinks, replacer } from './header-store.ts';
import { LinkTable, type LinkedContainer } from './link-table.ts';
import { streamInfoRow } from './object-rows.ts';
import { memberValue } from './row-values.ts';
import { parseToken, tokenOfReference, type PoolToken, type Reference, type Token } from './token.ts';
import {
  EVENT_COLUMN,
  INDEX_COLUMN,
  RUN_COLUMN,
  STREAM_INFO,
  TOKEN_COLUMN,
  TREES,
  streamInfoContainer,
  tagContainer,
  tokenContainer,
} from './written-trees.ts';

/** Bytes a buffer begins with that is there for a check. */
const CHECKED_BYTES = 100;

/** What a file is and how its trees are written. */
export interface PoolWriterOptions {
  /** GUID of the file. */
  fid: string;
  /** Name of the file in its bookkeeping. */
  fileName: string;
  /** Key of the headers. */
  stream: string;
  /** Columns of event tags beside Token, RunNumber and EventNumber: single values of basic types. */
  attributes: readonly ColumnSpec[];
  /** Of CollectionTree, see TreeSpec. */
  tree?: Pick<TreeSpec, 'basketBytes' | 'autoFlush'>;
}

/** What an event has beside its objects. */
export interface EventOptions {
  /** Headers of the events it was made from, each with its stream. */
  provenance?: readonly { token: Token | string; stream: string }[];
  /** Values of the further attributes. */
  attributes?: Row;
}

/** The trees that exist once the first event is written. */
interface EventTrees {
  data: TreeWriter;
  headers: HeaderStore;
  tags: TreeWriter;
}

/** The POOL side of one file. */
export class PoolWriter {
  readonly #book: (spec: TreeSpec) => TreeWriter;
  readonly #options: Omit<PoolWriterOptions, 'fid'>;
  readonly #links: LinkTable = new LinkTable();
  readonly #containers: Map<string, BookedContainer> = new Map();
  readonly #metaData: Map<string, BookedContainer> = new Map();
  readonly #headerLinks = headerLinks(TREES.headers);
  /** GUIDs tokens of this file may carry: its own, and those it had before it moved. */
  readonly #fids: Set<string>;
  #trees: EventTrees | undefined;
  #fid: string;
  #base: bigint;
  /** Rows of the event that is being written. */
  readonly #rows: Map<string, Row> = new Map();
  readonly #metaRows: Map<string, Row> = new Map();
  readonly #runs: Set<number> = new Set();

  /** @param book makes a tree in the root directory of the file. UsageError for attributes that cannot be. */
  constructor(book: (spec: TreeSpec) => TreeWriter, { fid, ...options }: PoolWriterOptions) {
    for (const { name, type, shape, counter } of options.attributes) {
      if (!isBasicType(type) || shape !== undefined || counter !== undefined) {
        throw new UsageError(`attribute ${name} must be a single value`);
      }
    }
    if (!/^\w+$/.test(options.stream)) {
      throw new UsageError(`${JSON.stringify(options.stream)} cannot be the name of a stream: letters, digits and underscores`);
    }
    this.#book = book;
    this.#options = options;
    this.#fid = fid;
    this.#fids = new Set([fid]);
    this.#base = baseOf(fid);
  }

  /** GUID of the file. */
  get fid(): string {
    return this.#fid;
  }

  /** Events written so far. */
  get eventCount(): number {
    return this.#trees?.data.entryCount ?? 0;
  }

  /** Books a container of events. UsageError when events were written already, or for a key or columns that cannot be. */
  book(key: string, spec: ContainerSpec): void {
    if (this.#trees !== undefined) throw new UsageError(`container ${key} is booked after the first event`);
    this.#add(this.#containers, TREES.data, key, spec);
  }

  /** Books a container of metadata, which has one row per file. UsageError for a key or columns that cannot be. */
  bookMetaData(key: string, spec: ContainerSpec): void {
    this.#add(this.#metaData, TREES.metaData, key, spec);
  }

  #add(known: Map<string, BookedContainer>, tree: string, key: string, spec: ContainerSpec): void {
    const booked = bookContainer(tree, key, spec);
    if (this.#links.find(booked.link.container) !== undefined) throw new UsageError(`container ${key} is booked twice`);
    this.#links.add(booked.link);
    known.set(key, booked);
  }

  #opened(): EventTrees {
    if (this.#trees !== undefined) return this.#trees;
    const { attributes, tree } = this.#options;
    const objects = [...this.#containers.values()].map(({ object }) => object);
    const columns = [RUN_COLUMN, EVENT_COLUMN, ...attributes];
    this.#trees = {
      data: this.#book({ ...tree, name: TREES.data, columns: [INDEX_COLUMN], objects }),
      headers: new HeaderStore(TREES.headers, this.#book),
      tags: this.#book({ name: TREES.tags, columns: [TOKEN_COLUMN, ...columns] }),
    };
    for (const link of [this.#headerLinks.form, this.#headerLinks.header, tokenContainer()]) this.#links.add(link);
    for (const { name, type } of columns) if (isBasicType(type)) this.#links.add(tagContainer(name, type));
    return this.#trees;
  }

  #token(link: LinkedContainer, oid2: bigint): PoolToken {
    return tokenOfReference(this.#links.reference(link, this.#fid, this.#base, oid2));
  }

  /** Writes the row a container has in this event. UsageError for an unknown container, a second row, or values that do not fit. */
  write(key: string, row: Row): PoolToken {
    const container = bookedAs(this.#containers, key, row);
    if (this.#rows.has(key)) throw new UsageError(`container ${key} has a row in this event already`);
    const { data } = this.#opened();
    data.check({ [container.object.name]: row }, container.object);
    this.#rows.set(key, copyOf(row));
    return this.#token(container.link, this.#base + BigInt(data.entryCount));
  }

  /** Sets the row of a container of metadata. UsageError for an unknown container, or values that do not fit. */
  writeMetaData(key: string, row: Row): void {
    const { object } = bookedAs(this.#metaData, key, row);
    // Said now: the row is written at the end of the job, which would cost the whole file.
    for (const { column, part } of partsOf(object)) new EntryBuffer(column, part.role, CHECKED_BYTES).append(row[column.name], 0);
    this.#metaRows.set(key, copyOf(row));
  }

  /** Ends an event: its header gets the tokens of all rows written since the last one. Returns the token of the header. */
  commitEvent(run: number, event: number | bigint, { provenance = [], attributes = {} }: EventOptions = {}): PoolToken {
    const { data, headers, tags } = this.#opened();
    const header = this.#token(this.#headerLinks.header, this.#base + BigInt(headers.rowCount));
    const tag: TreeRow = { ...attributes, Token: header.text, RunNumber: run, EventNumber: event };
    refuseUnknown('event tags', namesOf(this.#options.attributes), attributes);
    tags.check(tag);
    const parents = provenance.map(({ token, stream }) => ({
      token: typeof token === 'string' ? parseToken(token) : token,
      key: stream,
      clid: HEADER_CLID,
    }));
    const oid2 = this.#base + BigInt(data.entryCount);
    const parts = { data: this.#partsOf(this.#containers, this.#rows, oid2), provenance: parents, self: this.#self(header) };
    data.fill(entryOf(this.#containers, this.#rows, oid2));
    headers.write(parts, this.#options.stream, this.#base, (row) => this.#token(this.#headerLinks.form, row));
    tags.fill(tag);
    this.#runs.add(run);
    this.#rows.clear();
    return header;
  }

  #self(token: Reference): HeaderPart {
    return { token, key: this.#options.stream, clid: HEADER_CLID };
  }

  /** References to the containers that have a row. */
  #partsOf(containers: ReadonlyMap<string, BookedContainer>, rows: ReadonlyMap<string, Row>, oid2: bigint): HeaderPart[] {
    return [...containers.values()]
      .filter(({ key }) => rows.has(key))
      .map(({ link, key, clid }) => ({ token: this.#links.reference(link, this.#fid, this.#base, oid2), key, clid }));
  }

  /** Forgets the rows of the event that is being written. */
  dropEvent(): void {
    this.#rows.clear();
  }

  /** True for a token of this file. */
  owns({ db }: Reference): boolean {
    return this.#fids.has(db.toUpperCase());
  }

  /**
   * The row a token of this file leads to. UsageError for the event that is being written and for metadata, which have no row yet;
   * CorruptFileError for a token that leads nowhere.
   */
  read(token: Token, readBack: ReadBack): Row {
    const container = [...this.#containers.values()].find(
      ({ link }) => link.container === token.container && link.classId === token.classId.toUpperCase(),
    );
    if (container === undefined) throw new UsageError(`${token.container} is no container of events of this file`);
    const { data } = this.#opened();
    const row = Number(token.oid2 - this.#base);
    if (row === data.entryCount && this.#rows.has(container.key)) {
      throw new UsageError(`the event of this row of ${token.container} is not committed yet`);
    }
    if (!(row >= 0 && row < data.entryCount)) {
      throw new CorruptFileError(`no row of ${token.container} has this OID`, { found: token.oid2.toString(16) });
    }
    const values = data.branchesOf(container.object).map((branch, i): [string, ColumnValue] => {
      const element = container.elements[i];
      if (element === undefined) throw new UsageError(`${token.container} has no member ${i}`);
      return [element.name, memberValue(element, branch.entry(row, readBack))];
    });
    return Object.fromEntries(values);
  }

  /** From now on, moving to another file gives what is written the GUID of that file. */
  prepareMove(fid: string): void {
    if (this.#trees === undefined) return;
    this.#trees.headers.prepareMove(this.#fid, fid);
    this.#trees.tags.changeOnMove = replacer(this.#fid, fid);
  }

  /** Goes on as another file; without its content as another writer, too, so that index_ref differs. */
  moved(fid: string, keepContent: boolean): void {
    if (keepContent) this.#trees?.headers.moved(this.#fid, fid);
    this.#fid = fid;
    if (!keepContent) {
      this.#fids.clear();
      this.#base = baseOf(fid);
      this.#trees?.headers.clear();
      for (const rows of [this.#rows, this.#metaRows, this.#runs]) rows.clear();
    }
    this.#fids.add(fid);
  }

  /** Writes metadata and bookkeeping. UsageError when the last event was not committed. */
  finish(): void {
    if (this.#rows.size > 0) throw new UsageError(`the last event was not committed: ${[...this.#rows.keys()].join(', ')}`);
    this.#opened();
    this.#finishMetaData();
    const { fileName } = this.#options;
    const params = [
      [FID_PARAM, this.#fid],
      [PFN_PARAM, fileName],
      ['POOL_VSN', '1.1'],
      ['FORMAT_VSN', '2.0'],
    ] as const;
    this.#texts(
      BOOKKEEPING.params,
      params.map(([name, value]) => formatParam({ name, value })),
    );
    this.#texts(BOOKKEEPING.shapes, this.#links.shapeRows());
    this.#texts(BOOKKEEPING.links, this.#links.linkRows(this.#base));
  }

  #texts(name: string, rows: readonly string[]): void {
    const tree = this.#book({ name, columns: [{ name: BOOKKEEPING_BRANCH, type: 'text' }, INDEX_COLUMN] });
    rows.forEach((text, row) => tree.fill({ [BOOKKEEPING_BRANCH]: text, [INDEX_NAME]: this.#base + BigInt(row) }));
  }

  #finishMetaData(): void {
    const { stream } = this.#options;
    const info = streamInfoContainer(stream);
    const links = headerLinks(TREES.metaHeaders);
    for (const link of [info.link, links.form, links.header]) this.#links.add(link);
    const tree = this.#book({
      name: TREES.metaData,
      columns: [INDEX_COLUMN],
      objects: [...[...this.#metaData.values()].map(({ object }) => object), info.object],
    });
    const items = [...this.#containers.values()].map(({ clid, key }) => [clid, key] as const);
    const summary = streamInfoRow({ eventCount: this.eventCount, runs: [...this.#runs], processingTags: [stream], items });
    tree.fill({ ...entryOf(this.#metaData, this.#metaRows, this.#base), [info.object.name]: summary });
    const data = [
      ...this.#partsOf(this.#metaData, this.#metaRows, this.#base),
      { token: this.#token(info.link, this.#base), key: stream, clid: STREAM_INFO.clid },
    ];
    const headers = new HeaderStore(TREES.metaHeaders, this.#book);
    headers.write({ data, provenance: [], self: this.#self(this.#token(links.header, this.#base)) }, stream, this.#base, (row) =>
      this.#token(links.form, row),
    );
  }
}

/** The writer's number in the upper half of index_ref: 31 bits of the file's GUID, never 0. */
function baseOf(fid: string): bigint {
  return BigInt(Number.parseInt(fid.slice(0, 8), 16) & 0x7fff_ffff || 1) << 32n;
}

/** An entry of a tree of containers: those without a row get default values. */
function entryOf(containers: ReadonlyMap<string, BookedContainer>, rows: ReadonlyMap<string, Row>, oid2: bigint): TreeRow {
  return {
    [INDEX_NAME]: oid2,
    ...Object.fromEntries([...containers.values()].map(({ key, object, defaults }) => [object.name, rows.get(key) ?? defaults])),
  };
}

function bookedAs(containers: ReadonlyMap<string, BookedContainer>, key: string, row: Row): BookedContainer {
  const container = containers.get(key);
  if (container === undefined) throw new UsageError(`container ${key} is not booked`);
  refuseUnknown(`container ${key}`, namesOf(container.object.layout.members), row);
  return container;
}

/** A row of its own: the caller may use its arrays again. */
function copyOf(row: Row): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, typeof value === 'object' ? structuredClone(value) : value]));
}

function namesOf(columns: readonly { name: string }[]): ReadonlySet<string> {
  return new Set(columns.map(({ name }) => name));
}
