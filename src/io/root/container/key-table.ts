/**
 * A directory's key list as columns: 10^6 keys take a few typed arrays, no object per key.
 * The key images stay as they are in one byte array; the columns point into it.
 *
 * Payload of a key-list record: i32 count, then `count` key images (TDirectoryFile::WriteKeys).
 * An image equals the header of the record it lists; ROOT trusts the image. It is compared with the record when that is read
 * (key-image.ts).
 */
import { CorruptFileError } from '../../../errors.ts';
import { decodeText, readI64 } from '../../bytes/big-endian.ts';
import { BIG_KEY_VERSION, SMALL_KEY_FIXED_BYTES, fixedKeyBytes } from './key.ts';

/** Smallest possible key image: fixed part and three empty strings. */
const MIN_IMAGE_BYTES = SMALL_KEY_FIXED_BYTES + 3;
const TWO_32 = 2 ** 32;

/** Columns over the keys of one directory, in the order of its key list. */
export class KeyTable {
  /** The key-list payload. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly count: number;
  /** Start of each image in `bytes`; `count + 1` elements, so that image i ends where i + 1 starts. */
  readonly imageAt: Uint32Array;
  /** Start of the name's text in `bytes` and its length in bytes. */
  readonly nameAt: Uint32Array;
  readonly nameBytes: Uint32Array;
  /** Index into `classNames`. */
  readonly classIndex: Uint16Array;
  /** Distinct class names of this directory. */
  readonly classNames: readonly string[];

  constructor(payload: Uint8Array, baseOffset: number) {
    this.bytes = payload;
    this.view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
    this.count = readCount(this.view, baseOffset);
    this.imageAt = new Uint32Array(this.count + 1);
    this.nameAt = new Uint32Array(this.count);
    this.nameBytes = new Uint32Array(this.count);
    this.classIndex = new Uint16Array(this.count);
    this.classNames = fillColumns(this, baseOffset);
  }

  /** True when the images fill the payload to the last byte. */
  get endsExactly(): boolean {
    return this.imageAt[this.count] === this.bytes.length;
  }

  /** fNbytes: bytes of the record, header and stored payload. */
  nbytes(i: number): number {
    return this.view.getInt32(this.#at(i));
  }
  /** fObjlen: bytes of the payload once decompressed. */
  objlen(i: number): number {
    return this.view.getInt32(this.#at(i) + 6);
  }
  datime(i: number): number {
    return this.view.getUint32(this.#at(i) + 10);
  }
  /** fKeylen: bytes of the record's header. */
  keylen(i: number): number {
    return this.view.getUint16(this.#at(i) + 14);
  }
  cycle(i: number): number {
    return this.view.getInt16(this.#at(i) + 16);
  }
  isBig(i: number): boolean {
    return this.view.getUint16(this.#at(i) + 4) > BIG_KEY_VERSION;
  }
  /** File offset of the record. */
  seekKey(i: number): number {
    const at = this.#at(i) + 18;
    return this.isBig(i) ? readI64(this.view, at) : this.view.getUint32(at);
  }
  /** File offset of the owning directory. */
  seekPdir(i: number): number {
    const at = this.#at(i) + 22;
    return this.isBig(i) ? this.view.getUint16(at + 6) * TWO_32 + this.view.getUint32(at + 8) : this.view.getUint32(at);
  }
  /** Process-id offset, from the upper bits of a big key's fSeekPdir. */
  pidOffset(i: number): number {
    return this.isBig(i) ? this.view.getUint16(this.#at(i) + 26) : 0;
  }
  className(i: number): string {
    return this.classNames[this.classIndex[i] as number] as string;
  }
  name(i: number): string {
    return decodeText(this.nameText(i));
  }
  title(i: number): string {
    return decodeText(this.titleText(i));
  }
  /** The name's bytes, a view. */
  nameText(i: number): Uint8Array {
    const at = this.nameAt[i] as number;
    return this.bytes.subarray(at, at + (this.nameBytes[i] as number));
  }
  /** The class name's bytes, a view. */
  classText(i: number): Uint8Array {
    return this.#textAt(this.#at(i) + fixedKeyBytes(this.isBig(i)));
  }
  /** The title's bytes, a view. */
  titleText(i: number): Uint8Array {
    return this.#textAt((this.nameAt[i] as number) + (this.nameBytes[i] as number));
  }
  /** The whole image, a view. */
  image(i: number): Uint8Array {
    return this.bytes.subarray(this.#at(i), this.imageAt[i + 1] as number);
  }

  #at(i: number): number {
    return this.imageAt[i] as number;
  }

  #textAt(at: number): Uint8Array {
    const short = this.bytes[at] as number;
    const start = short < 255 ? at + 1 : at + 5;
    return this.bytes.subarray(start, start + (short < 255 ? short : this.view.getInt32(at + 1)));
  }
}

function readCount(view: DataView, baseOffset: number): number {
  if (view.byteLength < 4) throw new CorruptFileError('key list is cut', { offset: baseOffset });
  const count = view.getInt32(0);
  if (count < 0 || count > (view.byteLength - 4) / MIN_IMAGE_BYTES) {
    throw new CorruptFileError('key list has an impossible number of keys', {
      offset: baseOffset,
      expected: `at most ${Math.floor((view.byteLength - 4) / MIN_IMAGE_BYTES)}`,
      found: count,
    });
  }
  return count;
}

/** Fills the columns in one pass and returns the class names; no string is made per key. */
function fillColumns(table: KeyTable, baseOffset: number): string[] {
  const { bytes, view, count } = table;
  const classes = new ClassNames(bytes);
  let at = 4;
  for (let i = 0; i < count; i++) {
    table.imageAt[i] = at;
    if (at + MIN_IMAGE_BYTES > bytes.length) throw cutError(baseOffset + at, i, count);
    const classAt = at + fixedKeyBytes(view.getUint16(at + 4) > BIG_KEY_VERSION);
    const nameAt = skipText(view, classAt);
    const titleAt = skipText(view, nameAt);
    at = skipText(view, titleAt);
    if (at > bytes.length) throw cutError(baseOffset + (table.imageAt[i] as number), i, count);
    const nameText = (bytes[nameAt] as number) < 255 ? nameAt + 1 : nameAt + 5;
    table.nameAt[i] = nameText;
    table.nameBytes[i] = titleAt - nameText;
    table.classIndex[i] = classes.index(classAt, nameAt);
  }
  table.imageAt[count] = at;
  return classes.names;
}

function cutError(offset: number, index: number, count: number): CorruptFileError {
  return new CorruptFileError(`key list is cut in key ${index + 1} of ${count}`, { offset });
}

/** Offset after the TString at `at`; beyond the buffer when the string is cut. */
function skipText(view: DataView, at: number): number {
  if (at + 1 > view.byteLength) return Infinity;
  const short = view.getUint8(at);
  if (short < 255) return at + 1 + short;
  if (at + 5 > view.byteLength) return Infinity;
  const length = view.getInt32(at + 1);
  return length < 0 ? Infinity : at + 5 + length;
}

/** Interns class names; keys of one class usually follow each other, so the last one is tried first. */
class ClassNames {
  readonly names: string[] = [];
  readonly #bytes: Uint8Array;
  readonly #byName = new Map<string, number>();
  #last = -1;
  #lastAt = 0;
  #lastLength = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Index of the TString that spans [from, to). */
  index(from: number, to: number): number {
    if (this.#last >= 0 && to - from === this.#lastLength && this.#equalsLast(from)) return this.#last;
    const start = (this.#bytes[from] as number) < 255 ? from + 1 : from + 5;
    const name = decodeText(this.#bytes.subarray(start, to));
    let index = this.#byName.get(name);
    if (index === undefined) {
      index = this.names.push(name) - 1;
      this.#byName.set(name, index);
    }
    this.#last = index;
    this.#lastAt = from;
    this.#lastLength = to - from;
    return index;
  }

  #equalsLast(from: number): boolean {
    for (let k = 0; k < this.#lastLength; k++) {
      if (this.#bytes[from + k] !== this.#bytes[this.#lastAt + k]) return false;
    }
    return true;
  }
}
