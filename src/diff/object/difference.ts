/** Differences found in one object: all are counted, the first are listed. */
import type { Difference } from './difference-place.ts';
import { Distributions, type FoundDistributions } from './distribution.ts';

export type { Difference } from './difference-place.ts';

/** Longest value in a list of differences, characters. */
const MAX_VALUE_LENGTH = 120;

/** What a list holds, as data that threads can pass on. */
export interface FoundDifferences {
  first: Difference[];
  count: number;
  distributions: FoundDistributions | undefined;
}

/** How lists of one object are made. */
export interface DifferenceLimits {
  /** Most differences listed. */
  max: number;
  /** Most distributions; undefined: none are made. */
  distributions: number | undefined;
}

/** Collects the differences of one object. */
export class DifferenceList {
  /** The first of all. */
  readonly first: Difference[] = [];
  count = 0;
  /** Told of every difference with its values; undefined where distributions are not asked for. */
  readonly distributions: Distributions | undefined;
  readonly #max: number;

  /** `max`: how many are listed. */
  constructor(max: number, distributions?: Distributions) {
    this.#max = max;
    this.distributions = distributions;
  }

  /** Most differences listed. */
  get max(): number {
    return this.#max;
  }

  /** An empty list within limits. */
  static within({ max, distributions }: DifferenceLimits): DifferenceList {
    return new DifferenceList(max, distributions === undefined ? undefined : new Distributions({ left: distributions }));
  }

  /** Limits of lists whose contents `append` takes. */
  get limits(): DifferenceLimits {
    return { max: this.#max, distributions: this.distributions?.room };
  }

  /** What is in the list. */
  found(): FoundDifferences {
    return { first: this.first, count: this.count, distributions: this.distributions?.found() };
  }

  /** Takes in what another list found, as if it had been added here; false, and nothing is taken, where that cannot be. */
  append({ first, count, distributions }: FoundDifferences): boolean {
    if (distributions !== undefined && this.distributions?.append(distributions) === false) return false;
    this.first.push(...first.slice(0, Math.max(0, this.#max - this.first.length)));
    this.count += count;
    return true;
  }

  /** True when no further difference is listed or looked at: it is enough to count. */
  get isFull(): boolean {
    return this.distributions === undefined && this.first.length >= this.#max;
  }

  add(at: string, left: unknown, right: unknown): void {
    this.count++;
    const texts = (): Difference => ({ at, ...valueTexts(left, right) });
    if (this.first.length < this.#max) this.first.push(texts());
    this.distributions?.add(at, left, right, texts, this.#max);
  }

  /** Adds what another list found, below a place. */
  addAll(other: DifferenceList, below: string): void {
    for (const { at, left, right } of other.first) {
      const separator = below === '' || at === '' || at.startsWith('[') ? '' : '.';
      const found = { at: `${below}${separator}${at}`, left, right };
      if (this.first.length < this.#max) this.first.push(found);
      this.distributions?.add(found.at, numberIn(left), numberIn(right), () => found, this.#max);
    }
    this.count += other.count;
  }
}

/** The number a text of `valueText` stands for; the text itself where it is none (texts of texts are quoted). */
function numberIn(text: string): number | string {
  return /^-?\d/.test(text) && Number.isFinite(Number(text)) && !text.startsWith('0x') ? Number(text) : text;
}

/** Bytes listed in front of the first that differs. */
const BYTES_BEFORE = 4;

/** Two values as text; long bytes from shortly before where they begin to differ. */
function valueTexts(left: unknown, right: unknown): { left: string; right: string } {
  if (!(left instanceof Uint8Array) || !(right instanceof Uint8Array)) return { left: valueText(left), right: valueText(right) };
  const end = Math.min(left.length, right.length);
  let same = 0;
  while (same < end && left[same] === right[same]) same++;
  const start = same < MAX_VALUE_LENGTH / 4 ? 0 : same - BYTES_BEFORE;
  const from = (bytes: Uint8Array): string =>
    start === 0 ? valueText(bytes) : `from byte ${start} of ${bytes.length} on: ${valueText(bytes.subarray(start))}`;
  return { left: from(left), right: from(right) };
}

/** A value as text: numbers as they are, text quoted, lists in brackets, bytes in hex. */
function valueText(value: unknown): string {
  const text = plainText(value);
  return text.length > MAX_VALUE_LENGTH ? `${text.slice(0, MAX_VALUE_LENGTH)}…` : text;
}

function plainText(value: unknown): string {
  if (value instanceof Uint8Array) {
    return `0x${Buffer.from(value.subarray(0, MAX_VALUE_LENGTH / 2)).toString('hex')}${value.length > MAX_VALUE_LENGTH / 2 ? '…' : ''}`;
  }
  if (Array.isArray(value)) {
    return value.length === 1 && !Array.isArray(value[0])
      ? plainText(value[0])
      : `[${value.slice(0, MAX_VALUE_LENGTH).map(plainText).join(', ')}]`;
  }
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
