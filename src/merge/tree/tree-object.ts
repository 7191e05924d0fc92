/** The merged tree's object, encoded from the first input's and its edits. */
import { withContext } from '../../errors.ts';
import { encodeGraph } from '../../io/root/streamer/encode.ts';
import type { SpanGraph } from '../../io/root/streamer/span-graph.ts';
import { walkObject } from '../../io/root/streamer/walk.ts';
import { applyEdits } from '../../io/root/tree/edit-graph.ts';
import { spliceTree, type SpanEdit } from '../../io/root/tree/splice.ts';
import { setReferenceTable } from './reference-table.ts';
import type { TreeEdits } from './tree-edits.ts';
import type { TreeTarget } from './tree-target.ts';
import { contextOf } from '../plan/plan.ts';

/** The graph of a tree that holds more than the scan has seen; undefined when the scan has seen it all. */
export function graphOfExtras(tree: TreeTarget): SpanGraph | undefined {
  const { scan, className, infos } = tree;
  if (!scan.hasExtras) return undefined;
  return withContext(contextOf(tree.from), () => walkObject(scan.bytes, scan.keylen, className, infos));
}

/** Payload of the merged tree for a key of `keylen` bytes; `graph` as `graphOfExtras` gave it, and changed here. */
export function encodeTree(tree: TreeTarget, graph: SpanGraph | undefined, edits: TreeEdits, keylen: number): Uint8Array {
  if (graph === undefined) return spliceTree(tree.scan, edits.patched, edits.ranges, keylen);
  applyEdits(graph, [...edits.ranges, ...numberEdits(edits)]);
  if (tree.references !== undefined) setReferenceTable(graph, tree.references);
  return encodeGraph(graph, { keylen });
}

/** Patched numbers as edits; a number that was set twice is one. */
function numberEdits({ patched, numbers }: TreeEdits): SpanEdit[] {
  const byStart = new Map<number, SpanEdit>();
  for (let i = 0; i < numbers.length; i += 2) {
    const [start, size] = [numbers[i] as number, numbers[i + 1] as number];
    byStart.set(start, { start, end: start + size, bytes: patched.subarray(start, start + size) });
  }
  return [...byStart.values()];
}
