/**
 * Split and plain encoding of the same elements. ROOT stores columns of compressed RNTuples split, those of
 * uncompressed ones plain, so equal schemas meet in both forms. Every page is encoded by itself:
 *
 *   split    all first (lowest) bytes of the elements, then all second bytes, …
 *   zigzag   signed integers, before splitting: x becomes 2x, or -2x-1 when negative
 *   delta    indexes, before splitting: every element but the first minus the one before
 *
 * Source: BinaryFormatSpecification.md "Column Description".
 */
import { UnsupportedError } from '../../../errors.ts';
import { columnTypeName } from './column-types.ts';

type Transform = 'none' | 'zigzag' | 'delta';

/** [plain type, split type, bytes per element, what else is done to it] */
const TWINS: readonly (readonly [number, number, number, Transform])[] = [
  [0x05, 0x11, 2, 'zigzag'],
  [0x06, 0x12, 2, 'none'],
  [0x07, 0x13, 4, 'zigzag'],
  [0x08, 0x14, 4, 'none'],
  [0x09, 0x15, 8, 'zigzag'],
  [0x0a, 0x16, 8, 'none'],
  [0x0b, 0x17, 2, 'none'],
  [0x0c, 0x18, 4, 'none'],
  [0x0d, 0x19, 8, 'none'],
  [0x0e, 0x1a, 4, 'delta'],
  [0x0f, 0x1b, 8, 'delta'],
];

/** Bytes of the elements that are neither split nor packed bit by bit: Byte, Char, Int8, UInt8, Switch. */
const PLAIN_ONLY: ReadonlyMap<number, number> = new Map([
  [0x01, 1],
  [0x02, 1],
  [0x03, 1],
  [0x04, 1],
  [0x10, 12],
]);

/** Bytes per element of a column type; UnsupportedError for bits, truncated and quantized reals: they are no whole bytes. */
export function elementBytes(type: number): number {
  const width = PLAIN_ONLY.get(type) ?? TWINS.find(([plain, split]) => type === plain || type === split)?.[2];
  if (width === undefined) throw new UnsupportedError(`elements of RNTuple column type ${columnTypeName(type)} are not read`);
  return width;
}

/** The elements of an uncompressed page in plain little-endian form; the page itself when it is plain. Errors as `elementBytes`. */
export function decodePage(type: number, page: Uint8Array): Uint8Array {
  const twin = TWINS.find(([, split]) => type === split);
  if (twin === undefined) {
    elementBytes(type);
    return page;
  }
  const [, , width, transform] = twin;
  const plain = new Uint8Array(page.length);
  joinBytes(page, plain, width);
  decode(plain, width, transform);
  return plain;
}

/**
 * Re-encodes a page from `from` to `to`: arrays of equal length that do not overlap. `from` may be changed.
 * `firstElement`: index of the page's first element in its column, 0 when it does not matter.
 */
export type PageRecoder = (from: Uint8Array, to: Uint8Array, firstElement?: number) => void;

/** The recoder between two column types; undefined unless one is the split form of the other. */
export function pageRecoder(from: number, to: number): PageRecoder | undefined {
  for (const [plain, split, width, transform] of TWINS) {
    if (from === plain && to === split) {
      return (source, target) => {
        encode(source, width, transform);
        splitBytes(source, target, width);
      };
    }
    if (from === split && to === plain) {
      return (source, target) => {
        joinBytes(source, target, width);
        decode(target, width, transform);
      };
    }
  }
  return undefined;
}

function splitBytes(source: Uint8Array, target: Uint8Array, width: number): void {
  const count = source.length / width;
  for (let b = 0; b < width; b++) {
    for (let i = 0; i < count; i++) target[b * count + i] = source[i * width + b] as number;
  }
}

function joinBytes(source: Uint8Array, target: Uint8Array, width: number): void {
  const count = source.length / width;
  for (let b = 0; b < width; b++) {
    for (let i = 0; i < count; i++) target[i * width + b] = source[b * count + i] as number;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function encode(bytes: Uint8Array, width: number, transform: Transform): void {
  if (transform === 'zigzag') encodeZigzag(viewOf(bytes), width);
  else if (transform === 'delta') encodeDelta(viewOf(bytes), width);
}

function decode(bytes: Uint8Array, width: number, transform: Transform): void {
  if (transform === 'zigzag') decodeZigzag(viewOf(bytes), width);
  else if (transform === 'delta') decodeDelta(viewOf(bytes), width);
}

/** 64-bit elements are handled as two halves: exact, and without a bigint per element. */
function encodeZigzag(view: DataView, width: number): void {
  for (let at = 0; at < view.byteLength; at += width) {
    if (width === 2) {
      const x = view.getInt16(at, true);
      view.setUint16(at, (x << 1) ^ (x >> 15), true);
    } else if (width === 4) {
      const x = view.getInt32(at, true);
      view.setUint32(at, (x << 1) ^ (x >> 31), true);
    } else {
      const [low, high] = [view.getInt32(at, true), view.getInt32(at + 4, true)];
      const sign = high >> 31;
      view.setUint32(at, (low << 1) ^ sign, true);
      view.setUint32(at + 4, ((high << 1) | (low >>> 31)) ^ sign, true);
    }
  }
}

function decodeZigzag(view: DataView, width: number): void {
  for (let at = 0; at < view.byteLength; at += width) {
    if (width === 2) {
      const x = view.getUint16(at, true);
      view.setUint16(at, (x >>> 1) ^ -(x & 1), true);
    } else if (width === 4) {
      const x = view.getUint32(at, true);
      view.setUint32(at, (x >>> 1) ^ -(x & 1), true);
    } else {
      const [low, high] = [view.getUint32(at, true), view.getUint32(at + 4, true)];
      const sign = -(low & 1);
      view.setUint32(at, ((low >>> 1) | (high << 31)) ^ sign, true);
      view.setUint32(at + 4, (high >>> 1) ^ sign, true);
    }
  }
}

/** From the last element to the first, so that each still finds the one before as it was. */
function encodeDelta(view: DataView, width: number): void {
  for (let at = view.byteLength - width; at >= width; at -= width) {
    const [low, before] = [view.getUint32(at, true), view.getUint32(at - width, true)];
    view.setUint32(at, low - before, true);
    if (width === 8) view.setUint32(at + 4, view.getUint32(at + 4, true) - view.getUint32(at - 4, true) - (low < before ? 1 : 0), true);
  }
}

function decodeDelta(view: DataView, width: number): void {
  for (let at = width; at < view.byteLength; at += width) {
    const sum = view.getUint32(at, true) + view.getUint32(at - width, true);
    view.setUint32(at, sum, true);
    if (width === 8) {
      view.setUint32(at + 4, view.getUint32(at + 4, true) + view.getUint32(at - 4, true) + (sum > 0xffff_ffff ? 1 : 0), true);
    }
  }
}
