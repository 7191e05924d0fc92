/** The index of a merged tree (TTree::BuildIndex): those of all its parts in one. */
import { decodeText } from '../../io/bytes/big-endian.ts';
import { NEW_CLASS_TAG, countedBytes } from '../../io/root/streamer/type-codes.ts';
import { ABSENT } from '../../io/root/tree/member-table.ts';
import { TREE } from '../../io/root/tree/scan-layout.ts';
import { joinTreeIndices, parseTreeIndex, type TreeIndex } from '../../io/root/tree/tree-index.ts';
import type { TreeScan } from '../../io/root/tree/tree-scan.ts';
import type { TreePart } from './tree-target.ts';

/** An index, or why there is none though there was one; neither where there was none. */
export interface IndexOrReason {
  index?: TreeIndex;
  reason?: string;
}

/** The index that a tree was stored with. One of an unknown kind is as good as none. `isStale`: values that it may be of change. */
export function indexOf(scan: TreeScan, isStale: boolean): IndexOrReason {
  const at = scan.tree.offset(0, TREE.fTreeIndex);
  if (at === ABSENT || scan.view.getUint32(at) === 0) return {};
  if (isStale) return { reason: 'its index may be of values that change (TTree::BuildIndex makes it again)' };
  const end = at + 4 + countedBytes(scan.view.getUint32(at));
  // Else the slot refers to the name of an earlier object's class.
  const isNamed = scan.view.getUint32(at + 4) === NEW_CLASS_TAG;
  const nameEnd = scan.bytes.indexOf(0, at + 8);
  const className = isNamed ? decodeText(scan.bytes.subarray(at + 8, nameEnd)) : undefined;
  if (className === 'TTreeIndex') return { index: parseTreeIndex(scan.bytes, nameEnd + 1, end) };
  return { reason: `its index is ${className === undefined ? 'of another class' : `a ${className}`}, which cannot be joined` };
}

/** Joined index of all parts with entries; with the reason the part that lacks it, or is indexed by something else. */
export function joinIndices(all: readonly TreePart[]): IndexOrReason & { odd?: TreePart } {
  const parts = all.filter(({ entryCount, index }) => entryCount > 0 || index !== undefined);
  const first = parts.find(({ index }) => index !== undefined)?.index;
  if (first === undefined) return {};
  const isLike = (index: TreeIndex | undefined): index is TreeIndex =>
    index !== undefined && index.majorName === first.majorName && index.minorName === first.minorName;
  const odd = parts.find(({ index }) => !isLike(index));
  if (odd !== undefined) {
    return { odd, reason: 'its tree has no index, or another one: the merged tree has none (TTree::BuildIndex makes it again)' };
  }
  const indices = parts.map(({ index }) => index).filter(isLike);
  return {
    index: joinTreeIndices(
      indices,
      parts.map(({ firstEntry }) => firstEntry),
    ),
  };
}
