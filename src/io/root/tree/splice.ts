/**
 * Encodes a tree anew from its payload: ranges are replaced, byte counts and tags follow. This does
 * what streamer/encode.ts does without a graph, for trees the scan has seen all of: 20 times faster
 * for 1500 branches.
 */
import { UnsupportedError, invariant } from '../../../errors.ts';
import { CLASS_MASK, TAG_SHIFT, byteCountWord } from '../streamer/type-codes.ts';
import type { TreeScan } from './tree-scan.ts';

/** Largest value of a byte count: the upper two bits of its word are taken. */
const MAX_OBJECT_BYTES = 0x3fff_ffff;

/** A range of a payload and what stands there in the output. */
export interface SpanEdit {
  /** Payload range [start, end) that is replaced. */
  start: number;
  end: number;
  bytes: Uint8Array;
}

/**
 * The payload with edits applied, for a key header of `keylen` bytes.
 * `scan` was made with `relocatable` and has no extras; `payload` is its payload, perhaps with numbers patched in place.
 * Edits do not overlap, hold no tags, and replace every list of baskets that holds embedded ones.
 * UnsupportedError when the result is larger than 1 GiB.
 */
export function spliceTree(scan: TreeScan, payload: Uint8Array, edits: readonly SpanEdit[], keylen: number): Uint8Array {
  invariant(!scan.hasExtras && scan.frames.length > 0, 'tree cannot be encoded from its scan alone');
  const sorted = edits.toSorted((a, b) => a.start - b.start);
  const places = new Places(sorted);
  const sizeBytes = places.of(payload.length);
  if (sizeBytes > MAX_OBJECT_BYTES) throw new UnsupportedError(`tree object of ${sizeBytes} bytes: more than a byte count can hold`);
  const out = assemble(payload, sorted, sizeBytes);
  const view = new DataView(out.buffer);
  const { frames, tags } = scan;
  for (let i = 0; i < frames.length; i += 2) {
    const at = places.of(frames[i] as number);
    view.setUint32(at, byteCountWord(places.of(frames[i + 1] as number) - at - 4));
  }
  for (const at of tags) view.setUint32(places.of(at), relocated(scan, places, scan.view.getUint32(at), keylen));
  return out;
}

/** The tag of the same word in the output; tags 0 and 1 have no place. */
function relocated(scan: TreeScan, places: Places, word: number, keylen: number): number {
  const classBit = word & CLASS_MASK;
  const tag = word & ~CLASS_MASK;
  if (tag < TAG_SHIFT) return word;
  return (classBit | (places.of(tag - scan.keylen - TAG_SHIFT) + keylen + TAG_SHIFT)) >>> 0;
}

function assemble(payload: Uint8Array, edits: readonly SpanEdit[], sizeBytes: number): Uint8Array {
  const out = new Uint8Array(sizeBytes);
  let [from, to] = [0, 0];
  for (const { start, end, bytes } of edits) {
    out.set(payload.subarray(from, start), to);
    to += start - from;
    out.set(bytes, to);
    to += bytes.length;
    from = end;
  }
  out.set(payload.subarray(from), to);
  return out;
}

/** Where payload indices outside of edits go. */
class Places {
  /** End of each edit, ascending, and by how much everything behind it moves. */
  readonly #ends: Int32Array;
  readonly #shifts: Int32Array;

  constructor(edits: readonly SpanEdit[]) {
    this.#ends = new Int32Array(edits.length);
    this.#shifts = new Int32Array(edits.length);
    let shift = 0;
    edits.forEach(({ start, end, bytes }, i) => {
      invariant(end >= start && (i === 0 || start >= (this.#ends[i - 1] as number)), 'edits overlap');
      shift += bytes.length - (end - start);
      this.#ends[i] = end;
      this.#shifts[i] = shift;
    });
  }

  of(at: number): number {
    let [low, high] = [0, this.#ends.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ends[middle] as number) <= at) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? at : at + (this.#shifts[low - 1] as number);
  }
}
