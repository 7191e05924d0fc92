import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InternalError, UnsupportedError } from '../../../src/errors.ts';
import { FIXED_RANGES, plainArena, wasmArena } from '../../../src/io/codec/arena.ts';
import { webAssembly, type WasmApi } from '../../../src/io/codec/web-assembly.ts';

const MIB = 2 ** 20;

describe.each([
  ['WebAssembly memory', () => wasmArena(webAssembly as WasmApi).arena],
  ['plain memory', () => plainArena()],
])('arena in %s', (_name, make) => {
  it('hands out aligned regions above the fixed ranges', () => {
    const memory = make();
    const [a, b] = [memory.alloc(1), memory.alloc(100)];
    expect(a).toBe(FIXED_RANGES.xzDecoder.end);
    expect(b).toBe(a + 16);
    expect(memory.usedBytes).toBe(16 + 112);
  });

  it('joins freed regions and uses them again', () => {
    const memory = make();
    const [a, b, c] = [memory.alloc(64), memory.alloc(64), memory.alloc(64)];
    memory.free(a);
    memory.free(c);
    memory.free(b);
    expect(memory.usedBytes).toBe(0);
    expect(memory.alloc(3 * 64)).toBe(a);
  });

  it('grows, keeps the content and replaces the views', () => {
    const memory = make();
    const a = memory.alloc(8);
    memory.view.setBigUint64(a, 0x0123456789abcdefn);
    const before = memory.u8;
    const b = memory.alloc(64 * MIB);
    expect(memory.u8 === before).toBe(false);
    expect(memory.view.getBigUint64(a)).toBe(0x0123456789abcdefn);
    memory.u8[b + 64 * MIB - 1] = 7;
    expect(memory.u8[b + 64 * MIB - 1]).toBe(7);
  });

  it('frees a region also when its user throws', () => {
    const memory = make();
    const use = (): never =>
      memory.withRegion(10, () => {
        throw new RangeError('x');
      });
    expect(use).toThrow(RangeError);
    expect(memory.usedBytes).toBe(0);
  });

  it('refuses what 4 GiB do not hold, and false frees', () => {
    const memory = make();
    expect(() => memory.alloc(5 * 1024 * MIB)).toThrow(UnsupportedError);
    expect(() => memory.alloc(-1)).toThrow(InternalError);
    const a = memory.alloc(1);
    memory.free(a);
    expect(() => memory.free(a)).toThrow(InternalError);
  });
});

it('regions never overlap, and all of them together can be had again once freed', () => {
  const commands = fc.array(fc.record({ bytes: fc.nat(5000), freeOldest: fc.boolean() }), { maxLength: 80 });
  fc.assert(
    fc.property(commands, (list) => {
      const memory = plainArena();
      const live: { start: number; bytes: number }[] = [];
      for (const { bytes, freeOldest } of list) {
        const oldest = freeOldest ? live.shift() : undefined;
        if (oldest !== undefined) memory.free(oldest.start);
        const start = memory.alloc(bytes);
        for (const other of live) expect(start >= other.start + other.bytes || start + bytes <= other.start).toBe(true);
        live.push({ start, bytes });
      }
      for (const { start } of live) memory.free(start);
      expect(memory.usedBytes).toBe(0);
      expect(memory.alloc(MIB)).toBe(FIXED_RANGES.xzDecoder.end);
    }),
    { numRuns: 30 },
  );
});

it('fixed ranges follow one another without overlap', () => {
  const ranges = Object.values(FIXED_RANGES);
  for (let i = 1; i < ranges.length; i++) expect(ranges[i]?.start).toBe(ranges[i - 1]?.end);
});
