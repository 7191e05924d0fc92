import { describe, expect, it } from 'vitest';
import { UnsupportedError, UsageError } from '../../../src/errors.ts';
import { compressionSettingOf, fastestSetting, parseCompressionSetting } from '../../../src/io/codec/registry.ts';

describe('compression settings', () => {
  it.each([
    [0, undefined, 0],
    [-1, undefined, 0],
    [100, undefined, 0],
    [500, undefined, 0],
    [1, 'ZL', 1],
    [9, 'ZL', 9],
    [99, 'ZL', 9],
    [101, 'ZL', 1],
    [207, 'XZ', 7],
    [301, 'ZL', 1],
    [404, 'L4', 4],
    [412, 'L4', 9],
    [505, 'ZS', 5],
  ])('%i is %s level %i', (setting, tag, level) => {
    const parsed = parseCompressionSetting(setting);
    expect([parsed.algorithm?.tag, parsed.level]).toEqual([tag, level]);
  });

  it('have a fastest level, which "not compressed" has not', () => {
    expect([505, 501, 207, 519, 9, 1, 0, 400, -1].map(fastestSetting)).toEqual([501, 501, 201, 501, 101, 101, 0, 0, 0]);
  });

  it('refuses an unknown algorithm', () => {
    expect(() => parseCompressionSetting(601)).toThrow(UnsupportedError);
  });

  it.each([
    ['none', 0],
    ['0', 0],
    ['100', 0],
    ['500', 0],
    ['1', 101],
    ['6', 106],
    ['zlib:1', 101],
    ['lzma:9', 209],
    ['lz4:4', 404],
    ['zstd:5', 505],
    ['zlib', 101],
    ['lzma', 207],
    ['xz:1', 201],
    ['lz4', 404],
    ['zstd', 505],
    ['404', 404],
    ['101', 101],
  ])('reads %s as %i', (text, setting) => {
    expect(compressionSettingOf(text)).toBe(setting);
  });

  it.each(['', 'zlib:', 'zlib:0', 'zlib:10', 'gzip:1', '10', '301', '601', '300', '99999', 'ZLIB:1', 'constructor:1'])(
    'refuses %j',
    (text) => {
      expect(() => compressionSettingOf(text)).toThrow(UsageError);
    },
  );
});
