/** Searching a span graph: every node once, objects behind pointers included. */
import type { SpanGraph, SpanNode } from './span-graph.ts';

/** True when `matches` holds for a node of the graph. Shared objects are visited once. */
export function someNode(graph: SpanGraph, matches: (node: SpanNode) => boolean): boolean {
  const seen = new Set<SpanNode>();
  const stack: SpanNode[] = [graph.root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if (matches(node)) return true;
    if (node.kind === 'object') for (const child of node.children) stack.push(child);
    else if (node.kind === 'pointer' && node.target !== null) stack.push(node.target);
  }
  return false;
}
