import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CorruptFileError } from '../../../src/errors.ts';
import { encodeFileHeader, parseFileHeader, type WrittenHeader } from '../../../src/io/root/container/file-header.ts';

const uuid = Uint8Array.from({ length: 16 }, (_, i) => 0xa0 + i);
const small: WrittenHeader = {
  end: 1234,
  seekFree: 1180,
  nbytesFree: 54,
  nbytesName: 58,
  compress: 505,
  seekInfo: 900,
  nbytesInfo: 200,
  uuid,
};

describe('the header of a small file', () => {
  const bytes = encodeFileHeader(small);
  const view = new DataView(bytes.buffer, bytes.byteOffset);

  it('has 100 bytes with each field at its place', () => {
    expect(bytes).toHaveLength(100);
    expect(Buffer.from(bytes.subarray(0, 4)).toString()).toBe('root');
    const at = (offset: number): number => view.getInt32(offset);
    expect([at(4), at(8), at(12), at(16), at(20), at(24), at(28)]).toEqual([64_000, 100, 1234, 1180, 54, 1, 58]);
    expect([view.getUint8(32), at(33), at(37), at(41), view.getUint16(45)]).toEqual([4, 505, 900, 200, 1]);
    expect([...bytes.subarray(47, 63)]).toEqual([...uuid]);
    expect(bytes.subarray(63).every((b) => b === 0)).toBe(true);
  });

  it('is parsed to what was written', () => {
    expect(parseFileHeader(bytes)).toEqual({ ...small, version: 64_000, begin: 100, nfree: 1, units: 4 });
  });
});

describe('the header of a big file', () => {
  const big = { ...small, end: 2_000_000_001, seekFree: 2_000_000_001 - 54, seekInfo: 5_000_000_000 };
  const bytes = encodeFileHeader(big);
  const view = new DataView(bytes.buffer, bytes.byteOffset);

  it('has 64-bit positions, the version raised by a million and units of 8', () => {
    expect(bytes).toHaveLength(100);
    const at = (offset: number): number => view.getInt32(offset);
    expect([at(4), at(8), at(28), at(32), at(36), view.getUint8(40), at(41)]).toEqual([1_064_000, 100, 54, 1, 58, 8, 505]);
    expect([view.getBigInt64(12), view.getBigInt64(20), view.getBigInt64(45)]).toEqual([2_000_000_001n, 1_999_999_947n, 5_000_000_000n]);
    expect([at(53), view.getUint16(57)]).toEqual([200, 1]);
    expect([...bytes.subarray(59, 75)]).toEqual([...uuid]);
    expect(bytes.subarray(75).every((b) => b === 0)).toBe(true);
  });

  it('begins beyond 2 000 000 000 and not at 2^31', () => {
    expect(parseFileHeader(encodeFileHeader({ ...small, end: 2_000_000_000 })).units).toBe(4);
    expect(parseFileHeader(encodeFileHeader({ ...small, end: 2_000_000_001 })).units).toBe(8);
  });
});

it('what was written is parsed again, at any position up to 2^53', () => {
  const position = fc.oneof(fc.nat(2_100_000_000), fc.maxSafeNat());
  const i32 = fc.nat(0x7fffffff);
  const any = fc.record({
    end: position,
    seekFree: position,
    nbytesFree: i32,
    nbytesName: i32,
    compress: i32,
    seekInfo: position,
    nbytesInfo: i32,
  });
  fc.assert(
    fc.property(any, (h) => {
      const within = { ...h, seekFree: Math.min(h.seekFree, h.end), seekInfo: Math.min(h.seekInfo, h.end), uuid };
      expect(parseFileHeader(encodeFileHeader(within))).toMatchObject(within);
    }),
  );
});

describe('a header that is none', () => {
  it.each([
    ['empty', new Uint8Array(0)],
    ['too short for the magic', Buffer.from('roo')],
    ['of another kind', Buffer.from('PK\u0003\u0004'.padEnd(100, '\0'))],
  ])('%s', (_, bytes) => {
    expect(() => parseFileHeader(bytes)).toThrow(CorruptFileError);
    expect(() => parseFileHeader(bytes)).toThrow('it does not begin with "root"');
  });

  it('cut inside is an error with the place', () => {
    expect(() => parseFileHeader(encodeFileHeader(small).subarray(0, 40))).toThrow(
      expect.objectContaining({ code: 'CORRUPT_FILE', offset: 37, expected: '4 bytes', found: '3 bytes' }),
    );
  });

  it('with a negative 64-bit position', () => {
    const bytes = encodeFileHeader({ ...small, end: 3e9 });
    bytes[12] = 0x80;
    expect(() => parseFileHeader(bytes)).toThrow('64-bit offset out of range');
  });

  it('of an old file without UUID reads zeros for it', () => {
    expect(parseFileHeader(encodeFileHeader(small).subarray(0, 60)).uuid).toEqual(new Uint8Array(16));
  });
});
