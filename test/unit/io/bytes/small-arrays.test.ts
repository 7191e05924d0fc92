import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compact, roomFor } from '../../../../src/io/bytes/small-arrays.ts';

it('rooms are zeroed, aligned and apart from each other', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(70), fc.nat(6000)), { maxLength: 60 }), (sizes) => {
      const rooms = sizes.map((size, i) => {
        const { buffer, start } = roomFor(size);
        expect(start % 8).toBe(0);
        const bytes = new Uint8Array(buffer, start, size);
        expect(bytes.every((byte) => byte === 0)).toBe(true);
        return bytes.fill(i + 1);
      });
      rooms.forEach((bytes, i) => expect(bytes.every((byte) => byte === i + 1)).toBe(true));
    }),
  );
});

it('many small arrays share a buffer, large ones have their own', () => {
  const buffers = new Set(Array.from({ length: 1000 }, () => roomFor(40).buffer));
  expect(buffers.size).toBeLessThanOrEqual(2);
  expect(roomFor(5000).buffer.byteLength).toBe(5000);
});

it('compacted bytes are a copy where they are few', () => {
  const few = Uint8Array.of(1, 2, 3);
  const copy = compact(few);
  few[0] = 9;
  expect([...copy]).toEqual([1, 2, 3]);
  const many = new Uint8Array(5000);
  expect(compact(many)).toBe(many);
});
