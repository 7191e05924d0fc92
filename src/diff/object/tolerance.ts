/** When two numbers count as equal. */

/** How far numbers may be apart; without any of it they must be the same. NaN equals NaN always. */
export interface Tolerance {
  /** Largest |a - b| as a share of the larger of |a| and |b|. */
  rel?: number;
  /** Largest |a - b|. */
  abs?: number;
  /** Largest distance of reals in units of the last place of their type. */
  ulp?: number;
}

const BITS = new DataView(new ArrayBuffer(16));

/** True when `a` and `b` are equal within a tolerance. `width`: bytes of a stored real, 4 or 8; 0 for integers. */
export function isClose(a: number, b: number, width: number, { rel = 0, abs = 0, ulp = 0 }: Tolerance): boolean {
  if (Object.is(a, b)) return true;
  if (Number.isNaN(a) || Number.isNaN(b)) return false;
  const distance = Math.abs(a - b);
  if (Number.isFinite(distance) && distance <= Math.max(abs, rel * Math.max(Math.abs(a), Math.abs(b)))) {
    return distance > 0 || abs + rel + ulp > 0;
  }
  return ulp > 0 && width > 0 && ulpsApart(a, b, width) <= BigInt(Math.floor(ulp));
}

/** Representable values between two reals, by the order of their bit patterns. */
function ulpsApart(a: number, b: number, width: number): bigint {
  const [x, y] = [orderOf(a, width), orderOf(b, width)];
  return x > y ? x - y : y - x;
}

function orderOf(value: number, width: number): bigint {
  if (width === 4) {
    BITS.setFloat32(0, value);
    const bits = BigInt(BITS.getInt32(0));
    return bits < 0n ? -(bits & 0x7fff_ffffn) : bits;
  }
  BITS.setFloat64(0, value);
  const bits = BITS.getBigInt64(0);
  return bits < 0n ? -(bits & 0x7fff_ffff_ffff_ffffn) : bits;
}
