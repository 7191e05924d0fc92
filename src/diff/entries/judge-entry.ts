/** Decides whether two entries with different bytes are different, and says how. */
import { isPoolMergeError } from '../../errors.ts';
import type { DifferenceList } from '../object/difference.ts';
import type { EntryPlace, EntryValues } from './entry-streams.ts';
import type { LeafValue } from '../../io/root/tree/leaf-values.ts';
import { isClose, type Tolerance } from '../object/tolerance.ts';

/** Adds the difference between two entries to a list, unless their values are equal within the tolerance. */
export function judgeEntry(at: string, left: EntryPlace, right: EntryPlace, tolerance: Tolerance, differences: DifferenceList): void {
  const [a, b] = [valuesOf(left), valuesOf(right)];
  if (areClose(a, b, left.entries.realWidth, tolerance) && !isOtherForm(a, b, left, right)) return;
  const isSame = String(a) === String(b); // equal values in other bytes: only bytes tell them apart
  differences.add(at, isSame ? bytesOf(left) : a, isSame ? bytesOf(right) : b);
}

/**
 * True for entries of a tree whose values are the same to the last bit, but not what stands around them: byte counts and
 * versions, which readers may stumble over. NaN is NaN whatever its bits.
 */
function isOtherForm(a: EntryValues | Uint8Array, b: EntryValues | Uint8Array, left: EntryPlace, right: EntryPlace): boolean {
  if (left.entries.bounds === undefined || right.entries.bounds === undefined || hasNaN(a)) return false;
  return left.end - left.start === right.end - right.start && areClose(a, b, 0, {});
}

function hasNaN(values: unknown): boolean {
  return isList(values) ? values.some(hasNaN) : Number.isNaN(values);
}

/** Values of an entry; its bytes where they cannot be read as such. */
export function valuesOf(place: EntryPlace): EntryValues | Uint8Array {
  const { entries, start, end } = place;
  try {
    return entries.values?.(start, end) ?? bytesOf(place);
  } catch (err) {
    if (!isPoolMergeError(err, 'CORRUPT_FILE')) throw err;
    return bytesOf(place);
  }
}

function bytesOf({ entries, start, end }: EntryPlace): Uint8Array {
  return entries.data.subarray(start, end);
}

function areClose(a: EntryValues | Uint8Array, b: EntryValues | Uint8Array, realWidth: number, tolerance: Tolerance): boolean {
  if (!isList(a) || !isList(b) || a.length !== b.length) return false;
  return a.every((value, i) => {
    const other = b[i];
    if (isList(value) && isList(other)) return areClose(value, other, realWidth, tolerance);
    if (typeof value !== 'number' || typeof other !== 'number') return value === other;
    return isClose(value, other, realWidth, tolerance);
  });
}

function isList(value: unknown): value is readonly LeafValue[] {
  return Array.isArray(value);
}
