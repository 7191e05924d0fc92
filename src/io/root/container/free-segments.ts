/**
 * Free segments: the record that lists the unused ranges of a file. ROOT needs it in UPDATE mode:
 * without it an update crashes or overwrites data.
 *
 *   entry, small   i16 version 1,    i32 fFirst, i32 fLast      10 bytes
 *   entry, big     i16 version 1001, i64 fFirst, i64 fLast      18 bytes
 *
 * The last entry starts at fEND and reaches to 2 000 000 000, or to the next multiple of 10^9 above
 * fEND in big files (TFile::MakeFree, TFree::FillBuffer).
 */
import { BigEndianReader, BigEndianWriter } from '../../bytes/big-endian.ts';
import { START_BIG_FILE } from './file-header.ts';

const BIG_STEP = 1_000_000_000;

/** An unused range, both ends included. */
export interface FreeSegment {
  first: number;
  last: number;
}

/**
 * Parses all entries of a free-segment record's payload. ROOT takes room for the record before it knows the segments, which the
 * record itself may fill; zeros stand for those that are gone (TFile::WriteFree).
 */
export function parseFreeSegments(payload: Uint8Array): FreeSegment[] {
  const r = new BigEndianReader(payload);
  const segments: FreeSegment[] = [];
  while (r.remaining >= 10) {
    const version = r.i16();
    if (version === 0) break;
    segments.push(version > 1000 ? { first: r.offset64(), last: r.offset64() } : { first: r.u32(), last: r.u32() });
  }
  return segments;
}

/** Payload size of the single-entry record for a file that ends near `end`, bytes. */
export function freeSegmentBytes(end: number): number {
  return end > START_BIG_FILE ? 18 : 10;
}

/** Encodes the one entry of a file without holes that ends at `end`. */
export function encodeFreeSegments(end: number): Uint8Array {
  const w = new BigEndianWriter(18);
  if (end > START_BIG_FILE) {
    w.i16(1001);
    w.i64(end);
    w.i64(Math.floor(end / BIG_STEP) * BIG_STEP + BIG_STEP);
  } else {
    w.i16(1);
    w.i32(end);
    w.i32(START_BIG_FILE);
  }
  return w.done();
}
