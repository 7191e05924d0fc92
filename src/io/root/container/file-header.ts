/**
 * The TFile header: the first bytes of every ROOT file. Big-endian.
 *
 *   field          small: offset/width  big: offset/width   unit and meaning
 *   "root"         0/4                  0/4                 magic
 *   fVersion       4/4                  4/4                 writer's version; +1 000 000 marks the big form
 *   fBEGIN         8/4                  8/4                 offset of the first record: 100 (64 in ROOT 2–4 files)
 *   fEND           12/4                 12/8                offset one past the last record
 *   fSeekFree      16/4                 20/8                offset of the free-segment record
 *   fNbytesFree    20/4                 28/4                its length, bytes
 *   nfree          24/4                 32/4                number of free segments
 *   fNbytesName    28/4                 36/4                bytes of the first record's key, name and title
 *   fUnits         32/1                 40/1                width of file pointers: 4 or 8
 *   fCompress      33/4                 41/4                100 * algorithm + level
 *   fSeekInfo      37/4                 45/8                offset of the StreamerInfo record
 *   fNbytesInfo    41/4                 53/4                its length, bytes
 *   UUID           45/18                57/18               i16 version 1, then 16 bytes
 *
 * Source: ROOT io/doc/TFile/header.md, TFile::WriteHeader.
 */
import { CorruptFileError } from '../../../errors.ts';
import { BigEndianReader, BigEndianWriter } from '../../bytes/big-endian.ts';
import { UUID_BYTES } from '../../bytes/uuid.ts';

/** Width of the header area in files of today; records start here. */
export const HEADER_BYTES = 100;
/** fVersion at and above this value marks 64-bit header fields. */
export const BIG_FILE_VERSION = 1_000_000;
/** ROOT writes 64-bit fields for everything beyond this offset (TFile::kStartBigFile). */
export const START_BIG_FILE = 2_000_000_000;
/** fVersion we write: the streaming format of ROOT 6.40. */
const WRITTEN_VERSION = 64_000;

/** Parsed header; offsets are absolute file offsets in bytes. */
export interface FileHeader {
  version: number;
  begin: number;
  end: number;
  seekFree: number;
  nbytesFree: number;
  nfree: number;
  nbytesName: number;
  units: number;
  compress: number;
  seekInfo: number;
  nbytesInfo: number;
  /** 16 bytes. */
  uuid: Uint8Array;
}

/** Bytes `parseFileHeader` needs at most (big form). */
export const PARSED_HEADER_BYTES = 75;

/**
 * Parses the header. CorruptFileError when the magic is wrong. Files of ROOT 2–4 may lack the UUID;
 * it then reads as what stands there and is used for nothing but seeding.
 */
export function parseFileHeader(bytes: Uint8Array): FileHeader {
  const r = new BigEndianReader(bytes);
  if (bytes.length < 4 || r.u32() !== 0x726f6f74) {
    throw new CorruptFileError('not a ROOT file: it does not begin with "root"', { offset: 0 });
  }
  const version = r.i32();
  const big = version >= BIG_FILE_VERSION;
  const offset = (): number => (big ? r.offset64() : r.u32());
  const [begin, end, seekFree] = [r.i32(), offset(), offset()];
  const [nbytesFree, nfree, nbytesName, units, compress] = [r.i32(), r.i32(), r.i32(), r.u8(), r.i32()];
  const [seekInfo, nbytesInfo] = [offset(), r.i32()];
  const uuid = r.remaining >= 2 + UUID_BYTES ? r.raw(2 + UUID_BYTES).slice(2) : new Uint8Array(UUID_BYTES);
  return { version, begin, end, seekFree, nbytesFree, nfree, nbytesName, units, compress, seekInfo, nbytesInfo, uuid };
}

/** What a writer decides; the rest of the header is fixed. */
export type WrittenHeader = Omit<FileHeader, 'version' | 'begin' | 'units' | 'nfree'>;

/** Encodes the 100 header bytes; the big form is chosen by `end` (rule 16 of ROOT: fEND > 2 000 000 000). */
export function encodeFileHeader(h: WrittenHeader): Uint8Array {
  const big = h.end > START_BIG_FILE;
  const w = new BigEndianWriter(HEADER_BYTES);
  const offset = (value: number): void => (big ? w.i64(value) : w.u32(value));
  w.u32(0x726f6f74);
  w.i32(WRITTEN_VERSION + (big ? BIG_FILE_VERSION : 0));
  w.i32(HEADER_BYTES);
  offset(h.end);
  offset(h.seekFree);
  w.i32(h.nbytesFree);
  w.i32(1);
  w.i32(h.nbytesName);
  w.u8(big ? 8 : 4);
  w.i32(h.compress);
  offset(h.seekInfo);
  w.i32(h.nbytesInfo);
  w.u16(1);
  w.raw(h.uuid);
  w.raw(new Uint8Array(HEADER_BYTES - w.pos));
  return w.done();
}
