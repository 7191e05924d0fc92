/**
 * Compares a merged file with its inputs, object by object, whoever merged them. What must be there: sums of
 * histograms, entries of trees and RNTuples in the order of the inputs, every distinct copy of anything else.
 */
import { UsageError, isPoolMergeError } from '../errors.ts';
import type { AbsentEntries } from './entries/absent-parts.ts';
import { compareGraphs } from './object/compare-graphs.ts';
import { CopySearch, isSameObject } from './object/copies.ts';
import { comparisonOf, diffReport, type DiffOptions, type DiffReport, type ObjectComparison, type Verdict } from './diff-report.ts';
import { diffArrowMerged } from './arrow/diff-arrow-merged.ts';
import { comparedFormat } from './compared-format.ts';
import { DiffRun } from './diff-run.ts';
import { diffHdf5Merged } from './hdf5/diff-hdf5-merged.ts';
import { DifferenceList } from './object/difference.ts';
import { compareWithAdded, isAddedObject, mayBeJoined, whyNotWorkedOut } from './histogram/expected-object.ts';
import { compareDerived, histogramBase } from './histogram/expected-derived.ts';
import { compareWithSum, type SumComparison } from './histogram/expected-sum.ts';
import { DiffFile, contentKind, graphOf, isStoredEqual, processIdsOf, titleOf, type FileObject } from './object/file-objects.ts';
import { SharedInfos } from '../io/root/root-file-infos.ts';
import type { SpanGraph } from '../io/root/streamer/span-graph.ts';
import { misreadClass, undescribedClass } from './object/misread-class.ts';
import { PoolComparison, inOrderOfReferences } from './pool/pool-comparison.ts';
import { areReadable } from './readable-objects.ts';
import { compareStreamObject } from './stream-objects.ts';
import { refuseMeaningless } from './table/table-options.ts';

const PROCESS_ID = 'TProcessID';

/**
 * Holds a merged file against the files it was made from, in their order.
 * @throws UsageError, CorruptFileError, UnreadableFileError where a file itself cannot be compared, AbortedError
 */
export async function diffMerged(output: string, inputs: readonly string[], options: DiffOptions = {}): Promise<DiffReport> {
  if (inputs.length === 0) throw new UsageError('no inputs to compare the merged file with');
  const format = comparedFormat([output, ...inputs]);
  if (format === 'hdf5') return diffHdf5Merged(output, inputs, options);
  if (format === 'arrow') return diffArrowMerged(output, inputs, options);
  refuseMeaningless(options, format, 'merge');
  return diffRootMerged(output, inputs, options);
}

async function diffRootMerged(output: string, inputs: readonly string[], options: DiffOptions): Promise<DiffReport> {
  if (options.compat !== undefined) throw new UsageError('compat is for two files: a merged histogram is the sum of its inputs, or wrong');
  using run = new DiffRun(options);
  using stack = new OpenFiles();
  const out = stack.open(output);
  const files = inputs.map((path) => stack.open(path));
  const objects = [...judgeDirectories(out, files, run), ...judgeProcessIds(out, files)];
  const paths = run.paths(...[out, ...files].map((file) => file.objects.keys()));
  run.begin(paths.length);
  const pool = PoolComparison.open(out, files, true, options.metadata);
  const found = new Map<string, ObjectComparison>();
  for (const path of inOrderOfReferences(paths, pool)) {
    const cycles = { out: out.objects.get(path) ?? [], inputs: files.map((file) => file.objects.get(path) ?? []) };
    const judged = await judgeObject(path, cycles, inputs, { pool, run });
    if (judged !== undefined) found.set(path, judged);
    run.objectDone();
    await run.turn();
  }
  for (const path of paths) objects.push(...(found.has(path) ? [found.get(path) as ObjectComparison] : []));
  run.end();
  return diffReport('merge', output, inputs, objects);
}

/** Files that are closed together. */
class OpenFiles implements Disposable {
  readonly #files: DiffFile[] = [];
  readonly #infos = new SharedInfos();

  open(path: string): DiffFile {
    const file = new DiffFile(path, this.#infos);
    this.#files.push(file);
    return file;
  }

  [Symbol.dispose](): void {
    for (const file of this.#files) file[Symbol.dispose]();
  }
}

/** Every directory of an input must be there, with the title of the first. */
function judgeDirectories(out: DiffFile, inputs: readonly DiffFile[], run: DiffRun): ObjectComparison[] {
  return run.paths(out.directories.keys(), ...inputs.map((file) => file.directories.keys())).flatMap((path) => {
    const expected = inputs.find((file) => file.directories.has(path));
    if (expected === undefined) return [comparisonOf(path, 'TDirectory', 'added')];
    const [title, titleThere] = [out.directories.get(path), expected.directories.get(path)];
    if (title === undefined) return [comparisonOf(path, 'TDirectory', 'lost')];
    if (title === titleThere) return [];
    const differences = run.differences();
    differences.add('title', title, titleThere);
    return [comparisonOf(path, 'TDirectory', 'altered', differences)];
  });
}

/** Process ids are numbered by file; each is known by its title, a UUID. */
function judgeProcessIds(out: DiffFile, inputs: readonly DiffFile[]): ObjectComparison[] {
  const titlesOf = (file: DiffFile): string[] =>
    [...file.objects.values()]
      .flat()
      .filter(({ className }) => className === PROCESS_ID)
      .map(titleOf);
  const found = new Set(titlesOf(out));
  const expected = new Set(inputs.flatMap(titlesOf));
  return [...expected].map((title) => comparisonOf(`/${title}`, PROCESS_ID, found.has(title) ? 'right' : 'lost'));
}

/** The cycles of one path, newest first: in the merged file, and in each of the inputs. */
interface Cycles {
  out: readonly FileObject[];
  inputs: readonly (readonly FileObject[])[];
}

/** What all objects are judged with. `pool` is undefined where the files are no POOL files. */
interface Judgement {
  pool: PoolComparison | undefined;
  run: DiffRun;
}

/** `files`: paths of the inputs. undefined for process ids. */
async function judgeObject(
  path: string,
  { out, inputs }: Cycles,
  files: readonly string[],
  { pool, run }: Judgement,
): Promise<ObjectComparison | undefined> {
  const newest = inputs.flatMap(([first]) => (first === undefined ? [] : [first]));
  const className = (newest[0] ?? out[0])?.className ?? '';
  if (className === PROCESS_ID) return undefined;
  if (pool?.comesAndGoes(path) === true) return judgeSections(path, className, pool, run);
  if (out.length === 0) return comparisonOf(path, className, 'lost');
  if (newest.length === 0) return comparisonOf(path, className, 'added');
  const differences = run.differences(className);
  try {
    const newestOf = inputs.map((cycles, i) => ({ file: files[i] ?? '', object: cycles[0] }));
    const judged = await judgeContents({ path, className, out, newest, inputs: newestOf, all: inputs.flat() }, { pool, run }, differences);
    return judged.verdict === 'right' ? (judgeLayouts(judged, out, inputs.flat()) ?? judged) : judged;
  } catch (err) {
    if (!isPoolMergeError(err, 'CORRUPT_FILE', 'UNSUPPORTED')) throw err;
    if (err.code !== 'CORRUPT_FILE' || areReadable(out) || !areReadable(inputs.flat())) {
      return comparisonOf(path, className, 'unjudged', differences, [err.message]);
    }
    differences.add('object', err.message, 'can be read');
    return comparisonOf(path, className, 'altered', differences);
  }
}

/** Objects that are right byte by byte, but that readers of the merged file would misread; undefined: none, or in the inputs already. */
function judgeLayouts(
  { path, className, notes }: ObjectComparison,
  out: readonly FileObject[],
  inputs: readonly FileObject[],
): ObjectComparison | undefined {
  if (contentKind(className) === 'tree' || contentKind(className) === 'rntuple') return undefined;
  const differences = new DifferenceList(out.length);
  const areInInputs = inputs.some(({ file }) => file.hasSecondLayouts);
  for (const object of out) {
    const other = inputs.find((each) => each.className === object.className);
    const undescribed = other && undescribedClass(object, other);
    if (undescribed !== undefined) differences.add(`;${object.cycle}`, `${undescribed}, which the file does not describe`, 'streamer info');
    const misread = areInInputs ? undefined : misreadClass(object);
    if (misread !== undefined) {
      differences.add(`;${object.cycle}`, `${misread} in a layout that is not the first of the file`, 'the first, which readers take');
    }
  }
  return differences.count === 0 ? undefined : comparisonOf(path, className, 'altered', differences, notes);
}

/** ##Sections may be made by a merge, and dissolved by another. */
async function judgeSections(path: string, className: string, pool: PoolComparison, run: DiffRun): Promise<ObjectComparison> {
  const differences = run.differences();
  const { notes } = await pool.judge(path, { step: () => run.turn(), isInOrder: true, accepts: () => true }, differences);
  return comparisonOf(path, className, differences.count > 0 ? 'altered' : 'right', differences, notes);
}

interface Target {
  path: string;
  className: string;
  out: readonly FileObject[];
  /** Newest cycle in each input that has the object. */
  newest: readonly FileObject[];
  /** Of each input its path, and the newest cycle if it has one. */
  inputs: readonly { file: string; object: FileObject | undefined }[];
  /** Every cycle in every input. */
  all: readonly FileObject[];
}

async function judgeContents(target: Target, { pool, run }: Judgement, differences: DifferenceList): Promise<ObjectComparison> {
  const { path, className, newest } = target;
  const out = target.out[0] as FileObject;
  const kind = contentKind(className);
  const isMixed = newest.some((each) => each.className !== className);
  const joined = kind === 'object' && !isMixed ? judgeJoined(target, differences) : undefined;
  if (joined !== undefined) return joined;
  if (kind === 'object' || isMixed) return judgeCopies(target, run, differences);
  if (out.className !== className) {
    differences.add('class', out.className, className);
    return comparisonOf(path, className, 'altered', differences);
  }
  if (kind === 'histogram') return judgeSum(target, out, differences);
  const { left, right, notes, isLost } = await compareStreamObject(
    { path, kind, out, parts: partsOf(target, pool), isMerge: true, pool },
    run,
    differences,
  );
  const verdict = isLost ? 'lost' : verdictOf(left, right, differences);
  return comparisonOf(path, className, verdict, differences, notes);
}

/** Several objects that may have become one by the rule of their class; undefined where they are copies. */
function judgeJoined({ path, className, out, newest, all }: Target, differences: DifferenceList): ObjectComparison | undefined {
  const [only] = out;
  if (only === undefined || out.length > 1 || newest.length === 1 || only.className !== className) return undefined;
  const base = histogramBase(className, only.file.infos);
  if (base !== undefined) return judgeDerived({ path, className, newest }, only, base, differences);
  if (!mayBeJoined(className)) return undefined;
  const [graph, ...graphs] = [only, ...newest].map(graphOf) as [SpanGraph, ...SpanGraph[]];
  if (!graphs.some(isAddedObject) && all.every((copy) => isSameObject(only, copy))) return undefined;
  const reason = whyNotWorkedOut(graph, graphs, differences);
  if (reason !== undefined) return comparisonOf(path, className, differences.count > 0 ? 'altered' : 'unjudged', differences, [reason]);
  const notes = compareWithAdded(graph, graphs, differences);
  return comparisonOf(path, className, differences.count > 0 ? 'altered' : 'right', differences, notes);
}

function judgeDerived(
  { path, className, newest }: Pick<Target, 'path' | 'className' | 'newest'>,
  out: FileObject,
  base: string,
  differences: DifferenceList,
): ObjectComparison {
  const comparison = compareDerived(graphOf(out), newest.map(graphOf), base, differences);
  return comparisonOfSum({ path, className }, comparison, differences);
}

/** Inputs that lack a tree or RNTuple count with the entries a merge of POOL files makes for them. */
function partsOf({ path, inputs }: Target, pool: PoolComparison | undefined): (FileObject | AbsentEntries)[] {
  const kept = pool?.keptRows(path);
  if (kept !== undefined) return inputs.flatMap(({ object }, i) => (i === kept.source && object !== undefined ? [object] : []));
  const absent = pool?.madeEntries(path) ?? [];
  return inputs.flatMap(({ object, file }, i): (FileObject | AbsentEntries)[] => {
    const entryCount = absent[i] ?? 0;
    if (entryCount > 0) return [{ absentIn: file, entryCount }];
    return object === undefined ? [] : [object];
  });
}

function judgeSum({ path, className, newest }: Target, out: FileObject, differences: DifferenceList): ObjectComparison {
  const [only] = newest;
  if (newest.length === 1 && only !== undefined && isStoredEqual(out, only)) return comparisonOf(path, className, 'right');
  return comparisonOfSum(
    { path, className },
    compareWithSum(
      graphOf(out),
      newest.map((each) => () => graphOf(each)),
      differences,
    ),
    differences,
  );
}

function comparisonOfSum(
  { path, className }: Pick<Target, 'path' | 'className'>,
  { left, right, notes, unjudged }: SumComparison,
  differences: DifferenceList,
): ObjectComparison {
  const verdict = verdictOf(left, right, differences);
  if (unjudged !== undefined) {
    return comparisonOf(path, className, verdict === 'right' ? 'unjudged' : verdict, differences, [...notes, unjudged]);
  }
  return comparisonOf(path, className, verdict, differences, notes);
}

function verdictOf(left: number, right: number, differences: DifferenceList): Verdict {
  if (differences.count === 0) return 'right';
  if (left === right) return 'altered';
  return left < right ? 'lost' : 'added';
}

/** Anything that is not joined: every copy must be a cycle of the output, and every cycle a copy. */
function judgeCopies({ path, className, out, all }: Target, run: DiffRun, differences: DifferenceList): ObjectComparison {
  const matched = new Set<FileObject>();
  const cycles = new CopySearch(out, isSameObject);
  let lost = 0;
  for (const copy of all) {
    const found = cycles.find(copy);
    if (found !== undefined) matched.add(found);
    else {
      lost++;
      describeLoss(out, copy, differences, run);
    }
  }
  const copies = new CopySearch(all, (copy, each) => isSameObject(each, copy));
  const added = out.filter((each) => !matched.has(each) && copies.find(each) === undefined);
  for (const { cycle } of added) differences.add(`;${cycle}`, 'present', 'in no input');
  return comparisonOf(path, className, copiesVerdict(lost, added.length), differences);
}

/** Of copies that are in no cycle, and cycles that are no copy. */
function copiesVerdict(lost: number, added: number): Verdict {
  if (lost > 0) return added > 0 ? 'altered' : 'lost';
  return added > 0 ? 'added' : 'right';
}

/** One cycle on both sides: how they differ; else that the copy is in no cycle. */
function describeLoss(out: readonly FileObject[], copy: FileObject, differences: DifferenceList, run: DiffRun): void {
  const [only] = out;
  if (out.length === 1 && only !== undefined && only.className === copy.className) {
    const found = run.differences();
    const processIds = processIdsOf(only, copy);
    compareGraphs(graphOf(only), graphOf(copy), { tolerance: {}, ...(processIds !== undefined && { processIds }) }, found);
    return differences.addAll(found, copy.file.file.path);
  }
  differences.add(`cycle ${copy.cycle} of ${copy.file.file.path}`, 'in no cycle', copy.className);
}
