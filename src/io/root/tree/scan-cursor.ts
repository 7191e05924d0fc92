/** A position in a tree's payload, and the steps that need no knowledge of trees. Reading past the end is a RangeError. */
import { CorruptFileError, UnsupportedError } from '../../../errors.ts';
import { COUNTED_VERSION, IS_REFERENCED, countedBytes, isByteCount } from '../streamer/type-codes.ts';

/** See the file's head. */
export class ScanCursor {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Payload index of the next byte. */
  pos = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Index one past what the byte count at `start` counts. */
  frameEnd(start: number): number {
    const word = this.view.getUint32(start);
    if (!isByteCount(word)) throw new UnsupportedError('object without byte count (file of ROOT 2 or older)', { offset: start });
    const end = start + 4 + countedBytes(word);
    if (end > this.bytes.length || end < start + 6) {
      throw new CorruptFileError('byte count reaches past the data', { offset: start, found: end - start - 4 });
    }
    return end;
  }

  /** A count that was read; no more than there are bytes. */
  count(n: number): number {
    if (n < 0 || n > this.bytes.length) throw new CorruptFileError('count out of range', { offset: this.pos, found: n });
    return n;
  }

  /** TString: u8 length, or 255 and i32 length. */
  skipString(): void {
    const short = this.view.getUint8(this.pos);
    this.pos += short < 255 ? 1 + short : 5 + this.count(this.view.getInt32(this.pos + 1));
  }

  /** TObject: u16 version, u32 id, u32 bits, and u16 process-id index if the object is referenced. */
  skipTObject(): void {
    const bits = this.objectBits();
    this.pos = bits + 4 + ((this.view.getUint32(bits) & IS_REFERENCED) === 0 ? 0 : 2);
  }

  /** Index of the bits of the TObject at the cursor. */
  objectBits(): number {
    return this.pos + 6 + ((this.view.getUint16(this.pos) & COUNTED_VERSION) === 0 ? 0 : 4);
  }
}
