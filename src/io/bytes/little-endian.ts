/**
 * Little-endian access to bytes in memory. RNTuple envelopes are little-endian throughout
 * (ROOT tree/ntuple/doc/BinaryFormatSpecification.md, "Basic Types"); TFile records are not, see big-endian.ts.
 */
import { CorruptFileError } from '../../errors.ts';
import { decodeText } from './big-endian.ts';
import { ByteReader } from './byte-reader.ts';
import { GrowingBytes } from './growing-bytes.ts';

const TWO_32 = 0x1_0000_0000;

/** Sequential little-endian reader over a byte range. Reading past the end is a CorruptFileError, never a zero. */
export class LittleEndianReader extends ByteReader {
  constructor(bytes: Uint8Array, pos = 0, end: number = bytes.length, view?: DataView) {
    super(bytes, pos, end, undefined, view);
  }

  u16(): number {
    return this.view.getUint16(this.take(2), true);
  }
  u32(): number {
    return this.view.getUint32(this.take(4), true);
  }
  i32(): number {
    return this.view.getInt32(this.take(4), true);
  }
  u64(): bigint {
    return this.view.getBigUint64(this.take(8), true);
  }
  i64(): bigint {
    return this.view.getBigInt64(this.take(8), true);
  }
  f64(): number {
    return this.view.getFloat64(this.take(8), true);
  }

  /** A 64-bit offset or count as a number; values above 2^53-1 are refused. */
  count64(): number {
    const at = this.take(8);
    const value = this.view.getUint32(at + 4, true) * TWO_32 + this.view.getUint32(at, true);
    if (!Number.isSafeInteger(value)) throw new CorruptFileError(`64-bit count at byte ${at} is out of range`, { found: value });
    return value;
  }

  /** Bytes of a string: u32 length, then the text. A view, not a copy. */
  stringBytes(): Uint8Array {
    const length = this.u32();
    const start = this.take(length);
    return this.bytes.subarray(start, start + length);
  }

  /** A string: u32 length in bytes, then UTF-8 text. */
  string(): string {
    return decodeText(this.stringBytes());
  }

  /** A reader over the next `n` bytes, which this one skips. */
  section(n: number): LittleEndianReader {
    const start = this.take(n);
    return new LittleEndianReader(this.bytes, start, start + n, this.view);
  }
}

/** Growing little-endian writer. */
export class LittleEndianWriter extends GrowingBytes {
  u16(value: number): void {
    const at = this.grow(2);
    this.view.setUint16(at, value, true);
  }
  u32(value: number): void {
    const at = this.grow(4);
    this.view.setUint32(at, value, true);
  }
  i32(value: number): void {
    const at = this.grow(4);
    this.view.setInt32(at, value, true);
  }
  u64(value: bigint): void {
    const at = this.grow(8);
    this.view.setBigUint64(at, value, true);
  }
  i64(value: bigint): void {
    const at = this.grow(8);
    this.view.setBigInt64(at, value, true);
  }
  f64(value: number): void {
    const at = this.grow(8);
    this.view.setFloat64(at, value, true);
  }

  /** A non-negative integer up to 2^53-1 as 64 bits. */
  count64(value: number): void {
    const at = this.grow(8);
    this.view.setUint32(at, value % TWO_32, true);
    this.view.setUint32(at + 4, Math.floor(value / TWO_32), true);
  }

  /** A string: u32 length in bytes, then UTF-8 text. */
  string(text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    this.u32(bytes.length);
    this.raw(bytes);
  }
}
