/**
 * How far the values of a branch, field or array of members are apart: counts, moments and a histogram of right - left,
 * in bounded memory.
 */
import type { Difference } from './difference-place.ts';
import { GrowingBins, type BinCounts, type Bins } from './growing-bins.ts';

/** How the values of one branch (`jet/pt`), field, or array of members (`fX`) differ; bins are of right - left. */
export interface Distribution extends Bins {
  name: string;
  /** Entries, elements of a column or of an array that differ. */
  entryCount: number;
  /** The first of them. */
  first: Difference[];
  /** Pairs of numbers that differ and whose difference is finite; an entry may hold several. */
  valueCount: number;
  /** Of right - left over these pairs; 0 when there are none. */
  mean: number;
  rms: number;
  min: number;
  max: number;
}

/** What a distribution under way consists of, as data that threads can pass on. */
export interface DistributionState extends BinCounts {
  name: string;
  first: Difference[];
  entryCount: number;
  valueCount: number;
  mean: number;
  /** Sum of squared distances from the mean (Welford's algorithm). */
  squares: number;
  min: number;
  max: number;
}

/** Collects the differences of one name. */
class DistributionBuilder {
  readonly #name: string;
  readonly #first: Difference[];
  readonly #bins: GrowingBins;
  #entryCount = 0;
  #valueCount = 0;
  #mean = 0;
  /** Sum of squared distances from the mean (Welford's algorithm). */
  #squares = 0;
  #min = Infinity;
  #max = -Infinity;

  /** `state`: what was collected elsewhere. */
  constructor(name: string, state?: DistributionState) {
    this.#name = name;
    this.#first = state?.first ?? [];
    this.#bins = new GrowingBins(state?.width, state?.counts);
    if (state !== undefined) {
      ({
        entryCount: this.#entryCount,
        valueCount: this.#valueCount,
        mean: this.#mean,
        squares: this.#squares,
        min: this.#min,
        max: this.#max,
      } = state);
    }
  }

  state(): DistributionState {
    return {
      name: this.#name,
      first: this.#first,
      entryCount: this.#entryCount,
      valueCount: this.#valueCount,
      mean: this.#mean,
      squares: this.#squares,
      min: this.#min,
      max: this.#max,
      ...this.#bins.state(),
    };
  }

  add(left: unknown, right: unknown, texts: () => Difference, maxListed: number): void {
    this.#entryCount++;
    if (this.#first.length < maxListed) this.#first.push(texts());
    for (const distance of distancesOf(left, right)) this.#addValue(distance);
  }

  result(): Distribution {
    const hasValues = this.#valueCount > 0;
    return {
      name: this.#name,
      entryCount: this.#entryCount,
      first: this.#first,
      valueCount: this.#valueCount,
      mean: this.#mean,
      rms: hasValues ? Math.sqrt(this.#squares / this.#valueCount) : 0,
      min: hasValues ? this.#min : 0,
      max: hasValues ? this.#max : 0,
      ...this.#bins.result(),
    };
  }

  #addValue(distance: number): void {
    this.#valueCount++;
    const toMean = distance - this.#mean;
    this.#mean += toMean / this.#valueCount;
    this.#squares += toMean * (distance - this.#mean);
    this.#min = Math.min(this.#min, distance);
    this.#max = Math.max(this.#max, distance);
    this.#bins.add(distance);
  }
}

/** right - left of each pair of numbers that differ; none for texts, bytes and lists of different lengths. */
function distancesOf(left: unknown, right: unknown): number[] {
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length ? left.flatMap((value: unknown, i) => distancesOf(value, right[i])) : [];
  }
  const distance = distanceOf(left, right);
  return distance !== undefined && distance !== 0 && Number.isFinite(distance) ? [distance] : [];
}

function distanceOf(left: unknown, right: unknown): number | undefined {
  if (typeof left === 'bigint' && typeof right === 'bigint') return Number(right - left);
  return typeof left === 'number' && typeof right === 'number' ? right - left : undefined;
}

/** What `Distributions` collected, as data that threads can pass on. */
export interface FoundDistributions {
  states: DistributionState[];
  /** Names for which there was no room. */
  omitted: string[];
}

/** How many distributions a run may still begin. */
export interface DistributionBudget {
  left: number;
}

/**
 * `name[number]`, or `name[number, number]` of a matrix; of entries joined by key also `~[number]` of the other side and
 * ` (key)`; perhaps a member of the object there behind it.
 */
const ELEMENT = /^(.*?)\[\d+(?:, \d+)*\](?:~\[\d+\])?(?: \(.*?\))?(\..+)?$/s;

/** The distributions of one object, by name. */
export class Distributions {
  readonly #budget: DistributionBudget;
  readonly #builders = new Map<string, DistributionBuilder>();
  readonly #omitted = new Set<string>();

  constructor(budget: DistributionBudget) {
    this.#budget = budget;
  }

  /**
   * Takes a difference; one that is at no entry or element (`title`) belongs to no distribution. `texts` is asked for
   * the first `maxListed` only.
   */
  add(at: string, left: unknown, right: unknown, texts: () => Difference, maxListed: number): void {
    const [, top, below = ''] = ELEMENT.exec(at) ?? [];
    if (top === undefined) return;
    this.#builderOf(top + below.replaceAll(/\[\d+\]/g, '[]'))?.add(left, right, texts, maxListed);
  }

  results(): Distribution[] {
    return Array.from(this.#builders.values(), (builder) => builder.result());
  }

  /** What was collected, to be taken in elsewhere. */
  found(): FoundDistributions {
    return { states: Array.from(this.#builders.values(), (builder) => builder.state()), omitted: [...this.#omitted] };
  }

  /**
   * Takes in what was collected elsewhere, as if it had been added here; false, and nothing is taken, where a name is
   * known here already: sums of reals depend on their order.
   */
  append({ states, omitted }: FoundDistributions): boolean {
    if (states.some(({ name }) => this.#builders.has(name)) || omitted.some((name) => this.#builders.has(name))) return false;
    for (const state of states) this.#begin(state.name, state);
    for (const name of omitted) this.#begin(name);
    return true;
  }

  /** Names for which there is room. */
  get room(): number {
    return this.#budget.left;
  }

  /** Names beyond the budget. */
  get omittedCount(): number {
    return this.#omitted.size;
  }

  #builderOf(name: string): DistributionBuilder | undefined {
    return this.#builders.get(name) ?? this.#begin(name);
  }

  #begin(name: string, state?: DistributionState): DistributionBuilder | undefined {
    if (this.#budget.left <= 0) {
      this.#omitted.add(name);
      return undefined;
    }
    this.#budget.left--;
    const builder = new DistributionBuilder(name, state);
    this.#builders.set(name, builder);
    return builder;
  }
}
