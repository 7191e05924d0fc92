/** What stands between the members of a row. */
import type { RowColumns } from '../../io/pool/row-columns.ts';
import type { EntryBytes } from '../../io/root/tree/branch-cursor.ts';

/** Byte counts and versions of vectors of objects in a row that one branch holds, in order. */
export function gapsBetween(columns: RowColumns, { data, start, end }: EntryBytes): Uint8Array[] {
  const gaps: Uint8Array[] = [];
  let at = start;
  for (const member of [...columns.values()].sort((a, b) => a.start - b.start)) {
    if (member.start > at) gaps.push(data.subarray(at, member.start));
    at = Math.max(at, member.end);
  }
  return at < end ? [...gaps, data.subarray(at, end)] : gaps;
}
