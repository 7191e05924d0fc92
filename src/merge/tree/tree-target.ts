/** One tree of the output: what planning keeps of its inputs, and how their trees are put behind each other. */
import type { InfoSet } from '../../io/root/streamer/info-set.ts';
import type { BasketTable } from '../../io/root/tree/basket-table.ts';
import type { TreeIndex } from '../../io/root/tree/tree-index.ts';
import type { TreeScan } from '../../io/root/tree/tree-scan.ts';
import type { Contribution } from '../plan/plan.ts';
import { appendClusters, type ClusterRanges } from './clusters.ts';
import { LeafLimits } from './leaf-limits.ts';
import type { ReferenceTable } from './reference-table.ts';
import { clustersOf } from './scan-facts.ts';
import type { BasketRewrite } from '../tree-changes.ts';

/** A tree of one input that has branches. */
export interface TreePart {
  from: Contribution;
  /** Its baskets; branches numbered as the rows of the first part's scan. */
  baskets: BasketTable;
  /** Scan row of each branch in this part's tree; -1: it lacks the branch. Only kept when it matters. */
  order: Int32Array | undefined;
  /** Baskets whose data change; `rewritten[b]` is 1 for their branches. */
  rewrite: BasketRewrite | undefined;
  rewritten: Uint8Array | undefined;
  /** fCompress of each branch, normalised to 100 * algorithm + level; only kept when it matters. */
  compression: Int32Array | undefined;
  /** Entries of the tree itself (fEntries); branches may have more or fewer. */
  entryCount: number;
  /** Entries of all parts before this one. */
  firstEntry: number;
  index: TreeIndex | undefined;
}

/** A tree of the output. */
export interface TreeTarget {
  target: number;
  className: string;
  /** The first input with branches: the output is made from its object. */
  from: Contribution;
  /** That object, with the branches that only other inputs have behind its own when `isUnited`. */
  scan: TreeScan;
  isUnited: boolean;
  infos: InfoSet;
  parts: TreePart[];
  entryCount: number;
  /** Sum of fEntries of each branch, by row. */
  branchEntries: Float64Array;
  flushedBytes: number;
  clusters: ClusterRanges;
  limits: LeafLimits;
  /** Joined index; undefined when the output has none. */
  index: TreeIndex | undefined;
  /** Text that becomes the user info; undefined keeps the first input's. */
  userInfo: string | undefined;
  /** The reference tables of all parts in one; undefined where there are none. */
  references: ReferenceTable | undefined;
}

/** A tree without parts yet, made from the scan of an input's tree. */
export function newTreeTarget(
  target: number,
  className: string,
  from: Contribution,
  scan: TreeScan,
  userInfo: string | undefined,
): TreeTarget {
  return {
    target,
    className,
    scan,
    isUnited: false,
    infos: from.input.infos,
    from,
    parts: [],
    entryCount: 0,
    branchEntries: new Float64Array(scan.branches.count),
    flushedBytes: 0,
    clusters: clustersOf(scan),
    limits: new LeafLimits(scan),
    index: undefined,
    userInfo,
    references: undefined,
  };
}

/** Baskets of a part that lie in records of their own: their number. */
export function storedBasketCount(part: TreePart): number {
  return part.baskets.seek.length - part.baskets.embedded.length - part.baskets.made.length;
}

/** A part without entries yet. */
export function newTreePart(from: Contribution, baskets: BasketTable): TreePart {
  return {
    from,
    baskets,
    order: undefined,
    rewrite: undefined,
    rewritten: undefined,
    compression: undefined,
    entryCount: 0,
    firstEntry: 0,
    index: undefined,
  };
}

/** Puts a part of `entryCount` entries behind the parts of a tree. */
export function appendPart(tree: TreeTarget, part: TreePart, entryCount: number, clusters: ClusterRanges): void {
  part.entryCount = entryCount;
  part.firstEntry = tree.entryCount;
  tree.parts.push(part);
  appendClusters(tree.clusters, tree.entryCount, clusters, entryCount);
  tree.entryCount += entryCount;
}

/** Gives a tree its only part, in which every branch has `entryCount` entries. */
export function setOnlyPart(tree: TreeTarget, part: TreePart, entryCount: number): void {
  part.entryCount = entryCount;
  tree.parts.push(part);
  tree.entryCount = entryCount;
  tree.branchEntries.fill(entryCount);
  tree.clusters = { end: [], size: [], autoFlush: tree.clusters.autoFlush };
}
