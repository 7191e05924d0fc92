/**
 * Writes summed histograms: compressed and assembled behind their keys in codec memory, handed to
 * the sink in large pieces.
 */
import { codecMemory } from '../../io/codec/wasm.ts';
import { compress, compressInto, maxCompressedBytes, prepareCompression } from '../../io/codec/payload.ts';
import { algorithmOfTag, type CompressionSetting } from '../../io/codec/registry.ts';
import {
  BIG_KEY_FIXED_BYTES,
  KEY_VERSION,
  SMALL_KEY_FIXED_BYTES,
  encodeKeyInto,
  needsBigKey,
  patchSeeks,
  type NewKey,
} from '../../io/root/container/key.ts';
import type { OutputDirectory } from '../../io/root/root-file-writer.ts';
import type { ExecuteContext } from '../merger.ts';
import type { Contribution } from '../plan/plan.ts';
import { targetKey } from '../plan/target-key.ts';

/** Bytes assembled before they go to the sink. */
const STAGING_BYTES = 512 * 1024;
/** Bytes of the longest key: fKeylen has 16 bits. */
export const KEY_BYTES = 0x1_0000;
const BIG_KEY_GROWTH_BYTES = BIG_KEY_FIXED_BYTES - SMALL_KEY_FIXED_BYTES;

/** The place of a sum: which target, listed where, in the name of which contribution. */
export interface SumPlace {
  target: number;
  directory: OutputDirectory;
  slot: number;
  first: Contribution;
}

/** Writer of sums; `flush` when others write, `free` at the end. */
export class SumWriter {
  readonly #ctx: ExecuteContext;
  readonly #staging: number;
  readonly #spare: number;
  readonly #settings = new Map<number, CompressionSetting>();
  readonly #largestObject: number;
  #pending = 0;

  /**
   * @param largestObject bytes of the largest payload `writeFromMemory` will be given
   * @param spare address of `largestObject + KEY_BYTES` bytes that are free during each call: room for records too large to be staged
   */
  constructor(ctx: ExecuteContext, largestObject: number, spare: number) {
    this.#ctx = ctx;
    this.#largestObject = largestObject;
    this.#spare = spare;
    this.#staging = codecMemory().alloc(STAGING_BYTES);
  }

  /** File offset of the next record. */
  get position(): number {
    return this.#ctx.writer.position + this.#pending;
  }

  /** Makes the codec of a setting ready. May grow the codec memory. */
  setting(number: number): CompressionSetting {
    let setting = this.#settings.get(number);
    if (setting === undefined) this.#settings.set(number, (setting = prepareCompression(number, this.#largestObject)));
    return setting;
  }

  /** fKeylen of the record of a sum if it were written now. */
  keylenNow(place: SumPlace): number {
    const { keys } = place.first.directory;
    const i = place.first.keyIndex;
    const length = (keys.imageAt[i + 1] as number) - (keys.imageAt[i] as number);
    return length + (this.#needsBigKey(place) ? BIG_KEY_GROWTH_BYTES : 0) - (keys.isBig(i) ? BIG_KEY_GROWTH_BYTES : 0);
  }

  #needsBigKey({ directory, first }: SumPlace): boolean {
    return needsBigKey(this.position, directory.seekDir, pidOffset(first));
  }

  /** Compresses the payload at an address of codec memory and writes its record. */
  writeFromMemory(place: SumPlace, address: number, objectBytes: number, settingNumber: number): void {
    const setting = this.setting(settingNumber);
    const keylen = this.keylenNow(place);
    const room = maxCompressedBytes(objectBytes);
    const isLarge = keylen + room > STAGING_BYTES;
    if (isLarge || this.#pending + keylen + room > STAGING_BYTES) this.flush();
    const at = isLarge ? this.#spare : this.#staging + this.#pending;
    const stored = compressInto(setting, address, objectBytes, at + keylen, room);
    this.#putKey(place, at, objectBytes, stored);
    place.directory.images.set(place.slot, codecMemory().view, at, keylen);
    this.#ctx.outcomes.bytesEncoded[place.target] = stored;
    if (isLarge) this.#ctx.writer.sink.append(codecMemory().u8, at, keylen + stored);
    else this.#pending += keylen + stored;
  }

  /** Writes the record of a payload outside of codec memory. */
  write(place: SumPlace, payload: Uint8Array, settingNumber: number): void {
    this.flush();
    const { writer, outcomes } = this.#ctx;
    const stored = compress(settingNumber, payload);
    writer.writeRecord(place.directory, place.slot, targetKey(place.first), stored, payload.length);
    outcomes.bytesEncoded[place.target] = stored.length;
  }

  /** A key that stays small is that of the first contribution but for its numbers: nothing is allocated for it. */
  #putKey(place: SumPlace, at: number, objectBytes: number, stored: number): void {
    const { u8, view } = codecMemory();
    const { datime } = this.#ctx.writer.options;
    const { keys } = place.first.directory;
    const i = place.first.keyIndex;
    if (keys.isBig(i) || this.#needsBigKey(place)) {
      encodeKeyInto(u8, at, newKey(place, datime, objectBytes, stored), this.position);
      return;
    }
    const image = keys.image(i);
    u8.set(image, at);
    view.setInt32(at, image.length + stored);
    view.setUint16(at + 4, KEY_VERSION);
    view.setInt32(at + 6, objectBytes);
    view.setUint32(at + 10, datime);
    view.setUint16(at + 14, image.length);
    view.setInt16(at + 16, 1);
    patchSeeks(view, at, false, this.position, place.directory.seekDir, 0);
  }

  /** Hands everything assembled to the sink. */
  flush(): void {
    if (this.#pending === 0) return;
    this.#ctx.writer.sink.append(codecMemory().u8, this.#staging, this.#pending);
    this.#pending = 0;
  }

  free(): void {
    codecMemory().free(this.#staging);
  }
}

function newKey({ directory, first }: SumPlace, datime: number, objlen: number, storedBytes: number): NewKey {
  return { ...targetKey(first), datime, objlen, storedBytes, seekPdir: directory.seekDir };
}

/** Offset of the process ids that the first contribution's functions may name. */
function pidOffset({ input, directory, keyIndex }: Contribution): number {
  return input.pidOffset + directory.keys.pidOffset(keyIndex);
}

/**
 * Setting a sum is compressed with when nothing else is asked for: the algorithm of its first contribution, with the level of
 * that file. `tag`: first two bytes of the contribution's first block, 0 when it is stored raw.
 */
export function ownSetting(fileSetting: number, tag: number): number {
  const algorithm = algorithmOfTag(tag >> 8, tag & 0xff);
  return algorithm === undefined ? fileSetting : algorithm.hundreds * 100 + Math.max(1, fileSetting % 100);
}
