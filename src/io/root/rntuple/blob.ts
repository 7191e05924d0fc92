/**
 * RBlob keys: the records that hold pages and envelopes. No key list names them; locators point behind
 * their 42-byte header. ROOT writes them with the 64-bit form wherever they lie (version 1004), class
 * `RBlob`, no name, no title, cycle 1, fSeekPdir of the file's root directory.
 * Measured on ROOT 6.40 files; RMiniFile.cxx.
 */
import { BigEndianWriter } from '../../bytes/big-endian.ts';
import { BIG_KEY_VERSION, KEY_VERSION } from '../container/key.ts';

/** Class name of a blob's key. */
export const BLOB_CLASS = 'RBlob';
/** fKeylen of a blob's key. */
export const BLOB_KEY_BYTES = 42;

/** What a blob's key says; offsets and sizes in bytes. */
export interface BlobKey {
  /** File offset of the key itself. */
  seekKey: number;
  storedBytes: number;
  objlen: number;
  datime: number;
  seekPdir: number;
}

/** Encodes the key in front of a blob. */
export function encodeBlobKey(key: BlobKey): Uint8Array {
  const w = new BigEndianWriter(BLOB_KEY_BYTES);
  w.i32(BLOB_KEY_BYTES + key.storedBytes);
  w.u16(KEY_VERSION + BIG_KEY_VERSION);
  w.i32(key.objlen);
  w.u32(key.datime);
  w.u16(BLOB_KEY_BYTES);
  w.i16(1);
  w.i64(key.seekKey);
  w.i64(key.seekPdir);
  for (const text of [BLOB_CLASS, '', '']) w.tstring(text);
  return w.done();
}
