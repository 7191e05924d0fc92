/** A file opened to be compared: its objects by path, of each the newest cycle first. */
import { isRNTupleClass } from '../../io/root/rntuple/anchor.ts';
import { SharedInfos } from '../../io/root/root-file-infos.ts';
import { isPoolFile } from '../../io/pool/pool-file.ts';
import { isDirectoryClass } from '../../io/root/container/directory.ts';
import { joinPath, openRootFile, type DirectoryNode, type RootFile } from '../../io/root/root-file.ts';
import type { InfoSet } from '../../io/root/streamer/info-set.ts';
import { spanSource, type SpanGraph, type SpanSource } from '../../io/root/streamer/span-graph.ts';
import { walkObject } from '../../io/root/streamer/walk.ts';
import { ProcessIds } from './process-ids.ts';

/** One key of one file. */
export interface FileObject {
  file: DiffFile;
  directory: DirectoryNode;
  index: number;
  cycle: number;
  className: string;
}

/** Where an object is, as data that threads can pass on. */
export interface ObjectPlace {
  /** Path of the file, and its size when it was opened. */
  file: string;
  sizeBytes: number;
  /** Full path without cycle. */
  path: string;
  cycle: number;
}

/** Where an object is. */
export function placeOf({ file, directory, index, cycle }: FileObject): ObjectPlace {
  return { file: file.file.path, sizeBytes: file.file.source.sizeBytes, path: joinPath(directory.path, directory.keys.name(index)), cycle };
}

/** How the contents of a class are compared. */
export type ContentKind = 'histogram' | 'tree' | 'rntuple' | 'object';

/** A file with its objects. */
export class DiffFile implements Disposable {
  readonly file: RootFile;
  readonly infos: InfoSet;
  readonly isPool: boolean;
  /** True when it describes a version of a class in two ways: then equal bytes need not mean the same as in another file. */
  readonly hasSecondLayouts: boolean;
  /** By full path without cycle. */
  readonly objects: Map<string, FileObject[]> = new Map();
  /** Titles of the directories by path. */
  readonly directories: Map<string, string> = new Map();

  /** @param shared where many files are open at once */
  constructor(path: string, shared: SharedInfos = new SharedInfos()) {
    this.file = openRootFile(path);
    this.infos = shared.infosOf(this.file);
    this.isPool = isPoolFile(this.file);
    this.hasSecondLayouts = this.infos
      .list()
      .some(({ className, classVersion }) => this.infos.alternatives(className, classVersion).length > 0);
    for (const directory of this.file.directories) this.#addDirectory(directory);
    for (const cycles of this.objects.values()) if (cycles.length > 1) cycles.sort((a, b) => b.cycle - a.cycle);
  }

  #addDirectory(directory: DirectoryNode): void {
    if (directory.parent !== undefined) this.directories.set(directory.path, directory.title);
    const { keys } = directory;
    for (let index = 0; index < keys.count; index++) {
      const className = keys.className(index);
      if (isDirectoryClass(className)) continue;
      const object = { file: this, directory, index, cycle: keys.cycle(index), className };
      const path = joinPath(directory.path, keys.name(index));
      const cycles = this.objects.get(path);
      if (cycles === undefined) this.objects.set(path, [object]);
      else cycles.push(object);
    }
  }

  [Symbol.dispose](): void {
    this.file.close();
  }
}

/** Histograms: TH1, TH2, TH3 in all storage types, and the profiles. */
const HISTOGRAM = /^(TH[123][CSILFD]|TProfile[23]D|TProfile)$/;

/** What kind of contents objects of a class have. */
export function contentKind(className: string): ContentKind {
  if (className === 'TTree' || className === 'TNtuple' || className === 'TNtupleD') return 'tree';
  if (isRNTupleClass(className)) return 'rntuple';
  return HISTOGRAM.test(className) ? 'histogram' : 'object';
}

/** Title in an object's key. */
export function titleOf({ directory, index }: FileObject): string {
  return directory.keys.title(index);
}

/** An object as stored, without its key. */
export function storedOf({ file, directory, index }: FileObject): Uint8Array {
  const { keys } = directory;
  return file.file.source.read(keys.seekKey(index) + keys.keylen(index), keys.nbytes(index) - keys.keylen(index));
}

/** What numbers of process ids stand for in two objects; undefined where one of the files has none. */
export function processIdsOf(a: FileObject, b: FileObject): readonly [ProcessIds, ProcessIds] | undefined {
  if (!ProcessIds.areIn(a.file.file) || !ProcessIds.areIn(b.file.file)) return undefined;
  const idsOf = ({ file: { file }, directory, index }: FileObject): ProcessIds =>
    new ProcessIds(file, file.readKey(directory.keys.seekKey(index)).pidOffset);
  return [idsOf(a), idsOf(b)];
}

/** True when two objects are stored in equal bytes, whose tags mean the same. */
export function isStoredEqual(a: FileObject, b: FileObject): boolean {
  if (a.file.hasSecondLayouts !== b.file.hasSecondLayouts) return false;
  const [x, y] = [a.directory.keys, b.directory.keys];
  if (x.nbytes(a.index) !== y.nbytes(b.index) || x.objlen(a.index) !== y.objlen(b.index) || x.keylen(a.index) !== y.keylen(b.index)) {
    return false;
  }
  return Buffer.compare(storedOf(a), storedOf(b)) === 0;
}

/** Reads the payload of an object. Throws CorruptFileError. */
export function payloadOf({ file, directory, index }: FileObject): { source: SpanSource; infos: InfoSet } {
  const { key, payload } = file.file.readObject(directory, index);
  return { source: spanSource(payload, key.keylen), infos: file.infos };
}

/** Walks a payload. Throws CorruptFileError, UnsupportedError. */
export function walkPayload({ className }: FileObject, { source, infos }: { source: SpanSource; infos: InfoSet }): SpanGraph {
  return walkObject(source.bytes, source.keylen, className, infos);
}

/** Reads an object. Throws CorruptFileError, UnsupportedError. */
export function graphOf(object: FileObject): SpanGraph {
  return walkPayload(object, payloadOf(object));
}
