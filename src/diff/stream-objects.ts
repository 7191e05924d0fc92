/** Trees and RNTuples of two files, or of a merged file and its inputs: values entry by entry, the rest by rule. */
import { openRNTuple, type RNTuple } from '../io/root/rntuple/rntuple.ts';
import { TreeReader } from '../io/root/tree/tree-reader.ts';
import { isAbsent, type AbsentEntries } from './entries/absent-parts.ts';
import { compareTrees, partsWithBranches, type StreamOptions } from './entries/compare-trees.ts';
import { compareAttributes } from './entries/compare-attributes.ts';
import { rangesText, type EntrySelection } from './entries/entry-selection.ts';
import { compareTuples } from './entries/compare-tuples.ts';
import type { BranchChoice } from './branch-choice.ts';
import type { DiffRun } from './diff-run.ts';
import type { DifferenceList } from './object/difference.ts';
import { placeOf, type FileObject } from './object/file-objects.ts';
import type { PoolComparison } from './pool/pool-comparison.ts';
import { compareTreeMembers, judgeTreeMembers } from './entries/tree-members.ts';

/** One tree or RNTuple against others joined in order. */
export interface StreamTarget {
  path: string;
  kind: 'tree' | 'rntuple';
  out: FileObject;
  /** The objects the others have, or the number of entries expected in place of one. */
  parts: readonly (FileObject | AbsentEntries)[];
  /** True when `out` was made of the parts. */
  isMerge: boolean;
  /** What is known of the files as POOL files; undefined when they are none, or for an older cycle. */
  pool: PoolComparison | undefined;
}

/** What was compared. */
export interface StreamResult {
  /** Entries of the first, and of the others together. */
  left: number;
  right: number;
  notes: string[];
  /** True when references lead nowhere, and nothing else differs. */
  isLost: boolean;
}

/** Compares a tree or RNTuple and adds all differences to a list. */
export async function compareStreamObject(target: StreamTarget, run: DiffRun, differences: DifferenceList): Promise<StreamResult> {
  const { path, kind, out, parts, isMerge, pool } = target;
  if (pool?.isBookkeeping(path) === true) return judgeBookkeeping(target, pool, run, differences);
  const choice = run.branches(path);
  const kept = isMerge ? pool?.keptRows(path) : undefined;
  const isInOrder = run.isInOrder || kept !== undefined;
  const places = { kind, left: placeOf(out), right: presentAs(parts, placeOf) };
  const asked = run.streamOptions(choice, isInOrder ? undefined : pool?.pairs(path), places);
  const { ranges } = asked.selection;
  const byValue = valueFilter(target, choice);
  const selection = kept === undefined ? asked.selection : firstRows(asked.selection, kept.rowCount);
  const streams: StreamOptions = { ...asked, selection, accepts: byValue.accepts };
  const compared =
    kind === 'tree' ? await compareTreeObjects(target, streams, run, differences) : await compareTupleObjects(target, streams, differences);
  if (kept?.rowCount === 1) {
    compared.right = 1;
    if (compared.left !== 1) differences.add('entries', compared.left, 1);
  }
  run.streamsDone(Math.max(compared.left, compared.right));
  if (ranges !== undefined) {
    const notes = [`only entries ${rangesText(ranges)} are compared`, ...compared.notes, ...choice.notes(), ...unfollowed(byValue.ruled)];
    return { ...compared, notes, isLost: false };
  }
  const notes = [...compared.notes, ...choice.notes()];
  if (pool === undefined) return { ...compared, notes, isLost: false };
  if (!isInOrder) pool.setPairs(path, compared.pairs);
  if (byValue.ruled.size === 0 && kept === undefined) return { ...compared, notes, isLost: false };
  const rules = await pool.judge(path, { step: asked.step, isInOrder, accepts: (name) => choice.accepts(name) }, differences);
  return { ...compared, notes: [...notes, ...rules.notes], isLost: rules.isLost };
}

/** Accepts branches and fields that are compared by their values; `ruled` gathers the tops of those that are judged by rule instead. */
function valueFilter({ path, pool }: StreamTarget, choice: BranchChoice): { accepts: (name: string) => boolean; ruled: Set<string> } {
  const ruled = new Set<string>();
  const accepts = (name: string): boolean => {
    if (!choice.accepts(name)) return false;
    if (pool?.isRuled(path, name) !== true) return true;
    ruled.add(name.split(/[./ ]/)[0] ?? name);
    return false;
  };
  return { accepts, ruled };
}

/** References lead to rows, of which some are left out. */
function unfollowed(ruled: ReadonlySet<string>): string[] {
  return ruled.size === 0 ? [] : [`${[...ruled].join(', ')}: references are followed only when all entries are compared`];
}

/** In order, and where only the first rows of the right side are left, these. */
function firstRows(selection: EntrySelection, rowCount: number): EntrySelection {
  const ranges = selection.ranges ?? (rowCount === Infinity ? undefined : [{ first: 0, end: rowCount }]);
  return { order: 'strict', match: [], ranges, pairs: undefined };
}

async function judgeBookkeeping(
  { path }: StreamTarget,
  pool: PoolComparison,
  run: DiffRun,
  differences: DifferenceList,
): Promise<StreamResult> {
  const { notes } = await pool.judge(path, { step: () => run.turn(), isInOrder: true, accepts: () => true }, differences);
  return { left: 0, right: 0, notes, isLost: false };
}

async function compareTreeObjects(
  { path, out, parts, isMerge, pool }: StreamTarget,
  streams: StreamOptions,
  run: DiffRun,
  differences: DifferenceList,
): ReturnType<typeof compareTrees> {
  const [tree, trees] = [treeOf(out), presentAs(parts, treeOf)];
  const inputs = presentOf(parts);
  const [only] = inputs;
  const places = partsWithBranches(trees);
  const compared = await compareTrees(tree, places, streams, differences);
  const bare = presentOf(trees).filter((part) => part.entryCount > 0 && !places.includes(part));
  const notes = bare.map(
    ({ file, entryCount }) => `${file.path} counts ${entryCount} entries but has no branches: nothing is expected of it`,
  );
  if (isMerge) {
    const merged = { out, inputs, tree, parts: presentOf(trees), places, ignored: pool?.ownMembers(path) ?? [], isInOrder: run.isInOrder };
    notes.push(...judgeTreeMembers(merged, differences));
  } else if (only !== undefined) compareTreeMembers(out, only, run.tolerance, differences);
  return { ...compared, notes: [...notes, ...compared.notes] };
}

async function compareTupleObjects(
  { out, parts }: StreamTarget,
  streams: StreamOptions,
  differences: DifferenceList,
): ReturnType<typeof compareTuples> {
  const [tuple, tuples] = [tupleOf(out), presentAs(parts, tupleOf)];
  const compared = await compareTuples(tuple, tuples, streams, differences);
  return { ...compared, notes: [...compared.notes, ...(await compareAttributes(tuple, tuples, streams, differences))] };
}

/** The parts that are there, by `read`; entries expected in place of one stay what they are. */
function presentAs<T extends object>(parts: StreamTarget['parts'], read: (part: FileObject) => T): (T | AbsentEntries)[] {
  return parts.map((part) => (isAbsent(part) ? part : read(part)));
}

function presentOf<T extends object>(parts: readonly (T | AbsentEntries)[]): T[] {
  return parts.flatMap((part) => (isAbsent(part) ? [] : [part]));
}

/** Opens a tree. Throws CorruptFileError, UnsupportedError. */
export function treeOf({ file, directory, index }: FileObject): TreeReader {
  return new TreeReader(file.file, directory, index, file.infos);
}

/** Opens an RNTuple. Throws CorruptFileError, UnsupportedError. */
export function tupleOf({ file, directory, index }: FileObject): RNTuple {
  return openRNTuple(file.file, directory, index);
}
