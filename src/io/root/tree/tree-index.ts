/**
 * TTreeIndex: sorted (major, minor) pairs with the entry each belongs to. Files hold no streamer info
 * of it; its layout:
 *
 *   width      content                                (source: ROOT tree/treeplayer/src/TTreeIndex.cxx, Streamer)
 *   4, 2       byte count, version 1 or 2
 *   …          base TVirtualIndex: framed, over a framed TNamed
 *   TString    fMajorName
 *   TString    fMinorName
 *   i64        fN: number of entries
 *   i64 × fN   fIndexValues; in version 1 `major << 31 + minor`
 *   i64 × fN   fIndexValuesMinor; not in version 1
 *   i64 × fN   fIndex: entry numbers
 */
import { CorruptFileError, UnsupportedError } from '../../../errors.ts';
import { BigEndianReader, BigEndianWriter } from '../../bytes/big-endian.ts';
import { BYTE_COUNT_MASK, byteCountWord } from '../streamer/type-codes.ts';

/** A tree index taken apart. */
export interface TreeIndex {
  /** The base class part as stored, from behind the version on. */
  base: Uint8Array;
  majorName: string;
  minorName: string;
  /** Sorted by (major, minor). */
  major: BigInt64Array;
  minor: BigInt64Array;
  /** Entry of each pair. */
  entry: BigInt64Array;
}

/**
 * Parses the TTreeIndex in [start, end) of a payload, its byte count first.
 * CorruptFileError (offset in the payload) when it does not fit; UnsupportedError for other versions.
 */
export function parseTreeIndex(payload: Uint8Array, start: number, end: number): TreeIndex {
  const r = new BigEndianReader(payload, start, end);
  const count = r.u32() - BYTE_COUNT_MASK;
  if (count !== end - start - 4) {
    throw new CorruptFileError('byte count of TTreeIndex does not match', { offset: start, expected: end - start - 4, found: count });
  }
  const version = r.u16();
  if (version !== 1 && version !== 2) throw new UnsupportedError(`TTreeIndex version ${version}`, { offset: start });
  const baseBytes = 4 + (r.u32() - BYTE_COUNT_MASK);
  r.pos -= 4;
  const base = r.raw(baseBytes);
  const [majorName, minorName] = [r.tstring(), r.tstring()];
  const n = r.offset64();
  if (n * 8 * (version + 1) !== r.remaining) {
    throw new CorruptFileError('TTreeIndex has another number of entries than it says', {
      offset: r.pos,
      expected: n * 8 * (version + 1),
      found: r.remaining,
    });
  }
  const first = readLongs(r, n);
  const second = version === 2 ? readLongs(r, n) : undefined;
  const entry = readLongs(r, n);
  if (second !== undefined) return { base, majorName, minorName, major: first, minor: second, entry };
  return { base, majorName, minorName, major: first.map((v) => v >> 31n), minor: first.map((v) => v & 0x7fff_ffffn), entry };
}

function readLongs(r: BigEndianReader, n: number): BigInt64Array {
  const values = new BigInt64Array(n);
  for (let i = 0; i < n; i++) values[i] = r.i64();
  return values;
}

/** Joins indices: the entries of `parts[i]` are shifted by `firstEntries[i]`; pairs are sorted again, equal ones keep their order. */
export function joinTreeIndices(parts: readonly TreeIndex[], firstEntries: readonly number[]): TreeIndex {
  const first = parts[0] as TreeIndex;
  const n = parts.reduce((sum, part) => sum + part.entry.length, 0);
  const all = { major: new BigInt64Array(n), minor: new BigInt64Array(n), entry: new BigInt64Array(n) };
  let at = 0;
  parts.forEach((part, i) => {
    const shift = BigInt(firstEntries[i] as number);
    all.major.set(part.major, at);
    all.minor.set(part.minor, at);
    all.entry.set(
      part.entry.map((entry) => entry + shift),
      at,
    );
    at += part.entry.length;
  });
  const order = Uint32Array.from({ length: n }, (_, i) => i).sort((a, b) => comparePairs(all, a, b));
  const sorted = (values: BigInt64Array): BigInt64Array => BigInt64Array.from(order, (i) => values[i] as bigint);
  return { ...first, major: sorted(all.major), minor: sorted(all.minor), entry: sorted(all.entry) };
}

function comparePairs(all: Pick<TreeIndex, 'major' | 'minor'>, a: number, b: number): number {
  const [x, y] = all.major[a] === all.major[b] ? [all.minor[a], all.minor[b]] : [all.major[a], all.major[b]];
  if (x === y) return a - b;
  return (x as bigint) < (y as bigint) ? -1 : 1;
}

/** Encodes an index as version 2, byte count first. */
export function encodeTreeIndex(index: TreeIndex): Uint8Array {
  const w = new BigEndianWriter(256 + 24 * index.entry.length);
  w.u32(0);
  w.u16(2);
  w.raw(index.base);
  w.tstring(index.majorName);
  w.tstring(index.minorName);
  w.i64(index.entry.length);
  for (const values of [index.major, index.minor, index.entry]) {
    for (const value of values) {
      const at = w.grow(8);
      w.view.setBigInt64(at, value);
    }
  }
  w.view.setUint32(0, byteCountWord(w.pos - 4));
  return w.done();
}
