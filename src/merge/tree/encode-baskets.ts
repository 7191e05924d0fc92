/**
 * Writes baskets anew, one by one: embedded ones as records of their own; stored ones when another
 * compression is asked for, or when their 32-bit key cannot hold the new place.
 */
import { CorruptFileError, invariant } from '../../errors.ts';
import { algorithmOfTag, fastestSetting, parseCompressionSetting } from '../../io/codec/registry.ts';
import { compress, payloadOf } from '../../io/codec/payload.ts';
import { isBigKey, patchSeeks } from '../../io/root/container/key.ts';
import {
  checkBasketHeader,
  emptyBasketHeader,
  encodeBasketRecord,
  parseBasketHeader,
  parseBasketPayload,
  sealBasketRecord,
  type BasketParts,
} from '../../io/root/tree/basket.ts';
import { parseEmbeddedBasket } from '../../io/root/tree/embedded-basket.ts';
import { branchOfBasket, entriesOfBasket } from '../../io/root/tree/basket-table.ts';
import { outputDirectory, type ExecuteContext } from '../merger.ts';
import { basketError, basketsByOffset } from './copy-baskets.ts';
import type { PlacedBaskets } from './placed-baskets.ts';
import type { BasketRewrite } from '../tree-changes.ts';
import type { TreePart, TreeTarget } from './tree-target.ts';

/** Writes the baskets of one part that cannot be copied as they are. */
export class BasketEncoder {
  readonly #ctx: ExecuteContext;
  readonly #tree: TreeTarget;
  readonly #part: TreePart;
  readonly #placed: PlacedBaskets;
  readonly #settings: Int32Array;
  readonly #seekPdir: number;

  /** `settings`: compression of each branch in the output, 100 * algorithm + level. */
  constructor(ctx: ExecuteContext, tree: TreeTarget, part: TreePart, placed: PlacedBaskets, settings: Int32Array) {
    this.#ctx = ctx;
    this.#tree = tree;
    this.#part = part;
    this.#placed = placed;
    this.#settings = settings;
    this.#seekPdir = outputDirectory(ctx, tree.target).seekDir;
  }

  /** Writes the embedded baskets of the part; `payload` is the part's tree object. Baskets without entries are left out. */
  async writeEmbedded(payload: Uint8Array): Promise<void> {
    const { baskets, rewritten } = this.#part;
    for (const { basket, where } of baskets.embedded) {
      if (rewritten?.[branchOfBasket(baskets, basket)] === 1) continue;
      try {
        const parts = parseEmbeddedBasket(payload, where.start, where.end);
        if (parts.header.nevBuf > 0) this.#writeEmbedded(basket, parts);
      } catch (err) {
        throw basketError(err, this.#tree, this.#part, basket, 0);
      }
      await this.#ctx.progress.step();
    }
  }

  #writeEmbedded(basket: number, parts: BasketParts): void {
    const entries = entriesOfBasket(this.#part.baskets, basket);
    if (parts.header.nevBuf !== entries) {
      throw new CorruptFileError('fNevBuf of an embedded basket does not agree with its branch', {
        expected: entries,
        found: parts.header.nevBuf,
      });
    }
    this.#write(basket, parts);
  }

  /** Writes the baskets that no input holds. */
  async writeMade(): Promise<void> {
    for (const { basket, parts } of this.#part.baskets.made) {
      this.#write(basket, parts());
      await this.#ctx.progress.step();
    }
  }

  /**
   * Writes the baskets whose data were changed, by the algorithm they had unless another compression is asked for: at its fastest level,
   * because they are small (references, bookkeeping): level 3 in its place took 5 % of a merge's time for 0.0006 % of the file.
   * CorruptFileError when a basket with entries was not given.
   */
  async writeRewritten(rewrite: BasketRewrite): Promise<void> {
    const { order, baskets, rewritten, compression } = this.#part;
    const branchOf = new Map<number, number>();
    order?.forEach((row, branch) => branchOf.set(row, branch));
    for (const { branch: row, slot, parts } of rewrite.baskets()) {
      const branch = branchOf.get(row);
      invariant(branch !== undefined && rewritten?.[branch] === 1, 'a basket was rewritten that the plan does not name');
      const basket = (baskets.start[branch] as number) + slot;
      const stored = this.#ctx.policy.compression === 'keep' ? compression?.[branch] : undefined;
      this.#write(basket, parts, stored === undefined ? undefined : fastestSetting(stored));
      await this.#ctx.progress.step(baskets.bytes[basket]);
    }
    this.#checkComplete();
  }

  #checkComplete(): void {
    const { baskets, rewritten } = this.#part;
    for (let branch = 0; branch < baskets.entryCount.length; branch++) {
      if (rewritten?.[branch] !== 1) continue;
      for (let basket = baskets.start[branch] as number; basket < (baskets.start[branch + 1] as number); basket++) {
        if (this.#placed.seek[basket] !== 0 || entriesOfBasket(baskets, basket) === 0) continue;
        throw basketError(
          new CorruptFileError('rows of the branch end before its baskets do'),
          this.#tree,
          this.#part,
          basket,
          baskets.seek[basket] as number,
        );
      }
    }
  }

  /** Writes all stored baskets of the part under the output's settings; those that fit already are copied. */
  async writeStored(): Promise<void> {
    const { seek, bytes } = this.#part.baskets;
    const { source } = this.#part.from.input.file;
    for (const basket of basketsByOffset(this.#part)) {
      const record = source.read(seek[basket] as number, bytes[basket] as number);
      try {
        this.#writeRecord(basket, record);
      } catch (err) {
        throw basketError(err, this.#tree, this.#part, basket, seek[basket] as number);
      }
      await this.#ctx.progress.step(record.length);
    }
  }

  #writeRecord(basket: number, record: Uint8Array): void {
    const { baskets } = this.#part;
    const header = emptyBasketHeader();
    const view = new DataView(record.buffer, record.byteOffset, record.length);
    parseBasketHeader(record, view, 0, record.length, header);
    checkBasketHeader(header, baskets.seek[basket] as number, record.length, entriesOfBasket(baskets, basket));
    const stored = record.subarray(header.keylen);
    if (isBigKey(header.keyVersion) && this.#fits(basket, stored, header.objlen)) {
      const position = this.#ctx.writer.position;
      patchSeeks(view, 0, true, position, this.#seekPdir, header.pidOffset + this.#part.from.input.pidOffset);
      this.#ctx.writer.sink.append(record);
      this.#place(basket, position, record.length, header.objlen + header.keylen);
      this.#ctx.outcomes.bytesCopied[this.#tree.target]! += stored.length;
      return;
    }
    this.#write(basket, parseBasketPayload(header, record, payloadOf(stored, header.objlen)));
  }

  /** True when the basket is stored as the output's setting would store it: same algorithm and level. */
  #fits(basket: number, stored: Uint8Array, objlen: number): boolean {
    const branch = branchOfBasket(this.#part.baskets, basket);
    const setting = this.#settings[branch] as number;
    const own = this.#part.compression?.[branch];
    if (own !== undefined && own !== setting) return false;
    const { algorithm } = parseCompressionSetting(setting);
    if (stored.length >= objlen) return own === setting;
    return algorithmOfTag(stored[0] as number, stored[1] as number)?.tag === algorithm?.tag;
  }

  #write(basket: number, parts: BasketParts, ownSetting?: number): void {
    const setting = ownSetting ?? (this.#settings[branchOfBasket(this.#part.baskets, basket)] as number);
    const { key, payload } = encodeBasketRecord(parts);
    const stored = compress(setting, payload);
    const { writer, outcomes } = this.#ctx;
    const position = writer.position;
    sealBasketRecord(key, stored.length, position, this.#seekPdir, parts.header.pidOffset + this.#part.from.input.pidOffset);
    writer.sink.append(key);
    writer.sink.append(stored);
    this.#place(basket, position, key.length + stored.length, key.length + payload.length);
    outcomes.bytesEncoded[this.#tree.target]! += stored.length;
  }

  #place(basket: number, seek: number, bytes: number, totalBytes: number): void {
    this.#placed.seek[basket] = seek;
    this.#placed.bytes[basket] = bytes;
    this.#placed.totalBytes[basket] = totalBytes;
  }
}
