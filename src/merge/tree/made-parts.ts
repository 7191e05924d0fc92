/** Parts whose rows stand in no input as they are: rows made anew, the first row of all, and default rows for what an input lacks. */
import { decodeText } from '../../io/bytes/big-endian.ts';
import { branchName, buildBasketTable, ownOrder, textAt } from '../../io/root/tree/basket-table.ts';
import { rowsOfEntries, rowsOfEqualEntries, type MadeBranch, type MadeRows } from '../../io/root/tree/made-rows.ts';
import { BRANCH, TREE } from '../../io/root/tree/scan-layout.ts';
import type { TreeScan } from '../../io/root/tree/tree-scan.ts';
import type { Contribution } from '../plan/plan.ts';
import type { AbsentRows, BasketRewrite, TreeChanges } from '../tree-changes.ts';
import type { SchemaSide } from './compare-branches.ts';
import { defaultEntry } from './default-entry.ts';
import { clustersOf } from './scan-facts.ts';
import { appendPart, newTreePart, setOnlyPart, type TreePart, type TreeTarget } from './tree-target.ts';

/** Gives a tree the only part it has: entries by the name of their branch. */
export function setMadePart(tree: TreeTarget, from: Contribution, entriesOf: NonNullable<TreeChanges['made']>): void {
  const { scan } = tree;
  const rows = Array.from({ length: scan.branches.count }, (_, row) => {
    const branch = madeBranch(scan, row, from);
    return rowsOfEntries(branch, entriesOf(decodeText(branch.branchName)));
  });
  setOnlyPart(tree, madePart(tree, from, new Map(rows.entries())), rows[0]?.entryCount ?? 0);
  rows.forEach(({ longestText }, row) => tree.limits.includeText(row, longestText));
}

/**
 * Gives a tree the only part it has: the first row of its input. `baskets`: those with it, by row of the scan; `largestCounts`: what
 * changing them made larger (see BasketRewrite).
 */
export function setFirstRowPart(
  tree: TreeTarget,
  from: Contribution,
  baskets: NonNullable<TreeChanges['firstRow']>,
  largestCounts: BasketRewrite['largestCounts'] | undefined,
): void {
  const rows = new Map<number, MadeRows>();
  for (const [row, parts] of baskets) rows.set(row, { entryCount: 1, baskets: [{ firstEntry: 0, parts: () => parts }], longestText: 0 });
  setOnlyPart(tree, madePart(tree, from, rows), 1);
  tree.limits.include(tree.scan, ownOrder(tree.scan));
  for (const [row, count] of largestCounts ?? []) tree.limits.includeCount(row, count);
}

/**
 * Appends the rows of an input that lacks the tree. `infos`: of all inputs. UnsupportedError names a branch whose default
 * cannot be built; the tree is then as it was.
 */
export function appendAbsentPart(tree: TreeTarget, infos: SchemaSide['infos'], absent: AbsentRows): void {
  const made = defaultRows({ scan: tree.scan, infos }, absentOrder(tree), absent, tree.from);
  appendPart(tree, madePart(tree, tree.from, made), absent.entryCount, clustersOf(tree.scan));
  tree.limits.includeMade(made.keys());
  tree.branchEntries.forEach((entries, row) => (tree.branchEntries[row] = entries + absent.entryCount));
}

/**
 * Rows for the branches an input lacks (`order` below 0), by row of the first scan: the entries `absent` gives, else
 * default ones. `from`: whose date they get. UnsupportedError names a branch whose default cannot be built.
 */
export function defaultRows(
  { scan, infos }: SchemaSide,
  order: Int32Array,
  { entryCount, entriesOf }: AbsentRows,
  from: Contribution,
): Map<number, MadeRows> {
  const made = new Map<number, MadeRows>();
  for (let row = 0; row < order.length; row++) {
    if ((order[row] as number) >= 0) continue;
    const branch = madeBranch(scan, row, from);
    const entries = entriesOf(branchName(scan, row));
    const entry = entries === undefined ? defaultEntry(scan, row, infos) : undefined;
    if (entries !== undefined) made.set(row, rowsOfEntries(branch, entries));
    else if (entry !== undefined) made.set(row, rowsOfEqualEntries(branch, entry, entryCount));
  }
  return made;
}

/** The branch of a row of a scan; its records get the date of the key that the tree comes with. */
function madeBranch(scan: TreeScan, row: number, { directory, keyIndex }: Contribution): MadeBranch {
  return {
    branchName: textAt(scan, scan.branches.offset(row, BRANCH.fName)),
    treeName: textAt(scan, scan.tree.offset(0, TREE.fName)),
    hasOffsets: scan.branches.number(scan.view, row, BRANCH.fEntryOffsetLen) > 0,
    datime: directory.keys.datime(keyIndex),
  };
}

function madePart(tree: TreeTarget, from: Contribution, rows: ReadonlyMap<number, MadeRows>): TreePart {
  return newTreePart(from, buildBasketTable(tree.scan, absentOrder(tree), rows));
}

/** The order of an input that lacks all branches. */
function absentOrder({ scan }: TreeTarget): Int32Array {
  return new Int32Array(scan.branches.count).fill(-1);
}
