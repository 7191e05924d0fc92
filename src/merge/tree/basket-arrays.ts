/** The basket arrays of one branch in the merged tree, and what is summed over its baskets. */
import { UnsupportedError } from '../../errors.ts';
import { writeI64 } from '../../io/bytes/big-endian.ts';
import type { PlacedBaskets } from './placed-baskets.ts';
import type { TreeTarget } from './tree-target.ts';

/** fMaxBaskets of ROOT is never below 10. */
const MIN_BASKET_SLOTS = 10;
const MAX_INT32 = 0x7fff_ffff;

/** What the merged branch says of its baskets. */
export interface BranchBaskets {
  /** fWriteBasket: number of baskets. */
  count: number;
  /** fMaxBaskets: length of the arrays. */
  slots: number;
  /** fEntryNumber: entries of the branch. */
  entryNumber: number;
  /** fTotBytes: sum of fObjlen + fKeylen; fZipBytes: sum of fNbytes. */
  totalBytes: number;
  zipBytes: number;
  /** Largest file offset of a basket. */
  highestSeek: number;
}

/** Sums and sizes of a branch over all parts. */
export function branchBaskets(tree: TreeTarget, placed: readonly PlacedBaskets[], row: number): BranchBaskets {
  const all: BranchBaskets = { count: 0, slots: 0, entryNumber: 0, totalBytes: 0, zipBytes: 0, highestSeek: 0 };
  for (let p = 0; p < placed.length; p++) {
    const { start, entryCount } = (tree.parts[p] as TreeTarget['parts'][number]).baskets;
    const { seek, bytes, totalBytes } = placed[p] as PlacedBaskets;
    for (let i = start[row] as number; i < (start[row + 1] as number); i++) {
      if (seek[i] === 0) continue;
      all.count++;
      all.highestSeek = Math.max(all.highestSeek, seek[i] as number);
      all.totalBytes += totalBytes[i] as number;
      all.zipBytes += bytes[i] as number;
    }
    all.entryNumber += entryCount[row] as number;
  }
  all.slots = Math.max(MIN_BASKET_SLOTS, all.count + 1);
  return all;
}

/** Bytes per value in the three arrays; 4 or 8, as the branch's version has it. */
export interface ArrayWidths {
  bytes: number;
  entry: number;
  seek: number;
}

/**
 * fBasketBytes, fBasketEntry and fBasketSeek of a branch, each with its flag byte: one value per basket, fBasketEntry with
 * the number of entries behind the last (rule 4), the rest zeros. Old versions have 32-bit offsets; flag 2 makes them 64.
 * UnsupportedError when an entry number does not fit 32 bits where the version has no more.
 */
export function encodeBasketArrays(
  tree: TreeTarget,
  placed: readonly PlacedBaskets[],
  row: number,
  all: BranchBaskets,
  widths: ArrayWidths,
): Uint8Array[] {
  const seekWidth = all.highestSeek > MAX_INT32 ? 8 : widths.seek;
  const bytesArray = new ArrayWriter(widths.bytes, all.slots, false);
  const entryArray = new ArrayWriter(widths.entry, all.slots, false);
  const seekArray = new ArrayWriter(seekWidth, all.slots, widths.entry === 4 && seekWidth === 8);
  let entries = 0;
  for (let p = 0; p < placed.length; p++) {
    const { start, entryCount, firstEntry } = (tree.parts[p] as TreeTarget['parts'][number]).baskets;
    const { seek, bytes } = placed[p] as PlacedBaskets;
    for (let i = start[row] as number; i < (start[row + 1] as number); i++) {
      if (seek[i] === 0) continue;
      bytesArray.push(bytes[i] as number);
      entryArray.push(entries + (firstEntry[i] as number));
      seekArray.push(seek[i] as number);
    }
    entries += entryCount[row] as number;
  }
  entryArray.push(entries);
  return [bytesArray.bytes, entryArray.bytes, seekArray.bytes];
}

/** Fills one array behind its flag byte. */
class ArrayWriter {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  readonly #width: number;
  #pos = 1;

  /** `wideFlag`: flag 2, by which TBranch up to version 9 marks 64-bit values. */
  constructor(width: number, slots: number, wideFlag: boolean) {
    this.bytes = new Uint8Array(1 + width * slots);
    this.bytes[0] = wideFlag ? 2 : 1;
    this.#view = new DataView(this.bytes.buffer);
    this.#width = width;
  }

  push(value: number): void {
    if (this.#width === 8) writeI64(this.#view, this.#pos, value);
    else if (value <= MAX_INT32) this.#view.setInt32(this.#pos, value);
    else throw new UnsupportedError(`${value} does not fit the basket arrays of this version of TBranch`);
    this.#pos += this.#width;
  }
}
