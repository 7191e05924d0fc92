import { expect, it } from 'vitest';
import { xxh3, xxh64 } from '../../../src/io/codec/hash.ts';
import { contents } from './sample-data.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

// Values published with xxHash (xxhsum) for seed 0.
it.each([
  ['', 0xef46db3751d8e999n, 0x2d06800538d394c2n],
  ['a', 0xd24ec4f1a98c6e5bn, 0xe6c632b61e964e1fn],
  ['abc', 0x44bc2cf5ad770999n, 0x78af5f94892f3950n],
])('hashes %j', (value, h64, h3) => {
  expect(xxh64(text(value))).toBe(h64);
  expect(xxh3(text(value))).toBe(h3);
});

it('hashes long inputs, whatever their alignment', () => {
  const bytes = contents(100_003);
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  expect(xxh3(shifted.subarray(3))).toBe(xxh3(bytes));
  expect(xxh64(shifted.subarray(3))).toBe(xxh64(bytes));
  expect(xxh3(bytes.subarray(1))).not.toBe(xxh3(bytes));
});
