/**
 * Do two trees have the same branches? Branches are matched by their path of names, so their order
 * may differ. Every difference is reported, not only the first.
 */
import { decodeText } from '../../io/bytes/big-endian.ts';
import { branchName, textAt } from '../../io/root/tree/basket-table.ts';
import { ABSENT } from '../../io/root/tree/member-table.ts';
import { BRANCH } from '../../io/root/tree/scan-layout.ts';
import type { TreeScan } from '../../io/root/tree/tree-scan.ts';
import { BranchComparison, branchPath, branchTable, isSameText, type SchemaSide } from './compare-branches.ts';

/** Outcome of a comparison. */
export interface SchemaMatch {
  /** Scan row of the other tree for each row of the first; -1 where it may lack the branch. Meaningful only without differences. */
  order: Int32Array;
  /** What differs, in words; empty when the trees can be joined. */
  differences: string[];
}

/** Compares the branches of `other` with those of `first`. `mayLack`: branches of the tree itself may be missing in `other`. */
export function matchSchemas(first: SchemaSide, other: SchemaSide, mayLack = false): SchemaMatch {
  const differences: string[] = [];
  const order = sameOrder(first.scan, other.scan) ?? orderByPath(first.scan, other.scan, differences, mayLack);
  for (let row = 0; row < order.length; row++) {
    const otherRow = order[row] as number;
    if (otherRow >= 0) new BranchComparison(first, other, row, otherRow, differences).compare();
  }
  return { order, differences };
}

/** Problems of a tree by itself: what makes it impossible to merge it with anything. */
export function schemaProblems(scan: TreeScan): string[] {
  const problems: string[] = [];
  for (let row = 0; row < scan.branches.count; row++) {
    const at = scan.branches.offset(row, BRANCH.fFileName);
    if (at === ABSENT || textAt(scan, at).length === 0) continue;
    problems.push(`branch ${branchPath(scan, row)} keeps its baskets in another file: ${decodeText(textAt(scan, at))}`);
  }
  return problems;
}

/** The identity, if all rows agree in parent and name; else undefined. */
function sameOrder(a: TreeScan, b: TreeScan): Int32Array | undefined {
  const count = a.branches.count;
  if (b.branches.count !== count || a.refBranch !== b.refBranch) return undefined;
  const order = new Int32Array(count);
  const [tableA, tableB] = [branchTable(a), branchTable(b)];
  for (let row = 0; row < count; row++) {
    if (a.branchParent[row] !== b.branchParent[row] || !isSameText(tableA, row, tableB, row, BRANCH.fName)) return undefined;
    order[row] = row;
  }
  return order;
}

function orderByPath(a: TreeScan, b: TreeScan, differences: string[], mayLack: boolean): Int32Array {
  const rows = rowsByPath(b);
  const tops = new Set(mayLack ? b.branchParent.flatMap((parent, row) => (parent < 0 ? [branchName(b, row)] : [])) : []);
  const order = new Int32Array(a.branches.count);
  for (const [path, row] of rowsByPath(a)) {
    const other = rows.get(path);
    order[row] = other ?? -1;
    if (other === undefined && !(mayLack && !tops.has(branchName(a, topOf(a, row))))) differences.push(`branch ${path} is missing`);
    rows.delete(path);
  }
  for (const path of rows.keys()) differences.push(`branch ${path} is not in the first input`);
  return order;
}

function topOf(scan: TreeScan, row: number): number {
  const parent = scan.branchParent[row] as number;
  return parent < 0 ? row : topOf(scan, parent);
}

/** Rows by path; a path that occurs twice gets a number. */
function rowsByPath(scan: TreeScan): Map<string, number> {
  const rows = new Map<string, number>();
  for (let row = 0; row < scan.branches.count; row++) {
    const path = row === scan.refBranch ? 'fBranchRef' : branchPath(scan, row);
    let unique = path;
    for (let n = 2; rows.has(unique); n++) unique = `${path} (${n})`;
    rows.set(unique, row);
  }
  return rows;
}
