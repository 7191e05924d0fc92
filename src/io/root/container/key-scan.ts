/**
 * One pass over the images of a key list fills the columns of a `KeyTable`. Long lists go through a WebAssembly kernel, block by
 * block; what it does not take (short lists, the block that is cut, names longer than a block) is scanned here.
 */
import { CorruptFileError } from '../../../errors.ts';
import { readI64, tstringHead } from '../../bytes/big-endian.ts';
import { roomFor } from '../../bytes/small-arrays.ts';
import { codecMemory, wasmAvailable } from '../../codec/wasm.ts';
import { ClassNames } from './class-names.ts';
import { KeyScanBlock } from './key-scan-block.ts';
import { BIG_KEY_VERSION, SEEK_KEY_AT, SMALL_KEY_FIXED_BYTES, fixedKeyBytes } from './key.ts';

/** Smallest possible key image: fixed part and three empty strings. */
export const MIN_IMAGE_BYTES: number = SMALL_KEY_FIXED_BYTES + 3;
/** i32 in front of the images. */
const COUNT_BYTES = 4;
/** Lists shorter than this are scanned before the kernel would have been called. */
const MIN_KERNEL_KEYS = 256;

/** The records of a list's keys, as columns. */
export interface RecordColumns {
  /** fNbytes: bytes of the record, header and stored payload. */
  readonly nbytes: Int32Array;
  /** fSeekKey: file offset of the record. */
  readonly seekKey: Float64Array;
}

/** Columns over the keys of one list, in its order. */
export interface KeyColumns {
  /** Start of each image in the list; one element more, so that image i ends where i + 1 starts. */
  readonly imageAt: Uint32Array;
  /** Start of the name's text in the list and its length in bytes. */
  readonly nameAt: Uint32Array;
  readonly nameBytes: Uint32Array;
  /** What long lists say of their records, so that loops over all need not look into the list; short ones are read again. */
  readonly records: RecordColumns | undefined;
  /** Index into `classNames`. */
  readonly classIndex: Uint16Array;
  /** Distinct class names. */
  readonly classNames: readonly string[];
  /** Lowest fSeekKey and highest end of a record. */
  readonly lowestSeek: number;
  readonly highestEnd: number;
  /** True when some image has another length than its fKeylen says, is longer than its record, or says a negative fObjlen. */
  readonly isIrregular: boolean;
}

/**
 * Scans the `count` images that start behind the count. CorruptFileError when the list is cut; `baseOffset` is the list's file offset.
 */
export function scanKeyList(list: Uint8Array, count: number, baseOffset: number): KeyColumns {
  const scan = new KeyScan(list, count);
  if (count >= MIN_KERNEL_KEYS && wasmAvailable()) scan.byKernel();
  scan.toEnd(baseOffset);
  return scan.columns();
}

/** The scan of one list: what was scanned so far, and how far that is. */
class KeyScan {
  readonly #imageAt: Uint32Array;
  readonly #nameAt: Uint32Array;
  readonly #nameBytes: Uint32Array;
  readonly #records: RecordColumns | undefined;
  readonly #classIndex: Uint16Array;
  #lowestSeek = Infinity;
  #highestEnd = -Infinity;
  #isIrregular = false;
  readonly #list: Uint8Array;
  readonly #view: DataView;
  readonly #count: number;
  readonly #classes: ClassNames;
  /** Keys scanned, and where the next one starts. */
  #next = 0;
  #at = COUNT_BYTES;

  constructor(list: Uint8Array, count: number) {
    this.#list = list;
    this.#view = new DataView(list.buffer, list.byteOffset, list.byteLength);
    this.#count = count;
    this.#classes = new ClassNames(list);
    const isLong = count >= MIN_KERNEL_KEYS;
    this.#records = isLong ? { nbytes: new Int32Array(count), seekKey: new Float64Array(count) } : undefined;
    const { buffer, start } = roomFor(4 * (count + 1) + 4 * count + 4 * count + 2 * count);
    this.#imageAt = new Uint32Array(buffer, start, count + 1);
    this.#nameAt = new Uint32Array(buffer, start + 4 * (count + 1), count);
    this.#nameBytes = new Uint32Array(buffer, start + 4 * (2 * count + 1), count);
    this.#classIndex = new Uint16Array(buffer, start + 4 * (3 * count + 1), count);
  }

  /** What was scanned; nothing of the scan itself is kept with it. */
  columns(): KeyColumns {
    return {
      imageAt: this.#imageAt,
      nameAt: this.#nameAt,
      nameBytes: this.#nameBytes,
      records: this.#records,
      classIndex: this.#classIndex,
      classNames: this.#classes.names.slice(), // without the room that pushing made
      lowestSeek: this.#lowestSeek,
      highestEnd: this.#highestEnd,
      isIrregular: this.#isIrregular,
    };
  }

  /** Scans block by block, up to what needs more than a block. */
  byKernel(): void {
    codecMemory().withRegion(KeyScanBlock.BYTES, (start) => {
      const block = new KeyScanBlock(start);
      while (this.#next < this.#count && this.#addBlock(block)) {
        // each call adds the keys of one block
      }
    });
  }

  /** False when the kernel took no key of the block. */
  #addBlock(block: KeyScanBlock): boolean {
    const found = block.scan(this.#list, this.#at, this.#count - this.#next, this.#lowestSeek, this.#highestEnd);
    const first = this.#next;
    this.#imageAt.set(block.imageAt.subarray(0, found.keys), first);
    this.#nameAt.set(block.nameAt.subarray(0, found.keys), first);
    this.#nameBytes.set(block.nameBytes.subarray(0, found.keys), first);
    this.#records?.nbytes.set(block.nbytes.subarray(0, found.keys), first);
    this.#records?.seekKey.set(block.seekKey.subarray(0, found.keys), first);
    for (let run = 0; run < found.runs; run++) {
      const from = block.runKey[run] as number;
      const to = run + 1 < found.runs ? (block.runKey[run + 1] as number) : found.keys;
      const classAt = block.runClassAt[run] as number;
      this.#classIndex.fill(this.#classes.index(classAt, skipText(this.#view, classAt)), first + from, first + to);
    }
    this.#next += found.keys;
    this.#at += found.bytes;
    this.#isIrregular ||= found.isIrregular;
    this.#lowestSeek = found.lowestSeek;
    this.#highestEnd = found.highestEnd;
    return found.keys > 0;
  }

  /** Scans what is left, key by key. */
  toEnd(baseOffset: number): void {
    for (; this.#next < this.#count; this.#next++) {
      const end = this.#addKey(this.#next, this.#at);
      if (end > this.#list.length) {
        throw new CorruptFileError(`key list is cut in key ${this.#next + 1} of ${this.#count}`, { offset: baseOffset + this.#at });
      }
      this.#at = end;
    }
    this.#imageAt[this.#count] = this.#at;
  }

  /** Fills row `i` from the image at `at`; returns the end of the image, which lies behind the list when that is cut. */
  #addKey(i: number, at: number): number {
    if (at + MIN_IMAGE_BYTES > this.#list.length) return Infinity;
    const view = this.#view;
    const isBig = view.getUint16(at + 4) > BIG_KEY_VERSION;
    const classAt = at + fixedKeyBytes(isBig);
    const nameAt = skipText(view, classAt);
    const titleAt = skipText(view, nameAt);
    const end = skipText(view, titleAt);
    if (end > this.#list.length) return Infinity;
    const nameText = nameAt + tstringHead(this.#list[nameAt]);
    const [nbytes, keylen, seekAt] = [view.getInt32(at), view.getUint16(at + 14), at + SEEK_KEY_AT];
    const seekKey = isBig ? readI64(view, seekAt) : view.getUint32(seekAt);
    this.#imageAt[i] = at;
    this.#nameAt[i] = nameText;
    this.#nameBytes[i] = titleAt - nameText;
    if (this.#records !== undefined) {
      this.#records.nbytes[i] = nbytes;
      this.#records.seekKey[i] = seekKey;
    }
    this.#classIndex[i] = this.#classes.index(classAt, nameAt);
    this.#isIrregular ||= keylen !== end - at || nbytes < keylen || view.getInt32(at + 6) < 0;
    this.#lowestSeek = Math.min(this.#lowestSeek, seekKey);
    this.#highestEnd = Math.max(this.#highestEnd, seekKey + nbytes);
    return end;
  }
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
