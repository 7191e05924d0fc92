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
import { headerPart } from './build-header.ts';
import type { ContainerSpec } from './container-booking.ts';
import { BookedContainers } from './booked-containers.ts';
import { writeBookkeeping, writeMetaData } from './file-ending.ts';
import { PoolIdentity } from './pool-identity.ts';
import { HeaderStore, headerLinks, replacer } from './header-store.ts';
import { memberValue } from './row-values.ts';
import { parseToken, type PoolToken, type Reference, type Token } from './token.ts';
import {
  EVENT_COLUMN,
  INDEX_COLUMN,
  RUN_COLUMN,
  TOKEN_COLUMN,
  TREES,
  tagContainer,
  tokenContainer,
  type BookTree,
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
  readonly #book: BookTree;
  readonly #options: Omit<PoolWriterOptions, 'fid'>;
  readonly #attributes: ReadonlySet<string>;
  readonly #identity: PoolIdentity;
  readonly #headerLinks = headerLinks(TREES.headers);
  /** Rows of the event that is being written. */
  readonly #data: BookedContainers;
  readonly #metaData: BookedContainers;
  readonly #runs: Set<number> = new Set();
  #trees: EventTrees | undefined;

  /** @param book makes a tree in the root directory of the file. UsageError for attributes that cannot be. */
  constructor(book: BookTree, { fid, ...options }: PoolWriterOptions) {
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
    this.#attributes = new Set(options.attributes.map(({ name }) => name));
    this.#identity = new PoolIdentity(fid);
    this.#data = new BookedContainers(TREES.data, this.#identity);
    this.#metaData = new BookedContainers(TREES.metaData, this.#identity);
  }

  /** GUID of the file. */
  get fid(): string {
    return this.#identity.fid;
  }

  /** Events written so far. */
  get eventCount(): number {
    return this.#trees?.data.entryCount ?? 0;
  }

  /** Books a container of events. UsageError when events were written already, or for a key or columns that cannot be. */
  book(key: string, spec: ContainerSpec): void {
    if (this.#trees !== undefined) throw new UsageError(`container ${key} is booked after the first event`);
    this.#data.book(key, spec);
  }

  /** Books a container of metadata, which has one row per file. UsageError for a key or columns that cannot be. */
  bookMetaData(key: string, spec: ContainerSpec): void {
    this.#metaData.book(key, spec);
  }

  #opened(): EventTrees {
    if (this.#trees !== undefined) return this.#trees;
    const { attributes, tree } = this.#options;
    const columns = [RUN_COLUMN, EVENT_COLUMN, ...attributes];
    this.#trees = {
      data: this.#book({ ...tree, name: TREES.data, columns: [INDEX_COLUMN], objects: this.#data.objects() }),
      headers: new HeaderStore(TREES.headers, this.#book),
      tags: this.#book({ name: TREES.tags, columns: [TOKEN_COLUMN, ...columns] }),
    };
    const { links } = this.#identity;
    for (const link of [this.#headerLinks.form, this.#headerLinks.header, tokenContainer()]) links.add(link);
    for (const { name, type } of columns) if (isBasicType(type)) links.add(tagContainer(name, type));
    return this.#trees;
  }

  /** Writes the row a container has in this event. UsageError for an unknown container, a second row, or values that do not fit. */
  write(key: string, row: Row): PoolToken {
    const { object, link } = this.#data.container(key, row);
    if (this.#data.hasRow(key)) throw new UsageError(`container ${key} has a row in this event already`);
    const { data } = this.#opened();
    data.check({ [object.name]: row }, object);
    this.#data.setRow(key, row);
    return this.#identity.token(link, this.#identity.oid2(data.entryCount));
  }

  /** Sets the row of a container of metadata. UsageError for an unknown container, or values that do not fit. */
  writeMetaData(key: string, row: Row): void {
    const { object } = this.#metaData.container(key, row);
    // Said now: the row is written at the end of the job, which would cost the whole file.
    for (const { column, part } of partsOf(object)) new EntryBuffer(column, part.role, CHECKED_BYTES).append(row[column.name], 0);
    this.#metaData.setRow(key, row);
  }

  /** Ends an event: its header gets the tokens of all rows written since the last one. Returns the token of the header. */
  commitEvent(run: number, event: number | bigint, { provenance = [], attributes = {} }: EventOptions = {}): PoolToken {
    const { data, headers, tags } = this.#opened();
    const { stream } = this.#options;
    const identity = this.#identity;
    const header = identity.token(this.#headerLinks.header, identity.oid2(headers.rowCount));
    const tag: TreeRow = { ...attributes, Token: header.text, RunNumber: run, EventNumber: event };
    refuseUnknown('event tags', this.#attributes, attributes);
    tags.check(tag);
    const oid2 = identity.oid2(data.entryCount);
    const parts = {
      data: this.#data.parts(oid2),
      provenance: provenance.map(({ token, stream }) => headerPart(typeof token === 'string' ? parseToken(token) : token, stream)),
      self: headerPart(header, stream),
    };
    data.fill(this.#data.entry(oid2));
    headers.write(parts, stream, identity.base, (row) => identity.token(this.#headerLinks.form, row));
    tags.fill(tag);
    this.#runs.add(run);
    this.#data.clear();
    return header;
  }

  /** Forgets the rows of the event that is being written. */
  dropEvent(): void {
    this.#data.clear();
  }

  /** True for a token of this file. */
  owns(reference: Reference): boolean {
    return this.#identity.owns(reference);
  }

  /**
   * The row a token of this file leads to. UsageError for the event that is being written and for metadata, which have no row yet;
   * CorruptFileError for a token that leads nowhere.
   */
  read(token: Token, readBack: ReadBack): Row {
    const container = this.#data.find(token);
    if (container === undefined) throw new UsageError(`${token.container} is no container of events of this file`);
    const { data } = this.#opened();
    const row = Number(token.oid2 - this.#identity.base);
    if (row === data.entryCount && this.#data.hasRow(container.key)) {
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
    this.#trees.headers.prepareMove(this.fid, fid);
    this.#trees.tags.changeOnMove = replacer(this.fid, fid);
  }

  /** Goes on as another file; without its content as another writer, too, so that index_ref differs. */
  moved(fid: string, keepContent: boolean): void {
    if (keepContent) {
      this.#trees?.headers.moved(this.fid, fid);
      this.#identity.rename(fid);
      return;
    }
    this.#identity.renew(fid);
    this.#trees?.headers.clear();
    for (const rows of [this.#data, this.#metaData, this.#runs]) rows.clear();
  }

  /** Writes metadata and bookkeeping. UsageError when the last event was not committed. */
  finish(): void {
    const { writtenKeys } = this.#data;
    if (writtenKeys.length > 0) throw new UsageError(`the last event was not committed: ${writtenKeys.join(', ')}`);
    this.#opened();
    const { stream, fileName } = this.#options;
    const summary = { eventCount: this.eventCount, runs: [...this.#runs], processingTags: [stream], items: this.#data.items() };
    writeMetaData(this.#book, this.#identity, this.#metaData, { stream, summary });
    writeBookkeeping(this.#book, this.#identity, fileName);
  }
}
