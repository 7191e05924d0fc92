/** A ROOT file that is being written: directories, histograms, trees and RNTuples. */
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { UsageError, withContext } from '../../errors.ts';
import { createSink, type Sink } from '../bytes/sink.ts';
import { openSource } from '../bytes/source.ts';
import { encodeDatime } from '../root/container/datime.ts';
import { createHistogram, Histogram, type HistogramSpec } from '../root/histogram/histogram.ts';
import { RNTupleWriter, type RNTupleSpec } from '../root/rntuple/rntuple-writer.ts';
import { joinPath } from '../root/root-file.ts';
import { RootFileWriter, type OutputDirectory } from '../root/root-file-writer.ts';
import { encodeObject } from '../root/streamer/object-writer.ts';
import type { RootObject } from '../root/streamer/root-object.ts';
import { encodeWriterInfos, writerInfos } from '../root/streamer/writer-infos.ts';
import type { ReadBack } from '../root/tree/branch-writer.ts';
import { TreeWriter, type TreeSpec } from '../root/tree/tree-writer.ts';

/** How a file is written. */
export interface RootFileOptions {
  /** ROOT compression setting, 100 × algorithm + level; 505 (zstd) if left out. */
  compression?: number;
  /** Replace an existing file. */
  force?: boolean;
  /** Date of the file and its records; now if left out. */
  date?: Date;
}

const DEFAULT_COMPRESSION = 505;
/** Written beside the classes of histograms: the labels of their axes. */
const LABEL_CLASSES = ['TObjString', 'THashList', 'TList'];

/** An object of the file, with its place. */
interface Item {
  directory: OutputDirectory;
  slot: number;
  name: string;
  content: Histogram | TreeWriter | RNTupleWriter;
}

/**
 * A file under construction. Nothing exists under its name before `close`, which writes the objects; baskets of trees and pages
 * of RNTuples are written as they fill.
 */
export class RootOutput {
  readonly path: string;
  readonly options: RootFileOptions;
  readonly #sink: Sink;
  readonly #writer: RootFileWriter;
  readonly #directories: Map<string, OutputDirectory> = new Map();
  /** Names of each directory in the order of their slots. */
  readonly #names: Map<OutputDirectory, string[]> = new Map();
  readonly #items: Map<string, Item> = new Map();
  #isClosed = false;

  constructor(path: string, options: RootFileOptions = {}) {
    this.path = path;
    this.options = options;
    this.#sink = createSink(path, { force: options.force === true });
    this.#writer = new RootFileWriter(this.#sink, {
      datime: encodeDatime(options.date ?? new Date()),
      compression: options.compression ?? DEFAULT_COMPRESSION,
      uuidOf: () => Buffer.from(randomUUID().replaceAll('-', ''), 'hex'),
    });
    this.#directories.set('/', this.#writer.root);
  }

  /** The histograms by path, in the order they were added. */
  get histograms(): Map<string, Histogram> {
    return this.#contents((content) => content instanceof Histogram);
  }

  /** The trees by path, in the order they were added. */
  get trees(): Map<string, TreeWriter> {
    return this.#contents((content) => content instanceof TreeWriter);
  }

  /** The RNTuples by path, in the order they were added. */
  get tuples(): Map<string, RNTupleWriter> {
    return this.#contents((content) => content instanceof RNTupleWriter);
  }

  #contents<T extends Item['content']>(fits: (content: Item['content']) => content is T): Map<string, T> {
    const found = new Map<string, T>();
    for (const [path, { content }] of this.#items) if (fits(content)) found.set(path, content);
    return found;
  }

  /** Books a histogram in a directory (`/`, `/jets`, made if absent). UsageError when the name is taken. */
  bookHistogram(directory: string, spec: HistogramSpec): Histogram {
    return this.addHistogram(directory, createHistogram(spec));
  }

  /**
   * Adds a histogram, or an object in JSROOT's shape. UsageError when the name is taken, or it has parts that cannot be written (functions
   * of classes that are not known here).
   */
  addHistogram(directory: string, histogram: Histogram | RootObject): Histogram {
    const content = histogram instanceof Histogram ? histogram : new Histogram(histogram);
    // Said now: at the end of a job it would cost the whole file.
    withContext({ file: this.path, objectPath: joinPath(normalPath(directory), content.name) }, () =>
      encodeObject({ ...content.object, fArray: [], fSumw2: [] }, writerInfos(), 0),
    );
    this.#add(directory, content.name, () => content);
    return content;
  }

  /** Begins a tree in a directory. UsageError when the name is taken or columns do not fit together. */
  bookTree(directory: string, spec: TreeSpec): TreeWriter {
    return this.#add(directory, spec.name, (place) => new TreeWriter(spec, { writer: this.#writer, directory: place }));
  }

  /** Begins an RNTuple in a directory. UsageError when the name is taken or columns do not fit together. */
  bookTuple(directory: string, spec: RNTupleSpec): RNTupleWriter {
    return this.#add(directory, spec.name, (place) => new RNTupleWriter(spec, { writer: this.#writer, directory: place }));
  }

  #add<T extends Item['content']>(path: string, name: string, make: (directory: OutputDirectory) => T): T {
    this.#requireOpen();
    const directory = this.#directory(normalPath(path));
    const full = joinPath(directory.path, name);
    if (name === '' || name.includes('/')) {
      throw new UsageError(`${JSON.stringify(name)} cannot be the name of an object`, { file: this.path });
    }
    this.#refuseTaken(directory, name);
    const content = make(directory);
    this.#items.set(full, { directory, slot: this.#takeSlot(directory, name), name, content });
    return content;
  }

  #requireOpen(): void {
    if (this.#isClosed) throw new UsageError('the file is closed', { file: this.path });
  }

  #refuseTaken(directory: OutputDirectory, name: string): void {
    if (this.#names.get(directory)?.includes(name) === true) {
      throw new UsageError('the name is taken', { file: this.path, objectPath: joinPath(directory.path, name) });
    }
  }

  #takeSlot(directory: OutputDirectory, name: string): number {
    const names = this.#names.get(directory) ?? [];
    this.#names.set(directory, names);
    return names.push(name) - 1;
  }

  #directory(path: string): OutputDirectory {
    const known = this.#directories.get(path);
    if (known !== undefined) return known;
    const cut = path.lastIndexOf('/');
    const parent = this.#directory(path.slice(0, cut) || '/');
    const name = path.slice(cut + 1);
    this.#refuseTaken(parent, name);
    const key = { className: Buffer.from('TDirectory'), name: Buffer.from(name), title: Buffer.from(name), cycle: 1 };
    const made = this.#writer.createDirectory(parent, this.#takeSlot(parent, name), path, key);
    this.#directories.set(path, made);
    return made;
  }

  /** Writes everything and gives the file its name. UsageError when that was done before. */
  close(): void {
    this.#requireOpen();
    const classes = new Set<string>();
    const layouts = [...this.trees.values()].flatMap((tree) => tree.layouts);
    for (const item of this.#items.values()) {
      const { content } = item;
      if (content instanceof Histogram) this.#writeHistogram(content, item);
      else content.finish(item.slot);
      for (const name of content instanceof Histogram ? [content.object._typename, ...LABEL_CLASSES] : content.classNames) {
        classes.add(name);
      }
    }
    this.#writer.finish((keylen) => encodeWriterInfos(classes, keylen, layouts));
    this.#sink.commit();
    this.#isClosed = true;
  }

  #writeHistogram({ object }: Histogram, { directory, slot, name }: Item): void {
    const key = { className: Buffer.from(object._typename), name: Buffer.from(name), title: Buffer.from(object.fTitle), cycle: 1 };
    this.#writer.writeObject(directory, slot, key, (keylen) => encodeObject(object, writerInfos(), keylen));
  }

  /**
   * Goes on in another file: all objects go there, with what they hold if `keepContent`; this file is given up. The objects
   * themselves stay valid. With the path it has already the file stays as it is; UsageError if it were to be emptied.
   */
  moveTo(path: string, keepContent: boolean): RootOutput {
    if (resolve(path) === resolve(this.path)) {
      if (keepContent) return this;
      throw new UsageError('a file that others write, too, must move elsewhere', { file: path });
    }
    const next = new RootOutput(path, this.options);
    try {
      this.readBack((read) => this.#moveItems(next, keepContent ? read : undefined));
    } catch (err) {
      next.abandon();
      throw err;
    }
    this.abandon();
    return next;
  }

  /** Lets `use` read bytes of records written so far, by file offset and length. */
  readBack<T>(use: (read: ReadBack) => T): T {
    this.#sink.flush();
    const source = openSource(this.#sink.tempPath);
    try {
      return use((at, length) => source.read(at, length));
    } finally {
      source.close();
    }
  }

  #moveItems(next: RootOutput, read: ReadBack | undefined): void {
    for (const { content, directory, name } of this.#items.values()) {
      if (content instanceof Histogram && read === undefined) content.reset();
      next.#add(directory.path, name, (place) => {
        if (!(content instanceof Histogram)) content.moveTo({ writer: next.#writer, directory: place }, read);
        return content;
      });
    }
  }

  /** Gives the file up: nothing is left of it. */
  abandon(): void {
    this.#sink.abandon();
  }

  [Symbol.dispose](): void {
    this.abandon();
  }
}

/** `/a/b` from `a/b/`, `/` from the empty path. */
function normalPath(path: string): string {
  return `/${path
    .split('/')
    .filter((part) => part !== '')
    .join('/')}`;
}

/** Begins a ROOT file. UsageError or OutputError when it cannot be written; `close` completes it. */
export function createRootFile(path: string, options: RootFileOptions = {}): RootOutput {
  return new RootOutput(path, options);
}
