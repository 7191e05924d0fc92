/**
 * Big-endian access to bytes in memory. TFile records are big-endian throughout
 * (ROOT io/io/src/TBufferFile.cxx); RNTuple envelopes are little-endian, see little-endian.ts.
 */
import { CorruptFileError } from '../../errors.ts';
import { ByteReader } from './byte-reader.ts';
import { GrowingBytes } from './growing-bytes.ts';

const TWO_32 = 0x1_0000_0000;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Decodes TString bytes: UTF-8 where valid, else Latin-1, so that no byte is lost to a replacement character. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  }
}

/** Sequential big-endian reader over a byte range. Reading past the end is a CorruptFileError, never a zero. */
export class BigEndianReader extends ByteReader {
  declare readonly baseOffset: number;

  constructor(bytes: Uint8Array, pos = 0, end: number = bytes.length, baseOffset = 0) {
    super(bytes, pos, end, baseOffset);
  }

  u8(): number {
    return this.view.getUint8(this.take(1));
  }
  i8(): number {
    return this.view.getInt8(this.take(1));
  }
  u16(): number {
    return this.view.getUint16(this.take(2));
  }
  i16(): number {
    return this.view.getInt16(this.take(2));
  }
  u32(): number {
    return this.view.getUint32(this.take(4));
  }
  i32(): number {
    return this.view.getInt32(this.take(4));
  }
  u48(): number {
    const at = this.take(6);
    return this.view.getUint16(at) * TWO_32 + this.view.getUint32(at + 2);
  }
  i64(): bigint {
    return this.view.getBigInt64(this.take(8));
  }
  f32(): number {
    return this.view.getFloat32(this.take(4));
  }
  f64(): number {
    return this.view.getFloat64(this.take(8));
  }

  /** A 64-bit file offset or count as a number; negative values and values above 2^53-1 are refused. */
  offset64(): number {
    const at = this.take(8);
    const value = readI64(this.view, at);
    if (value < 0 || !Number.isSafeInteger(value)) {
      throw new CorruptFileError('64-bit offset out of range', { offset: this.baseOffset + at, found: value });
    }
    return value;
  }

  /** Bytes of a TString: u8 length, or 255 followed by an i32 length. A view, not a copy. */
  tstringBytes(): Uint8Array {
    const at = this.pos;
    let length = this.u8();
    if (length === 255) length = this.i32();
    if (length < 0) throw new CorruptFileError('negative string length', { offset: this.baseOffset + at, found: length });
    const start = this.take(length);
    return this.bytes.subarray(start, start + length);
  }

  /** A TString as text. */
  tstring(): string {
    return decodeText(this.tstringBytes());
  }

  /** Bytes up to the next NUL, which is consumed. */
  cstring(): string {
    const start = this.pos;
    const stop = this.bytes.indexOf(0, start);
    if (stop < 0 || stop >= this.end) {
      throw new CorruptFileError('string without end', { offset: this.baseOffset + start });
    }
    this.pos = stop + 1;
    return decodeText(this.bytes.subarray(start, stop));
  }
}

/** A signed 64-bit integer as a number (exact up to 2^53). */
export function readI64(view: DataView, at: number): number {
  return view.getInt32(at) * TWO_32 + view.getUint32(at + 4);
}

/** Writes a non-negative integer up to 2^53-1 as 64 bits. */
export function writeI64(view: DataView, at: number, value: number): void {
  view.setUint32(at, Math.floor(value / TWO_32));
  view.setUint32(at + 4, value % TWO_32);
}

/** First byte of a TString whose length stands in the four bytes behind it: those of this length or more. */
export const LONG_TEXT = 255;
/** Bytes in front of the text of such a TString. */
export const LONG_HEAD = 5;

/** Bytes in front of the text of a TString that begins with the byte `first`. */
export function tstringHead(first: number | undefined): number {
  return first === LONG_TEXT ? LONG_HEAD : 1;
}

/** Text of a TString that takes all of `bytes`. */
export function tstringText(bytes: Uint8Array): string {
  return decodeText(bytes.subarray(tstringHead(bytes[0])));
}

/** Bytes a TString of `length` text bytes takes: length prefix and text. */
export function tstringSize(length: number): number {
  return length < LONG_TEXT ? 1 + length : LONG_HEAD + length;
}

/** Growing big-endian writer. */
export class BigEndianWriter extends GrowingBytes {
  u8(value: number): void {
    const at = this.grow(1);
    this.view.setUint8(at, value);
  }
  u16(value: number): void {
    const at = this.grow(2);
    this.view.setUint16(at, value);
  }
  i16(value: number): void {
    const at = this.grow(2);
    this.view.setInt16(at, value);
  }
  u32(value: number): void {
    const at = this.grow(4);
    this.view.setUint32(at, value);
  }
  i32(value: number): void {
    const at = this.grow(4);
    this.view.setInt32(at, value);
  }
  i64(value: number): void {
    const at = this.grow(8);
    writeI64(this.view, at, value);
  }
  f64(value: number): void {
    const at = this.grow(8);
    this.view.setFloat64(at, value);
  }

  /** A TString from its text bytes. */
  tstringBytes(text: Uint8Array): void {
    if (text.length < 255) this.u8(text.length);
    else {
      this.u8(255);
      this.i32(text.length);
    }
    this.raw(text);
  }

  /** A TString from text, UTF-8 encoded. */
  tstring(text: string): void {
    this.tstringBytes(Buffer.from(text, 'utf8'));
  }
}
