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
import { compact } from '../../bytes/small-arrays.ts';
import { BIG_KEY_VERSION, SEEK_KEY_AT, fixedKeyBytes } from './key.ts';
import { MIN_IMAGE_BYTES, scanKeyList, type KeyColumns, type RecordColumns } from './key-scan.ts';

const TWO_32 = 2 ** 32;

/** Columns over the keys of one directory, in the order of its key list. */
export class KeyTable {
  /** The key-list payload. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly count: number;
  readonly columns: KeyColumns;
  /** Columns of `columns` that are read most. */
  readonly imageAt: Uint32Array;
  readonly nameAt: Uint32Array;
  readonly nameBytes: Uint32Array;
  readonly classIndex: Uint16Array;
  readonly classNames: readonly string[];

  constructor(payload: Uint8Array, baseOffset: number) {
    this.bytes = compact(payload);
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
    this.count = readCount(this.view, baseOffset);
    this.columns = scanKeyList(this.bytes, this.count, baseOffset);
    const { imageAt, nameAt, nameBytes, classIndex, classNames } = this.columns;
    this.imageAt = imageAt;
    this.nameAt = nameAt;
    this.nameBytes = nameBytes;
    this.classIndex = classIndex;
    this.classNames = classNames;
  }

  /** True when the images fill the payload to the last byte. */
  get endsExactly(): boolean {
    return this.imageAt[this.count] === this.bytes.length;
  }

  /** fNbytes and fSeekKey of all keys; arrays of the table itself where the list is long. */
  records(): RecordColumns {
    if (this.columns.records !== undefined) return this.columns.records;
    const [nbytes, seekKey] = [new Int32Array(this.count), new Float64Array(this.count)];
    for (let i = 0; i < this.count; i++) {
      nbytes[i] = this.nbytes(i);
      seekKey[i] = this.seekKey(i);
    }
    return { nbytes, seekKey };
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
    const at = this.#at(i) + SEEK_KEY_AT;
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
