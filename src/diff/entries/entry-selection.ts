/** Which entries of two trees or RNTuples are held against each other. */
import { UsageError } from '../../errors.ts';

/** Entries [first, end); `end` is Infinity where the range is open. */
export interface EntryRange {
  first: number;
  end: number;
}

/** Which entry belongs to which. */
export interface EntrySelection {
  /** `any`: entries of equal content belong together, wherever they are. */
  order: 'strict' | 'any';
  /** Branches or fields whose values tell which entries belong together; empty: the order does. */
  match: readonly string[];
  /** Entries of the first file (of a merge: the output) that are looked at, ascending; undefined: all. */
  ranges: readonly EntryRange[] | undefined;
  /** Which entries belong together where that is known from elsewhere: neither order nor keys tell it then. */
  pairs: EntryPairs | undefined;
}

/** True where all entries are compared, and those of equal number belong together. */
export function isPlainSelection({ match, order, ranges, pairs }: EntrySelection): boolean {
  return match.length === 0 && order === 'strict' && ranges === undefined && pairs === undefined;
}

/** Entries that belong together: the i-th of one to the i-th of the other. */
export interface EntryPairs {
  left: Uint32Array;
  right: Uint32Array;
}

const RANGE = /^(\d*)(:?)(\d*)$/;

/**
 * Parses ranges of entries: `FIRST:LAST` without LAST itself, either may be left out, or single numbers; several are
 * separated by commas. UsageError otherwise.
 */
export function parseEntryRanges(text: string): EntryRange[] {
  const ranges = text.split(',').map((part) => {
    const [, first = '', colon = '', last = ''] = RANGE.exec(part.trim()) ?? [];
    if (first + colon + last === '') throw new UsageError(`no range of entries: '${part}'; FIRST:LAST, the last one not included`);
    const range =
      colon === ''
        ? { first: Number(first), end: Number(first) + 1 }
        : { first: Number(first || 0), end: last === '' ? Infinity : Number(last) };
    if (range.end <= range.first) throw new UsageError(`range of entries without entries: '${part}'`);
    return range;
  });
  return joinedRanges(ranges);
}

/** The same entries, each once, in ascending order. */
function joinedRanges(ranges: readonly EntryRange[]): EntryRange[] {
  const joined: EntryRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.first - b.first)) {
    const last = joined.at(-1);
    if (last !== undefined && range.first <= last.end) last.end = Math.max(last.end, range.end);
    else joined.push({ ...range });
  }
  return joined;
}

/** Ranges as they are written. */
export function rangesText(ranges: readonly EntryRange[]): string {
  return ranges.map(({ first, end }) => `${first}:${end === Infinity ? '' : end}`).join(',');
}

/** Numbers of the entries below `count` that ranges cover. */
export function entriesIn(ranges: readonly EntryRange[] | undefined, count: number): Uint32Array | number {
  if (ranges === undefined) return count;
  const clipped = ranges.map(({ first, end }) => ({ first: Math.min(first, count), end: Math.min(end, count) }));
  const entries = new Uint32Array(clipped.reduce((sum, { first, end }) => sum + end - first, 0));
  let at = 0;
  for (const { first, end } of clipped) for (let entry = first; entry < end; entry++) entries[at++] = entry;
  return entries;
}
