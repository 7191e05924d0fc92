/** Selections in references to regions: one text for equal elements, in all encodings. */
import { describe, expect, it } from 'vitest';
import { regionText } from '../../../src/io/hdf5/region-text.ts';

/** Bytes of numbers, each in as many bytes as its list is told. */
function bytesOf(...parts: readonly (readonly [bytes: number, ...numbers: number[]])[]): Buffer {
  return Buffer.concat(
    parts.flatMap(([size, ...numbers]) =>
      numbers.map((number) => {
        const bytes = Buffer.alloc(size);
        if (size === 8) bytes.writeBigUInt64LE(BigInt(number));
        else bytes.writeUIntLE(number, 0, size);
        return bytes;
      }),
    ),
  );
}

describe('the text of a selection', () => {
  it('is that of its elements: hyperslabs as blocks, or by start, stride, count and block', () => {
    const blocks = bytesOf([4, 2, 1, 0, 32, 2, 2], [4, 1, 0, 1, 2], [4, 4, 0, 4, 2]);
    const regular = bytesOf([4, 2, 2], [1, 1], [4, 68, 2], [8, 1, 3, 2, 1], [8, 0, 1, 3, 1]);
    const short = bytesOf([4, 2, 3], [1, 1, 2], [4, 2], [2, 1, 3, 2, 1], [2, 0, 1, 1, 3]);
    for (const each of [blocks, regular, short]) expect(regionText(each)).toBe('[1, 0:3] [4, 0:3]');
    expect(regionText(bytesOf([4, 2, 3], [1, 0, 2], [4, 1], [2, 1], [2, 5, 7]))).toBe('[5:8]');
    expect(regionText(bytesOf([4, 2, 3], [1, 1, 4], [4, 1], [4, 0, 2, 20_000, 1]))).toBe('[20000 times 1 from 0, step 2]');
  });

  it('names points, nothing, everything; what is not known stays bytes', () => {
    expect(regionText(bytesOf([4, 1, 1, 0, 24, 2, 2], [4, 1, 2], [4, 3, 4]))).toBe('[1, 2] [3, 4]');
    expect(regionText(bytesOf([4, 1, 2], [1, 8], [4, 1], [8, 1], [8, 9]))).toBe('[9]');
    expect(regionText(bytesOf([4, 0, 1, 0, 0]))).toBe('no element');
    expect(regionText(bytesOf([4, 3, 1, 0, 0]))).toBe('all elements');
    expect(regionText(bytesOf([4, 2, 1, 0, 32, 2, 9], [4, 1]))).toBe('02000000010000000000000020000000020000000900000001000000');
    expect(regionText(Buffer.alloc(3))).toBe('000000');
  });
});
