/**
 * Elements of columns that are no whole bytes: elements of n bits follow each other, the lowest bit first.
 *
 *   Bit           1 bit
 *   Real32Trunc   the upper n bits of a float
 *   Real32Quant   n bits: low + element (high - low) / (2^n - 1)
 *
 * Real16 is an IEEE half. Source: BinaryFormatSpecification.md "Column Description".
 */
import { pageBytes } from './column-types.ts';

/** Elements of 1 to 32 bits as u32. */
export function unpackElements(page: Uint8Array, count: number, bits: number): Uint32Array {
  const out = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    let [value, taken, at] = [0, 0, i * bits];
    while (taken < bits) {
      const inByte = Math.min(8 - (at & 7), bits - taken);
      value += (((page[at >> 3] as number) >> (at & 7)) & ((1 << inByte) - 1)) * 2 ** taken;
      taken += inByte;
      at += inByte;
    }
    out[i] = value;
  }
  return out;
}

/** Bits as bytes of 0 or 1. */
export function unpackBits(page: Uint8Array, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => ((page[i >> 3] as number) >> (i & 7)) & 1);
}

/** Truncated reals as floats. */
export function unpackTruncated(page: Uint8Array, count: number, bits: number): Float32Array {
  const words = unpackElements(page, count, bits);
  for (let i = 0; i < count; i++) words[i] = (words[i] as number) << (32 - bits);
  return new Float32Array(words.buffer);
}

/** Quantized reals as floats. */
export function unpackQuantized(page: Uint8Array, count: number, bits: number, [low, high]: readonly [number, number]): Float32Array {
  const step = (high - low) / (2 ** bits - 1);
  return Float32Array.from(unpackElements(page, count, bits), (element) => low + element * step);
}

/** The element of n bits that reads as 0; undefined when there is none: its steps miss 0, or the range does. */
export function quantizedZero(bits: number, range: readonly [number, number]): number | undefined {
  const [low, high] = range;
  const nearest = Math.round(((0 - low) * (2 ** bits - 1)) / (high - low));
  if (nearest < 0 || nearest >= 2 ** bits) return undefined;
  return unpackQuantized(packElements(nearest, 1, bits), 1, bits, range)[0] === 0 ? nearest : undefined;
}

/** `count` times the same element of 1 to 32 bits. */
export function packElements(element: number, count: number, bits: number): Uint8Array {
  const page = new Uint8Array(pageBytes(count, bits));
  for (let bit = 0; bit < count * bits; bit++) {
    if (Math.floor(element / 2 ** (bit % bits)) % 2 === 1) page[bit >> 3] = (page[bit >> 3] as number) | (1 << (bit & 7));
  }
  return page;
}
