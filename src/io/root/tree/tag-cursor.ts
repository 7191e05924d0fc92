/**
 * Steps over what holds tags: pointer slots, and TObjArrays of them (TBufferFile::ReadObjectAny, ReadClass; see
 * streamer/walk-pointer.ts). Tags of classes are followed; those of objects are for those who know what the objects are.
 */
import { CorruptFileError } from '../../../errors.ts';
import { decodeText } from '../../bytes/big-endian.ts';
import { CLASS_MASK, NEW_CLASS_TAG, TAG_SHIFT, countedBytes, isByteCount } from '../streamer/type-codes.ts';
import { ScanCursor } from './scan-cursor.ts';

/** See the file's head. */
export class TagCursor extends ScanCursor {
  /** Byte-count words met: (index, end of what is counted) pairs. Only with `relocatable`. */
  readonly frames: number[] = [];
  /** Words that hold a tag. Only with `relocatable`. */
  readonly tags: number[] = [];
  /** True once a slot was stepped over that holds an object. */
  hasExtras = false;
  /** Tag in the reference that `openPointer` met last. */
  reference = 0;
  readonly #keylen: number;
  readonly #relocatable: boolean;
  readonly #classByTag = new Map<number, string>();

  /** `keylen`: bytes of the key header in front of `bytes`. */
  constructor(bytes: Uint8Array, keylen: number, relocatable: boolean) {
    super(bytes);
    this.#keylen = keylen;
    this.#relocatable = relocatable;
  }

  /** The tag by which later slots refer to the object, or class, whose first word is at an index. */
  tagOf(at: number): number {
    return at + this.#keylen + TAG_SHIFT;
  }

  /** Moves behind byte count and version; returns where the frame ends. */
  openFrame(): number {
    const start = this.pos;
    const end = this.frameEnd(start);
    if (this.#relocatable) this.frames.push(start, end);
    this.pos = start + 6;
    return end;
  }

  /** TObjArray up to its slots: frame, TObject, name, i32 count, i32 lower bound. Returns [count, end]. */
  openArray(): [number, number] {
    const end = this.openFrame();
    const version = this.view.getInt16(this.pos - 2);
    if (version > 2) this.skipTObject();
    if (version > 1) this.skipString();
    const count = this.count(this.view.getInt32(this.pos));
    this.pos += 8;
    return [count, end];
  }

  /** The slots must end where the array's byte count says. */
  closeArray(end: number): void {
    if (this.pos !== end) {
      throw new CorruptFileError('byte count of TObjArray does not match its slots', { offset: this.pos, expected: end, found: this.pos });
    }
  }

  /**
   * Moves behind the head of a pointer slot: class name of the object that follows, '' for a tag, null for a null
   * pointer. `isKept`: it will be in the output.
   */
  openPointer(isKept = true): string | null {
    const start = this.pos;
    const word = this.view.getUint32(start);
    const noted = isKept && this.#relocatable;
    this.pos = start + 4;
    if (word === 0) return null;
    if (!isByteCount(word)) return this.#openReference(start, word, noted);
    const tag = this.view.getUint32(start + 4);
    this.pos = start + 8;
    if (noted) this.frames.push(start, this.frameEnd(start));
    if (tag === NEW_CLASS_TAG) return this.#newClass(start + 4);
    if ((tag & CLASS_MASK) === 0) return this.#openReference(start + 4, tag, noted); // counted references: written by groot
    if (noted) this.tags.push(start + 4);
    const known = this.#classByTag.get(tag & ~CLASS_MASK);
    if (known === undefined) throw new CorruptFileError('class tag refers to no class', { offset: start + 4, found: tag });
    return known;
  }

  #openReference(at: number, tag: number, noted: boolean): string {
    if (noted) this.tags.push(at);
    this.reference = tag;
    return '';
  }

  /** The object of a slot must end where the slot's byte count says. */
  closeSlot(slot: number, className: string): void {
    const end = slot + 4 + countedBytes(this.view.getUint32(slot));
    if (this.pos === end) return;
    throw new CorruptFileError(`byte count of a pointer to ${className} does not match the object`, {
      offset: slot,
      expected: this.pos,
      found: end,
    });
  }

  /** Steps over a slot and the object in it. */
  skipPointer(): void {
    const word = this.view.getUint32(this.pos);
    if (word !== 0) this.hasExtras = true;
    this.pos = isByteCount(word) ? this.pos + 4 + countedBytes(word) : this.pos + 4;
    if (this.pos > this.bytes.length) throw new CorruptFileError('byte count reaches past the data', { offset: this.pos });
  }

  #newClass(tagAt: number): string {
    const stop = this.bytes.indexOf(0, this.pos);
    if (stop < 0) throw new CorruptFileError('class name without end', { offset: this.pos });
    const name = decodeText(this.bytes.subarray(this.pos, stop));
    this.pos = stop + 1;
    this.#classByTag.set(this.tagOf(tagAt), name);
    return name;
  }
}
