/**
 * Members that only one of two versions of a class has. Whoever writes an object anew, hadd for one, writes it in the newest version
 * that is known; members which that adds hold what the class begins with, and say nothing that was not said before.
 */
import { readValue } from '../../io/root/streamer/member.ts';
import type { RawNode, SpanNode } from '../../io/root/streamer/span-graph.ts';
import { basicSize } from '../../io/root/streamer/type-codes.ts';

/**
 * What members begin with that do not begin with 0. Source: ROOT hist/hist/inc/TH1.h and its constructors
 * (EStatOverflows, fBarWidth, fMaximum).
 */
const FIRST_VALUES: Readonly<Record<string, number>> = { fStatOverflows: 2, fBarWidth: 1000, fMaximum: -1111, fMinimum: -1111 };
/** Bytes of fUniqueID and fBits. */
const TOBJECT_BYTES = 8;
/** TObject::fBits of an object on the heap (kIsOnHeap, kNotDeleted); fUniqueID 0. */
const OF_MEMORY = 0x0300_0000n;

/** True for a member that holds what its class begins with: 0, no text, no elements, no object. */
export function isUnset(node: SpanNode): boolean {
  if (node.kind === 'pointer') return node.target === null && node.form !== 'unresolved';
  if (node.kind === 'object') return node.children.every(isUnset);
  if (node.kind === 'opaque') return false;
  if (node.className === 'TObject') return isPlainTObject(node);
  if (node.fields !== null) return node.fields.every((field) => isFirstValue(node, field.name, field));
  const width = node.width || basicSize(node.type);
  if (node.count === 1 && width > 0 && node.end - node.start === width) {
    return isFirstValue(node, node.name, { offset: 0, type: node.type, width, count: 1 });
  }
  return node.source.bytes.subarray(node.start, node.end).every((byte) => byte === 0);
}

/** Values of a run, or a single one, at an offset from the start of the node. */
interface Values {
  offset: number;
  type: number;
  width: number;
  count: number;
}

/** True when the values of one member of a run are what the member begins with. */
export function isFirstValue(node: RawNode, name: string, { offset, type, width, count }: Values): boolean {
  const from = node.start + offset;
  if (node.source.bytes.subarray(from, from + width * count).every((byte) => byte === 0)) return true;
  const first = FIRST_VALUES[name];
  return first !== undefined && count === 1 && readValue(node.source.view, from, type, width) === first;
}

function isPlainTObject({ source, end }: RawNode): boolean {
  return (source.view.getBigUint64(end - TOBJECT_BYTES) & ~OF_MEMORY) === 0n;
}
