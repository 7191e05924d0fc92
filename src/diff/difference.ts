/** Differences found in one object: all are counted, the first are listed. */

/** One place where two objects differ. */
export interface Difference {
  /** Where: a member (`fArray[3]`), a branch or field with its entry (`jet/pt[12]`), or what is counted (`entries`). */
  at: string;
  /** What the first file (of a merge: the output) has there. */
  left: string;
  /** What the second file has there (of a merge: what follows from the inputs). */
  right: string;
}

/** Longest value in a list of differences, characters. */
const MAX_VALUE_LENGTH = 120;

/** Collects the differences of one object. */
export class DifferenceList {
  /** The first of all. */
  readonly first: Difference[] = [];
  count = 0;
  readonly #max: number;

  /** `max`: how many are listed. */
  constructor(max: number) {
    this.#max = max;
  }

  /** Most differences listed. */
  get max(): number {
    return this.#max;
  }

  add(at: string, left: unknown, right: unknown): void {
    this.count++;
    if (this.first.length < this.#max) this.first.push({ at, left: valueText(left), right: valueText(right) });
  }

  /** Adds what another list found, below a place. */
  addAll(other: DifferenceList, below: string): void {
    for (const { at, left, right } of other.first) {
      const separator = at === '' || at.startsWith('[') ? '' : '.';
      if (this.first.length < this.#max) this.first.push({ at: `${below}${separator}${at}`, left, right });
    }
    this.count += other.count;
  }
}

/** A value as text: numbers as they are, text quoted, lists in brackets, bytes in hex. */
function valueText(value: unknown): string {
  const text = plainText(value);
  return text.length > MAX_VALUE_LENGTH ? `${text.slice(0, MAX_VALUE_LENGTH)}…` : text;
}

function plainText(value: unknown): string {
  if (value instanceof Uint8Array) return `0x${Buffer.from(value.subarray(0, MAX_VALUE_LENGTH / 2)).toString('hex')}${value.length > MAX_VALUE_LENGTH / 2 ? '…' : ''}`;
  if (Array.isArray(value)) return value.length === 1 ? plainText(value[0]) : `[${value.slice(0, MAX_VALUE_LENGTH).map(plainText).join(', ')}]`;
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
