/** The histogram in an object of a class that derives from one: users' classes add as what they derive from. */
import { encodeGraph } from '../../io/root/streamer/encode.ts';
import { frameNode, graphOfPart, type ObjectNode, type SpanNode, type TargetNode } from '../../io/root/streamer/span-graph.ts';
import { familyOf, isUnaddedPart } from '../plan/class-family.ts';

/** The part of an object that is a histogram; undefined for histograms themselves, and where a class on the way has another rule. */
export function histogramPart(node: TargetNode): ObjectNode | undefined {
  if (node.kind !== 'object' || familyOf(node.className) !== 'other' || isUnaddedPart(node.className)) return undefined;
  for (const child of node.children) {
    if (child.kind !== 'object' || !child.isBase) continue;
    const part = familyOf(child.className) === 'histogram' ? child : histogramPart(child);
    if (part !== undefined) return part;
  }
  return undefined;
}

/** What an object holds beside a part of it, as text: equal for equal members. */
export function membersBeside(node: TargetNode, part: ObjectNode): string {
  const own = frameNode('', node.className, 1, beside(node, part));
  return Buffer.from(encodeGraph(graphOfPart(own), { keylen: 0 })).toString('latin1');
}

function beside(node: SpanNode, part: ObjectNode): SpanNode[] {
  if (node.kind !== 'object') return [];
  return node.children.flatMap((child) => {
    if (child.kind !== 'object' || !child.isBase) return [child];
    return child === part ? [] : beside(child, part);
  });
}
