/** Compares a tree with another one, or with several joined in order. */
import { describes } from '../object/misread-class.ts';
import { BRANCH } from '../../io/root/tree/scan-layout.ts';
import { branchClassName } from '../../io/root/tree/basket-table.ts';
import { branchesByPath } from '../../io/root/tree/branch-paths.ts';
import type { TreeReader } from '../../io/root/tree/tree-reader.ts';
import { AbsenceNotes, isAbsent, type AbsentEntries, type MadeRange } from './absent-parts.ts';
import { branchType, isSameType, typeText } from './branch-type.ts';
import type { DifferenceList } from '../object/difference.ts';
import { ChunkedEntries } from './entry-access.ts';
import { IdentityJudge, haveSameBits, judgeAsObjects } from './entry-judge.ts';
import { identityColumn } from './entry-objects.ts';
import type { EntryChunk, EntryPlace } from './entry-streams.ts';
import { judgeEntry } from './judge-entry.ts';
import type { EntryPairs } from './entry-selection.ts';
import type { StreamSide } from './stream-pair.ts';
import { StreamSet, type SizedStream, type StreamSetOptions } from './stream-set.ts';
import { branchChunks, leafLimits } from './tree-entries.ts';
import type { Tolerance } from '../object/tolerance.ts';

/** What was compared beyond the differences. */
export interface StreamComparison {
  /** Entries of the first, and of the others together. */
  left: number;
  right: number;
  /** What could not be compared, and why. */
  notes: string[];
  /** Which entries were found to belong together; undefined: those of equal number. */
  pairs: EntryPairs | undefined;
}

/** How trees and RNTuples are compared. */
export interface StreamOptions extends StreamSetOptions {
  tolerance: Tolerance;
  /** False for branches and fields (by their path) that are left out. */
  accepts: (name: string) => boolean;
}

/** A tree, or the entries of a file that has no such tree. */
export type TreePart = TreeReader | AbsentEntries;

/** Parts that say something: a tree without branches adds nothing beside others, whatever number of entries it has. */
export function partsWithBranches(parts: readonly TreePart[]): readonly TreePart[] {
  const found = parts.filter((part) => isAbsent(part) || part.scan.branches.count > 0);
  return found.length > 0 ? found : parts;
}

/** Adds all differences between `tree` and `parts` one after another to a list. */
export async function compareTrees(
  tree: TreeReader,
  parts: readonly TreePart[],
  options: StreamOptions,
  differences: DifferenceList,
): Promise<StreamComparison> {
  const { tolerance, selection, accepts } = options;
  const right = parts.reduce((sum, part) => sum + part.entryCount, 0);
  const result: StreamComparison = { left: tree.entryCount, right, notes: [], pairs: undefined };
  if (result.left !== right && selection.ranges === undefined) differences.add('entries', result.left, right);
  const streams = new StreamSet(result, options, differences);
  const absences = new AbsenceNotes();
  const choice: StreamChoice = { tolerance, accepts, isKey: (name) => streams.isKey(name) };
  for (const stream of branchStreams({ tree, parts }, choice, (...found) => streams.note(...found), absences)) {
    streams.add(stream, accepts(stream.name));
  }
  result.notes.push(...absences.notes());
  await streams.finish();
  return result;
}

/** Which branches or fields become streams, and how their values are compared. */
export interface StreamChoice {
  tolerance: Tolerance;
  /** True for those that are compared. */
  accepts: (name: string) => boolean;
  /** True for those that tell which entries belong together. */
  isKey: (name: string) => boolean;
}

/** Told of what differs in branches or fields as a whole. */
export type NoteDifference = DifferenceList['add'];

/** The branches that both sides have, as streams. */
export function* branchStreams(
  { tree, parts }: { tree: TreeReader; parts: readonly TreePart[] },
  { tolerance, accepts, isKey }: StreamChoice,
  note: NoteDifference,
  absences: AbsenceNotes,
): Generator<SizedStream> {
  const ofTree = branchesByPath(tree);
  const ofParts = parts.map((part) => (isAbsent(part) ? new Map<string, number>() : branchesByPath(part)));
  for (const path of new Set([...ofTree.keys(), ...ofParts.flatMap((rows) => [...rows.keys()])])) {
    const isWanted = accepts(path);
    if (!isWanted && !isKey(path)) continue;
    const row = ofTree.get(path);
    const rows = ofParts.map((each) => each.get(path));
    if (row === undefined || rows.every((each) => each === undefined)) {
      if (isWanted) note(`branch ${path}`, row === undefined ? 'absent' : 'present', row === undefined ? 'present' : 'absent');
      continue;
    }
    const stream = branchStream({ tree, row, parts, rows, path }, tolerance, note, absences);
    if (stream !== undefined) yield stream;
  }
}

interface BranchPair {
  tree: TreeReader;
  row: number;
  parts: readonly TreePart[];
  /** Row in each part. */
  rows: readonly (number | undefined)[];
  path: string;
}

/** A branch as two streams; undefined where its types differ. */
function branchStream(pair: BranchPair, tolerance: Tolerance, note: NoteDifference, absences: AbsenceNotes): SizedStream | undefined {
  if (!haveEqualTypes(pair, note)) return undefined;
  compareLimits(pair, note);
  const { tree, row, parts, rows, path } = pair;
  const made = madeRanges(pair, absences);
  const areSame = identityJudge(pair);
  const side = (chunks: () => Iterable<EntryChunk>): StreamSide => ({ chunks, entries: (cache) => new ChunkedEntries(chunks(), cache) });
  const missing = made.reduce((sum, { first, end }) => sum + end - first, 0);
  const bytesOf = (part: TreePart, own: number | undefined): number => (own === undefined || isAbsent(part) ? 0 : branchBytes(part, own));
  return {
    name: path,
    left: side(() => branchChunks(tree, row)),
    right: side(() => joinedChunks(parts, rows)),
    judge(at, left, right, list, numbers) {
      if (areSame?.(left, right, numbers) === true) return;
      if (!judgeAsObjects(at, left, right, tolerance, list)) judgeEntry(at, left, right, tolerance, list);
    },
    // Where the branches below hold the entries there are none of this branch itself.
    isRight: (left, right) => left === right || (left === 0 && right === missing),
    counted: `entries of branch ${path}`,
    made,
    storedBytes: () => ({ left: branchBytes(tree, row), right: parts.reduce((sum, part, i) => sum + bytesOf(part, rows[i]), 0) }),
  };
}

/** Notes the first part whose branch is of another type. */
function haveEqualTypes({ tree, row, parts, rows, path }: BranchPair, note: NoteDifference): boolean {
  const type = branchType(tree, row);
  for (const [i, part] of parts.entries()) {
    const other = rows[i];
    if (other === undefined || isAbsent(part)) continue;
    const otherType = branchType(part, other);
    if (isDescribed(part, other) && !isDescribed(tree, row)) {
      note(`branch ${path}`, `${branchClassName(tree.scan, row)}, which the file does not describe`, 'streamer info');
    }
    if (isSameType(type, otherType)) continue;
    note(`branch ${path}`, typeText(type, otherType), typeText(otherType, type));
    return false;
  }
  return true;
}

/** True where the file describes the class a branch stores objects or members of. */
function isDescribed(tree: TreeReader, row: number): boolean {
  const className = branchClassName(tree.scan, row);
  const [version, checksum] = [BRANCH.fClassVersion, BRANCH.fCheckSum].map((column) =>
    tree.scan.branches.number(tree.scan.view, row, column),
  ) as [number, number];
  return className === '' || describes(tree.infos, className, version, checksum >>> 0);
}

/** Entries of the parts that lack the branch, counted over all parts. */
function madeRanges({ parts, rows, path }: BranchPair, absences: AbsenceNotes): MadeRange[] {
  let first = 0;
  return parts.flatMap((part, i) => {
    const other = rows[i];
    const range = { first, end: first + (other === undefined || isAbsent(part) ? part.entryCount : branchEntries(part, other)) };
    first = range.end;
    if (other !== undefined || range.end === range.first) return [];
    absences.add(isAbsent(part) ? part.absentIn : part.file.path, part.entryCount, path);
    return [range];
  });
}

function branchEntries({ baskets }: TreeReader, row: number): number {
  return baskets.entryCount[row] ?? 0;
}

/** Bytes of the records of a branch's baskets, as far as the tree says. */
function branchBytes({ baskets }: TreeReader, row: number): number {
  let sum = 0;
  for (let basket = baskets.start[row] ?? 0; basket < (baskets.start[row + 1] ?? 0); basket++) sum += baskets.bytes[basket] ?? 0;
  return sum;
}

/** Limits must reach as far as those of every part. */
function compareLimits({ tree, row, parts, rows }: BranchPair, note: NoteDifference): void {
  const limits = leafLimits(tree, row);
  if (limits.length === 0) return;
  const ofParts = parts.flatMap((part, i) => (rows[i] === undefined || isAbsent(part) ? [] : leafLimits(part, rows[i])));
  for (const { name, value } of limits) {
    const needed = Math.max(value, ...ofParts.filter((each) => each.name === name).map((each) => each.value));
    if (needed > value) note(name, value, needed);
  }
}

function* joinedChunks(parts: readonly TreePart[], rows: readonly (number | undefined)[]): Generator<EntryChunk> {
  for (const [i, part] of parts.entries()) {
    const row = rows[i];
    if (row === undefined || isAbsent(part)) yield { count: part.entryCount, stored: undefined, open: undefined };
    else yield* branchChunks(part, row);
  }
}

/**
 * Tells of two entries of fBits or fUniqueID whether they say the same, though numbers of process ids differ; undefined
 * for any other branch.
 */
function identityJudge({
  tree,
  row,
  parts,
  rows,
  path,
}: BranchPair): ((left: EntryPlace, right: EntryPlace, numbers: readonly [number, number]) => boolean) | undefined {
  const column = identityColumn(tree, row, path);
  if (column !== 'fUniqueID') return column && haveSameBits;
  const name = path.replace(/fUniqueID$/, 'fBits');
  const bits = branchesByPath(tree).get(name);
  if (bits === undefined) return undefined;
  const ofParts = parts.map((part, i) => (rows[i] === undefined || isAbsent(part) ? undefined : branchesByPath(part).get(name)));
  const judge = new IdentityJudge(
    () => branchChunks(tree, bits),
    () => joinedChunks(parts, ofParts),
  );
  return (left, right, numbers) => judge.areSame(left, right, numbers);
}
