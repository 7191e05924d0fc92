/** One tree of the output: what planning keeps of its inputs. */
import type { InfoSet } from '../../io/root/streamer/info-set.ts';
import type { BasketTable } from '../../io/root/tree/basket-table.ts';
import type { TreeIndex } from '../../io/root/tree/tree-index.ts';
import type { TreeScan } from '../../io/root/tree/tree-scan.ts';
import type { Contribution } from '../plan.ts';
import type { ClusterRanges } from './clusters.ts';
import type { LeafLimits } from './leaf-limits.ts';

/** A tree of one input that has branches. */
export interface TreePart {
  from: Contribution;
  /** Its baskets; branches numbered as the rows of the first part's scan. */
  baskets: BasketTable;
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
  /** That object. */
  scan: TreeScan;
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
  /** Process GUIDs of the reference tables of all parts; undefined without such a table. */
  processGuids: string[] | undefined;
}

/** Baskets of a part that lie in records of their own: their number. */
export function storedBasketCount(part: TreePart): number {
  return part.baskets.seek.length - part.baskets.embedded.length;
}
