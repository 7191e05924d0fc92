/** Which inputs a merged dataset has no rows of, where that explains all that is missing. */
import { rowsOf } from '../../io/hdf5/hdf5-types.ts';
import { datasetOf } from './judge-description.ts';
import type { Hdf5Side } from './hdf5-side.ts';
import { joinedRows, type MergePart, type MergeTarget } from './merge-targets.ts';

/**
 * The parts whose rows are missing, when the rows that are there are those of all others, in their order; undefined otherwise. Rows are
 * held against each other by digests, one after another: this is for datasets that have too few.
 */
export async function missingParts({ out, parts }: MergeTarget, outSide: Hdf5Side): Promise<MergePart[] | undefined> {
  const merged = out && datasetOf(outSide, out);
  if (merged === undefined) return undefined;
  const rows = rowsOf(merged.extent);
  const missing: MergePart[] = [];
  let row = 0;
  let surplus = joinedRows(parts) - rows;
  for (const part of parts) {
    const own = datasetOf(part.input.side, part.object);
    if (own === undefined || part.rowCount === 0) continue;
    const range = { firstRow: row, rowCount: part.rowCount };
    const isThere =
      row + part.rowCount <= rows &&
      (await outSide.open()).digest(merged.path, merged.extent, range) === (await own.side.open()).digest(own.path, own.extent);
    if (isThere) row += part.rowCount;
    else if (part.rowCount <= surplus) {
      surplus -= part.rowCount;
      missing.push(part);
    } else return undefined;
  }
  return row === rows ? missing : undefined;
}
