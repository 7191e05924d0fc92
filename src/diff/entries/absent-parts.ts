/** Branches, fields, or whole trees that one of several joined files lacks: a merged file has made rows in their place. */
import { canonicalRange } from './canonical-bytes.ts';
import { valuesOf } from './judge-entry.ts';
import type { DifferenceList } from '../object/difference.ts';
import { EntryCache } from './entry-access.ts';
import type { EntryPlace } from './entry-streams.ts';
import type { StreamPair } from './stream-pair.ts';

/** Entries of a file that lacks the tree or RNTuple as a whole. */
export interface AbsentEntries {
  /** Path of the file. */
  absentIn: string;
  entryCount: number;
}

/** True for a part of which only the number of entries is known. */
export function isAbsent(part: object): part is AbsentEntries {
  return 'absentIn' in part;
}

/** Which files lack what, told once for each file. */
export class AbsenceNotes {
  readonly #byFile = new Map<string, { entryCount: number; names: Set<string> }>();

  /** `name`: path of a branch or field; told is the name at the top. */
  add(file: string, entryCount: number, name: string): void {
    const known = this.#byFile.get(file) ?? { entryCount, names: new Set() };
    known.names.add(name.split(/[/ ]|\.(?=.)/)[0] ?? name);
    this.#byFile.set(file, known);
  }

  notes(): string[] {
    return [...this.#byFile].map(
      ([file, { entryCount, names }]) =>
        `${file} has no ${[...names].join(', ')}: the ${entryCount} entries made in their place must be alike`,
    );
  }
}

/** Entries of the left side, [first, end), of which the right side knows nothing. */
export interface MadeRange {
  first: number;
  end: number;
}

/** Made entries have the same value all over a range, whatever it is. */
export function judgeMade({ name, left }: StreamPair, ranges: readonly MadeRange[], differences: DifferenceList): void {
  if (ranges.length === 0) return;
  const source = left.entries(new EntryCache());
  for (const { first, end } of ranges) {
    const model = source.at(first);
    for (let entry = first + 1; entry < end && model !== undefined; entry++) {
      const made = source.at(entry);
      if (made !== undefined && !isAlike(made, model)) differences.add(`${name}[${entry}]`, valuesOf(made), valuesOf(model));
    }
  }
}

function isAlike(a: EntryPlace, b: EntryPlace): boolean {
  const [x, y] = [a, b].map((place) => {
    const { data, start, end } = canonicalRange(place);
    return data.subarray(start, end);
  }) as [Uint8Array, Uint8Array];
  return Buffer.compare(x, y) === 0;
}
