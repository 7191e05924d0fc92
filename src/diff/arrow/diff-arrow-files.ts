/** Compares two Arrow files or streams: schema, metadata, and every value of every column, however rows are cut into batches. */
import { isPoolMergeError } from '../../errors.ts';
import { comparisonOf, diffReport, type DiffOptions, type DiffReport, type ObjectComparison } from '../diff-report.ts';
import { DiffRun } from '../diff-run.ts';
import { rangesText } from '../entries/entry-selection.ts';
import { ValueTally } from '../table/cells.ts';
import { refuseMeaningless } from '../table/table-options.ts';
import { ArrowSide, type ColumnIn } from './arrow-side.ts';
import { compareColumns } from './compare-columns.ts';
import { compareDictionaries } from './compare-dictionaries.ts';
import { areComparable, classOf, fieldDifferences, metadataDifferences } from './compare-fields.ts';

/** What reports call the one table of a file, and its path. */
export const TABLE_CLASS = 'Arrow table';
/** Path of the table; columns lie below it. */
export const TABLE_PATH = '/';

/** Compares two Arrow files or streams; see `diffFiles`. */
export async function diffArrowFiles(left: string, right: string, options: DiffOptions): Promise<DiffReport> {
  refuseMeaningless(options, 'arrow', 'files');
  using run = new DiffRun(options);
  using a = new ArrowSide(left);
  using b = new ArrowSide(right);
  const paths = run.paths([TABLE_PATH], a.byPath.keys(), b.byPath.keys());
  run.begin(paths.length);
  const objects: ObjectComparison[] = [];
  for (const path of paths) {
    objects.push(path === TABLE_PATH ? compareTables(a, b, run) : await compareAt(path, a.byPath.get(path), b.byPath.get(path), run));
    run.objectDone();
    await run.turn();
  }
  run.end();
  return diffReport('files', left, [right], objects);
}

function compareTables(a: ArrowSide, b: ArrowSide, run: DiffRun): ObjectComparison {
  const differences = run.differences(TABLE_CLASS);
  const [x, y] = [a.file, b.file];
  const names = (side: ArrowSide): string => [...side.byPath.keys()].join(', ');
  const isOtherOrder = names(a) !== names(b) && [...a.byPath.keys()].toSorted().join() === [...b.byPath.keys()].toSorted().join();
  if (isOtherOrder) differences.add('order of columns', names(a), names(b));
  if (a.rowCount !== b.rowCount) differences.add('rows', a.rowCount, b.rowCount);
  for (const { at, left, right } of metadataDifferences(x.schema.metadata, y.schema.metadata)) differences.add(at, left, right);
  for (const { at, left, right } of metadataDifferences(x.footerMetadata, y.footerMetadata)) differences.add(`footer ${at}`, left, right);
  return comparisonOf(TABLE_PATH, TABLE_CLASS, differences.count > 0 ? 'different' : 'same', differences, endNotes([a, b]));
}

/** Streams that do not say that they end. */
export function endNotes(sides: readonly ArrowSide[]): string[] {
  return sides
    .filter(({ file }) => !file.hasEnd)
    .map(({ path }) => `${path}: the stream does not say that it ends, whether it is whole cannot be told`);
}

async function compareAt(path: string, left: ColumnIn | undefined, right: ColumnIn | undefined, run: DiffRun): Promise<ObjectComparison> {
  const only = left ?? right;
  const className = only === undefined ? '' : classOf(only.field);
  if (left === undefined || right === undefined) return comparisonOf(path, className, left === undefined ? 'only-right' : 'only-left');
  const differences = run.differences(className);
  for (const each of fieldDifferences(left.field, right.field, true)) differences.add(each.at, each.left, each.right);
  const rows = [left.side.rowCount, right.side.rowCount] as const;
  if (rows[0] !== rows[1]) differences.add('rows', ...rows);
  const notes = run.ranges === undefined ? [] : [`only entries ${rangesText(run.ranges)} are compared`];
  run.streamsDone(Math.max(...rows));
  if (!areComparable(left.field, right.field)) {
    return comparisonOf(path, className, 'different', differences, ['values are not compared: their types differ']);
  }
  const tally = new ValueTally(differences, run.tolerance);
  try {
    await compareColumns(left, [right], { tally, ranges: run.ranges, turn: () => run.turn() });
    const unused = compareDictionaries(left, [right], ['on the left', 'on the right'], differences);
    if (tally.differing === 0) notes.push(...unused);
  } catch (err) {
    if (!isPoolMergeError(err, 'CORRUPT_FILE', 'UNSUPPORTED')) throw err;
    return comparisonOf(path, className, differences.count > 0 ? 'different' : 'unjudged', differences, [...tally.notes(), err.message]);
  }
  return comparisonOf(path, className, differences.count > 0 ? 'different' : 'same', differences, [...notes, ...tally.notes()]);
}
