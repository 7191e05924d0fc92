/** Sequential reading of bytes in memory: what the big- and little-endian readers have in common. */
import { CorruptFileError } from '../../errors.ts';

/** A position in a byte range. Reading past the end is a CorruptFileError, never a zero. */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Index in `bytes` of the next byte to read. */
  pos: number;
  /** Index one past the last byte that may be read. */
  readonly end: number;
  /** Added to `pos` in error messages: the file offset of `bytes[0]`. Undefined: messages name the index instead. */
  readonly baseOffset: number | undefined;

  constructor(bytes: Uint8Array, pos: number, end: number, baseOffset: number | undefined, view?: DataView) {
    this.bytes = bytes;
    this.view = view ?? new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.pos = pos;
    this.end = end;
    this.baseOffset = baseOffset;
  }

  get remaining(): number {
    return this.end - this.pos;
  }

  /** Moves over `n` bytes and returns the index of the first of them. */
  take(n: number): number {
    const at = this.pos;
    if (n < 0 || at + n > this.end) throw endsEarly(this, n);
    this.pos = at + n;
    return at;
  }

  /** `n` bytes as a view. */
  raw(n: number): Uint8Array {
    const start = this.take(n);
    return this.bytes.subarray(start, start + n);
  }
}

function endsEarly({ pos, end, baseOffset, remaining }: ByteReader, n: number): CorruptFileError {
  const facts = { expected: `${n} bytes`, found: `${remaining} bytes` };
  if (baseOffset === undefined) return new CorruptFileError(`data ends too early at byte ${pos} of ${end}`, facts);
  return new CorruptFileError('data ends too early', { offset: baseOffset + pos, ...facts });
}
