/** Values of tables (HDF5, Arrow): when two are equal, and what is told of those that are not. */
import type { DifferenceList } from '../object/difference.ts';
import { isClose, type Tolerance } from '../object/tolerance.ts';

/** A value as it is compared and shown. Lists are sequences, arrays, or the members of a compound one after another. */
export type Cell = number | bigint | string | boolean | null | Uint8Array | Cell[];

/** True when two values count as equal. `width`: bytes of stored reals; 0 for integers, and for lists of several types. */
export function areCellsEqual(a: Cell, b: Cell, width: number, tolerance: Tolerance): boolean {
  if (typeof a === 'number' && typeof b === 'number') return isClose(a, b, width, tolerance);
  if (isInteger(a) && isInteger(b)) return areIntegersClose(BigInt(a), BigInt(b), tolerance);
  if (isNumber(a) && isNumber(b)) return isClose(Number(a), Number(b), width, tolerance);
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0;
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b;
  return a.length === b.length && a.every((each, i) => areCellsEqual(each, b[i] as Cell, width, tolerance));
}

function isNumber(cell: Cell): cell is number | bigint {
  return typeof cell === 'number' || typeof cell === 'bigint';
}

function isInteger(cell: Cell): cell is number | bigint {
  return typeof cell === 'bigint' || (typeof cell === 'number' && Number.isInteger(cell));
}

/** Integers of 64 bits: the distance is exact, only its size is not. */
function areIntegersClose(a: bigint, b: bigint, { rel = 0, abs = 0 }: Tolerance): boolean {
  if (a === b) return true;
  const distance = Math.abs(Number(a - b));
  return distance <= Math.max(abs, rel * Math.max(Math.abs(Number(a)), Math.abs(Number(b))));
}

/** |a - b| of two numbers, the largest of a list of as many; undefined where that is no finite number. */
function distanceOf(a: Cell, b: Cell): number | undefined {
  if (Array.isArray(a) && Array.isArray(b)) {
    if (a.length !== b.length) return undefined;
    const distances = a.map((each, i) => distanceOf(each, b[i] as Cell)).filter((each) => each !== undefined);
    return distances.length === 0 ? undefined : distances.reduce((max, each) => Math.max(max, each));
  }
  if (!isNumber(a) || !isNumber(b)) return undefined;
  const distance = typeof a === 'bigint' && typeof b === 'bigint' ? Number(a - b) : Number(a) - Number(b);
  return Number.isFinite(distance) ? Math.abs(distance) : undefined;
}

/** Counts the values of one object that were compared, and those that differ. */
export class ValueTally {
  readonly #differences: DifferenceList;
  readonly #tolerance: Tolerance;
  #compared = 0;
  #differing = 0;
  #first = '';
  #firstRow: number | undefined;
  #largest = { at: '', distance: -1 };

  constructor(differences: DifferenceList, tolerance: Tolerance) {
    this.#differences = differences;
    this.#tolerance = tolerance;
  }

  /** Values that differ so far. */
  get differing(): number {
    return this.#differing;
  }

  /** Row of the first value that differs, where rows were told. */
  get firstRow(): number | undefined {
    return this.#firstRow;
  }

  /** Counts values that are known to be equal. */
  addEqual(count: number): void {
    this.#compared += count;
  }

  /** Compares two values; `at` is asked where they are when they differ. */
  compare(at: () => string, left: Cell, right: Cell, width: number, row?: number): void {
    this.#compared++;
    if (areCellsEqual(left, right, width, this.#tolerance)) return;
    this.#firstRow ??= row;
    this.#differing++;
    if (this.#differing === 1) this.#first = at();
    const distance = distanceOf(left, right);
    if (distance !== undefined && distance > this.#largest.distance) this.#largest = { at: at(), distance };
    this.#differences.add(this.#differences.isFull ? '' : at(), left, right);
  }

  /** How many differ, where the first is, and which is farthest off; nothing where all are equal. */
  notes(): string[] {
    if (this.#differing === 0) return [];
    const { at, distance } = this.#largest;
    const largest = distance < 0 ? '' : `; largest difference ${distance} at ${at}`;
    return [`${this.#differing} of ${this.#compared} values differ, the first at ${this.#first}${largest}`];
  }
}
