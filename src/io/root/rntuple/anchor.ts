/**
 * The anchor of an RNTuple: the only part of it that a key list names. A record of class
 * `ROOT::RNTuple`, big-endian like all TFile records, always stored raw. 78 bytes:
 *
 *   field          offset/width  unit and meaning
 *   byte count     0/4           0x40000000 | 66: bytes 4..69
 *   class version  4/2           2
 *   fVersionEpoch  6/2           1; 0 in files of before the first release
 *   fVersionMajor  8/2           informative: readers judge by the feature flags of the header
 *   fVersionMinor  10/2
 *   fVersionPatch  12/2
 *   fSeekHeader    14/8          file offset of the header envelope as stored (behind its RBlob key)
 *   fNBytesHeader  22/8          bytes as stored
 *   fLenHeader     30/8          bytes once decompressed
 *   fSeekFooter    38/8
 *   fNBytesFooter  46/8
 *   fLenFooter     54/8
 *   fMaxKeySize    62/8          largest payload of one RBlob key, bytes; 0: no limit
 *   checksum       70/8          XXH3-64 of bytes 6..69
 *
 * Source: BinaryFormatSpecification.md "Anchor schema"; byte count and checksum measured on ROOT 6.40 files.
 */
import { CorruptFileError, UnsupportedError } from '../../../errors.ts';
import { BigEndianReader, BigEndianWriter } from '../../bytes/big-endian.ts';
import { xxh3 } from '../../codec/hash.ts';
import { byteCountWord } from '../streamer/type-codes.ts';
import { checkSum } from './checksum.ts';

/** Class name of an anchor since the first release of the format. */
export const RNTUPLE_CLASS = 'ROOT::RNTuple';
/** Class name of anchors in files of before the first release (format epoch 0). */
export const EXPERIMENTAL_RNTUPLE_CLASS = 'ROOT::Experimental::RNTuple';
/** Bytes of an anchor's payload. */
export const ANCHOR_BYTES = 78;

/** The epoch this code knows. */
const KNOWN_EPOCH = 1;
const CLASS_VERSION = 2;
const FIELDS_AT = 6;
const CHECKSUM_AT = 70;

/** Where an envelope lies: file offset and bytes as stored, bytes once decompressed. */
export interface EnvelopePlace {
  offset: number;
  storedBytes: number;
  bytes: number;
}

/** A parsed anchor. */
export interface Anchor {
  /** Epoch, major, minor, patch of the format the writer followed. */
  version: readonly [number, number, number, number];
  header: EnvelopePlace;
  footer: EnvelopePlace;
  /** Bytes: payloads larger than this are spread over several RBlob keys; 0 is no limit, as ROOT reads it and uproot writes it. */
  maxKeySize: number;
}

/** True for the class names under which an RNTuple may be listed. */
export function isRNTupleClass(className: string): boolean {
  return className === RNTUPLE_CLASS || className === EXPERIMENTAL_RNTUPLE_CLASS;
}

/**
 * Parses an anchor's payload. UnsupportedError for the pre-release format, an unknown epoch and
 * anchors with fields of a later version; CorruptFileError when sizes or checksum are wrong.
 */
export function parseAnchor(className: string, payload: Uint8Array): Anchor {
  if (className !== RNTUPLE_CLASS) {
    throw new UnsupportedError(
      `class ${className}: the pre-release RNTuple format (epoch 0) is not supported; write the file anew with ROOT 6.34 or later`,
    );
  }
  const r = new BigEndianReader(payload);
  const [byteCount, classVersion] = [r.u32(), r.u16()];
  const version = [r.u16(), r.u16(), r.u16(), r.u16()] as const;
  if (version[0] !== KNOWN_EPOCH) throw new UnsupportedError(`RNTuple format ${version.join('.')}: only epoch ${KNOWN_EPOCH} is supported`);
  if (classVersion !== CLASS_VERSION || payload.length > ANCHOR_BYTES) {
    throw new UnsupportedError(
      `RNTuple anchor of class version ${classVersion} with ${payload.length} bytes: only version ${CLASS_VERSION} with ${ANCHOR_BYTES} bytes is supported`,
    );
  }
  if (byteCount !== byteCountWord(CHECKSUM_AT - 4) || payload.length !== ANCHOR_BYTES) {
    throw new CorruptFileError('RNTuple anchor has a wrong length', { expected: ANCHOR_BYTES, found: payload.length });
  }
  checkSum(
    'RNTuple anchor',
    payload.subarray(FIELDS_AT, CHECKSUM_AT),
    new DataView(payload.buffer, payload.byteOffset).getBigUint64(CHECKSUM_AT),
  );
  const header = parsePlace(r);
  const footer = parsePlace(r);
  return { version, header, footer, maxKeySize: r.offset64() };
}

function parsePlace(r: BigEndianReader): EnvelopePlace {
  const [offset, storedBytes, bytes] = [r.offset64(), r.offset64(), r.offset64()];
  return { offset, storedBytes, bytes };
}

/** Encodes an anchor's payload, checksum included. */
export function encodeAnchor(anchor: Anchor): Uint8Array {
  const w = new BigEndianWriter(ANCHOR_BYTES);
  w.u32(byteCountWord(CHECKSUM_AT - 4));
  w.u16(CLASS_VERSION);
  for (const part of anchor.version) w.u16(part);
  for (const place of [anchor.header, anchor.footer]) {
    w.i64(place.offset);
    w.i64(place.storedBytes);
    w.i64(place.bytes);
  }
  w.i64(anchor.maxKeySize);
  const sum = xxh3(w.done().subarray(FIELDS_AT));
  const at = w.grow(8);
  w.view.setBigUint64(at, sum);
  return w.done();
}
