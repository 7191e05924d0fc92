/** Cells of a histogram, with the limits and roundings of their type (TH1C, TH1S, TH1I, TH1L, TH1F, TH1D ::AddBinContent). */
import { UnsupportedError, UsageError } from '../../../errors.ts';
import type { RootObject } from '../streamer/root-object.ts';

type CellArray = Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;

const ARRAYS: Readonly<Record<string, new (count: number) => CellArray>> = {
  C: Int8Array,
  S: Int16Array,
  I: Int32Array,
  L: Float64Array,
  F: Float32Array,
  D: Float64Array,
};
/** Largest absolute value of integer cells: counting stops there. */
const LIMITS: Readonly<Record<string, number>> = { C: 127, S: 32_767, I: 2_147_483_647 };

/** Bit of fBits: squared weights are not kept unless they are asked for (TH1::kIsNotW). */
const NOT_WEIGHTED = 0x8_0000;

/** The arrays of one histogram object; they are members of the object. */
export class Cells {
  readonly #object: RootObject;
  readonly #type: string;
  readonly #limit: number | undefined;
  readonly #profile: boolean;
  #contents: CellArray;
  /** fSumw2: squared weights; for a profile the sums of w y². */
  #squares: Float64Array;
  /** Profiles: sums of weights, and of squared weights from the first weight on that is not 1. */
  #entries: Float64Array;
  #entrySquares: Float64Array;

  /** Makes the arrays of `object` typed ones of `count` cells; UsageError if they have another number. */
  constructor(object: RootObject, type: string, count: number, profile: boolean) {
    this.#object = object;
    this.#type = type;
    this.#limit = LIMITS[type];
    this.#profile = profile;
    this.#contents = copyInto(this.#newContents(count), object['fArray'], 'fArray');
    this.#squares = copyInto(new Float64Array(profile || isFilled(object['fSumw2']) ? count : 0), object['fSumw2'], 'fSumw2');
    this.#entries = copyInto(new Float64Array(profile ? count : 0), object['fBinEntries'], 'fBinEntries');
    this.#entrySquares = copyInto(new Float64Array(isFilled(object['fBinSumw2']) ? count : 0), object['fBinSumw2'], 'fBinSumw2');
    this.#publish();
  }

  #newContents(count: number): CellArray {
    return new (ARRAYS[this.#type] ?? Float64Array)(count);
  }

  #publish(): void {
    Object.assign(this.#object, {
      fNcells: this.#contents.length,
      fN: this.#contents.length,
      fArray: this.#contents,
      fSumw2: this.#squares,
    });
    if (this.#profile) Object.assign(this.#object, { fBinEntries: this.#entries, fBinSumw2: this.#entrySquares });
  }

  /** Gives every cell another place among `count`; cells that come to the same one are added in their order. */
  rearrange(count: number, placeOf: (cell: number) => number): void {
    const contents = this.#contents;
    this.#contents = this.#newContents(count);
    contents.forEach((content, cell) => this.#addContent(placeOf(cell), content));
    const moved = (values: Float64Array): Float64Array => {
      const sums = new Float64Array(values.length > 0 ? count : 0);
      values.forEach((value, cell) => (sums[placeOf(cell)] = (sums[placeOf(cell)] as number) + value));
      return sums;
    };
    [this.#squares, this.#entries, this.#entrySquares] = [moved(this.#squares), moved(this.#entries), moved(this.#entrySquares)];
    this.#publish();
  }

  /** Adds a weight to a cell. */
  add(cell: number, w: number): void {
    if (w !== 1 && this.#squares.length === 0 && (Number(this.#object['fBits']) & NOT_WEIGHTED) === 0) this.keepSquares();
    this.#addContent(cell, w);
    if (this.#squares.length > 0) this.#squares[cell] = (this.#squares[cell] as number) + w * w;
  }

  /** Adds a value to a bin of a profile. */
  addToProfile(cell: number, y: number, w: number): void {
    this.#addContent(cell, w * y);
    this.#squares[cell] = (this.#squares[cell] as number) + w * y * y;
    if (w !== 1 && this.#entrySquares.length === 0) this.keepSquares();
    if (this.#entrySquares.length > 0) this.#entrySquares[cell] = (this.#entrySquares[cell] as number) + w * w;
    this.#entries[cell] = (this.#entries[cell] as number) + w;
  }

  /** Integer cells drop the fraction of a weight and stop at their limit; floats are rounded by the array. */
  #addContent(cell: number, w: number): void {
    const old = this.#contents[cell] as number;
    if (this.#type === 'L') this.#contents[cell] = exact(old + Math.trunc(w));
    else if (this.#limit === undefined) this.#contents[cell] = old + (this.#contents instanceof Float32Array ? Math.fround(w) : w);
    else this.#contents[cell] = Math.max(-this.#limit, Math.min(this.#limit, old + Math.trunc(w)));
  }

  /** Begins to keep squared weights: what was counted until now had weight 1. */
  keepSquares(): void {
    if (this.#profile) {
      if (this.#entrySquares.length === 0) this.#entrySquares = this.#entries.slice();
    } else if (this.#squares.length === 0) this.#squares = Float64Array.from(this.#contents, Math.abs);
    this.#publish();
  }

  /** Empties all arrays at their lengths. */
  reset(): void {
    for (const array of [this.#contents, this.#squares, this.#entries, this.#entrySquares]) array.fill(0);
  }
}

function isFilled(values: unknown): boolean {
  return values !== undefined && (values as ArrayLike<number>).length > 0;
}

/** 64-bit cells are numbers here, exact below 2^53; ROOT's go on, and wrap. */
function exact(sum: number): number {
  if (!Number.isSafeInteger(sum)) throw new UnsupportedError('a 64-bit cell beyond 2^53 cannot be filled');
  return sum;
}

function copyInto<T extends CellArray>(target: T, values: unknown, member: string): T {
  if (!isFilled(values)) return target;
  const source = values as ArrayLike<number | bigint>;
  if (source.length !== target.length) throw new UsageError(`${member} has ${source.length} values, the axes make ${target.length} cells`);
  for (let i = 0; i < target.length; i++) target[i] = typeof source[i] === 'bigint' ? exact(Number(source[i])) : (source[i] as number);
  return target;
}
