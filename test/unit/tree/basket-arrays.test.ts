import { describe, expect, it } from 'vitest';
import { UnsupportedError } from '../../../src/errors.ts';
import { branchBaskets, encodeBasketArrays, type ArrayWidths } from '../../../src/merge/tree/basket-arrays.ts';
import type { PlacedBaskets } from '../../../src/merge/tree/placed-baskets.ts';
import type { TreeTarget } from '../../../src/merge/tree/tree-target.ts';

/** Two parts of one branch: two baskets (one without entries, left out), then one. */
function sample(seeks: readonly [number, number, number], entriesOfFirst = 5): { tree: TreeTarget; placed: PlacedBaskets[] } {
  const part = (firstEntry: number[], entryCount: number): unknown => ({
    baskets: {
      start: Uint32Array.of(0, firstEntry.length),
      firstEntry: Float64Array.from(firstEntry),
      entryCount: Float64Array.of(entryCount),
    },
  });
  const placed = (seek: number[], bytes: number[]): PlacedBaskets => ({
    seek: Float64Array.from(seek),
    bytes: Uint32Array.from(bytes),
    totalBytes: Uint32Array.from(bytes, (n) => 2 * n),
  });
  const tree = { parts: [part([0, entriesOfFirst, entriesOfFirst], entriesOfFirst), part([0], 7)] } as unknown as TreeTarget;
  return { tree, placed: [placed([seeks[0], 0, seeks[1]], [10, 0, 20]), placed([seeks[2]], [30])] };
}

const NEW: ArrayWidths = { bytes: 4, entry: 8, seek: 8 };
const OLD: ArrayWidths = { bytes: 4, entry: 4, seek: 4 };

function arrays(
  seeks: readonly [number, number, number],
  widths: ArrayWidths,
  entriesOfFirst?: number,
): { flags: number[]; values: number[][] } {
  const { tree, placed } = sample(seeks, entriesOfFirst);
  const encoded = encodeBasketArrays(tree, placed, 0, branchBaskets(tree, placed, 0), widths);
  const values = encoded.map((bytes) => {
    const view = new DataView(bytes.buffer);
    const width = (bytes.length - 1) / 10;
    return Array.from({ length: 5 }, (_, i) => (width === 8 ? Number(view.getBigInt64(1 + 8 * i)) : view.getInt32(1 + 4 * i)));
  });
  return { flags: encoded.map((bytes) => bytes[0] as number), values };
}

describe('basket arrays', () => {
  it('join the parts and end with the number of entries', () => {
    expect(arrays([100, 110, 130], NEW)).toEqual({
      flags: [1, 1, 1],
      values: [
        [10, 20, 30, 0, 0],
        [0, 5, 5, 12, 0],
        [100, 110, 130, 0, 0],
      ],
    });
    const { tree, placed } = sample([100, 110, 130]);
    expect(branchBaskets(tree, placed, 0)).toEqual({
      count: 3,
      slots: 10,
      entryNumber: 12,
      totalBytes: 120,
      zipBytes: 60,
      highestSeek: 130,
    });
  });

  it('of old branches have 32 bits, offsets 64 when they must', () => {
    expect(arrays([100, 110, 130], OLD)).toEqual({
      flags: [1, 1, 1],
      values: [
        [10, 20, 30, 0, 0],
        [0, 5, 5, 12, 0],
        [100, 110, 130, 0, 0],
      ],
    });
    expect(arrays([100, 110, 3_000_000_000], OLD)).toEqual({
      flags: [1, 1, 2],
      values: [
        [10, 20, 30, 0, 0],
        [0, 5, 5, 12, 0],
        [100, 110, 3_000_000_000, 0, 0],
      ],
    });
  });

  it('of old branches refuse entry numbers beyond 32 bits', () => {
    expect(() => arrays([1, 2, 3], OLD, 2 ** 31)).toThrow(UnsupportedError);
  });
});
