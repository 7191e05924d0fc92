/**
 * Cluster ranges of joined trees, by ROOT's rule (TTree::ImportClusterRanges; observed on 30 merges).
 * A range says: up to entry `end`, clusters have `size` entries. Size 0: unknown.
 */

/** Cluster ranges of one tree; entries after the last range have clusters of `autoFlush` entries. */
export interface ClusterRanges {
  /** Last entry of each range. */
  end: number[];
  /** Entries per cluster in each range. */
  size: number[];
  /** fAutoFlush: entries per cluster, or negative: bytes. */
  autoFlush: number;
}

/** Appends the ranges of a tree of `entryCount` entries to those of `entriesSoFar` entries. */
export function appendClusters(ranges: ClusterRanges, entriesSoFar: number, next: ClusterRanges, entryCount: number): void {
  if (entryCount === 0) return;
  if (entriesSoFar === 0) {
    ranges.end = [...next.end];
    ranges.size = [...next.size];
    ranges.autoFlush = next.autoFlush;
    return;
  }
  if (next.end.length === 0 && next.autoFlush === ranges.autoFlush) return;
  const nothingKnown = ranges.end.length === 0 && ranges.autoFlush < 0;
  if (next.end.length > 0 || !nothingKnown) {
    ranges.end.push(entriesSoFar - 1);
    ranges.size.push(Math.max(ranges.autoFlush, 0));
  }
  for (let i = 0; i < next.end.length; i++) {
    ranges.end.push((next.end[i] as number) + entriesSoFar);
    ranges.size.push(next.size[i] as number);
  }
  ranges.autoFlush = next.autoFlush;
}
