/** The sum of one array over the inputs of a merge, with what is needed to judge how exact it must be. */
import { TypeCode } from '../../io/root/streamer/type-codes.ts';
import { isClose } from '../object/tolerance.ts';
import type { Cells } from './histogram-cells.ts';

const LONG_LIMIT = 2n ** 63n - 1n;
/** Sums of integers end at these values, by type code (TArray's AddAt in TH1C, TH1S, TH1I; TH1L, where ROOT's sums begin again). */
const LIMITS: Readonly<Record<number, readonly [number, number]>> = {
  [TypeCode.char]: [-127, 127],
  [TypeCode.short]: [-32_767, 32_767],
  [TypeCode.int]: [-2_147_483_647, 2_147_483_647],
  [TypeCode.long64]: [-Number(LONG_LIMIT), Number(LONG_LIMIT)],
};

/** What bins of a type hold of a sum: integers within limits, reals rounded. undefined: the value as it is. */
export function storedValue(type: number | undefined, value: number): number {
  if (type === TypeCode.float) return Math.fround(value);
  const [low, high] = LIMITS[type ?? -1] ?? [-Infinity, Infinity];
  return Math.min(high, Math.max(low, value));
}

/** The sum of two integers of 64 bits, which ends where the type does. */
function longSum(a: bigint, b: bigint): bigint {
  const sum = a + b;
  if (BigInt.asIntN(64, sum) === sum) return sum;
  return sum < 0n ? -LONG_LIMIT : LONG_LIMIT;
}

/** Sums over the inputs, with the sum of the absolute values, which bounds the rounding. */
export class CellSum {
  values: Float64Array | undefined;
  sizes: Float64Array | undefined;
  /** Sums of integers of 64 bits. */
  exact: BigInt64Array | undefined;
  /** Smallest and largest value of all; only where averages are added. */
  low: Float64Array | undefined;
  high: Float64Array | undefined;
  /** True when an input has these values itself. */
  isOwn = false;
  /**
   * By how much more a value may be: squared errors of negative contents are these or their opposite, by the order of
   * adding (TH1::Sumw2, TH1::GetBinErrorSqUnchecked).
   */
  readonly room: number[] = [];
  /** Bins whose sum reached the end of their type. */
  readonly ended: Set<number> = new Set();
  /** True for values in single precision. */
  isFloat = false;
  /** True when something stood for the values of an input. */
  isMixed = false;

  /**
   * `type`: of the bins, which hold no more of a sum; undefined: all of it. `exact`: the same values, where numbers cannot
   * hold all of them.
   */
  add(values: Float64Array, type?: number, exact?: Cells['exact']): void {
    const isFirst = this.values === undefined;
    this.values ??= new Float64Array(values.length);
    this.sizes ??= new Float64Array(values.length);
    this.exact =
      exact === undefined || (!isFirst && this.exact === undefined)
        ? undefined
        : BigInt64Array.from(exact, (value, i) => longSum(value, this.exact?.[i] ?? 0n));
    for (let i = 0; i < values.length; i++) {
      const value = (this.values[i] as number) + (values[i] as number);
      // The first is what the others are added to: it may hold the lowest value of its type, which no sum has.
      const stored = type === undefined || isFirst ? value : storedValue(type, value);
      this.values[i] = stored;
      if (!isClose(value, stored, 0, { rel: 1e-6 })) this.ended.add(i);
      this.sizes[i] = (this.sizes[i] as number) + Math.abs(values[i] as number);
    }
  }

  /** Takes the averages of an input. */
  addAverages(values: Float64Array): void {
    this.low = this.low?.map((value, i) => Math.min(value, values[i] as number)) ?? values;
    this.high = this.high?.map((value, i) => Math.max(value, values[i] as number)) ?? values;
  }

  /** Takes note that contents of an input stand for its squared errors. */
  addStandIn(contents: Float64Array): void {
    this.isMixed = true;
    contents.forEach((value, i) => {
      if (value < 0) this.room[i] = (this.room[i] ?? 0) - 2 * value;
    });
  }
}
