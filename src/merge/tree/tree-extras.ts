/**
 * What a tree carries beside its branches: title, weight, aliases, friends, user info. The merged
 * tree keeps the first input's; that others differ is told, never silent.
 */
import { isPoolMergeError, withContext } from '../../errors.ts';
import type { InfoSet } from '../../io/root/streamer/info-set.ts';
import { encodeGraph } from '../../io/root/streamer/encode.ts';
import { member } from '../../io/root/streamer/member.ts';
import { walkObject } from '../../io/root/streamer/walk.ts';
import { countedBytes } from '../../io/root/streamer/type-codes.ts';
import { ABSENT } from '../../io/root/tree/member-table.ts';
import { TREE } from '../../io/root/tree/scan-layout.ts';
import { textAt } from '../../io/root/tree/basket-table.ts';
import type { TreeScan } from '../../io/root/tree/tree-scan.ts';
import type { PlanContext } from '../merger.ts';
import { contextOf, type Contribution } from '../plan/plan.ts';
import type { TreeTarget } from './tree-target.ts';

const POINTERS = ['fAliases', 'fFriends', 'fUserInfo'] as const;

/** Reports what differs between the first tree and another one. */
export function compareExtras(tree: TreeTarget, from: Contribution, scan: TreeScan, ctx: PlanContext): void {
  const differing: string[] = POINTERS.filter((name) => !samePointer(tree, scan, from, name));
  if (!sameBytes(textOf(tree.scan), textOf(scan))) differing.push('fTitle');
  if (weightOf(tree.scan) !== weightOf(scan)) differing.push('fWeight');
  if (differing.length === 0) return;
  const message = `${differing.join(', ')}: not as in the first input, whose are kept`;
  ctx.diagnostics.add({ code: 'tree-extras-differ', file: from.input.path, path: ctx.plan.path(tree.target), message });
}

function textOf(scan: TreeScan): Uint8Array {
  return textAt(scan, scan.tree.offset(0, TREE.fTitle));
}

function weightOf(scan: TreeScan): number {
  return scan.tree.number(scan.view, 0, TREE.fWeight, 1);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** Compares the objects behind a pointer: by their bytes, then, as tags depend on the place, by their bytes encoded alone. */
function samePointer(tree: TreeTarget, scan: TreeScan, from: Contribution, name: (typeof POINTERS)[number]): boolean {
  const [a, b] = [pointerBytes(tree.scan, TREE[name]), pointerBytes(scan, TREE[name])];
  if (a.length <= 4 || b.length <= 4) return a.length === b.length;
  if (sameBytes(a, b)) return true;
  const { className, infos } = tree;
  const alone = encodedAlone(tree.from, tree.scan, { className, infos, name });
  const otherAlone = encodedAlone(from, scan, { className, infos: from.input.infos, name });
  return alone !== undefined && otherAlone !== undefined && sameBytes(alone, otherAlone);
}

function pointerBytes(scan: TreeScan, column: number): Uint8Array {
  const at = scan.tree.offset(0, column);
  if (at === ABSENT) return new Uint8Array(0);
  const word = scan.view.getUint32(at);
  return scan.bytes.subarray(at, word === 0 ? at + 4 : at + 4 + countedBytes(word));
}

function encodedAlone(
  from: Contribution,
  scan: TreeScan,
  { className, infos, name }: { className: string; infos: InfoSet; name: string },
): Uint8Array | undefined {
  const graph = withContext(contextOf(from), () => walkObject(scan.bytes, scan.keylen, className, infos));
  const pointer = member(graph.root, name);
  if (pointer?.kind !== 'pointer' || pointer.target === null) return undefined;
  try {
    return encodeGraph({ ...graph, root: pointer.target }, { keylen: 0 });
  } catch (err) {
    if (isPoolMergeError(err)) return undefined;
    throw err;
  }
}
