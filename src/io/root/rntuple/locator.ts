/**
 * Locators: where pages and envelopes lie. Little-endian.
 *
 *   standard   i32 bytes as stored (>= 0), u64 file offset
 *   other      i32 < 0, of which the negative has the size of the locator in bytes in bits 0..15 and its type in bits 24..30;
 *              then the payload
 *   large (1)  u64 bytes as stored, u64 file offset
 *   link       u64 bytes once decompressed, locator
 *
 * Source: BinaryFormatSpecification.md "Locators and Envelope Links"; the negated head measured on RNTupleSerializer of ROOT 6.40.
 */
import { CorruptFileError, UnsupportedError } from '../../../errors.ts';
import type { LittleEndianReader, LittleEndianWriter } from '../../bytes/little-endian.ts';
import type { EnvelopePlace } from './anchor.ts';

/** Type of a locator with 64-bit size. */
const LARGE_LOCATOR = 1;
const LARGE_LOCATOR_BYTES = 20;
const TYPE_SHIFT = 24;
const MAX_STANDARD_BYTES = 0x7fff_ffff;

/** A byte range in the file. */
export interface Locator {
  offset: number;
  storedBytes: number;
}

/** Parses a locator. UnsupportedError for types other than standard and large: the bytes are not in this file. */
export function parseLocator(r: LittleEndianReader): Locator {
  const head = r.i32();
  if (head >= 0) return { storedBytes: head, offset: r.count64() };
  const [size, type] = [-head & 0xffff, -head >>> TYPE_SHIFT];
  if (type !== LARGE_LOCATOR) throw new UnsupportedError(`RNTuple locator of type ${type}: the data are not stored in a ROOT file`);
  if (size !== LARGE_LOCATOR_BYTES) {
    throw new CorruptFileError('RNTuple large locator has another size', { expected: LARGE_LOCATOR_BYTES, found: size });
  }
  return { storedBytes: r.count64(), offset: r.count64() };
}

/** Writes a locator: the standard form where the size fits it. */
export function writeLocator(w: LittleEndianWriter, offset: number, storedBytes: number): void {
  if (storedBytes <= MAX_STANDARD_BYTES) w.u32(storedBytes);
  else {
    w.i32(-((LARGE_LOCATOR << TYPE_SHIFT) | LARGE_LOCATOR_BYTES));
    w.count64(storedBytes);
  }
  w.count64(offset);
}

/** Parses an envelope link. */
export function parseEnvelopeLink(r: LittleEndianReader): EnvelopePlace {
  const bytes = r.count64();
  return { bytes, ...parseLocator(r) };
}

/** Writes an envelope link. */
export function writeEnvelopeLink(w: LittleEndianWriter, place: EnvelopePlace): void {
  w.count64(place.bytes);
  writeLocator(w, place.offset, place.storedBytes);
}
