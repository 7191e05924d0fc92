/**
 * Do the entries of all branches stay together? Entry i of a tree is entry i of each of its branches. The entries of a branch are
 * joined without gaps, since baskets know none. So where a branch has other entries than its tree (it was made late, or filled by
 * itself), those of later inputs are read with other entries of the tree.
 */
import { branchPath } from './compare-branches.ts';
import type { TreePart, TreeTarget } from './tree-target.ts';

/**
 * Branches whose later entries do not stand where the tree's do, with the part that makes it so. None for a tree without
 * entries of its own: its branches count theirs each by itself, as containers of Gaudi and POOL do.
 */
export function shiftedBranches(tree: TreeTarget): { part: TreePart; message: string }[] {
  if (tree.entryCount === 0) return [];
  const found: { part: TreePart; message: string }[] = [];
  for (let row = 0; row < tree.scan.branches.count; row++) {
    const part = shiftingPart(tree, row);
    if (part === undefined) continue;
    const message = `branch ${branchPath(tree.scan, row)} has ${part.baskets.entryCount[row]} entries where its tree has ${part.entryCount}: those of later inputs are joined to them, and stand at other entries than the tree's`;
    found.push({ part, message });
  }
  return found;
}

/** The first part in which a branch has other entries than the tree, if a later one has entries that this shifts. */
function shiftingPart({ parts }: TreeTarget, row: number): TreePart | undefined {
  let [entries, unequal]: [number, TreePart | undefined] = [0, undefined];
  for (const part of parts) {
    const { start, entryCount } = part.baskets;
    // Branches that are split count no entries, or have no baskets.
    const isFilled = (entryCount[row] as number) > 0 && (start[row + 1] as number) > (start[row] as number);
    if (isFilled && entries !== part.firstEntry) return unequal;
    entries += entryCount[row] as number;
    if (entryCount[row] !== part.entryCount) unequal ??= part;
  }
  return undefined;
}
