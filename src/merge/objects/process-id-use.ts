/**
 * Does an object name process ids? A referenced TObject, a TRef and a TRefArray hold an index into
 * the table of process ids of their file; when the record moves to a file with more of them, its
 * key must carry the offset.
 */
import { UnsupportedError } from '../../errors.ts';
import type { SpanGraph, SpanNode } from '../../io/root/streamer/span-graph.ts';
import { IS_REFERENCED } from '../../io/root/streamer/type-codes.ts';
import { contextOf, type Contribution } from '../plan/plan.ts';
import { graphOfKey } from './key-graph.ts';
import { someNode } from '../../io/root/streamer/graph-search.ts';

/** Offset of fBits in a TObject without a byte count: u16 version, u32 fUniqueID. */
const BITS_AT = 6;

/** True when the object of a contribution uses process ids. UnsupportedError when it cannot be told. */
export function usesProcessIds(contribution: Contribution, graph: SpanGraph = graphOfKey(contribution)): boolean {
  if (someNode(graph, namesProcessId)) return true;
  if (graph.opaque.length === 0) return false;
  throw new UnsupportedError(
    'cannot tell whether this object holds references (TRef), and the inputs have different process ids',
    contextOf(contribution),
  );
}

function namesProcessId(node: SpanNode): boolean {
  if (node.kind === 'object') return node.className === 'TRef' || node.className === 'TRefArray';
  if (node.kind !== 'raw' || node.className !== 'TObject') return false;
  const bits = node.source.view.getUint32(node.start + (node.fields?.[1]?.offset ?? BITS_AT));
  return (bits & IS_REFERENCED) !== 0;
}
