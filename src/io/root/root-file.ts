/**
 * A ROOT file opened for reading: header, all directories with their key lists, and the place of
 * the StreamerInfo record. Strict: whatever contradicts itself is a CorruptFileError that names the
 * file, the offset, what was expected and what was found. Object payloads are read on demand.
 */
import { CorruptFileError, addContext, withContext } from '../../errors.ts';
import { BigEndianReader } from '../bytes/big-endian.ts';
import { openSource, type Source } from '../bytes/source.ts';
import { payloadOf } from '../codec/payload.ts';
import { checkDirectoryClosed, isDirectoryClass, parseDirectoryRecord, type DirectoryRecord } from './container/directory.ts';
import type { FileHeader } from './container/file-header.ts';
import { checkKey, parseKey, type KeyHeader } from './container/key.ts';
import { parseFreeSegments } from './container/free-segments.ts';
import { checkKeyImage, leadingImage } from './container/key-image.ts';
import { KeyTable } from './container/key-table.ts';
import { checkListBytes, checkListedKeys } from './container/listed-keys.ts';
import { readFileHeader } from './root-file-header.ts';

/** Bytes read to parse one key header; longer ones are read again at their full length. */
const KEY_PEEK_BYTES = 512;
/** Deepest nesting of directories accepted; more means a loop or damage. */
const MAX_DEPTH = 1000;
/** Payload of a key list without keys. */
const NO_KEYS = new Uint8Array(4);
/** Of all directories that have none: most of many. */
const NO_CHILDREN = new Map<number, DirectoryNode>();

/** One directory of a file. */
export interface DirectoryNode {
  /** Full path, `/` for the root, `/a/b` below. */
  readonly path: string;
  readonly name: string;
  readonly title: string;
  readonly parent: DirectoryNode | undefined;
  /** Cycle of the key that lists this directory in its parent; 1 for the root. */
  readonly cycle: number;
  readonly record: DirectoryRecord;
  readonly keys: KeyTable;
  /** Subdirectories by the index of their key, in the order of the keys. */
  readonly children: ReadonlyMap<number, DirectoryNode>;
}

/** A directory's record: file offsets of its key and of its data, and the data. */
interface DirectoryPlace {
  start: number;
  dataAt: number;
  data: Uint8Array;
}

/** A record's payload with the key in front of it. */
export interface ObjectPayload {
  key: KeyHeader;
  /** Uncompressed payload; class and object tags in it count from the start of the key. */
  payload: Uint8Array;
}

/** An open ROOT file. */
export class RootFile {
  readonly source: Source;
  readonly header: FileHeader;
  readonly root: DirectoryNode;
  /** All directories, parents before children. */
  readonly directories: readonly DirectoryNode[];
  /** Where directory records start: one that is listed twice would be read twice, or for ever. */
  readonly #directoryStarts: Set<number>;

  constructor(source: Source) {
    this.source = source;
    this.header = readFileHeader(source);
    this.#directoryStarts = new Set([this.header.begin]);
    const directories: DirectoryNode[] = [];
    this.root = this.#readRootDirectory(directories);
    this.directories = directories;
    this.#checkInfos();
  }

  get path(): string {
    return this.source.path;
  }

  #readRootDirectory(all: DirectoryNode[]): DirectoryNode {
    const { begin, nbytesName, end } = this.header;
    const key = this.readKey(begin);
    if (nbytesName < key.keylen || begin + nbytesName > end) {
      throw new CorruptFileError('header names an impossible first record', {
        offset: 28,
        expected: `at least ${key.keylen}`,
        found: nbytesName,
      });
    }
    const text = new BigEndianReader(this.source.read(begin + key.keylen, nbytesName - key.keylen), 0, undefined, begin + key.keylen);
    const names = { name: text.tstring(), title: text.tstring() };
    if (text.remaining > 0) {
      throw new CorruptFileError('first record has another length of names than the header says', {
        offset: begin,
        expected: nbytesName,
        found: nbytesName - text.remaining,
      });
    }
    const dataAt = begin + nbytesName;
    const data = this.source.read(dataAt, Math.max(0, begin + key.nbytes - dataAt));
    return this.#readDirectory(all, { ...names, parent: undefined, cycle: 1 }, { start: begin, dataAt, data }, 0);
  }

  /** Reads the directory whose record lies at `place`, then everything below it. */
  #readDirectory(
    all: DirectoryNode[],
    what: Pick<DirectoryNode, 'name' | 'title' | 'parent' | 'cycle'>,
    { start, dataAt, data }: DirectoryPlace,
    depth: number,
  ): DirectoryNode {
    if (depth > MAX_DEPTH) throw new CorruptFileError(`directories are nested more than ${MAX_DEPTH} deep`, { offset: start });
    const record = parseDirectoryRecord(new BigEndianReader(data, 0, undefined, dataAt));
    if (record.seekDir !== start) {
      throw new CorruptFileError('directory names another position as its own', { offset: dataAt, expected: start, found: record.seekDir });
    }
    checkDirectoryClosed(record, this.header.end, what.parent === undefined);
    const keys = this.#readKeyList(record);
    const path = what.parent === undefined ? '/' : joinPath(what.parent.path, what.name);
    const children = keys.classNames.some(isDirectoryClass) ? new Map<number, DirectoryNode>() : NO_CHILDREN;
    const node: DirectoryNode = { ...what, path, record, keys, children };
    all.push(node);
    for (let i = 0; children !== NO_CHILDREN && i < keys.count; i++) {
      if (!isDirectoryClass(keys.className(i))) continue;
      const below = { name: keys.name(i), title: keys.title(i), parent: node, cycle: keys.cycle(i) };
      const readChild = (): DirectoryNode => this.#readDirectory(all, below, this.#listedPlace(keys, i), depth + 1);
      children.set(i, withContext({ objectPath: objectPath(node, i) }, readChild));
    }
    return node;
  }

  /** The record of key `i`, a directory; its header must agree with its image in the key list. */
  #listedPlace(keys: KeyTable, i: number): DirectoryPlace {
    const [start, keylen] = [keys.seekKey(i), keys.keylen(i)];
    if (this.#directoryStarts.has(start)) throw new CorruptFileError('directory is listed twice', { offset: start });
    this.#directoryStarts.add(start);
    const bytes = this.source.read(start, keys.nbytes(i));
    checkKeyImage(keys, i, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0);
    return { start, dataAt: start + keylen, data: bytes.subarray(keylen) };
  }

  #readKeyList(record: DirectoryRecord): KeyTable {
    if (record.seekKeys === 0) return new KeyTable(NO_KEYS, record.seekDir);
    const key = this.readKey(record.seekKeys);
    const at = record.seekKeys + key.keylen;
    const keys = new KeyTable(this.source.read(at, record.nbytesKeys - key.keylen), at);
    checkListBytes(record, key.nbytes, keys);
    checkListedKeys(keys, this.header, at);
    if (!keys.endsExactly) this.#refuseUncounted(keys, at);
    return keys;
  }

  /**
   * uproot leaves room behind the keys, and what stood there before. A key there whose record is still in use was not removed: the list
   * counts too few.
   */
  #refuseUncounted(keys: KeyTable, listOffset: number): void {
    const end = keys.imageAt[keys.count] as number;
    const image = keys.bytes.subarray(end);
    const key = leadingImage(image);
    if (key === undefined || key.seekKey < this.header.begin || key.seekKey + key.nbytes > this.header.end) return;
    const isRecord = Buffer.compare(this.source.read(key.seekKey, key.keylen), image.subarray(0, key.keylen)) === 0;
    if (!isRecord) return;
    const { stored } = this.readStored(this.header.seekFree);
    const isFree = parseFreeSegments(stored).some(({ first, last }) => key.seekKey >= first && key.seekKey <= last);
    if (isFree) return;
    throw new CorruptFileError(`key list counts fewer keys than it holds: ${key.name};${key.cycle} is left`, {
      offset: listOffset + end,
      expected: `more than ${keys.count}`,
      found: keys.count,
    });
  }

  #checkInfos(): void {
    const { seekInfo, nbytesInfo, end } = this.header;
    const hasKeys = this.directories.some((d) => d.keys.count > 0);
    if (seekInfo === 0 && hasKeys) throw new CorruptFileError('file has no StreamerInfo record: it was never closed', { offset: 37 });
    if (seekInfo !== 0 && (nbytesInfo <= 0 || seekInfo + nbytesInfo > end)) {
      throw new CorruptFileError('StreamerInfo record lies outside the file', {
        offset: 37,
        expected: `at most ${end}`,
        found: seekInfo + nbytesInfo,
      });
    }
  }

  /** Parses the key header at a file offset and checks that its record lies inside the file. */
  readKey(at: number): KeyHeader {
    const available = this.header.end - at;
    if (at < this.header.begin || available <= 0) {
      throw new CorruptFileError('record lies outside the file', { offset: at, expected: `${this.header.begin} to ${this.header.end}` });
    }
    let bytes = this.source.read(at, Math.min(KEY_PEEK_BYTES, available));
    const keylen = bytes.length >= 16 ? ((bytes[14] as number) << 8) | (bytes[15] as number) : 0;
    if (keylen > bytes.length) bytes = this.source.read(at, Math.min(keylen, available));
    const key = parseKey(new BigEndianReader(bytes, 0, undefined, at));
    checkKey({ ...key, seekKey: at }, at, this.header.end);
    return key;
  }

  /** Reads the record at `at` with its payload as stored. */
  readStored(at: number): { key: KeyHeader; stored: Uint8Array } {
    const key = this.readKey(at);
    return { key, stored: this.source.read(at + key.keylen, key.nbytes - key.keylen) };
  }

  /** Reads and decompresses the payload of the record at `at`; the key is checked against the file. */
  readRecord(at: number): ObjectPayload {
    const { key, stored } = this.readStored(at);
    return { key, payload: this.#unpack(stored, key.objlen, at + key.keylen) };
  }

  /** Payload of key `i` of a directory; the record's header must agree with its image in the key list. */
  readObject(directory: DirectoryNode, i: number): ObjectPayload {
    const { keys } = directory;
    const at = keys.seekKey(i);
    try {
      const bytes = this.source.read(at, keys.nbytes(i)); // checkListedKeys: inside the file
      checkKeyImage(keys, i, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0);
      const key = parseKey(new BigEndianReader(bytes, 0, undefined, at));
      return { key, payload: this.#unpack(bytes.subarray(key.keylen), key.objlen, at + key.keylen) };
    } catch (err) {
      throw addContext(err, { file: this.path, objectPath: objectPath(directory, i) });
    }
  }

  /** The StreamerInfo record with its payload as stored, or undefined in a file without objects. */
  readStoredInfos(): { key: KeyHeader; stored: Uint8Array } | undefined {
    const { seekInfo, nbytesInfo } = this.header;
    if (seekInfo === 0) return undefined;
    return withContext({ file: this.path, objectPath: 'StreamerInfo' }, () => {
      const record = this.readStored(seekInfo);
      if (record.key.nbytes !== nbytesInfo) {
        throw new CorruptFileError('StreamerInfo record has another length than the header says', {
          offset: seekInfo,
          expected: nbytesInfo,
          found: record.key.nbytes,
        });
      }
      return record;
    });
  }

  /** The StreamerInfo record, or undefined in a file without objects. */
  readInfos(): ObjectPayload | undefined {
    const record = this.readStoredInfos();
    if (record === undefined) return undefined;
    const { key, stored } = record;
    const at = this.header.seekInfo + key.keylen;
    return { key, payload: withContext({ objectPath: 'StreamerInfo' }, () => this.#unpack(stored, key.objlen, at)) };
  }

  #unpack(stored: Uint8Array, objlen: number, baseOffset: number): Uint8Array {
    try {
      return payloadOf(stored, objlen);
    } catch (err) {
      throw addContext(err, { file: this.path, baseOffset });
    }
  }

  close(): void {
    this.source.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Full path of an object with its cycle, e.g. `/jets/pt;1`. */
export function objectPath(directory: DirectoryNode, i: number): string {
  return `${joinPath(directory.path, directory.keys.name(i))};${directory.keys.cycle(i)}`;
}

/** Joins a directory path and a name. */
export function joinPath(directory: string, name: string): string {
  return directory === '/' ? `/${name}` : `${directory}/${name}`;
}

/** Opens a ROOT file; every error names the file. */
export function openRootFile(path: string): RootFile {
  const source = openSource(path);
  try {
    return new RootFile(source);
  } catch (err) {
    source.close();
    throw addContext(err, { file: path });
  }
}
