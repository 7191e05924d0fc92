import { expect, it } from 'vitest';
import { sliceRows } from '../../../src/io/hdf5/hdf5-file.ts';
import type { Hdf5Extent } from '../../../src/io/hdf5/hdf5-library.ts';

function extent(shape: number[], chunks: number[] | null): Hdf5Extent {
  const type = { type: 1, size: 8, signed: false, littleEndian: true, vlen: false };
  return { ...type, shape, chunks, maxshape: shape, total_size: shape.reduce((product, length) => product * length, 1) };
}

it('rows are read in pieces of whole chunks', () => {
  expect(sliceRows(extent([10_000_000], null))).toBe(1_048_576);
  expect(sliceRows(extent([10_000_000, 2], [10, 2]))).toBe(524_280);
  expect(sliceRows(extent([10_000_000], [4_000_000]))).toBe(4_000_000); // else it would be inflated four times
  expect(sliceRows(extent([10_000_000_000], [1_000_000_000]))).toBe(1_048_576); // more than fits into memory
});
