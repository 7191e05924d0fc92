/**
 * A basket inside the tree object: TBasket::Streamer with all its parts, for what was not worth a record of its own.
 *
 *   basket header   as in a record (basket.ts); its flag says what follows (ROOT tree/tree/src/TBasket.cxx, Streamer)
 *   offsets         i32 count, offsets as i32: flag other than 0 and not ending in 2; none where 80 is added to the flag
 *   displacements   the same: flag above 40
 *   buffer          fLast bytes, in version 1 behind their number (i32): flag 1 or above 10. It begins with a stale image of the key
 */
import { CorruptFileError } from '../../../errors.ts';
import { GENERATED_OFFSETS_FLAG, emptyBasketHeader, parseBasketHeader, type BasketHeader, type BasketParts } from './basket.ts';

/** Largest part of an offset: ROOT 3 kept a displacement in the upper 8 bits (TBufferFile kDisplacementMask). */
const OFFSET_MASK = 0x00ff_ffff;

/** True when the embedded basket in [start, end) of a payload holds its data; else its record does. */
export function hasBuffer(view: DataView, start: number, end: number): boolean {
  const flagAt = start + view.getUint16(start + 14) - 1;
  if (flagAt >= end) return true; // damaged: an error when it is taken apart
  return isBufferFlag(view.getUint8(flagAt) % GENERATED_OFFSETS_FLAG);
}

function isBufferFlag(flag: number): boolean {
  return flag === 1 || flag > 10;
}

/** Takes an embedded basket apart: [start, end) of a tree's payload. CorruptFileError with the offset in the payload. */
export function parseEmbeddedBasket(bytes: Uint8Array, start: number, end: number): BasketParts {
  const view = new DataView(bytes.buffer, bytes.byteOffset, end);
  const header = emptyBasketHeader();
  parseBasketHeader(bytes, view, start, end, header);
  const generated = header.flag >= GENERATED_OFFSETS_FLAG;
  const flag = generated ? header.flag - GENERATED_OFFSETS_FLAG : header.flag;
  const reader = new PartsReader(view, start + header.keylen, end);
  let [offsets, displacements]: (Int32Array | undefined)[] = [undefined, undefined];
  if (!generated && flag !== 0 && flag % 10 !== 2) {
    offsets = header.nevBuf > 0 ? reader.ints(header.nevBuf) : new Int32Array(0);
    if (flag > 20 && flag < 40) offsets = offsets.map((offset) => offset & OFFSET_MASK);
    if (flag > 40) displacements = reader.ints(header.nevBuf);
  }
  const dataEnd = reader.buffer(flag, header);
  const data = bytes.subarray(dataEnd - (header.last - header.keylen), dataEnd);
  return { header, source: bytes, data, offsets, displacements };
}

/** Reads the parts behind an embedded basket's header. */
class PartsReader {
  readonly #view: DataView;
  readonly #end: number;
  #pos: number;

  constructor(view: DataView, pos: number, end: number) {
    this.#view = view;
    this.#pos = pos;
    this.#end = end;
  }

  /** An array of at least `least` integers behind its length. */
  ints(least: number): Int32Array {
    this.#need(4);
    const count = this.#view.getInt32(this.#pos);
    if (count < least) {
      throw new CorruptFileError('offset array of an embedded basket is short', { offset: this.#pos, expected: least, found: count });
    }
    this.#need(4 + 4 * count);
    const values = Int32Array.from({ length: count }, (_, i) => this.#view.getInt32(this.#pos + 4 + 4 * i));
    this.#pos += 4 + 4 * count;
    return values;
  }

  /** Steps over the buffer and returns its end: fLast bytes, in version 1 behind their number. */
  buffer(flag: number, header: BasketHeader): number {
    if (!isBufferFlag(flag) || header.last < header.keylen) {
      throw new CorruptFileError('embedded basket has no buffer', {
        offset: this.#pos,
        expected: `fLast of at least ${header.keylen}`,
        found: header.last,
      });
    }
    if (header.version <= 1) this.#pos += 4;
    this.#need(header.last);
    this.#pos += header.last;
    if (this.#pos !== this.#end) {
      throw new CorruptFileError('bytes left behind an embedded basket', { offset: this.#pos, expected: this.#end, found: this.#pos });
    }
    return this.#pos;
  }

  #need(n: number): void {
    if (n < 0 || this.#pos + n > this.#end) {
      throw new CorruptFileError('embedded basket ends too early', {
        offset: this.#pos,
        expected: `${n} bytes`,
        found: `${this.#end - this.#pos} bytes`,
      });
    }
  }
}
