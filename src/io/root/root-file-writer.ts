/**
 * Writes a ROOT file from front to back: first record, subdirectory records, whatever records the
 * caller appends, then StreamerInfo, key lists, free segments, and the header last. Until the
 * header is there no reader takes the file for a ROOT file.
 *
 * The 20 rules a writer must keep are in docs/format/writing.md. Forms (32 or 64-bit seeks) are
 * chosen per record from its own position, the header's from fEND.
 */
import { UnsupportedError, invariant } from '../../errors.ts';
import { decodeText } from '../bytes/big-endian.ts';
import type { Sink } from '../bytes/sink.ts';
import { compress } from '../codec/payload.ts';
import { DIRECTORY_RECORD_BYTES, encodeDirectoryRecord, type DirectoryRecord } from './container/directory.ts';
import { HEADER_BYTES, encodeFileHeader } from './container/file-header.ts';
import { encodeFreeSegments, freeSegmentBytes } from './container/free-segments.ts';
import { encodeKeyInto, keyLength, needsBigKey, type NewKey } from './container/key.ts';
import { KeyImages } from './key-images.ts';
import { joinPath } from './root-file.ts';

const text = (s: string): Uint8Array => Buffer.from(s, 'utf8');
const EMPTY = new Uint8Array(0);
const INFO_KEY = { className: text('TList'), name: text('StreamerInfo'), title: text('Doubly linked list') };
/**
 * Name in the first record. ROOT shows the path a file was opened by, not this name, and a fixed
 * name keeps the bytes of equal merges equal.
 */
const FILE_NAME = text('merged.root');

/** Byte counts have 30 bits, and positions in a payload count from its key (TBufferFile, kMaxMapCount). */
const MAX_OBJECT_BYTES = 2 ** 30 - 2;

/** What holds for the whole file. */
export interface WriterOptions {
  /** Packed TDatime for directories and for records without a date of their own. */
  datime: number;
  /** ROOT compression setting for records the writer compresses, and for the header. */
  compression: number;
  /** UUID, 16 bytes, of the directory with the given full path (`/` for the file). */
  uuidOf: (path: string) => Uint8Array;
}

/** A directory of the output. */
export interface OutputDirectory {
  readonly path: string;
  readonly nameText: Uint8Array;
  readonly titleText: Uint8Array;
  /** File offset of its record. */
  readonly seekDir: number;
  readonly nbytesName: number;
  readonly seekParent: number;
  /** File offset of the 60 bytes of directory data. */
  readonly dataAt: number;
  /** Key images by slot: the position a key will have in the key list. */
  readonly images: KeyImages;
}

/** What identifies a record to be written; see NewKey for widths. */
export type RecordKey = Pick<NewKey, 'className' | 'name' | 'title' | 'cycle'> & { datime?: number; pidOffset?: number };

/** The file and directory an object is written into. */
export interface OutputPlace {
  writer: RootFileWriter;
  directory: OutputDirectory;
}

/** The place a record got. */
export interface WrittenRecord {
  seekKey: number;
  nbytes: number;
  keylen: number;
}

/** Writer over a sink; call `finish` exactly once. */
export class RootFileWriter {
  readonly sink: Sink;
  readonly options: WriterOptions;
  readonly root: OutputDirectory;
  readonly directories: OutputDirectory[] = [];

  constructor(sink: Sink, options: WriterOptions) {
    invariant(sink.position === 0, 'a ROOT file starts at position 0 of its sink');
    this.sink = sink;
    this.options = options;
    sink.append(new Uint8Array(HEADER_BYTES));
    this.root = this.#writeFirstRecord();
    this.directories.push(this.root);
  }

  /** File offset of the next record. */
  get position(): number {
    return this.sink.position;
  }

  #writeFirstRecord(): OutputDirectory {
    const key = { className: text('TFile'), name: FILE_NAME, title: EMPTY };
    const names = new Uint8Array([FILE_NAME.length, ...FILE_NAME, 0]);
    const payload = new Uint8Array(names.length + DIRECTORY_RECORD_BYTES);
    payload.set(names);
    const { seekKey, keylen } = this.#appendKeyed({ ...key, cycle: 1 }, 0, payload, payload.length);
    const nbytesName = keylen + names.length;
    return {
      path: '/',
      nameText: FILE_NAME,
      titleText: EMPTY,
      seekDir: seekKey,
      nbytesName,
      seekParent: 0,
      dataAt: seekKey + nbytesName,
      images: new KeyImages(),
    };
  }

  /** Writes the record of a subdirectory and lists it in `slot` of its parent. */
  createDirectory(parent: OutputDirectory, slot: number, path: string, key: RecordKey): OutputDirectory {
    const { seekKey, keylen } = this.writeRecord(parent, slot, key, new Uint8Array(DIRECTORY_RECORD_BYTES), DIRECTORY_RECORD_BYTES);
    const directory: OutputDirectory = {
      path,
      nameText: key.name,
      titleText: key.title,
      seekDir: seekKey,
      nbytesName: keylen,
      seekParent: parent.seekDir,
      dataAt: seekKey + keylen,
      images: new KeyImages(),
    };
    this.directories.push(directory);
    return directory;
  }

  /** fKeylen of a record with this key if it were written now. */
  keylenNow(directory: OutputDirectory, key: RecordKey): number {
    return keyLength(key, needsBigKey(this.position, directory.seekDir, key.pidOffset));
  }

  /** Appends a record whose payload is already in its stored form, listed in `slot` (or unlisted when undefined). */
  writeRecord(directory: OutputDirectory, slot: number | undefined, key: RecordKey, stored: Uint8Array, objlen: number): WrittenRecord {
    const written = this.#appendKeyed(key, directory.seekDir, stored, objlen);
    if (slot !== undefined) directory.images.set(slot, new DataView(this.#keyScratch.buffer), 0, written.keylen);
    return written;
  }

  /**
   * Appends an object: `encode` gets the final fKeylen, because class and object tags in a payload
   * count from the start of its key (rule 1), and returns the uncompressed payload. UnsupportedError
   * for an object that no reader takes, because it is too large.
   */
  writeObject(directory: OutputDirectory, slot: number, key: RecordKey, encode: (keylen: number) => Uint8Array): WrittenRecord {
    const payload = encode(this.keylenNow(directory, key));
    if (payload.length > MAX_OBJECT_BYTES) {
      throw new UnsupportedError(`an object of ${payload.length} bytes cannot be read: ROOT's limit is ${MAX_OBJECT_BYTES}`, {
        objectPath: joinPath(directory.path, decodeText(key.name)),
      });
    }
    return this.writeRecord(directory, slot, key, compress(this.options.compression, payload), payload.length);
  }

  #keyScratch: Uint8Array = new Uint8Array(1024);

  #appendKeyed(key: RecordKey, seekPdir: number, stored: Uint8Array, objlen: number): WrittenRecord {
    const written = this.#appendKey(key, seekPdir, stored.length, objlen);
    this.sink.append(stored);
    return written;
  }

  /** Appends the key of a record whose `storedBytes` of payload follow. */
  #appendKey(key: RecordKey, seekPdir: number, storedBytes: number, objlen: number): WrittenRecord {
    const seekKey = this.position;
    const full: NewKey = { ...key, datime: key.datime ?? this.options.datime, objlen, storedBytes, seekPdir };
    const needed = keyLength(full, true);
    if (needed > this.#keyScratch.length) this.#keyScratch = new Uint8Array(needed);
    const keylen = encodeKeyInto(this.#keyScratch, 0, full, seekKey);
    this.sink.append(this.#keyScratch, 0, keylen);
    return { seekKey, nbytes: keylen + storedBytes, keylen };
  }

  /**
   * Writes infos, key lists, directory data, free segments and the header.
   * `encodeInfos` returns the StreamerInfo list for a key of the given length; undefined: no record.
   * Returns the size of the file in bytes.
   */
  finish(encodeInfos: ((keylen: number) => Uint8Array) | undefined): number {
    const infos = encodeInfos === undefined ? { seekKey: 0, nbytes: 0 } : this.#writeInfos(encodeInfos);
    const records = this.directories.map((d) => this.#writeKeyList(d));
    const free = this.#writeFreeSegments();
    this.directories.forEach((d, i) => this.sink.patch(d.dataAt, encodeDirectoryRecord(records[i] as DirectoryRecord)));
    const end = this.position;
    const header = encodeFileHeader({
      end,
      seekFree: free.seekKey,
      nbytesFree: free.nbytes,
      nbytesName: this.root.nbytesName,
      compress: this.options.compression,
      seekInfo: infos.seekKey,
      nbytesInfo: infos.nbytes,
      uuid: this.options.uuidOf('/'),
    });
    this.sink.patch(0, header);
    return end;
  }

  #writeInfos(encodeInfos: (keylen: number) => Uint8Array): WrittenRecord {
    const key: RecordKey = { ...INFO_KEY, cycle: 1 };
    const payload = encodeInfos(this.keylenNow(this.root, key));
    return this.writeRecord(this.root, undefined, key, compress(this.options.compression, payload), payload.length);
  }

  #writeKeyList(d: OutputDirectory): DirectoryRecord {
    const className = d === this.root ? text('TFile') : text('TDirectory');
    const key = { className, name: d.nameText, title: d.titleText, cycle: 1 };
    const { listBytes } = d.images;
    const { seekKey, nbytes } = this.#appendKey(key, d.seekDir, listBytes, listBytes);
    d.images.writeList((bytes, start, length) => this.sink.append(bytes, start, length));
    const { datime } = this.options;
    return {
      datimeCreated: datime,
      datimeModified: datime,
      nbytesKeys: nbytes,
      nbytesName: d.nbytesName,
      seekDir: d.seekDir,
      seekParent: d.seekParent,
      seekKeys: seekKey,
      uuid: this.options.uuidOf(d.path),
    };
  }

  /** The record's length depends on fEND and fEND on the record's length: the small form is tried first. */
  #writeFreeSegments(): WrittenRecord {
    const key: RecordKey = { className: text('TFile'), name: FILE_NAME, title: EMPTY, cycle: 1 };
    const keylen = this.keylenNow(this.root, key);
    let end = this.position + keylen + freeSegmentBytes(this.position);
    end = this.position + keylen + freeSegmentBytes(end);
    const payload = encodeFreeSegments(end);
    return this.writeRecord(this.root, undefined, key, payload, payload.length);
  }
}
