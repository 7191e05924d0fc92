/** Compares two files: objects in both directions, and what is in them. Those of other formats than ROOT are compared in folders of their own. */
import { isPoolMergeError } from '../errors.ts';
import { compareDistributions, whyNotTested, type CompatibilityOptions } from './histogram/compare-distributions.ts';
import { compareByLayout } from './histogram/compare-layouts.ts';
import { compareGraphs } from './object/compare-graphs.ts';
import { comparisonOf, diffReport, type DiffOptions, type DiffReport, type ObjectComparison } from './diff-report.ts';
import { diffArrowFiles } from './arrow/diff-arrow-files.ts';
import { comparedFormat } from './compared-format.ts';
import { DiffRun } from './diff-run.ts';
import { diffHdf5Files } from './hdf5/diff-hdf5-files.ts';
import type { DifferenceList } from './object/difference.ts';
import {
  DiffFile,
  contentKind,
  graphOf,
  isStoredEqual,
  payloadOf,
  titleOf,
  walkPayload,
  type ContentKind,
  type FileObject,
} from './object/file-objects.ts';
import { PoolComparison, inOrderOfReferences } from './pool/pool-comparison.ts';
import { areReadable } from './readable-objects.ts';
import { compareStreamObject, type StreamTarget } from './stream-objects.ts';
import { refuseMeaningless } from './table/table-options.ts';

/**
 * Compares two files: ROOT, HDF5 or Arrow. Objects are matched by full path, of several cycles in ROOT files the newest, or all with `cycles`.
 * An object that cannot be read is `unjudged`.
 * @throws UsageError, CorruptFileError, UnreadableFileError, UnsupportedError where a file itself cannot be compared, AbortedError
 */
export async function diffFiles(left: string, right: string, options: DiffOptions = {}): Promise<DiffReport> {
  const format = comparedFormat([left, right]);
  if (format === 'hdf5') return diffHdf5Files(left, right, options);
  if (format === 'arrow') return diffArrowFiles(left, right, options);
  refuseMeaningless(options, format, 'files');
  return diffRootFiles(left, right, options);
}

async function diffRootFiles(left: string, right: string, options: DiffOptions): Promise<DiffReport> {
  using run = new DiffRun(options);
  using a = new DiffFile(left);
  using b = new DiffFile(right);
  const objects: ObjectComparison[] = compareDirectories(a, b, run);
  const paths = run.paths(a.objects.keys(), b.objects.keys());
  run.begin(paths.length);
  const pool = run.cycles ? undefined : PoolComparison.open(a, [b], false);
  const found = new Map<string, ObjectComparison[]>();
  for (const path of inOrderOfReferences(paths, pool)) {
    const compared: ObjectComparison[] = [];
    for (const pair of pairsOf(a.objects.get(path) ?? [], b.objects.get(path) ?? [], path, run.cycles)) {
      const result = comparePair(pair, pool, run);
      compared.push(result instanceof Promise ? await result : result);
    }
    found.set(path, compared);
    run.objectDone();
    if (run.isTurnDue) await run.turn();
  }
  for (const path of paths) objects.push(...(found.get(path) ?? []));
  run.end();
  return diffReport('files', left, [right], objects);
}

function compareDirectories(a: DiffFile, b: DiffFile, run: DiffRun): ObjectComparison[] {
  return run.paths(a.directories.keys(), b.directories.keys()).flatMap((path) => {
    const [x, y] = [a.directories.get(path), b.directories.get(path)];
    if (x === y) return [];
    if (x === undefined || y === undefined) return [comparisonOf(path, 'TDirectory', x === undefined ? 'only-right' : 'only-left')];
    const differences = run.differences();
    differences.add('title', x, y);
    return [comparisonOf(path, 'TDirectory', 'different', differences)];
  });
}

interface ObjectPair {
  path: string;
  left: FileObject | undefined;
  right: FileObject | undefined;
}

function pairsOf(left: readonly FileObject[], right: readonly FileObject[], path: string, cycles: boolean): ObjectPair[] {
  if (!cycles) return [{ path, left: left[0], right: right[0] }];
  const numbers = new Set([...left, ...right].map(({ cycle }) => cycle));
  return [...numbers].map((cycle) => ({
    path: `${path};${cycle}`,
    left: left.find((each) => each.cycle === cycle),
    right: right.find((each) => each.cycle === cycle),
  }));
}

/** Compares two objects; a promise only for trees and RNTuples: waiting for each of 100 000 histograms would take its time. */
function comparePair(
  { path, left, right }: ObjectPair,
  pool: PoolComparison | undefined,
  run: DiffRun,
): ObjectComparison | Promise<ObjectComparison> {
  const className = left?.className ?? right?.className ?? '';
  if (left === undefined || right === undefined) return comparisonOf(path, className, left === undefined ? 'only-right' : 'only-left');
  const differences = run.differences(className);
  const kind = contentKind(className);
  if (left.className === right.className && (kind === 'tree' || kind === 'rntuple')) {
    return compareStreams({ path, kind, out: left, parts: [right], isMerge: false, pool }, right, run, differences);
  }
  try {
    if (run.compatibility !== undefined && left.className === right.className && kind === 'histogram') {
      return compareHistograms(path, left, right, run.compatibility, run);
    }
    compareContents(kind, left, right, run, differences);
    return comparisonOf(path, className, differences.count > 0 ? 'different' : 'same', differences);
  } catch (err) {
    return unreadable(err, path, left, right, differences);
  }
}

/** What cannot be read, and why; it differs from what can. Throws what is no fault of the object. */
function unreadable(err: unknown, path: string, left: FileObject, right: FileObject, differences: DifferenceList): ObjectComparison {
  if (!isPoolMergeError(err, 'CORRUPT_FILE', 'UNSUPPORTED')) throw err;
  const [isLeft, isRight] = [[left], [right]].map(areReadable);
  if (err.code !== 'CORRUPT_FILE' || isLeft === isRight) return comparisonOf(path, left.className, 'unjudged', differences, [err.message]);
  differences.add('object', isLeft === true ? 'can be read' : err.message, isRight === true ? 'can be read' : err.message);
  return comparisonOf(path, left.className, 'different', differences);
}

async function compareStreams(
  target: StreamTarget,
  right: FileObject,
  run: DiffRun,
  differences: DifferenceList,
): Promise<ObjectComparison> {
  const { path, out: left } = target;
  try {
    compareTitles(left, right, differences);
    const { notes } = await compareStreamObject(target, run, differences);
    return comparisonOf(path, left.className, differences.count > 0 ? 'different' : 'same', differences, notes);
  } catch (err) {
    return unreadable(err, path, left, right, differences);
  }
}

function compareTitles(left: FileObject, right: FileObject, differences: DifferenceList): void {
  const [a, b] = [titleOf(left), titleOf(right)];
  if (a !== b) differences.add('title', a, b);
}

/** Two histograms of one class that need not be equal. */
function compareHistograms(
  path: string,
  left: FileObject,
  right: FileObject,
  options: CompatibilityOptions,
  run: DiffRun,
): ObjectComparison {
  const { className } = left;
  const differences = run.differences(className);
  if (isStoredEqual(left, right)) return comparisonOf(path, className, 'same');
  const [a, b] = [graphOf(left), graphOf(right)];
  const reason = whyNotTested(a, b, options);
  if (reason !== undefined) {
    compareGraphs(a, b, { tolerance: run.tolerance }, differences);
    return comparisonOf(path, className, differences.count > 0 ? 'different' : 'same', differences, [reason]);
  }
  const compatibility = compareDistributions(a, b, options, differences);
  if (compatibility === undefined) return comparisonOf(path, className, 'different', differences);
  return { ...comparisonOf(path, className, compatibility.pValue >= options.threshold ? 'compatible' : 'different'), compatibility };
}

function compareObjects(kind: ContentKind, left: FileObject, right: FileObject, run: DiffRun, differences: DifferenceList): void {
  const { tolerance } = run;
  const [a, b] = [payloadOf(left), payloadOf(right)];
  if (kind === 'histogram' && compareByLayout(left.className, a, b, tolerance, differences)) return;
  compareGraphs(walkPayload(left, a), walkPayload(right, b), { tolerance }, differences);
}

/** Compares class, title and contents of what is no tree and no RNTuple. */
function compareContents(kind: ContentKind, left: FileObject, right: FileObject, run: DiffRun, differences: DifferenceList): void {
  compareTitles(left, right, differences);
  if (left.className !== right.className) differences.add('class', left.className, right.className);
  else if (!isStoredEqual(left, right)) compareObjects(kind, left, right, run, differences);
}
