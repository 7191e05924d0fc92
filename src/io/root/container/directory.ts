/**
 * TDirectory: its record and its key list.
 *
 *   field          small   big     unit and meaning                    (TDirectoryFile::FillBuffer)
 *   fVersion       i16     i16     5; above 1000: 64-bit seeks (1005)
 *   fDatimeC, M    u32 x2  u32 x2  created, modified
 *   fNbytesKeys    i32     i32     bytes of the key-list record
 *   fNbytesName    i32     i32     bytes from the record's start to this data
 *   fSeekDir       i32     i64     offset of the directory's own record
 *   fSeekParent    i32     i64     offset of the parent's record; 0 for the root
 *   fSeekKeys      i32     i64     offset of the key-list record
 *   UUID           18      18      i16 version 1, 16 bytes (absent in version 1)
 *   padding        12      0       so that the record can grow into the big form in place
 */
import { CorruptFileError } from '../../../errors.ts';
import { BigEndianReader, BigEndianWriter } from '../../bytes/big-endian.ts';
import { compact } from '../../bytes/small-arrays.ts';
import { START_BIG_FILE } from './file-header.ts';

/** Bytes every directory record occupies, whatever its form (rule 15: ROOT rewrites it in place). */
export const DIRECTORY_RECORD_BYTES = 60;
const DIRECTORY_VERSION = 5;
/** For directories of version 1. */
const NO_UUID = new Uint8Array(16);

/** A parsed directory record. */
export interface DirectoryRecord {
  datimeCreated: number;
  datimeModified: number;
  nbytesKeys: number;
  nbytesName: number;
  seekDir: number;
  seekParent: number;
  seekKeys: number;
  /** 16 bytes; zeros where the version has none. */
  uuid: Uint8Array;
}

/** Parses a directory record; CorruptFileError when it is cut. */
export function parseDirectoryRecord(r: BigEndianReader): DirectoryRecord {
  const version = r.i16();
  const big = version > 1000;
  const offset = (): number => (big ? r.offset64() : r.u32());
  const [datimeCreated, datimeModified, nbytesKeys, nbytesName] = [r.u32(), r.u32(), r.i32(), r.i32()];
  const [seekDir, seekParent, seekKeys] = [offset(), offset(), offset()];
  const uuid = r.remaining >= 18 && version % 1000 > 1 ? compact(r.raw(18).subarray(2)) : NO_UUID;
  return { datimeCreated, datimeModified, nbytesKeys, nbytesName, seekDir, seekParent, seekKeys, uuid };
}

/** Encodes a directory record in its 60 bytes; the big form when one of the seeks lies beyond 2 000 000 000. */
export function encodeDirectoryRecord(d: DirectoryRecord): Uint8Array {
  const big = Math.max(d.seekDir, d.seekParent, d.seekKeys) > START_BIG_FILE;
  const w = new BigEndianWriter(DIRECTORY_RECORD_BYTES);
  const offset = (value: number): void => (big ? w.i64(value) : w.i32(value));
  w.i16(DIRECTORY_VERSION + (big ? 1000 : 0));
  w.u32(d.datimeCreated);
  w.u32(d.datimeModified);
  w.i32(d.nbytesKeys);
  w.i32(d.nbytesName);
  offset(d.seekDir);
  offset(d.seekParent);
  offset(d.seekKeys);
  w.u16(1);
  w.raw(d.uuid);
  w.raw(new Uint8Array(DIRECTORY_RECORD_BYTES - w.pos));
  return w.done();
}

/** True for the class names under which a subdirectory is listed. */
export function isDirectoryClass(className: string): boolean {
  return className === 'TDirectory' || className === 'TDirectoryFile';
}

/**
 * Refuses a directory whose key list was never written: the file was not closed. A subdirectory that
 * never held an object has none in a closed file either (fSeekKeys and fNbytesKeys 0, seen with ROOT 6.40).
 */
export function checkDirectoryClosed(d: DirectoryRecord, fileEnd: number, isRoot: boolean): void {
  if (!isRoot && d.seekKeys === 0 && d.nbytesKeys === 0) return;
  if (d.seekKeys === 0) {
    throw new CorruptFileError('directory has no key list: the file was never closed', { offset: d.seekDir });
  }
  if (d.nbytesKeys <= 0 || d.seekKeys + d.nbytesKeys > fileEnd) {
    throw new CorruptFileError('key list lies outside the file', {
      offset: d.seekDir,
      expected: `at most ${fileEnd}`,
      found: d.seekKeys + d.nbytesKeys,
    });
  }
}
