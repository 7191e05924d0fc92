import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CorruptFileError } from '../../../../src/errors.ts';
import { LittleEndianReader, LittleEndianWriter } from '../../../../src/io/bytes/little-endian.ts';

it('reads what it wrote', () => {
  const values = fc.record({
    u16: fc.integer({ min: 0, max: 0xffff }),
    u32: fc.integer({ min: 0, max: 0xffff_ffff }),
    i32: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    u64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    i64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    f64: fc.double({ noNaN: true }),
    count: fc.maxSafeNat(),
    text: fc.string({ unit: 'grapheme', maxLength: 20 }),
  });
  fc.assert(
    fc.property(values, (v) => {
      const w = new LittleEndianWriter(1);
      w.u16(v.u16);
      w.u32(v.u32);
      w.i32(v.i32);
      w.u64(v.u64);
      w.i64(v.i64);
      w.f64(v.f64);
      w.count64(v.count);
      w.string(v.text);
      const r = new LittleEndianReader(w.done());
      expect([r.u16(), r.u32(), r.i32(), r.u64(), r.i64(), r.f64(), r.count64(), r.string()]).toEqual([
        v.u16,
        v.u32,
        v.i32,
        v.u64,
        v.i64,
        v.f64,
        v.count,
        v.text,
      ]);
      expect(r.remaining).toBe(0);
    }),
  );
});

it('puts the low byte first', () => {
  const w = new LittleEndianWriter();
  w.u32(0x01020304);
  w.count64(2 ** 32 + 5);
  expect([...w.done()]).toEqual([4, 3, 2, 1, 5, 0, 0, 0, 1, 0, 0, 0]);
});

it('never reads beyond its end', () => {
  const r = new LittleEndianReader(new Uint8Array([1, 0, 0, 0, 9]), 0, 4);
  expect(() => r.u64()).toThrow('data ends too early at byte 0 of 4: expected 8 bytes, found 4 bytes');
  expect(() => r.string()).toThrow(CorruptFileError);
  const section = new LittleEndianReader(new Uint8Array(8)).section(2);
  expect(() => section.u32()).toThrow(CorruptFileError);
});

it('refuses counts that a number cannot hold', () => {
  const w = new LittleEndianWriter();
  w.u64(2n ** 53n);
  expect(() => new LittleEndianReader(w.done()).count64()).toThrow(/out of range/);
});
