import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { FIXED_RANGES } from '../../../src/io/codec/arena.ts';
import { compressInto } from '../../../src/io/codec/payload.ts';
import { parseCompressionSetting } from '../../../src/io/codec/registry.ts';
import { codecMemory, deflateModule, lzmaModule, zstdLz4Module } from '../../../src/io/codec/wasm.ts';

const folder = new URL('../../../wasm/', import.meta.url);
const sums = readFileSync(new URL('SHA256SUMS', folder), 'utf8')
  .trim()
  .split('\n')
  .map((line) => line.split('  ') as [string, string]);

it('three modules are committed', () => {
  expect(sums.map(([, name]) => name)).toEqual(['deflate.wasm', 'zstd-lz4.wasm', 'lzma.wasm']);
});

it.each(sums)('%s is the hash of %s', (sum, name) => {
  expect(
    createHash('sha256')
      .update(readFileSync(new URL(name, folder)))
      .digest('hex'),
  ).toBe(sum);
});

it('decoders fit their fixed ranges', () => {
  const size = (name: keyof typeof FIXED_RANGES): number => FIXED_RANGES[name].end - FIXED_RANGES[name].start;
  expect(deflateModule().deflateContextBytes(-1)).toBeLessThanOrEqual(size('inflateContext'));
  expect(zstdLz4Module().zstdDecoderBytes()).toBeLessThanOrEqual(size('zstdDecoder'));
  expect(lzmaModule().xzDecoderBytes(0xff_ffff)).toBeLessThanOrEqual(size('xzDecoder'));
});

it.each([101, 201, 401, 404, 505])('setting %i must be prepared before its first use', (setting) => {
  codecMemory().withRegion(2000, (at) => {
    codecMemory().u8.fill(0, at, at + 1000);
    const unprepared = (): number => compressInto(parseCompressionSetting(setting), at, 1000, at + 1000, 1000);
    expect(unprepared).toThrow(expect.objectContaining({ code: 'INTERNAL', reason: 'internal error: compression was not prepared' }));
  });
});
