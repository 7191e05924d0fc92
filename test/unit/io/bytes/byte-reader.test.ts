import { describe, expect, it } from 'vitest';
import { CorruptFileError } from '../../../../src/errors.ts';
import { BigEndianReader } from '../../../../src/io/bytes/big-endian.ts';
import { LittleEndianReader } from '../../../../src/io/bytes/little-endian.ts';
import { thrownBy } from '../../../thrown.ts';

const BYTES = Uint8Array.of(1, 2, 3, 4, 5);

describe('a reader', () => {
  it('goes on where it stands, up to its end', () => {
    const reader = new BigEndianReader(BYTES, 1, 4);
    expect([reader.u16(), reader.remaining, [...reader.raw(1)], reader.remaining]).toEqual([0x0203, 1, [4], 0]);
  });

  it.each([3, -1])('does not move by %i bytes, and says where in the file', (n) => {
    const reader = new BigEndianReader(BYTES, 1, 3, 1000);
    const err = thrownBy(CorruptFileError, () => reader.take(n));
    expect([err.message, reader.pos]).toEqual([`data ends too early: expected ${n} bytes, found 2 bytes (at offset 1001)`, 1]);
  });

  it('of an envelope, whose place in the file it does not know, names the byte', () => {
    const err = thrownBy(CorruptFileError, () => new LittleEndianReader(BYTES, 2).u32());
    expect(err.message).toBe('data ends too early at byte 2 of 5: expected 4 bytes, found 3 bytes');
  });
});
