/** Single values in the bytes of an object. */
import { isPoolMergeError } from '../../errors.ts';
import { readValue } from '../../io/root/streamer/member.ts';
import type { RawNode } from '../../io/root/streamer/span-graph.ts';
import { basicSize } from '../../io/root/streamer/type-codes.ts';

/** Node, payload index, type code, bytes. */
export type ValuePlace = readonly [node: RawNode, at: number, type: number, width: number];

/** Element `i` of an array. */
export function elementOf(array: RawNode, i: number): ValuePlace {
  const width = array.width || basicSize(array.type);
  return [array, array.end - (array.count - i) * width, array.type, width];
}

/** The value as a number; packed reals as their bytes. */
export function valueAt([node, at, type, width]: ValuePlace): number | Uint8Array {
  try {
    return readValue(node.source.view, at, type, width);
  } catch (err) {
    if (!isPoolMergeError(err, 'UNSUPPORTED')) throw err;
    return node.source.bytes.subarray(at, at + width);
  }
}
