/**
 * TBasket: a record of one branch's entries. Its key header is a TKey followed by the basket's own
 * header, both counted in fKeylen and never compressed.
 *
 *   ROOT field      width   unit and meaning             (source: ROOT tree/tree/src/TBasket.cxx, Streamer)
 *   TKey            …       see container/key.ts; class TBasket, name of the branch, title of the tree
 *   fVersion        i16     2 or 3; 1 in very old files
 *   fBufferSize     i32     bytes of the buffer in memory
 *   fNevBufSize     i32     length of the offset array, or bytes per entry; negative: fIOBits follows
 *   fIOBits         u8      only after a negative fNevBufSize
 *   fNevBuf         i32     entries in the basket
 *   fLast           i32     bytes from the start of the key to the end of the data
 *   flag            u8      0 in a record, 80: offsets can be computed and are not stored
 *
 * Payload: fLast - fKeylen bytes of data, then for entries of varying size i32 fNevBuf + 1, fNevBuf + 1 offsets (i32,
 * from the start of the key; the last one unused), and the same again for displacements if there are any. With bit 0 of
 * fIOBits the array has fKeylen, then the bytes of each entry (TBasket::WriteBuffer); an embedded basket has offsets
 * all the same.
 */
import { CorruptFileError } from '../../../errors.ts';
import { BigEndianWriter, readI64, tstringSize } from '../../bytes/big-endian.ts';
import { BIG_KEY_FIXED_BYTES, BIG_KEY_VERSION, KEY_VERSION, SMALL_KEY_FIXED_BYTES, isBigKey, patchSeeks } from '../container/key.ts';

/** Bytes of the basket's own header; with fIOBits one more. */
const BASKET_HEADER_BYTES = 19;
/** Version of ROOT 5 and 6. */
const BASKET_VERSION = 3;
/** fNevBufSize of baskets with offsets, and fEntryOffsetLen of their branches: ROOT's default. */
export const ENTRY_OFFSET_LENGTH = 1000;
/** Value added to the flag when offsets can be computed and are not stored. */
export const GENERATED_OFFSETS_FLAG = 80;
/** Bit of fIOBits (TBasket::EIOBits::kGenerateOffsetMap): offsets are computed if they can be; else sizes are stored in their place. */
const GENERATE_OFFSET_MAP = 1;
const CLASS_NAME = Buffer.from('\u0007TBasket', 'latin1');

/** A parsed basket header; filled in place, so that checking many allocates nothing. */
export interface BasketHeader {
  nbytes: number;
  keyVersion: number;
  objlen: number;
  datime: number;
  keylen: number;
  cycle: number;
  seekKey: number;
  pidOffset: number;
  /** Index of the class name's TString, which begins the three strings. */
  stringsAt: number;
  version: number;
  /** As stored: negative when fIOBits follows. */
  nevBufSize: number;
  ioBits: number;
  nevBuf: number;
  last: number;
  flag: number;
}

/** A header to pass to `parseBasketHeader`. */
export function emptyBasketHeader(): BasketHeader {
  return {
    nbytes: 0,
    keyVersion: 0,
    objlen: 0,
    datime: 0,
    keylen: 0,
    cycle: 0,
    seekKey: 0,
    pidOffset: 0,
    stringsAt: 0,
    version: 0,
    nevBufSize: 0,
    ioBits: 0,
    nevBuf: 0,
    last: 0,
    flag: 0,
  };
}

/**
 * Parses the basket header at index `at` of `bytes`, of which [at, end) belong to the basket.
 * CorruptFileError (offset counted from `at`) when it does not fit or is no basket's.
 */
export function parseBasketHeader(bytes: Uint8Array, view: DataView, at: number, end: number, out: BasketHeader): void {
  if (end - at < SMALL_KEY_FIXED_BYTES + CLASS_NAME.length + 2 + BASKET_HEADER_BYTES) {
    fail('basket is shorter than its header', 0, end - at);
  }
  out.nbytes = view.getInt32(at);
  out.keyVersion = view.getUint16(at + 4);
  out.objlen = view.getInt32(at + 6);
  out.datime = view.getUint32(at + 10);
  out.keylen = view.getUint16(at + 14);
  out.cycle = view.getInt16(at + 16);
  const big = isBigKey(out.keyVersion);
  out.seekKey = big ? readI64(view, at + 18) : view.getUint32(at + 18);
  out.pidOffset = big ? view.getUint16(at + 26) : 0;
  out.stringsAt = at + (big ? BIG_KEY_FIXED_BYTES : SMALL_KEY_FIXED_BYTES);
  if (at + out.keylen > end) fail('fKeylen reaches past the record', 14, out.keylen);
  for (let k = 0; k < CLASS_NAME.length; k++) {
    if (bytes[out.stringsAt + k] !== CLASS_NAME[k]) {
      fail('record is no basket: class name differs', out.stringsAt - at, bytes[out.stringsAt + k] as number);
    }
  }
  parseOwnHeader(view, at, out);
}

function parseOwnHeader(view: DataView, at: number, out: BasketHeader): void {
  const keyEnd = at + out.keylen;
  const nameAt = out.stringsAt + CLASS_NAME.length;
  const titleAt = nameAt + textSize(view, nameAt, keyEnd);
  let pos = titleAt + textSize(view, titleAt, keyEnd);
  if (pos + BASKET_HEADER_BYTES > keyEnd) fail('basket header does not fit into fKeylen', 14, out.keylen);
  out.version = view.getInt16(pos);
  out.nevBufSize = view.getInt32(pos + 6);
  pos += 10;
  out.ioBits = out.nevBufSize < 0 ? view.getUint8(pos++) : 0;
  out.nevBuf = view.getInt32(pos);
  out.last = view.getInt32(pos + 4);
  out.flag = view.getUint8(pos + 8);
  if (pos + 9 !== keyEnd) fail('basket header does not end where fKeylen says', 14, out.keylen);
}

/** Bytes of the TString at `at`, which must end before `end`. */
function textSize(view: DataView, at: number, end: number): number {
  const short = view.getUint8(at);
  const size = short < 255 ? 1 + short : tstringSize(view.getInt32(at + 1));
  if (size < 1 || at + size > end) fail('name in the basket key reaches past fKeylen', 14, size);
  return size;
}

function fail(what: string, offset: number, found: number): never {
  throw new CorruptFileError(what, { offset, found });
}

/**
 * Checks that a record's basket header agrees with what the tree says of it.
 * CorruptFileError, offset counted from the start of the record.
 */
export function checkBasketHeader(header: BasketHeader, seek: number, nbytes: number, entryCount: number): void {
  const { keylen, last, objlen, nevBuf } = header;
  if (header.nbytes !== nbytes) throw mismatch('fNbytes', 0, nbytes, header.nbytes);
  if (header.seekKey !== seek) throw mismatch('fSeekKey', 18, seek, header.seekKey);
  if (nevBuf !== entryCount) throw mismatch('fNevBuf', keylen - 9, entryCount, nevBuf);
  const dataBytes = last - keylen;
  if (dataBytes < 0 || dataBytes > objlen) throw mismatch('fLast', keylen - 5, `${keylen} to ${keylen + objlen}`, last);
  const offsetBytes = 4 * (nevBuf + 2);
  const rest = objlen - dataBytes;
  if (rest !== 0 && rest !== offsetBytes && rest !== 2 * offsetBytes) {
    throw mismatch('fObjlen', 6, `${dataBytes} or ${dataBytes + offsetBytes}`, objlen);
  }
  if (nbytes < keylen) throw mismatch('fKeylen', 14, `at most ${nbytes}`, keylen);
}

function mismatch(field: string, offset: number, expected: number | string, found: number): CorruptFileError {
  return new CorruptFileError(`${field} of the basket does not agree with the tree`, { offset, expected, found });
}

/** A basket taken apart: what a record of it is built from. */
export interface BasketParts {
  header: BasketHeader;
  /** The bytes `header` points into. */
  source: Uint8Array;
  /** Data without key, offsets and displacements. */
  data: Uint8Array;
  /** Offset of each entry from the start of a key of `header.keylen` bytes; undefined for entries of one size. */
  offsets: Int32Array | undefined;
  displacements: Int32Array | undefined;
  /** What was read, and the parts it was taken apart into: it may be written again as long as these are still the parts. */
  read?: { payload: Uint8Array; data: Uint8Array; offsets: Int32Array | undefined };
}

/** Takes the uncompressed payload of a basket record apart; `source` holds its header. */
export function parseBasketPayload(header: BasketHeader, source: Uint8Array, payload: Uint8Array): BasketParts {
  const dataBytes = header.last - header.keylen;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const count = header.nevBuf;
  const read = (at: number): Int32Array => Int32Array.from({ length: count }, (_, i) => view.getInt32(at + 4 + 4 * i));
  const step = 4 * (count + 2);
  const rest = payload.length - dataBytes;
  const stored = rest >= step && step > 0 ? read(dataBytes) : undefined;
  const data = payload.subarray(0, dataBytes);
  const offsets = stored && hasSizes(header) ? offsetsOfSizes(stored, header.keylen) : stored;
  const displacements = rest >= 2 * step ? read(dataBytes + step) : undefined;
  return { header, source, data, offsets, displacements, read: { payload, data, offsets } };
}

function hasSizes({ ioBits }: BasketHeader): boolean {
  return (ioBits & GENERATE_OFFSET_MAP) !== 0;
}

/** `sizes`: the first is not used, the others are the bytes of the entry before. */
function offsetsOfSizes(sizes: Int32Array, keylen: number): Int32Array {
  let offset = keylen;
  return sizes.map((size, i) => (offset += i === 0 ? 0 : size));
}

/** What the keys of all baskets of a branch say. */
export interface BasketKey {
  branchName: Uint8Array;
  treeName: Uint8Array;
  /** fBufferSize. */
  bufferSize: number;
  nevBufSize: number;
}

/**
 * Header of a new basket, and a wide key that has its strings and what does not differ from basket to basket: what
 * `encodeBasketRecord` takes as `header` and `source`. Still to be set: `nevBuf`, `last`, `datime`.
 */
export function newBasket({ branchName, treeName, bufferSize, nevBufSize }: BasketKey): Pick<BasketParts, 'header' | 'source'> {
  const w = new BigEndianWriter();
  w.grow(BIG_KEY_FIXED_BYTES);
  w.raw(CLASS_NAME);
  w.tstringBytes(branchName);
  w.tstringBytes(treeName);
  const ownAt = w.pos;
  w.i16(BASKET_VERSION);
  w.i32(bufferSize);
  w.i32(nevBufSize);
  w.grow(ownAt + BASKET_HEADER_BYTES - w.pos);
  const source = w.done().slice();
  const header = {
    ...emptyBasketHeader(),
    keyVersion: KEY_VERSION + BIG_KEY_VERSION,
    keylen: source.length,
    stringsAt: BIG_KEY_FIXED_BYTES,
  };
  return { header, source };
}

/** A basket record ready to be compressed: its key header (seeks still 0) and its payload. */
export interface BasketRecord {
  /** Key header of fKeylen bytes; fNbytes and both seeks are set by sealBasketRecord. */
  key: Uint8Array;
  payload: Uint8Array;
}

/** Builds the record of a basket, with a 64-bit key whatever form it had before. */
export function encodeBasketRecord(parts: BasketParts): BasketRecord {
  const { header, source } = parts;
  const big = isBigKey(header.keyVersion);
  const growth = big ? 0 : BIG_KEY_FIXED_BYTES - SMALL_KEY_FIXED_BYTES;
  const payload = encodePayload(parts, growth);
  const keylen = header.keylen + growth;
  const key = new Uint8Array(keylen);
  const view = new DataView(key.buffer);
  view.setUint16(4, big ? header.keyVersion : header.keyVersion + BIG_KEY_VERSION);
  view.setInt32(6, payload.length);
  view.setUint32(10, header.datime);
  view.setUint16(14, keylen);
  view.setInt16(16, header.cycle);
  const stringsBytes = keylen - BIG_KEY_FIXED_BYTES;
  key.set(source.subarray(header.stringsAt, header.stringsAt + stringsBytes), BIG_KEY_FIXED_BYTES);
  view.setInt32(keylen - 9, header.nevBuf);
  view.setInt32(keylen - 5, header.last + growth);
  key[keylen - 1] = header.flag >= GENERATED_OFFSETS_FLAG ? GENERATED_OFFSETS_FLAG : 0;
  return { key, payload };
}

/** Completes the key of a record: its length and its place. `pidOffset` replaces the one in the key. */
export function sealBasketRecord(key: Uint8Array, storedBytes: number, seekKey: number, seekPdir: number, pidOffset: number): void {
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
  view.setInt32(0, key.length + storedBytes);
  patchSeeks(view, 0, true, seekKey, seekPdir, pidOffset);
}

/** Data, then offsets (or sizes) and displacements as arrays of fNevBuf + 1 elements. */
function encodePayload({ header, data, offsets, displacements, read }: BasketParts, growth: number): Uint8Array {
  if (growth === 0 && read?.data === data && read.offsets === offsets) return read.payload;
  const arrays = [offsets, displacements].filter((values) => values !== undefined);
  const step = 4 * (header.nevBuf + 2);
  const payload = new Uint8Array(data.length + step * arrays.length);
  payload.set(data);
  const view = new DataView(payload.buffer);
  arrays.forEach((values, k) => {
    const at = data.length + k * step;
    view.setInt32(at, header.nevBuf + 1);
    const shift = values === offsets ? growth : 0;
    for (let i = 0; i < header.nevBuf; i++) view.setInt32(at + 4 + 4 * i, (values[i] as number) + shift);
    if (values !== offsets || !hasSizes(header)) return;
    for (let i = header.nevBuf; i > 0; i--) view.setInt32(at + 4 + 4 * i, (values[i] ?? header.last) - (values[i - 1] as number));
  });
  return payload;
}
