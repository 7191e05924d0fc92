/** What the plan of a tree needs of a scanned tree besides its branches: clusters, compression, bytes of old baskets. */
import { withContext } from '../../errors.ts';
import { normalSetting, parseCompressionSetting } from '../../io/codec/registry.ts';
import type { BasketTable } from '../../io/root/tree/basket-table.ts';
import { ABSENT, EMPTY_ARRAY, readBasic } from '../../io/root/tree/member-table.ts';
import { BRANCH, TREE } from '../../io/root/tree/scan-layout.ts';
import { scanTree, type ScanOptions, type TreeScan } from '../../io/root/tree/tree-scan.ts';
import { contextOf, type Contribution } from '../plan/plan.ts';
import type { ClusterRanges } from './clusters.ts';

/** Reads and scans the tree of a contribution. */
export function readTree(from: Contribution, className: string, options?: ScanOptions): TreeScan {
  const { key, payload } = from.input.file.readObject(from.directory, from.keyIndex);
  return scanTree(payload, key.keylen, className, from.input.infos, options);
}

/** Cluster ranges as a tree has them. */
export function clustersOf(scan: TreeScan): ClusterRanges {
  const count = scan.tree.number(scan.view, 0, TREE.fNClusterRange);
  const values = (column: number): number[] => {
    const at = scan.tree.offset(0, column);
    const type = scan.tree.typeOf(0, column);
    if (at === ABSENT || (type & EMPTY_ARRAY) !== 0) return [];
    return Array.from({ length: count }, (_, i) => readBasic(scan.view, at + 1 + 8 * i, type));
  };
  return {
    end: values(TREE.fClusterRangeEnd),
    size: values(TREE.fClusterSize),
    autoFlush: scan.tree.number(scan.view, 0, TREE.fAutoFlush),
  };
}

/** Old files do not say in the tree how many bytes the record of a basket has: its key does, and is read here. */
export function fillUnknownBytes(from: Contribution, baskets: BasketTable): void {
  for (let i = 0; i < baskets.seek.length; i++) {
    const seek = baskets.seek[i] as number;
    if (seek === 0 || baskets.bytes[i] !== 0) continue;
    const { nbytes } = from.input.file.readKey(seek);
    baskets.bytes[i] = nbytes;
    baskets.storedBytes += nbytes;
  }
}

/**
 * fCompress by branch as 100 * algorithm + level; of branches that say "as the file" (negative) that of the file.
 * `order`: rows of the scan. UnsupportedError where a branch has a setting that nobody knows.
 */
export function compressionOf(from: Contribution, scan: TreeScan, order: Int32Array): Int32Array {
  return Int32Array.from(order, (row) => {
    const own = row < 0 ? -1 : scan.branches.number(scan.view, row, BRANCH.fCompress, -1);
    const setting = own < 0 ? from.input.file.header.compress : own;
    withContext(contextOf(from), () => parseCompressionSetting(setting));
    return normalSetting(setting);
  });
}
