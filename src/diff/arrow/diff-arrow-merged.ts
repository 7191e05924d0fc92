/** Holds a merged Arrow file or stream against its inputs: rows are those of the inputs one after another, schema and metadata those of the first. */
import { isPoolMergeError } from '../../errors.ts';
import { comparisonOf, diffReport, type DiffOptions, type DiffReport, type ObjectComparison, type Verdict } from '../diff-report.ts';
import { DiffRun } from '../diff-run.ts';
import { rangesText } from '../entries/entry-selection.ts';
import type { DifferenceList } from '../object/difference.ts';
import { ValueTally } from '../table/cells.ts';
import { refuseMeaningless } from '../table/table-options.ts';
import { ArrowSide, type ColumnIn } from './arrow-side.ts';
import { compareColumns } from './compare-columns.ts';
import { compareDictionaries } from './compare-dictionaries.ts';
import { areComparable, classOf, fieldDifferences, metadataDifferences } from './compare-fields.ts';
import { TABLE_CLASS, TABLE_PATH, endNotes } from './diff-arrow-files.ts';
import { presentInputs } from './missing-inputs.ts';

/** Files that are closed together. */
class OpenSides implements Disposable {
  readonly #sides: ArrowSide[] = [];

  open(path: string): ArrowSide {
    const side = new ArrowSide(path);
    this.#sides.push(side);
    return side;
  }

  [Symbol.dispose](): void {
    for (const side of this.#sides) side[Symbol.dispose]();
  }
}

/** A merged table, its inputs, and those of them whose rows are there. */
interface MergedTable {
  out: ArrowSide;
  inputs: readonly ArrowSide[];
  present: readonly ArrowSide[];
  /** Rows of all inputs. */
  expectedRows: number;
}

/** Holds a merged Arrow file or stream against its inputs; see `diffMerged`. */
export async function diffArrowMerged(output: string, inputs: readonly string[], options: DiffOptions): Promise<DiffReport> {
  refuseMeaningless(options, 'arrow', 'merge');
  using run = new DiffRun(options);
  using sides = new OpenSides();
  const out = sides.open(output);
  const read = inputs.map((path) => sides.open(path));
  const expectedRows = read.reduce((rows, { rowCount }) => rows + rowCount, 0);
  const paths = run.paths([TABLE_PATH], out.byPath.keys(), ...read.map(({ byPath }) => byPath.keys()));
  run.begin(paths.length);
  const present = out.rowCount < expectedRows ? await findPresent(out, read, paths, run) : undefined;
  const table: MergedTable = { out, inputs: read, present: present ?? read, expectedRows };
  const objects: ObjectComparison[] = [];
  for (const path of paths) {
    objects.push(path === TABLE_PATH ? judgeTable(table, run) : await judgeColumn(path, table, run));
    run.objectDone();
    await run.turn();
  }
  run.end();
  return diffReport('merge', output, inputs, objects);
}

/** Only where all inputs have the same columns. */
async function findPresent(
  out: ArrowSide,
  inputs: readonly ArrowSide[],
  paths: readonly string[],
  run: DiffRun,
): Promise<ArrowSide[] | undefined> {
  const columns = paths.flatMap((path) => {
    const merged = out.byPath.get(path);
    if (merged === undefined) return [];
    const bySide = new Map(
      inputs.flatMap((side): [ArrowSide, ColumnIn][] => {
        const own = side.byPath.get(path);
        return own === undefined || !areComparable(merged.field, own.field) ? [] : [[side, own]];
      }),
    );
    return bySide.size === inputs.length ? [[merged, bySide] as const] : [];
  });
  if (columns.length === 0) return undefined;
  try {
    return await presentInputs(out, inputs, columns, () => run.turn());
  } catch (err) {
    if (!isPoolMergeError(err, 'CORRUPT_FILE', 'UNSUPPORTED')) throw err;
    return undefined; // judging the columns says what is wrong
  }
}

function judgeTable({ out, inputs, present, expectedRows }: MergedTable, run: DiffRun): ObjectComparison {
  const differences = run.differences(TABLE_CLASS);
  const [first] = inputs;
  const names = (side: ArrowSide | undefined): string => [...(side?.byPath.keys() ?? [])].join(', ');
  if (names(out) !== names(first)) differences.add('columns', names(out), names(first));
  const notes = endNotes([out, ...inputs]);
  for (const side of inputs) {
    for (const { at, left, right } of metadataDifferences(out.file.schema.metadata, side.file.schema.metadata)) {
      if (side === first) differences.add(at, left, right);
      else notes.push(`${at} is another in ${side.path}`);
    }
    if (side.file.footerMetadata.size > 0) notes.push(`${side.path}: key-value metadata of the footer need not be kept`);
  }
  if (out.rowCount !== expectedRows) differences.add('rows', out.rowCount, expectedRows);
  for (const side of inputs) if (!present.includes(side)) differences.add(`rows of ${side.path}`, 'absent', side.rowCount);
  return comparisonOf(TABLE_PATH, TABLE_CLASS, verdictOf(out.rowCount, expectedRows, differences.count), differences, notes);
}

function verdictOf(rows: number, expected: number, differenceCount: number): Verdict {
  if (differenceCount === 0) return 'right';
  if (rows === expected) return 'altered';
  return rows < expected ? 'lost' : 'added';
}

async function judgeColumn(path: string, { out, inputs, present, expectedRows }: MergedTable, run: DiffRun): Promise<ObjectComparison> {
  const merged = out.byPath.get(path);
  const parts = inputs.map((side) => ({ side, column: side.byPath.get(path) }));
  const example = parts.find(({ column }) => column !== undefined)?.column ?? merged;
  const className = example === undefined ? '' : classOf(example.field);
  if (merged === undefined) return comparisonOf(path, className, 'lost');
  if (parts.every(({ column }) => column === undefined)) return comparisonOf(path, className, 'added');
  const differences = run.differences(className);
  const notes = run.ranges === undefined ? [] : [`only entries ${rangesText(run.ranges)} are compared`];
  for (const { side, column } of parts) {
    if (column === undefined) differences.add(`column (${side.path})`, 'present', 'absent');
    else {
      for (const each of fieldDifferences(merged.field, column.field, false)) {
        differences.add(`${each.at} (${side.path})`, each.left, each.right);
      }
    }
  }
  notes.push(...metadataNotes(merged, parts, differences.add.bind(differences)));
  if (out.rowCount !== expectedRows) differences.add('rows', out.rowCount, expectedRows);
  run.streamsDone(Math.max(out.rowCount, expectedRows));
  const columns = present.flatMap((side) => side.byPath.get(path) ?? []);
  if (columns.length < present.length || !columns.every(({ field }) => areComparable(merged.field, field))) {
    return comparisonOf(path, className, 'altered', differences, [...notes, 'values are not compared: the inputs do not fit together']);
  }
  const tally = new ValueTally(differences, run.tolerance);
  const verdict = await judgeValues({ merged, columns, tally, notes, differences }, out, run);
  if (verdict === 'unreadable') differences.add('values', notes.pop() ?? '', 'can be read');
  if (verdict === 'unjudged' && differences.count === 0) return comparisonOf(path, className, 'unjudged', differences, notes);
  return comparisonOf(path, className, verdictOf(out.rowCount, expectedRows, differences.count), differences, [...notes, ...tally.notes()]);
}

/** Key-value metadata of a column are those of the first input; where others have other ones is noted. */
function metadataNotes(
  merged: ColumnIn,
  parts: readonly { side: ArrowSide; column: ColumnIn | undefined }[],
  add: (at: string, left: string, right: string) => void,
): string[] {
  const [first] = parts;
  return parts.flatMap(({ side, column }) => {
    if (column === undefined) return [];
    return fieldDifferences(merged.field, column.field, true).flatMap(({ at, left, right }) => {
      if (!/(^|\.)@(?!ARROW:extension:)/.test(at)) return [];
      if (side !== first?.side) return [`${at} is another in ${side.path}`];
      add(at, left, right);
      return [];
    });
  });
}

interface ColumnValues {
  merged: ColumnIn;
  columns: readonly ColumnIn[];
  tally: ValueTally;
  notes: string[];
  differences: DifferenceList;
}

/** What cannot be read is open; in the merged file alone it is wrong. */
async function judgeValues(
  { merged, columns, tally, notes, differences }: ColumnValues,
  out: ArrowSide,
  run: DiffRun,
): Promise<'compared' | 'unjudged' | 'unreadable'> {
  try {
    await compareColumns(merged, columns, { tally, ranges: run.ranges, turn: () => run.turn() });
    const unused = compareDictionaries(merged, columns, ['of the merged file', 'of the inputs'], differences);
    if (tally.differing === 0) notes.push(...unused);
    return 'compared';
  } catch (err) {
    if (!isPoolMergeError(err, 'CORRUPT_FILE', 'UNSUPPORTED')) throw err;
    notes.push(err.message);
    return err.code === 'CORRUPT_FILE' && err.file === out.path ? 'unreadable' : 'unjudged';
  }
}
