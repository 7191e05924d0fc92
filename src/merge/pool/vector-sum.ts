/**
 * Vectors of numbers in metadata that are added element by element:
 *
 *   xAOD::CutBookkeeperAuxContainer_v1   nAcceptedEvents (u64), sumOfEventWeights, sumOfEventWeightsSquared (f64)
 *   …AuxDyn.sumOf…                       vector<double>
 *
 * They add where all else in the container has equal bytes and there are as many numbers.
 * Source: layouts measured.
 */
import { byteCountWord } from '../../io/root/streamer/type-codes.ts';
import { branchClassName, branchName } from '../../io/root/tree/basket-table.ts';
import { BranchCursor } from '../../io/root/tree/branch-cursor.ts';
import type { TreeReader } from '../../io/root/tree/tree-reader.ts';
import { VECTOR_HEAD } from './grow-row.ts';
import type { DataTask } from './tree-rewrite.ts';

/** A row of metadata of an input. */
export interface MetadataRow {
  tree: TreeReader;
  row: number;
}

/** All branches below one that hold data, itself included. */
export function dataBranches(tree: TreeReader, branch: number): number[] {
  const below = tree.children(branch).flatMap((child) => dataBranches(tree, child));
  return (tree.baskets.start[branch] as number) < (tree.baskets.start[branch + 1] as number) ? [branch, ...below] : below;
}

/** Bytes of a branch in a row. */
export function entryOf({ tree, row }: MetadataRow, branch: number): Uint8Array {
  const { data, start, end } = new BranchCursor(tree, branch).entry(row);
  return data.subarray(start, end);
}

/** A vector of 8-byte numbers inside the entry of a branch. */
interface AdditiveVector {
  branch: number;
  isReal: boolean;
  /** Index of the first number in the entry, and how many there are. */
  at: number;
  count: number;
  values: DataView;
}

const ADDED_MEMBERS = ['nAcceptedEvents', 'sumOfEventWeights', 'sumOfEventWeightsSquared'] as const;

/**
 * Tasks that add the vectors of a container in other rows to those of the first row; none where there are no such
 * vectors, or something else differs.
 */
export function addedVectors(own: MetadataRow, branch: number, others: readonly MetadataRow[]): DataTask[] {
  const name = branchName(own.tree.scan, branch);
  const numbers = additiveBranches(own, branch);
  if (numbers.length === 0) return [];
  const theirs = others.map((other) => additiveBranches(other, other.tree.branch(name) as number));
  const isAlike = theirs.every(
    (list, i) => list.length === numbers.length && sameRest(own, branch, numbers, others[i] as MetadataRow, list),
  );
  if (!isAlike) return [];
  return [...new Set(numbers.map((number) => number.branch))].map((branchOf) => ({
    kind: 'data',
    branch: branchOf,
    patch: ({ data, bounds, firstEntry }) => {
      if (firstEntry > 0) return;
      for (const [i, number] of numbers.entries()) {
        if (number.branch !== branchOf) continue;
        for (const list of theirs) addInto(data, (bounds[0] as number) + number.at, number, (list[i] as AdditiveVector).values);
      }
    },
  }));
}

/** The vectors of a container that add up; empty for containers of other classes. */
function additiveBranches(of: MetadataRow, branch: number): AdditiveVector[] {
  const { tree } = of;
  const name = branchName(tree.scan, branch);
  const className = branchClassName(tree.scan, branch);
  if (className === 'vector<double>' && /AuxDyn\.sumOf/.test(name)) return vectorsAtEnd(of, branch, [true]);
  if (className !== 'xAOD::CutBookkeeperAuxContainer_v1') return [];
  const members = tree.children(branch);
  if (members.length === 0) return vectorsAtEnd(of, branch, [false, true, true]);
  return ADDED_MEMBERS.flatMap((member, i) => {
    const row = members.find((child) => branchName(tree.scan, child).endsWith(`.${member}`));
    return row === undefined ? [] : vectorsAtEnd(of, row, [i > 0]);
  });
}

/** The last members of an entry are vectors of 8-byte numbers, equally long: their byte counts tell how long. Empty if they are not. */
function vectorsAtEnd(of: MetadataRow, branch: number, isReal: readonly boolean[]): AdditiveVector[] {
  const entry = entryOf(of, branch);
  const view = new DataView(entry.buffer, entry.byteOffset, entry.length);
  for (let count = 0; isReal.length * (VECTOR_HEAD + 8 * count) <= entry.length; count++) {
    const step = VECTOR_HEAD + 8 * count;
    const first = entry.length - isReal.length * step;
    const isVector = (at: number): boolean => view.getUint32(at) === byteCountWord(step - 4) && view.getUint32(at + 6) === count;
    if (!isReal.every((_, i) => isVector(first + i * step))) continue;
    return isReal.map((real, i) => {
      const at = first + i * step + VECTOR_HEAD;
      return { branch, isReal: real, at, count, values: new DataView(view.buffer, view.byteOffset + at, 8 * count) };
    });
  }
  return [];
}

/** True when two containers agree in all bytes but the numbers, and have as many of these. */
function sameRest(
  own: MetadataRow,
  branch: number,
  numbers: readonly AdditiveVector[],
  other: MetadataRow,
  theirs: readonly AdditiveVector[],
): boolean {
  const otherBranch = other.tree.branch(branchName(own.tree.scan, branch)) as number;
  const [a, b] = [dataBranches(own.tree, branch), dataBranches(other.tree, otherBranch)];
  const blank = (entry: Uint8Array, row: number, list: readonly AdditiveVector[]): Uint8Array => {
    const copy = entry.slice();
    for (const { branch: of, at, count } of list) if (of === row) copy.fill(0, at, at + 8 * count);
    return copy;
  };
  return (
    a.length === b.length &&
    a.every(
      (row, i) =>
        Buffer.compare(blank(entryOf(own, row), row, numbers), blank(entryOf(other, b[i] as number), b[i] as number, theirs)) === 0,
    )
  );
}

function addInto(data: Uint8Array, at: number, { isReal, count }: AdditiveVector, values: DataView): void {
  const view = new DataView(data.buffer, data.byteOffset + at, 8 * count);
  for (let i = 0; i < 8 * count; i += 8) {
    if (isReal) view.setFloat64(i, view.getFloat64(i) + values.getFloat64(i));
    else view.setBigUint64(i, view.getBigUint64(i) + values.getBigUint64(i));
  }
}
