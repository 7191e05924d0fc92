/** Events of a job in one POOL file (Gaudi and ATLAS: the POOL service): objects by key, a header per event, tokens that lead to rows. */
import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import type { ColumnSpec, Row } from '../root/column.ts';
import type { TreeSpec } from '../root/tree/tree-writer.ts';
import type { ContainerSpec } from '../pool/container-booking.ts';
import { guidOfText } from '../pool/link-table.ts';
import { PoolReader } from '../pool/pool-reader.ts';
import { PoolWriter, type EventOptions } from '../pool/pool-writer.ts';
import { parseToken, type PoolToken, type Token } from '../pool/token.ts';
import type { IoReinit } from './io-component.ts';
import type { IoComponentMgr } from './io-component-mgr.ts';
import { RootOutputComponent } from './root-output-component.ts';
import type { RootFileOptions } from './root-output.ts';

/** How a POOL file is written. */
export interface PoolOptions extends RootFileOptions {
  /** Key of the headers; default `Stream1`. */
  stream?: string;
  /** Columns of event tags beside Token, RunNumber and EventNumber: single values of basic types. */
  attributes?: readonly ColumnSpec[];
  /**
   * Makes the GUID of the file follow from this text and the path of the file; default: a random one. Files of one merge need
   * different GUIDs, so workers of a module job, whose files have the same name, need different texts.
   */
  fidSeed?: string;
  /** POOL files that tokens may lead to; opened again for each worker. */
  inputs?: readonly string[];
  /** Bytes of a basket and entries of a cluster of CollectionTree, see TreeSpec. */
  tree?: Pick<TreeSpec, 'basketBytes' | 'autoFlush'>;
}

/** Writes one POOL file, and reads from it and from others by token. */
export class PoolComponent extends RootOutputComponent {
  readonly #fileName: string;
  readonly #fidSeed: string | undefined;
  readonly #inputs: readonly string[];
  readonly #writer: PoolWriter;
  /** The inputs where they are now, and this file once it is complete: what tokens may lead to. */
  #paths: readonly string[];
  #reader: PoolReader | undefined;
  #isFinal = false;

  /**
   * Opens the file, registers it for WRITE and the inputs for READ. UsageError for options that cannot be; errors as
   * those of RootOutput and PoolReader.
   */
  constructor(manager: IoComponentMgr, name: string, fileName: string, options: PoolOptions = {}) {
    const { stream = 'Stream1', attributes = [], fidSeed, inputs = [], tree, ...fileOptions } = options;
    super(manager, name, fileName, fileOptions);
    this.#fileName = fileName;
    this.#fidSeed = fidSeed;
    this.#inputs = inputs;
    const identity = { fid: this.#newFid(this.output.path), fileName: basename(fileName), stream, attributes };
    try {
      for (const input of inputs) manager.registerFile(this, 'READ', input);
      this.#paths = inputs.map((input) => manager.retrieve(this, input));
      this.#writer = new PoolWriter((spec) => this.output.bookTree('/', spec), { ...identity, ...(tree !== undefined && { tree }) });
      this.#reader = new PoolReader(this.#paths);
    } catch (err) {
      super.abandon();
      throw err;
    }
  }

  #newFid(path: string): string {
    return this.#fidSeed === undefined ? randomUUID().toUpperCase() : guidOfText(`${this.#fidSeed}\0${path}`);
  }

  /** GUID of the file as it is open now. */
  get fid(): string {
    return this.#writer.fid;
  }

  /** Events committed so far. */
  get eventCount(): number {
    return this.#writer.eventCount;
  }

  /** Reads the inputs, and the file itself once it is complete. */
  get reader(): PoolReader {
    this.#reader ??= new PoolReader(this.#paths);
    return this.#reader;
  }

  /** Books a container of events. UsageError after the first event, or for a key or columns that cannot be. */
  book(key: string, spec: ContainerSpec): void {
    this.#writer.book(key, spec);
  }

  /** Books a container of metadata, which has one row per file. UsageError for a key or columns that cannot be. */
  bookMetaData(key: string, spec: ContainerSpec): void {
    this.#writer.bookMetaData(key, spec);
  }

  /** Writes the row a container has in this event. UsageError for an unknown container, a second row, or values that do not fit. */
  write(key: string, row: Row): PoolToken {
    return this.#writer.write(key, row);
  }

  /** Sets the row of a container of metadata. UsageError for an unknown container or unknown members. */
  writeMetaData(key: string, row: Row): void {
    this.#writer.writeMetaData(key, row);
  }

  /** Ends an event: writes its header with the tokens of all rows since the last one. Returns the token of the header. */
  commitEvent(run: number, event: number | bigint, options: EventOptions = {}): PoolToken {
    return this.#writer.commitEvent(run, event, options);
  }

  /** Forgets what was written since the last event was committed. */
  dropEvent(): void {
    this.#writer.dropEvent();
  }

  /**
   * The row a token leads to, in this file (tokens from before a move, too) or an input. UsageError for a token of another file or
   * of the event that is being written, CorruptFileError for one that leads nowhere, UnsupportedError for rows that are no plain values.
   */
  read(token: Token | string): Row {
    const parsed = typeof token === 'string' ? parseToken(token) : token;
    if (!this.#writer.owns(parsed)) return this.reader.read(parsed);
    return this.#isFinal ? this.reader.read({ ...parsed, db: this.fid }) : this.output.readBack((read) => this.#writer.read(parsed, read));
  }

  /** The file goes on with a GUID of its own; references of what is kept are changed with it. */
  override ioReinit(context: IoReinit): void {
    const before = this.output;
    const fid = this.#newFid(context.retrieve(this.#fileName));
    this.#writer.prepareMove(fid);
    super.ioReinit(context);
    if (this.output !== before) this.#writer.moved(fid, context.keepContent);
    this.close();
    this.#paths = this.#inputs.map(context.retrieve);
  }

  /** Completes the file and closes the inputs; reading by token opens them again. UsageError when the last event was not committed. */
  override ioFinalize(): void {
    this.#writer.finish();
    super.ioFinalize();
    this.close();
    this.#isFinal = true;
    this.#paths = [this.output.path, ...this.#paths];
  }

  /** Gives the file up, closes the inputs. */
  override abandon(): void {
    super.abandon();
    this.close();
  }

  /** Closes what is open for reading. */
  close(): void {
    this.#reader?.close();
    this.#reader = undefined;
  }
}
