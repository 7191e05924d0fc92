/** What a tree carries beside its branches: weight, aliases, user info, friends, index. */
import { isPoolMergeError } from '../../errors.ts';
import { decodeText } from '../../io/bytes/big-endian.ts';
import { member, numberOf } from '../../io/root/streamer/member.ts';
import { NEW_CLASS_TAG, countedBytes, isByteCount } from '../../io/root/streamer/type-codes.ts';
import { ABSENT } from '../../io/root/tree/member-table.ts';
import { TREE } from '../../io/root/tree/scan-layout.ts';
import { parseTreeIndex, type TreeIndex } from '../../io/root/tree/tree-index.ts';
import type { TreeReader } from '../../io/root/tree/tree-reader.ts';
import { isAbsent } from './absent-parts.ts';
import { compareNodes } from '../object/compare-graphs.ts';
import type { TreePart } from './compare-trees.ts';
import { DifferenceList } from '../object/difference.ts';
import { graphOf, titleOf, type FileObject } from '../object/file-objects.ts';
import { isClose, type Tolerance } from '../object/tolerance.ts';

const WEIGHT = 'fWeight';
const KEPT_MEMBERS = [WEIGHT, 'fAliases', 'fUserInfo', 'fFriends'] as const;
const POINTERS: Readonly<Record<string, number>> = { fAliases: TREE.fAliases, fUserInfo: TREE.fUserInfo, fFriends: TREE.fFriends };
const INDEX_MEMBER = 'fTreeIndex';
const INDEX_CLASS = 'TTreeIndex';

/** Compares the members of two trees, index and all. */
export function compareTreeMembers(left: FileObject, right: FileObject, tolerance: Tolerance, differences: DifferenceList): void {
  compareMembers(left, right, [...KEPT_MEMBERS, INDEX_MEMBER], tolerance, differences);
}

function compareMembers(
  left: FileObject,
  right: FileObject,
  names: readonly string[],
  tolerance: Tolerance,
  differences: DifferenceList,
): void {
  if (names.length === 0) return;
  const [a, b] = [graphOf(left).root, graphOf(right).root];
  for (const name of names) {
    if (name === WEIGHT) {
      const [x, y] = [a, b].map((root) => numberOf(root, WEIGHT, 0, 1)) as [number, number];
      if (!isClose(x, y, 8, tolerance)) differences.add(WEIGHT, x, y);
      continue;
    }
    const [x, y] = [member(a, name), member(b, name)];
    if (x !== null && y !== null) compareNodes(x, y, name, { tolerance }, differences);
  }
}

interface InputTree {
  object: FileObject;
  tree: TreeReader;
}

/** A merged tree and those it was made of. */
export interface MergedTree {
  out: FileObject;
  inputs: readonly FileObject[];
  tree: TreeReader;
  /** The trees of the inputs. */
  parts: readonly TreeReader[];
  /** The same, with entries made in place of absent ones between them. */
  places: readonly TreePart[];
  /** Members that are the file's own. */
  ignored: readonly string[];
  /** False when entries may stand elsewhere: an index then leads to other rows. */
  isInOrder: boolean;
}

/**
 * Judges the members of a merged tree: title, weight, aliases, user info and friends are those of the first input, an
 * index leads to all rows. Returns notes.
 */
export function judgeTreeMembers(
  { out, inputs, tree, parts, places, ignored, isInOrder }: MergedTree,
  differences: DifferenceList,
): string[] {
  // A tree without branches says nothing: mergers take the first one that has some.
  const trees = inputs.flatMap((object, i): InputTree[] => (parts[i] === undefined ? [] : [{ object, tree: parts[i] }]));
  const withBranches = trees.filter((each) => each.tree.scan.branches.count > 0);
  const [first, ...others] = withBranches.length > 0 ? withBranches : trees;
  if (first === undefined) return [];
  const names = KEPT_MEMBERS.filter((name) => !ignored.includes(name));
  if (titleOf(out) !== titleOf(first.object)) differences.add('title', titleOf(out), titleOf(first.object));
  compareMembers(out, first.object, names, {}, differences);
  const differing = new Set(others.flatMap((other) => differingMembers(first, other, names)));
  const notes = [...differing].map((name) => `${name}: inputs differ, that of the first is expected`);
  return isInOrder
    ? [...notes, ...judgeIndex(tree, places, differences)]
    : [...notes, ...(indexOf(tree) === undefined ? [] : ['the index is compared only in order'])];
}

/** Members in which two trees differ. Equal bytes mean the same: the objects are walked only where there are others. */
function differingMembers(a: InputTree, b: InputTree, names: readonly string[]): string[] {
  const unequal = names.filter((name) => Buffer.compare(memberBytes(a.tree, name), memberBytes(b.tree, name)) !== 0);
  return unequal.filter((name) => {
    const found = new DifferenceList(0);
    compareMembers(a.object, b.object, [name], {}, found);
    return found.count > 0;
  });
}

/** Bytes of a member as stored: a number, or a pointer with what is behind it. */
function memberBytes({ scan }: TreeReader, name: string): Uint8Array {
  const [column, width] = name === WEIGHT ? [TREE.fWeight, 8] : [POINTERS[name] ?? -1, 4];
  const at = column < 0 ? ABSENT : scan.tree.offset(0, column);
  if (at === ABSENT) return new Uint8Array(0);
  const word = scan.view.getUint32(at);
  return scan.bytes.subarray(at, at + width + (name === WEIGHT || !isByteCount(word) ? 0 : countedBytes(word)));
}

/**
 * Where all inputs with entries are indexed by the same, the output is, too; an index leads to each row of the inputs
 * under the same numbers.
 */
function judgeIndex(tree: TreeReader, parts: readonly TreePart[], differences: DifferenceList): string[] {
  const [ours, theirs] = [indexOf(tree), parts.map((part) => (isAbsent(part) ? undefined : indexOf(part)))];
  if (ours === 'unknown' || theirs.includes('unknown')) return ['index of another class than TTreeIndex: not compared'];
  const known = theirs.filter((each) => each !== undefined && each !== 'unknown');
  const [first] = known;
  const isWhole =
    parts.every((part, i) => part.entryCount === 0 || theirs[i] !== undefined) &&
    known.every((each) => namesOf(each) === (first && namesOf(first)));
  if (ours === undefined) {
    if (first !== undefined && isWhole) differences.add(INDEX_MEMBER, 'absent', `index of ${namesOf(first)}`);
    return first === undefined || isWhole ? [] : ['not all inputs have the same index: none is expected'];
  }
  if (first === undefined) return ['an index no input has'];
  if (namesOf(ours) !== namesOf(first)) differences.add(INDEX_MEMBER, namesOf(ours), namesOf(first));
  judgeRows(
    ours,
    theirs.map((each) => (each === 'unknown' ? undefined : each)),
    parts,
    differences,
  );
  return [];
}

function judgeRows(
  ours: TreeIndex,
  theirs: readonly (TreeIndex | undefined)[],
  parts: readonly TreePart[],
  differences: DifferenceList,
): void {
  const pairs = new Map<bigint, string>();
  ours.entry.forEach((entry, i) => {
    pairs.set(entry, `${ours.major[i]}, ${ours.minor[i]}`);
    if (i > 0 && isBehind(ours, i - 1, i)) {
      differences.add(`${INDEX_MEMBER}[${i}]`, `${ours.major[i]}, ${ours.minor[i]}`, `behind ${ours.major[i - 1]}, ${ours.minor[i - 1]}`);
    }
  });
  let firstEntry = 0n;
  theirs.forEach((index, part) => {
    index?.entry.forEach((entry, i) => {
      const [found, expected] = [pairs.get(entry + firstEntry), `${index.major[i]}, ${index.minor[i]}`];
      if (found !== expected) differences.add(`${INDEX_MEMBER} of entry ${entry + firstEntry}`, found ?? 'absent', expected);
    });
    firstEntry += BigInt(parts[part]?.entryCount ?? 0);
  });
  const total = theirs.reduce((sum, index) => sum + (index?.entry.length ?? 0), 0);
  if (ours.entry.length > total && theirs.every((index) => index !== undefined)) {
    differences.add(`${INDEX_MEMBER} entries`, ours.entry.length, total);
  }
}

function isBehind({ major, minor }: TreeIndex, i: number, j: number): boolean {
  const [a, b] = [major[i] as bigint, major[j] as bigint];
  return a > b || (a === b && (minor[i] as bigint) > (minor[j] as bigint));
}

function namesOf({ majorName, minorName }: TreeIndex): string {
  return `${majorName}, ${minorName}`;
}

/** The index of a tree; undefined where there is none, `unknown` for another class. */
function indexOf({ scan, file, path }: TreeReader): TreeIndex | undefined | 'unknown' {
  const at = scan.tree.offset(0, TREE.fTreeIndex);
  if (at === ABSENT || scan.view.getUint32(at) === 0) return undefined;
  const end = at + 4 + countedBytes(scan.view.getUint32(at));
  const nameEnd = scan.bytes.indexOf(0, at + 8);
  if (scan.view.getUint32(at + 4) !== NEW_CLASS_TAG || decodeText(scan.bytes.subarray(at + 8, nameEnd)) !== INDEX_CLASS) return 'unknown';
  try {
    return parseTreeIndex(scan.bytes, nameEnd + 1, end);
  } catch (err) {
    if (isPoolMergeError(err)) [err.file, err.objectPath] = [file.path, path];
    throw err;
  }
}
