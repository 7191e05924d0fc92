import { describe, expect, it } from 'vitest';
import { CorruptFileError } from '../../../src/errors.ts';
import { encodeFreeSegments, freeSegmentBytes, parseFreeSegments } from '../../../src/io/root/container/free-segments.ts';

describe('the free segment of a file without holes', () => {
  it.each([
    [1000, 10, 2_000_000_000],
    [2_000_000_000, 10, 2_000_000_000],
    [2_000_000_001, 18, 3_000_000_000],
    [2_999_999_999, 18, 3_000_000_000],
    [3_000_000_000, 18, 4_000_000_000],
    [123_456_789_012, 18, 124_000_000_000],
  ])('of %d bytes takes %d bytes and reaches to %d', (end, bytes, last) => {
    const payload = encodeFreeSegments(end);
    expect(payload).toHaveLength(bytes);
    expect(freeSegmentBytes(end)).toBe(bytes);
    expect(parseFreeSegments(payload)).toEqual([{ first: end, last }]);
    expect((payload[0] as number) * 256 + (payload[1] as number)).toBe(bytes === 10 ? 1 : 1001);
  });
});

describe('lists of several segments', () => {
  it('may mix both forms, as ROOT writes them', () => {
    const mixed = Buffer.concat([encodeFreeSegments(500), encodeFreeSegments(5e9)]);
    expect(parseFreeSegments(mixed)).toEqual([
      { first: 500, last: 2_000_000_000 },
      { first: 5_000_000_000, last: 6_000_000_000 },
    ]);
  });
  it('without any entry are empty', () => {
    expect(parseFreeSegments(new Uint8Array(0))).toEqual([]);
    // where a segment was filled by the record itself, ROOT leaves zeros
    expect(parseFreeSegments(Buffer.concat([encodeFreeSegments(5841), Buffer.alloc(10)]))).toEqual([{ first: 5841, last: 2_000_000_000 }]);
  });
  it('cut in a big entry are an error', () => {
    expect(() => parseFreeSegments(encodeFreeSegments(5e9).subarray(0, 12))).toThrow(CorruptFileError);
  });
});
