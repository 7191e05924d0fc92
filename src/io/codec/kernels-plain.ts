/**
 * The kernels of kernels.ts on a DataView: fallback where WebAssembly SIMD is missing, and the oracle of its tests.
 * `to` and `from` are indices in the view, `count` counts elements; results as in kernels.ts.
 */

const I8_LIMIT = 127;
const I16_LIMIT = 32_767;
const I32_LIMIT = 2_147_483_647;
const I64_LIMIT = 0x7fff_ffff_ffff_ffffn;

/** Adds big-endian f32 in single precision; returns 0. */
export function addF32(view: DataView, to: number, from: number, count: number): number {
  for (let i = 0; i < 4 * count; i += 4) view.setFloat32(to + i, view.getFloat32(to + i) + view.getFloat32(from + i));
  return 0;
}

/** Adds big-endian f64; returns 0. */
export function addF64(view: DataView, to: number, from: number, count: number): number {
  for (let i = 0; i < 8 * count; i += 8) view.setFloat64(to + i, view.getFloat64(to + i) + view.getFloat64(from + i));
  return 0;
}

function clip(sum: number, limit: number): number {
  return Math.max(-limit, Math.min(limit, sum));
}

/** Adds i8, saturating at ±127 (TH1C); returns the number of inexact results. */
export function addI8(view: DataView, to: number, from: number, count: number): number {
  let inexact = 0;
  for (let i = 0; i < count; i++) {
    const sum = view.getInt8(to + i) + view.getInt8(from + i);
    const stored = clip(sum, I8_LIMIT);
    view.setInt8(to + i, stored);
    if (stored !== sum) inexact++;
  }
  return inexact;
}

/** Adds big-endian i16, saturating at ±32767 (TH1S); returns the number of inexact results. */
export function addI16(view: DataView, to: number, from: number, count: number): number {
  let inexact = 0;
  for (let i = 0; i < 2 * count; i += 2) {
    const sum = view.getInt16(to + i) + view.getInt16(from + i);
    const stored = clip(sum, I16_LIMIT);
    view.setInt16(to + i, stored);
    if (stored !== sum) inexact++;
  }
  return inexact;
}

/**
 * Adds big-endian i32 as TH1I does: sums strictly inside ±2147483647 are stored, sums strictly outside are
 * clipped, and a sum that equals a limit changes nothing. Returns the number of inexact results.
 */
export function addI32(view: DataView, to: number, from: number, count: number): number {
  let inexact = 0;
  for (let i = 0; i < 4 * count; i += 4) {
    const before = view.getInt32(to + i);
    const sum = before + view.getInt32(from + i);
    const stored = Math.abs(sum) === I32_LIMIT ? before : clip(sum, I32_LIMIT);
    view.setInt32(to + i, stored);
    if (stored !== sum) inexact++;
  }
  return inexact;
}

/** Adds big-endian i64, saturating at ±(2^63 - 1) where the sum does not fit; returns the number of such sums. */
export function addI64(view: DataView, to: number, from: number, count: number): number {
  let inexact = 0;
  for (let i = 0; i < 8 * count; i += 8) {
    const sum = view.getBigInt64(to + i) + view.getBigInt64(from + i);
    const fits = BigInt.asIntN(64, sum) === sum;
    if (fits) view.setBigInt64(to + i, sum);
    else view.setBigInt64(to + i, sum < 0n ? -I64_LIMIT : I64_LIMIT);
    if (!fits) inexact++;
  }
  return inexact;
}

/** 0 if `length` bytes at `a` and at `b` are equal, else 1 + index of the first difference. */
export function compareBytes(bytes: Uint8Array, a: number, b: number, length: number): number {
  for (let i = 0; i < length; i++) {
    if (bytes[a + i] !== bytes[b + i]) return i + 1;
  }
  return 0;
}
