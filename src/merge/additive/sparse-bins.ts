/** Bins of a THnSparse in native numbers, found by their coordinates. */
import { addBin, emptyCells, type BinType, type Cells } from '../bins/cells.ts';

/** Filled bins of one input, `count` of them. */
export interface BinBlock {
  count: number;
  /** Coordinates in compact form, `coordinateBytes` per bin: equal axes, equal bytes. */
  coordinates: Uint8Array;
  cells: Cells;
  /** Squared errors; undefined where they are the contents. */
  sumw2: Float64Array | undefined;
}

const FIRST_CAPACITY = 64;
/** FNV-1a, 32 bits. */
const HASH_START = 0x811c9dc5;
const HASH_FACTOR = 0x01000193;

/** Filled bins in the order in which they were met. */
export class SparseBins {
  readonly coordinateBytes: number;
  readonly #type: BinType;
  #count = 0;
  #coordinates: Uint8Array;
  #cells: Cells;
  #sumw2: Float64Array | undefined;
  /** Open addressing: 1 + index of a bin, 0 for a free place. At least twice as long as there is room for bins. */
  #table: Int32Array;

  constructor(type: BinType, coordinateBytes: number) {
    this.#type = type;
    this.coordinateBytes = coordinateBytes;
    this.#coordinates = new Uint8Array(FIRST_CAPACITY * coordinateBytes);
    this.#cells = emptyCells(type, FIRST_CAPACITY);
    this.#table = new Int32Array(2 * FIRST_CAPACITY);
  }

  get count(): number {
    return this.#count;
  }

  /** All bins; arrays are views that the next addition may leave behind. */
  block(): BinBlock {
    const count = this.#count;
    return {
      count,
      coordinates: this.#coordinates.subarray(0, count * this.coordinateBytes),
      cells: this.#cells.subarray(0, count),
      sumw2: this.#sumw2?.subarray(0, count),
    };
  }

  /** From now on squared errors are summed; those of the bins so far are their contents. */
  keepErrors(): void {
    this.#sumw2 ??= Float64Array.from({ length: this.#cells.length }, (_, i) => Number(this.#cells[i]));
  }

  /** Adds bins; returns how many additions are not exact. */
  add({ count, coordinates, cells, sumw2 }: BinBlock): number {
    this.#reserve(this.#count + count);
    let inexact = 0;
    const errors = this.#sumw2;
    for (let k = 0; k < count; k++) {
      const i = this.#indexOf(coordinates, k * this.coordinateBytes);
      inexact += addBin(this.#cells, i, cells, k);
      if (errors !== undefined) errors[i] = (errors[i] as number) + (sumw2 === undefined ? Number(cells[k]) : (sumw2[k] as number));
    }
    return inexact;
  }

  /** Index of the bin with the coordinates at `from`, which is made where there is none. */
  #indexOf(coordinates: Uint8Array, from: number): number {
    const mask = this.#table.length - 1;
    let place = this.#hash(coordinates, from) & mask;
    for (let found = this.#table[place] as number; found !== 0; found = this.#table[place] as number) {
      if (this.#isAt(found - 1, coordinates, from)) return found - 1;
      place = (place + 1) & mask;
    }
    const index = this.#count++;
    this.#table[place] = index + 1;
    const at = index * this.coordinateBytes;
    for (let b = 0; b < this.coordinateBytes; b++) this.#coordinates[at + b] = coordinates[from + b] as number;
    return index;
  }

  #isAt(index: number, coordinates: Uint8Array, from: number): boolean {
    const at = index * this.coordinateBytes;
    for (let b = 0; b < this.coordinateBytes; b++) if (this.#coordinates[at + b] !== coordinates[from + b]) return false;
    return true;
  }

  #hash(bytes: Uint8Array, from: number): number {
    let hash = HASH_START;
    for (let b = 0; b < this.coordinateBytes; b++) hash = Math.imul(hash ^ (bytes[from + b] as number), HASH_FACTOR);
    return hash ^ (hash >>> 15);
  }

  #reserve(count: number): void {
    let capacity = this.#cells.length;
    if (count <= capacity) return;
    while (capacity < count) capacity *= 2;
    const [coordinates, cells, sumw2] = [this.#coordinates, this.#cells, this.#sumw2];
    this.#coordinates = new Uint8Array(capacity * this.coordinateBytes);
    this.#coordinates.set(coordinates);
    this.#cells = emptyCells(this.#type, capacity);
    this.#cells.set(cells as never);
    if (sumw2 !== undefined) {
      this.#sumw2 = new Float64Array(capacity);
      this.#sumw2.set(sumw2);
    }
    this.#index(2 * capacity);
  }

  #index(places: number): void {
    this.#table = new Int32Array(places);
    const mask = places - 1;
    for (let i = 0; i < this.#count; i++) {
      let place = this.#hash(this.#coordinates, i * this.coordinateBytes) & mask;
      while (this.#table[place] !== 0) place = (place + 1) & mask;
      this.#table[place] = i + 1;
    }
  }
}
