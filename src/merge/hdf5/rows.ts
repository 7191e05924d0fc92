/** Adding up rows of HDF5 datasets. */
import { UnsupportedError } from '../../errors.ts';
import type { Hdf5Type } from '../../io/hdf5/hdf5-library.ts';
import { TYPE_CLASS } from '../../io/hdf5/hdf5-types.ts';

type NumberArray = Int8Array | Int16Array | Int32Array | Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array;
type NumberArrayClass = new (buffer: ArrayBufferLike, at: number, length: number) => NumberArray;

const SIGNED: Readonly<Record<number, NumberArrayClass>> = { 1: Int8Array, 2: Int16Array, 4: Int32Array };
const UNSIGNED: Readonly<Record<number, NumberArrayClass>> = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array };
const FLOATS: Readonly<Record<number, NumberArrayClass>> = { 4: Float32Array, 8: Float64Array };

/** True for numbers that can be added. */
export function isNumber({ type, size }: Hdf5Type): boolean {
  return (type === TYPE_CLASS.integer && [1, 2, 4, 8].includes(size)) || (type === TYPE_CLASS.float && [4, 8].includes(size));
}

/**
 * Adds `count` numbers at `from` to those at `to`, in one memory.
 * @throws UnsupportedError when a sum of integers exceeds their type
 */
export function addNumbers(memory: ArrayBufferLike, type: Hdf5Type, to: number, from: number, count: number): void {
  if (type.type === TYPE_CLASS.integer && type.size === 8) return addLongs(memory, type.signed, to, from, count);
  const kind = (type.type === TYPE_CLASS.float ? FLOATS : type.signed ? SIGNED : UNSIGNED)[type.size];
  if (kind === undefined) throw new UnsupportedError('is not made of numbers that can be added');
  const [sums, values] = [new kind(memory, to, count), new kind(memory, from, count)];
  const isExact = type.type === TYPE_CLASS.integer;
  for (let i = 0; i < count; i++) {
    const sum = (sums[i] ?? 0) + (values[i] ?? 0);
    sums[i] = sum;
    if (isExact && sums[i] !== sum) throw new UnsupportedError(`sum ${sum} exceeds its type`);
  }
}

function addLongs(memory: ArrayBufferLike, signed: boolean, to: number, from: number, count: number): void {
  const longs = (at: number): BigInt64Array | BigUint64Array =>
    signed ? new BigInt64Array(memory, at, count) : new BigUint64Array(memory, at, count);
  const [sums, values] = [longs(to), longs(from)];
  for (let i = 0; i < count; i++) {
    const sum = (sums[i] ?? 0n) + (values[i] ?? 0n);
    sums[i] = sum;
    if (sums[i] !== sum) throw new UnsupportedError(`sum ${sum} exceeds its type`);
  }
}
