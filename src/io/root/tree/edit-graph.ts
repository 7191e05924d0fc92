/** Applies edits by position to a span graph: for trees with parts that only the graph understands. */
import { InternalError } from '../../../errors.ts';
import { rawNode, type ObjectNode, type RawNode, type SpanGraph, type SpanNode } from '../streamer/span-graph.ts';
import type { SpanEdit } from './splice.ts';

/**
 * Replaces ranges of the payload a graph was walked from. An edit lies inside one raw node or covers whole children of
 * one object. Edits hold no tags.
 */
export function applyEdits(graph: SpanGraph, edits: readonly SpanEdit[]): void {
  const sorted = edits.toSorted((a, b) => a.start - b.start);
  const applied = editNode(graph.root, sorted);
  if (applied !== sorted.length) throw new InternalError(`${sorted.length - applied} edits of a tree found no place`);
}

/** Applies the edits that lie inside a node; returns how many. */
function editNode(node: SpanNode, edits: readonly SpanEdit[]): number {
  const inside = within(edits, node.start, node.end);
  if (inside.length === 0) return 0;
  if (node.kind === 'object') return editChildren(node, inside);
  if (node.kind === 'raw') return editRaw(node, inside);
  return node.kind === 'pointer' && node.form === 'object' && node.target !== null ? editNode(node.target, inside) : 0;
}

function editChildren(node: ObjectNode, edits: readonly SpanEdit[]): number {
  const children: SpanNode[] = [];
  let applied = 0;
  for (let c = 0; c < node.children.length; c++) {
    const child = node.children[c] as SpanNode;
    const edit = edits[applied];
    if (edit !== undefined && child.start === edit.start && child.end <= edit.end && child.end > child.start) {
      while ((node.children[c] as SpanNode).end < edit.end && c + 1 < node.children.length) c++;
      children.push(rawNode(child.name, edit.bytes));
      applied++;
      continue;
    }
    applied += editNode(child, edits);
    children.push(child);
  }
  node.children = children;
  return applied;
}

function editRaw(node: RawNode, edits: readonly SpanEdit[]): number {
  const parts: Uint8Array[] = [];
  let from = node.start;
  for (const { start, end, bytes } of edits) {
    parts.push(node.source.bytes.subarray(from, start), bytes);
    from = end;
  }
  parts.push(node.source.bytes.subarray(from, node.end));
  node.replacement = Buffer.concat(parts);
  return edits.length;
}

/** The edits inside [start, end); they are sorted. */
function within(edits: readonly SpanEdit[], start: number, end: number): readonly SpanEdit[] {
  let [low, high] = [0, edits.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((edits[middle] as SpanEdit).start < start) low = middle + 1;
    else high = middle;
  }
  let stop = low;
  while (stop < edits.length && (edits[stop] as SpanEdit).end <= end) stop++;
  return low === 0 && stop === edits.length ? edits : edits.slice(low, stop);
}
