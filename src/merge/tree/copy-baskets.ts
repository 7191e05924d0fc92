/**
 * Copies the baskets of one part as they are stored: in the order of the file, in runs over all
 * branches, each header checked against the tree and given its new place. Payloads are not touched.
 */
import { CorruptFileError, UnsupportedError, addContext } from '../../errors.ts';
import { checkFirstBlock, emptyBlockHeader } from '../../io/codec/block.ts';
import { payloadOf } from '../../io/codec/payload.ts';
import { START_BIG_FILE } from '../../io/root/container/file-header.ts';
import { isBigKey, patchSeeks } from '../../io/root/container/key.ts';
import { objectPath } from '../../io/root/root-file.ts';
import {
  checkBasketHeader,
  emptyBasketHeader,
  parseBasketHeader,
  parseBasketPayload,
  type BasketHeader,
} from '../../io/root/tree/basket.ts';
import { branchOfBasket, entriesOfBasket } from '../../io/root/tree/basket-table.ts';
import { entryBounds } from '../../io/root/tree/branch-rows.ts';
import { copyRecords, type RecordColumns, type RecordVisitor } from '../copy-runs.ts';
import { outputDirectory, type ExecuteContext } from '../merger.ts';
import { ascendingOrder } from '../position-order.ts';
import type { PlacedBaskets } from './placed-baskets.ts';
import { branchPath } from './compare-branches.ts';
import { storedBasketCount, type TreePart, type TreeTarget } from './tree-target.ts';

/** Copies all baskets of a part that have records; sets their columns in `placed`. */
export async function copyBaskets(ctx: ExecuteContext, tree: TreeTarget, part: TreePart, placed: PlacedBaskets): Promise<void> {
  if (storedBasketCount(part) === 0) return;
  const copier = new BasketCopier(ctx, tree, part, placed);
  const whole = ctx.policy.verify === 'full';
  await copyRecords(part.from.input.file.source, ctx.writer.sink, copier.columns, copier, { progress: ctx.progress, whole });
  ctx.outcomes.bytesCopied[tree.target]! += copier.bytesCopied;
}

/** Indices of the baskets whose records are taken over, ascending in file offset: not those that are rewritten. */
export function basketsByOffset(part: TreePart): Uint32Array {
  const { rewritten, baskets } = part;
  const { seek, start } = baskets;
  const stored = ascendingOrder(seek).subarray(seek.length - storedBasketCount(part)); // all others have the offset 0
  if (rewritten === undefined) return stored;
  const left = new Uint8Array(seek.length);
  rewritten.forEach((flag, branch) => {
    if (flag === 1) left.fill(1, start[branch], start[branch + 1]);
  });
  return stored.filter((basket) => left[basket] === 0);
}

function gather<T extends Float64Array | Uint32Array>(target: T, values: T, order: Uint32Array): T {
  for (let k = 0; k < order.length; k++) target[k] = values[order[k] as number] as number;
  return target;
}

class BasketCopier implements RecordVisitor {
  readonly columns: RecordColumns;
  bytesCopied = 0;
  readonly #tree: TreeTarget;
  readonly #part: TreePart;
  readonly #placed: PlacedBaskets;
  readonly #order: Uint32Array;
  readonly #seekPdir: number;
  readonly #pidOffset: number;
  readonly #full: boolean;
  readonly #header = emptyBasketHeader();
  readonly #block = emptyBlockHeader();

  constructor(ctx: ExecuteContext, tree: TreeTarget, part: TreePart, placed: PlacedBaskets) {
    this.#tree = tree;
    this.#part = part;
    this.#placed = placed;
    this.#order = basketsByOffset(part);
    this.#seekPdir = outputDirectory(ctx, tree.target).seekDir;
    this.#pidOffset = part.from.input.pidOffset;
    this.#full = ctx.policy.verify === 'full';
    const { seek, bytes } = part.baskets;
    this.columns = {
      count: this.#order.length,
      position: gather(new Float64Array(this.#order.length), seek, this.#order),
      bytes: gather(new Uint32Array(this.#order.length), bytes, this.#order),
    };
  }

  visit(buffer: Uint8Array, view: DataView, at: number, record: number, newPosition: number): void {
    const basket = this.#order[record] as number;
    const { seek, bytes } = this.#part.baskets;
    const nbytes = bytes[basket] as number;
    const end = Math.min(at + nbytes, buffer.length);
    try {
      this.#check(buffer, view, at, end, basket, newPosition);
    } catch (err) {
      throw basketError(err, this.#tree, this.#part, basket, seek[basket] as number);
    }
    const header = this.#header;
    patchSeeks(view, at, isBigKey(header.keyVersion), newPosition, this.#seekPdir, header.pidOffset + this.#pidOffset);
    this.#placed.seek[basket] = newPosition;
    this.#placed.bytes[basket] = nbytes;
    this.#placed.totalBytes[basket] = header.objlen + header.keylen;
    this.bytesCopied += nbytes - header.keylen;
  }

  #check(buffer: Uint8Array, view: DataView, at: number, end: number, basket: number, newPosition: number): void {
    const header = this.#header;
    const { baskets } = this.#part;
    const nbytes = baskets.bytes[basket] as number;
    parseBasketHeader(buffer, view, at, end, header);
    checkBasketHeader(header, baskets.seek[basket] as number, nbytes, entriesOfBasket(baskets, basket));
    if (!isBigKey(header.keyVersion) && (newPosition > START_BIG_FILE || this.#pidOffset > 0)) {
      throw new UnsupportedError('basket with a 32-bit key cannot be copied to its new place');
    }
    const stored = nbytes - header.keylen;
    if (stored < header.objlen) checkFirstBlock(buffer, at + header.keylen, at + nbytes, header.objlen, this.#block);
    if (this.#full) checkContents(header, buffer, buffer.subarray(at + header.keylen, at + nbytes));
  }
}

/** The payload must decompress, and the offsets of its entries ascend within it. */
function checkContents(header: BasketHeader, source: Uint8Array, stored: Uint8Array): void {
  const parts = parseBasketPayload(header, source, payloadOf(stored, header.objlen));
  if (parts.offsets !== undefined) entryBounds(parts);
}

/** Adds file, tree and branch to an error about a basket; its offset was counted from the basket's record. */
export function basketError(err: unknown, tree: TreeTarget, part: TreePart, basket: number, seek: number): unknown {
  const { input, directory, keyIndex } = part.from;
  const path = branchPath(tree.scan, branchOfBasket(part.baskets, basket));
  if (err instanceof CorruptFileError) err.offset = seek + (err.offset ?? 0);
  return addContext(err, { file: input.path, objectPath: `${objectPath(directory, keyIndex)}: branch ${path}`, offset: seek });
}
