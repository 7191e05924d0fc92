/** Compares two HDF5 files: objects in both directions, attributes, and every value. */
import { isPoolMergeError } from '../../errors.ts';
import type { Hdf5Object } from '../../io/hdf5/hdf5-object.ts';
import { isScalar, rowsOf } from '../../io/hdf5/hdf5-types.ts';
import { comparisonOf, diffReport, type DiffOptions, type DiffReport, type ObjectComparison } from '../diff-report.ts';
import { DiffRun } from '../diff-run.ts';
import { rangesText } from '../entries/entry-selection.ts';
import type { DifferenceList } from '../object/difference.ts';
import { ValueTally } from '../table/cells.ts';
import { spansWithin } from '../table/row-spans.ts';
import { refuseMeaningless } from '../table/table-options.ts';
import { attributeDifferences, shapeText } from './compare-attributes.ts';
import { classOf, haveEqualRows, typesThatDiffer, whyNotRead, type DescribedDataset } from './compare-datasets.ts';
import { compareRows } from './compare-rows.ts';
import { Hdf5Side, OpenHdf5Files, userBlockText } from './hdf5-side.ts';

/** Compares two HDF5 files; see `diffFiles`. */
export async function diffHdf5Files(left: string, right: string, options: DiffOptions): Promise<DiffReport> {
  refuseMeaningless(options, 'hdf5', 'files');
  using run = new DiffRun(options);
  using files = new OpenHdf5Files();
  await files.prepare([left, right]);
  const [a, b] = [await Hdf5Side.read(left, files), await Hdf5Side.read(right, files)];
  const paths = run.paths(a.objects.keys(), b.objects.keys());
  run.begin(paths.length);
  const objects: ObjectComparison[] = [];
  for (const path of paths) {
    objects.push(await compareAt(path, a, b, run));
    run.objectDone();
    await run.turn();
  }
  run.end();
  return diffReport('files', left, [right], objects);
}

async function compareAt(path: string, a: Hdf5Side, b: Hdf5Side, run: DiffRun): Promise<ObjectComparison> {
  const [left, right] = [a.objects.get(path), b.objects.get(path)];
  if (left === undefined || right === undefined) {
    const only = left ?? right;
    return comparisonOf(path, only === undefined ? '' : classOf(only), left === undefined ? 'only-right' : 'only-left');
  }
  const className = classOf(left);
  const differences = run.differences(className);
  try {
    const { notes, isUnjudged } = await compareObjects({ side: a, object: left }, { side: b, object: right }, run, differences);
    return comparisonOf(path, className, verdictOf(differences, isUnjudged), differences, notes);
  } catch (err) {
    if (!isPoolMergeError(err, 'CORRUPT_FILE', 'UNSUPPORTED')) throw err;
    return comparisonOf(path, className, verdictOf(differences, true), differences, [err.message]);
  }
}

function verdictOf({ count }: DifferenceList, isUnjudged: boolean): 'same' | 'different' | 'unjudged' {
  if (count > 0) return 'different';
  return isUnjudged ? 'unjudged' : 'same';
}

/** An object of a file. */
interface ObjectIn {
  side: Hdf5Side;
  object: Hdf5Object;
}

/** What was not compared, and whether that leaves it open if the objects are equal. */
interface Compared {
  notes: string[];
  isUnjudged: boolean;
}

const ALL_COMPARED: Compared = { notes: [], isUnjudged: false };

async function compareObjects(left: ObjectIn, right: ObjectIn, run: DiffRun, differences: DifferenceList): Promise<Compared> {
  const [a, b] = [left.object, right.object];
  const expectEqual = (what: string, x: string, y: string): void => {
    if (x !== y) differences.add(what, x, y);
  };
  expectEqual('kind', a.kind, b.kind);
  expectEqual('another name of', a.aliasOf ?? 'nothing', b.aliasOf ?? 'nothing');
  if (differences.count > 0 || a.aliasOf !== undefined) return ALL_COMPARED;
  expectEqual(a.kind === 'datatype' ? 'type' : 'target', a.target, b.target);
  if (a.path === '/') expectEqual('user block', userBlockText(left.side), userBlockText(right.side));
  const files = [await left.side.open(), await right.side.open()] as const;
  for (const { at, left: x, right: y } of attributeDifferences({ ...left, file: files[0] }, { ...right, file: files[1] }, run.tolerance)) {
    differences.add(at, x, y);
  }
  if (a.extent === undefined || b.extent === undefined) return ALL_COMPARED;
  const { path } = a;
  return compareDatasets({ ...left, path, extent: a.extent }, { ...right, path, extent: b.extent }, run, differences);
}

async function compareDatasets(
  left: DescribedDataset,
  right: DescribedDataset,
  run: DiffRun,
  differences: DifferenceList,
): Promise<Compared> {
  const types = typesThatDiffer(left, right);
  if (types !== undefined) differences.add('type', ...types);
  const [a, b] = [left.extent, right.extent];
  if (shapeText(a.shape) !== shapeText(b.shape)) differences.add('shape', a.shape ?? 'no value', b.shape ?? 'no value');
  const reason = haveEqualRows(left, right) ? (whyNotRead(left) ?? whyNotRead(right)) : 'values are not compared: their shapes differ';
  if (reason !== undefined) return { notes: [reason], isUnjudged: true };
  const tally = new ValueTally(differences, run.tolerance);
  const count = Math.min(rowsOf(a), rowsOf(b));
  await compareRows(left, right, spansWithin({ left: 0, right: 0, count }, run.ranges), tally, () => run.turn());
  if (!isScalar(a)) run.streamsDone(Math.max(rowsOf(a), rowsOf(b)));
  const ranged = run.ranges === undefined || isScalar(a) ? [] : [`only entries ${rangesText(run.ranges)} are compared`];
  return { notes: [...ranged, ...tally.notes()], isUnjudged: false };
}
