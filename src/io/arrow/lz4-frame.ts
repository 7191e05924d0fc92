/**
 * LZ4 frames, in which Arrow compresses buffers (LZ4 frame format, "General Structure of LZ4 Frame format"). Blocks may refer to what the
 * blocks before them hold, so all are decoded into one output. Checksums are not tested.
 */
import { CorruptFileError } from '../../errors.ts';

const MAGIC = 0x184d_2204;
/** Bits of the frame descriptor's first byte. */
const FLAG = { dictionary: 0x01, contentChecksum: 0x04, contentSize: 0x08, blockChecksum: 0x10 } as const;
/** Bit of a block's size: its bytes are stored as they are. */
const STORED = 0x8000_0000;
/** Shortest match, bytes. */
const MIN_MATCH = 4;

/** Decompresses one frame to exactly `outBytes` bytes. @throws CorruptFileError */
export function inflateLz4Frame(frame: Uint8Array, outBytes: number): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const out = new Uint8Array(outBytes);
  try {
    if (view.getUint32(0, true) !== MAGIC) throw new CorruptFileError('compressed buffer is no LZ4 frame');
    const flags = view.getUint8(4);
    if ((flags & FLAG.dictionary) !== 0) throw new CorruptFileError('LZ4 frame needs a dictionary');
    let at = 7 + ((flags & FLAG.contentSize) === 0 ? 0 : 8); // magic, flags, block size, checksum of the header
    let filled = 0;
    for (let size = view.getUint32(at, true); size !== 0; size = view.getUint32(at, true)) {
      const bytes = size & ~STORED;
      at += 4;
      if (at + bytes > frame.length) throw new RangeError('block ends too late');
      const block = frame.subarray(at, at + bytes);
      if (size >= STORED) out.set(block, filled);
      filled = size >= STORED ? filled + bytes : inflateBlock(block, out, filled);
      at += bytes + ((flags & FLAG.blockChecksum) === 0 ? 0 : 4);
    }
    if (filled !== outBytes) throw new CorruptFileError('LZ4 frame has another size', { expected: outBytes, found: filled });
    return out;
  } catch (err) {
    if (err instanceof RangeError) throw new CorruptFileError('LZ4 frame is damaged', { cause: err });
    throw err;
  }
}

/** Decodes a block behind what is there already; returns where its content ends (LZ4 block format description). */
function inflateBlock(block: Uint8Array, out: Uint8Array, start: number): number {
  let [at, filled] = [0, start];
  const lengthFrom = (nibble: number): number => {
    let length = nibble;
    for (let more = nibble === 15 ? 255 : 0; more === 255; length += more) more = byteAt(block, at++);
    return length;
  };
  while (at < block.length) {
    const token = byteAt(block, at++);
    const literals = lengthFrom(token >> 4);
    if (at + literals > block.length || filled + literals > out.length) throw new RangeError('literals beyond the end');
    out.set(block.subarray(at, at + literals), filled);
    at += literals;
    filled += literals;
    if (at === block.length) return filled; // the last sequence has no match
    const distance = byteAt(block, at) | (byteAt(block, at + 1) << 8);
    at += 2;
    const length = lengthFrom(token & 15) + MIN_MATCH;
    if (distance === 0 || distance > filled || filled + length > out.length) throw new RangeError('match outside of the output');
    copyMatch(out, filled, distance, length);
    filled += length;
  }
  return filled;
}

/** A match may overlap what it makes. */
function copyMatch(out: Uint8Array, to: number, distance: number, length: number): void {
  if (distance >= length) out.copyWithin(to, to - distance, to - distance + length);
  else for (let i = 0; i < length; i++) out[to + i] = out[to + i - distance] as number;
}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw new RangeError('block ends too early');
  return byte;
}
