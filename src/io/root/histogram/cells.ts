/** Cells of a histogram, with the limits and roundings of their type (TH1C, TH1S, TH1I, TH1F, TH1D ::AddBinContent). */
import { UsageError } from '../../../errors.ts';
import type { RootObject } from '../streamer/root-object.ts';

type CellArray = Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;

const ARRAYS: Readonly<Record<string, new (count: number) => CellArray>> = { C: Int8Array, S: Int16Array, I: Int32Array, F: Float32Array, D: Float64Array };
/** Largest absolute value of integer cells: counting stops there. */
const LIMITS: Readonly<Record<string, number>> = { C: 127, S: 32_767, I: 2_147_483_647 };

/** The arrays of one histogram object; they are members of the object. */
export class Cells {
  readonly #object: RootObject;
  readonly #contents: CellArray;
  readonly #limit: number | undefined;
  readonly #profile: boolean;
  /** fSumw2: squared weights; for a profile the sums of w y². */
  #squares: Float64Array;
  /** Profiles: sums of weights, and of squared weights from the first weight on that is not 1. */
  readonly #entries: Float64Array;
  #entrySquares: Float64Array;

  /** Makes the arrays of `object` typed ones of `count` cells; UsageError if they have another number. */
  constructor(object: RootObject, type: string, count: number, profile: boolean) {
    this.#object = object;
    this.#limit = LIMITS[type];
    this.#profile = profile;
    const Contents = ARRAYS[type] ?? Float64Array;
    this.#contents = copyInto(new Contents(count), object['fArray'], 'fArray');
    this.#squares = copyInto(new Float64Array(profile || isFilled(object['fSumw2']) ? count : 0), object['fSumw2'], 'fSumw2');
    this.#entries = copyInto(new Float64Array(profile ? count : 0), object['fBinEntries'], 'fBinEntries');
    this.#entrySquares = copyInto(new Float64Array(isFilled(object['fBinSumw2']) ? count : 0), object['fBinSumw2'], 'fBinSumw2');
    object['fNcells'] = count;
    this.#publish();
  }

  #publish(): void {
    Object.assign(this.#object, { fN: this.#contents.length, fArray: this.#contents, fSumw2: this.#squares });
    if (this.#profile) Object.assign(this.#object, { fBinEntries: this.#entries, fBinSumw2: this.#entrySquares });
  }

  /** Adds a weight to a cell. */
  add(cell: number, w: number): void {
    if (w !== 1 && this.#squares.length === 0) this.keepSquares();
    if (this.#squares.length > 0) this.#squares[cell] = (this.#squares[cell] as number) + w * w;
    this.#addContent(cell, w);
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
    if (this.#limit === undefined) this.#contents[cell] = old + (this.#contents instanceof Float32Array ? Math.fround(w) : w);
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

function copyInto<T extends CellArray>(target: T, values: unknown, member: string): T {
  if (!isFilled(values)) return target;
  const source = values as ArrayLike<number>;
  if (source.length !== target.length) throw new UsageError(`${member} has ${source.length} values, the axes make ${target.length} cells`);
  target.set(source);
  return target;
}
