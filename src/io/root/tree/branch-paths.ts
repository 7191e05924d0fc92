/** Branches by their names from the top. */
import { branchName } from './basket-table.ts';
import type { TreeReader } from './tree-reader.ts';

/** Rows of all branches by their path: names from the top, joined by `/`; a path that occurs again is numbered. */
export function branchesByPath(tree: TreeReader): Map<string, number> {
  const { scan } = tree;
  const rows = new Map<string, number>();
  const paths: string[] = [];
  for (let row = 0; row < scan.branches.count; row++) {
    const parent = scan.branchParent[row] as number;
    const name = branchName(scan, row);
    const path = parent >= 0 ? `${paths[parent]}/${name}` : name;
    paths.push(path);
    if (row === scan.refBranch) continue;
    let unique = path;
    for (let n = 2; rows.has(unique); n++) unique = `${path}#${n}`;
    rows.set(unique, row);
  }
  return rows;
}

/** Paths of all branches of a tree. */
export function branchPaths(tree: TreeReader): string[] {
  return [...branchesByPath(tree).keys()];
}
