import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UnsupportedError } from '../../../src/errors.ts';
import { decodePage, elementBytes, pageRecoder } from '../../../src/io/root/rntuple/page-encoding.ts';

const PLAIN_AND_SPLIT: [name: string, plain: number, split: number, width: number][] = [
  ['Int16', 0x05, 0x11, 2],
  ['UInt16', 0x06, 0x12, 2],
  ['Int32', 0x07, 0x13, 4],
  ['UInt32', 0x08, 0x14, 4],
  ['Int64', 0x09, 0x15, 8],
  ['UInt64', 0x0a, 0x16, 8],
  ['Real16', 0x0b, 0x17, 2],
  ['Real32', 0x0c, 0x18, 4],
  ['Real64', 0x0d, 0x19, 8],
  ['Index32', 0x0e, 0x1a, 4],
  ['Index64', 0x0f, 0x1b, 8],
];

function recode(from: number, to: number, bytes: Uint8Array): Uint8Array {
  const target = new Uint8Array(bytes.length);
  pageRecoder(from, to)?.(bytes.slice(), target);
  return target;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('split and plain pages', () => {
  it.each(PLAIN_AND_SPLIT)('%s: there and back again', (_, plain, split, width) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (random) => {
        const page = random.subarray(0, random.length - (random.length % width));
        expect(hex(recode(split, plain, recode(plain, split, page)))).toBe(hex(page));
        expect(hex(recode(plain, split, recode(split, plain, page)))).toBe(hex(page));
      }),
    );
  });

  it('put all first bytes first', () => {
    expect(hex(recode(0x08, 0x14, Buffer.from('0102030411121314', 'hex')))).toBe('0111021203130414');
  });

  it('map small negative numbers to small ones', () => {
    const numbers = [0, -1, 1, -2, 2];
    expect([...recode(0x07, 0x13, new Uint8Array(Int32Array.from(numbers).buffer))].slice(0, 5)).toEqual([0, 1, 2, 3, 4]);
    expect([...recode(0x05, 0x11, new Uint8Array(Int16Array.from(numbers).buffer))].slice(0, 5)).toEqual([0, 1, 2, 3, 4]);
    expect([...recode(0x09, 0x15, new Uint8Array(BigInt64Array.from(numbers.map(BigInt)).buffer))].slice(0, 5)).toEqual([0, 1, 2, 3, 4]);
    const least = new Uint8Array(BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n).buffer);
    expect(hex(recode(0x09, 0x15, least))).toBe('fffe' + 'ffff'.repeat(7));
  });

  it('store indexes as differences', () => {
    const split = recode(0x0f, 0x1b, new Uint8Array(BigUint64Array.of(3n, 5n, 5n, 2n ** 32n + 5n, 2n ** 33n).buffer));
    // differences 3, 2, 0, 2^32, 2^32 - 5
    expect(hex(split)).toBe(`${'03020000fb'}${'00000000ff'.repeat(3)}${'0000000100'}${'00'.repeat(15)}`);
  });

  it('are decoded to plain ones', () => {
    const plain = new Uint8Array(Int32Array.from([7, -9, 2 ** 30]).buffer);
    expect(hex(decodePage(0x13, recode(0x07, 0x13, plain)))).toBe(hex(plain));
    expect(decodePage(0x07, plain)).toBe(plain);
    expect([0x02, 0x06, 0x17, 0x0c, 0x1b, 0x10].map(elementBytes)).toEqual([1, 2, 2, 4, 8, 12]);
    for (const type of [0x00, 0x1c, 0x1d, 0x7f]) expect(() => decodePage(type, plain)).toThrow(UnsupportedError);
  });

  it('exist for twins only', () => {
    expect(pageRecoder(0x07, 0x07)).toBeUndefined();
    expect(pageRecoder(0x07, 0x14)).toBeUndefined();
    expect(pageRecoder(0x0e, 0x1b)).toBeUndefined();
    expect(pageRecoder(0x00, 0x01)).toBeUndefined();
  });
});
