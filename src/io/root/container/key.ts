/**
 * TKey: the header in front of every record of a TFile. Big-endian, never compressed.
 *
 *   ROOT field    width   unit and meaning                       (spec: ROOT io/doc/TFile/datarecord.md)
 *   fNbytes       i32     bytes: header + payload as stored. Negative: a gap, see free-segments.ts
 *   fVersion      u16     above 1000 the key is "big": both seeks are 8 bytes wide
 *   fObjlen       i32     bytes: payload once decompressed
 *   fDatime       u32     packed local time, see datime.ts
 *   fKeylen       u16     bytes: this header. TBasket keys count 19 or 20 bytes more
 *   fCycle        i16     the n of `name;n`; negative: ROOT's keep flag
 *   fSeekKey      4 | 8   file offset of this record
 *   fSeekPdir     4 | 8   file offset of the owning directory; big: upper 16 bits = process-id offset
 *   fClassName, fName, fTitle   TString: u8 length, or 255 then i32 length
 *
 * The payload is stored raw exactly when fNbytes - fKeylen >= fObjlen (TKey::ReadObj).
 */
import { CorruptFileError, UnsupportedError } from '../../../errors.ts';
import { BigEndianReader, tstringSize, writeI64 } from '../../bytes/big-endian.ts';
import { START_BIG_FILE } from './file-header.ts';

/** Key versions above this carry 64-bit seeks. */
export const BIG_KEY_VERSION = 1000;
/** Key version of ROOT 5 and 6. */
export const KEY_VERSION = 4;
/** Bytes of a small key header up to its strings. */
export const SMALL_KEY_FIXED_BYTES = 26;
/** Bytes of a big key header up to its strings. */
export const BIG_KEY_FIXED_BYTES = 34;
/** fKeylen is an i16 in memory: longer headers cannot be read back. */
const MAX_KEY_BYTES = 32_767;
/** Offset of fSeekKey inside a key header. */
export const SEEK_KEY_AT = 18;

/** A parsed key header. */
export interface KeyHeader {
  nbytes: number;
  version: number;
  objlen: number;
  datime: number;
  keylen: number;
  cycle: number;
  seekKey: number;
  seekPdir: number;
  /** Upper 16 bits of a big key's fSeekPdir: offset of this record's process ids in the file's table. */
  pidOffset: number;
  className: string;
  name: string;
  title: string;
}

/** True for keys with 64-bit seeks. */
export function isBigKey(version: number): boolean {
  return version > BIG_KEY_VERSION;
}

/** Parses a key header at the reader's position; strings are read to their own length, not to fKeylen. */
export function parseKey(r: BigEndianReader): KeyHeader {
  const [nbytes, version, objlen, datime] = [r.i32(), r.u16(), r.i32(), r.u32()];
  const [keylen, cycle] = [r.u16(), r.i16()];
  const big = isBigKey(version);
  const seekKey = big ? r.offset64() : r.u32();
  const pidOffset = big ? r.u16() : 0;
  const seekPdir = big ? r.u48() : r.u32();
  const [className, name, title] = [r.tstring(), r.tstring(), r.tstring()];
  return { nbytes, version, objlen, datime, keylen, cycle, seekKey, seekPdir, pidOffset, className, name, title };
}

/** Checks that a key describes a record that lies whole inside the file. */
export function checkKey(key: KeyHeader, at: number, fileEnd: number): void {
  if (key.nbytes < key.keylen || key.keylen < SMALL_KEY_FIXED_BYTES) {
    throw new CorruptFileError('record is shorter than its key', { offset: at, expected: `at least ${key.keylen}`, found: key.nbytes });
  }
  if (key.objlen < 0) throw new CorruptFileError('key has a negative object length', { offset: at, found: key.objlen });
  if (key.seekKey + key.nbytes > fileEnd) {
    throw new CorruptFileError('record lies outside the file', {
      offset: at,
      expected: `at most ${fileEnd}`,
      found: key.seekKey + key.nbytes,
    });
  }
}

/** What a new key says; strings as stored bytes, so that no name is changed by decoding it. */
export interface NewKey {
  className: Uint8Array;
  name: Uint8Array;
  title: Uint8Array;
  cycle: number;
  datime: number;
  objlen: number;
  /** Bytes of the payload as stored. */
  storedBytes: number;
  seekPdir: number;
  /** Process ids written before those of the input this record comes from; 0 for records of our own. */
  pidOffset?: number;
}

/** True when a record at `seekKey` needs 64-bit seeks. */
export function needsBigKey(seekKey: number, seekPdir: number, pidOffset = 0): boolean {
  return seekKey > START_BIG_FILE || seekPdir > START_BIG_FILE || pidOffset > 0;
}

/** Bytes of a key header in front of its strings. */
export function fixedKeyBytes(big: boolean): number {
  return big ? BIG_KEY_FIXED_BYTES : SMALL_KEY_FIXED_BYTES;
}

/** Bytes of a key header (fKeylen) with the given strings. */
export function keyLength(strings: { className: Uint8Array; name: Uint8Array; title: Uint8Array }, big: boolean): number {
  return fixedKeyBytes(big) + tstringSize(strings.className.length) + tstringSize(strings.name.length) + tstringSize(strings.title.length);
}

/**
 * Encodes a key header into `target` at `at` for a record at file offset `seekKey`; returns its length.
 * The form (small or big) follows from the position: rule 16, per record. UnsupportedError when
 * name and title together are longer than a key can hold.
 */
export function encodeKeyInto(target: Uint8Array, at: number, key: NewKey, seekKey: number): number {
  const big = needsBigKey(seekKey, key.seekPdir, key.pidOffset);
  const keylen = keyLength(key, big);
  if (keylen > MAX_KEY_BYTES) {
    throw new UnsupportedError(`name and title make a key of ${keylen} bytes, a key holds at most ${MAX_KEY_BYTES}`);
  }
  const view = new DataView(target.buffer, target.byteOffset + at, keylen);
  view.setInt32(0, keylen + key.storedBytes);
  view.setUint16(4, KEY_VERSION + (big ? BIG_KEY_VERSION : 0));
  view.setInt32(6, key.objlen);
  view.setUint32(10, key.datime);
  view.setUint16(14, keylen);
  view.setInt16(16, key.cycle);
  patchSeeks(view, 0, big, seekKey, key.seekPdir, key.pidOffset ?? 0);
  let pos = at + fixedKeyBytes(big);
  for (const text of [key.className, key.name, key.title]) pos = putTString(target, pos, text);
  return keylen;
}

function putTString(target: Uint8Array, at: number, text: Uint8Array): number {
  let pos = at;
  if (text.length < 255) target[pos++] = text.length;
  else {
    target[pos] = 255;
    new DataView(target.buffer, target.byteOffset).setInt32(pos + 1, text.length);
    pos += 5;
  }
  target.set(text, pos);
  return pos + text.length;
}

/** Overwrites both seeks of the key header at `at` of `view`; the header's form does not change. */
export function patchSeeks(view: DataView, at: number, big: boolean, seekKey: number, seekPdir: number, pidOffset: number): void {
  if (!big) {
    view.setUint32(at + SEEK_KEY_AT, seekKey);
    view.setUint32(at + SEEK_KEY_AT + 4, seekPdir);
    return;
  }
  writeI64(view, at + SEEK_KEY_AT, seekKey);
  view.setUint16(at + SEEK_KEY_AT + 8, pidOffset);
  view.setUint16(at + SEEK_KEY_AT + 10, Math.floor(seekPdir / 0x1_0000_0000));
  view.setUint32(at + SEEK_KEY_AT + 12, seekPdir % 0x1_0000_0000);
}
