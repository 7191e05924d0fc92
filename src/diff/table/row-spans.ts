/** Rows of two tables that belong together. */
import type { EntryRange } from '../entries/entry-selection.ts';

/** `count` rows from `left` on in one table, and from `right` on in the other. */
export interface RowSpan {
  left: number;
  right: number;
  count: number;
}

/** The parts of a span whose rows on the left are in ranges; all of it without ranges. */
export function spansWithin({ left, right, count }: RowSpan, ranges: readonly EntryRange[] | undefined): RowSpan[] {
  const all = ranges ?? [{ first: 0, end: Infinity }];
  return all.flatMap((range) => {
    const [first, end] = [Math.max(range.first, left), Math.min(range.end, left + count)];
    return end > first ? [{ left: first, right: right + first - left, count: end - first }] : [];
  });
}
