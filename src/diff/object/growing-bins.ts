/** A histogram of values whose range is not known before, in bounded memory. */

/** Most bins. */
const MAX_BINS = 64;
/** Narrowest bin as a share of a value in it: equal but for rounding, values are in one bin (two at an edge), not in many. */
const NARROWEST = 2 ** -10;

/** A histogram. */
export interface Bins {
  /** Lower edge of the first bin, and width of each: a power of two, edges are its multiples. */
  low: number;
  width: number;
  /** Values in each bin, from the first to the last that has any; at most 64. */
  bins: number[];
}

/** A histogram under way, as data that threads can pass on. */
export interface BinCounts {
  /** Width of a bin; 0 before the first value. */
  width: number;
  /** Values by number of the bin, in widths from 0. */
  counts: Map<number, number>;
}

/** Bins whose width doubles until all values fit in `MAX_BINS` of them. */
export class GrowingBins {
  #width: number;
  /** Values by number of the bin, in widths from 0. */
  #counts: Map<number, number>;
  #first = Infinity;
  #last = -Infinity;

  constructor(width = 0, counts: Map<number, number> = new Map()) {
    this.#width = width;
    this.#counts = counts;
    for (const bin of counts.keys()) this.#reach(bin);
  }

  state(): BinCounts {
    return { width: this.#width, counts: this.#counts };
  }

  add(value: number): void {
    const least = Math.max(Math.abs(value) * NARROWEST, Number.MIN_VALUE);
    if (this.#width === 0) this.#width = Math.max(2 ** Math.floor(Math.log2(least)), Number.MIN_VALUE);
    while (this.#width < least) this.#widen();
    this.#count(Math.floor(value / this.#width), 1);
    while (this.#last - this.#first >= MAX_BINS) this.#widen();
  }

  result(): Bins {
    if (this.#counts.size === 0) return { low: 0, width: 0, bins: [] };
    const bins = Array.from({ length: this.#last - this.#first + 1 }, (_, i) => this.#counts.get(this.#first + i) ?? 0);
    return { low: this.#first * this.#width, width: this.#width, bins };
  }

  #widen(): void {
    const counts = this.#counts;
    this.#width *= 2;
    this.#counts = new Map();
    [this.#first, this.#last] = [Infinity, -Infinity];
    for (const [bin, count] of counts) this.#count(Math.floor(bin / 2), count);
  }

  #count(bin: number, count: number): void {
    this.#counts.set(bin, (this.#counts.get(bin) ?? 0) + count);
    this.#reach(bin);
  }

  #reach(bin: number): void {
    this.#first = Math.min(this.#first, bin);
    this.#last = Math.max(this.#last, bin);
  }
}
