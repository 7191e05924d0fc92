/** Rows of metadata, container by container. */
import { RowReader, type RowColumns } from '../../io/pool/row-columns.ts';
import { branchClassName, branchName } from '../../io/root/tree/basket-table.ts';
import { BranchCursor, type EntryBytes } from '../../io/root/tree/branch-cursor.ts';
import { branchesByPath } from '../../io/root/tree/branch-paths.ts';
import type { TreeReader } from '../../io/root/tree/tree-reader.ts';
import { METADATA } from './kept-rows.ts';
import { VECTOR_VALUES, isWeightVector, type SummedClass } from './metadata-classes.ts';
import type { PoolSides } from './pool-sides.ts';
import { gapsBetween } from './row-gaps.ts';
import { VERSION_AT, VERSION_END } from './row-members.ts';

/** A row of metadata. */
export interface MetadataRow {
  tree: TreeReader;
  row: number;
}

/** The metadata of a file. */
export function metadataTree({ containers }: PoolSides['left']['contents']): TreeReader {
  const tree = containers.tree(METADATA);
  if (tree === undefined) throw new RangeError(`no tree ${METADATA}`);
  return tree.reader;
}

/** Names of the containers in it. */
export function containerNames(tree: TreeReader): string[] {
  return tree.children(-1).map((branch) => branchName(tree.scan, branch));
}

function branchIn(tree: TreeReader, name: string): number {
  const branch = tree.branch(name);
  if (branch === undefined) throw new RangeError(`no branch ${name}`);
  return branch;
}

/** Class of a container that must be there. */
export function containerClass(tree: TreeReader, name: string): string {
  return branchClassName(tree.scan, branchIn(tree, name));
}

/** The members of a container in a row, and the versions between them where one branch holds them all. */
export function columnsOf({ tree, row }: MetadataRow, name: string): RowColumns {
  const branch = branchIn(tree, name);
  if (isWeightVector(name, containerClass(tree, name))) return new Map([[VECTOR_VALUES, new BranchCursor(tree, branch).entry(row)]]);
  const reader = new RowReader(tree, branch);
  const [columns, whole] = [reader.columns(row), reader.whole(row)];
  if (whole === undefined) return columns;
  // Byte counts follow from the lengths of the members.
  const data = Buffer.concat(gapsBetween(columns, whole).map((gap) => gap.subarray(VERSION_AT)));
  return new Map([...columns, ['versions of lists', { ...whole, data, start: 0, end: data.length }]]);
}

/** Bytes of a member; of one that is summed its version only, if it has one. */
export function bytesIn({ data, start, end }: EntryBytes, isFramed: boolean | undefined): Uint8Array {
  if (isFramed === undefined) return data.subarray(start, end);
  return isFramed ? data.subarray(Math.min(start + VERSION_AT, end), Math.min(start + VERSION_END, end)) : new Uint8Array(0);
}

/** True where two rows agree in the members that are not summed. */
export function isSameRest(a: RowColumns, b: RowColumns, { summed }: SummedClass): boolean {
  return [...new Set([...a.keys(), ...b.keys()])].every((member) => {
    const [x, y] = [a.get(member), b.get(member)];
    return (
      x !== undefined && y !== undefined && (summed.includes(member) || Buffer.compare(bytesIn(x, undefined), bytesIn(y, undefined)) === 0)
    );
  });
}

/** True where a container has the same bytes in two rows. */
export function isSameRow(a: MetadataRow, b: MetadataRow, name: string): boolean {
  const [x, y] = [a, b].map(({ tree, row }) =>
    [...branchesByPath(tree)].flatMap(([path, branch]) => {
      if ((path !== name && !path.startsWith(`${name}/`)) || (tree.baskets.entryCount[branch] ?? 0) === 0) return [];
      return [`${path} ${Buffer.from(bytesIn(new BranchCursor(tree, branch).entry(row), undefined)).toString('latin1')}`];
    }),
  ) as [string[], string[]];
  return x.join('\n') === y.join('\n');
}
