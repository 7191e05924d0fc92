import { describe, expect, it } from 'vitest';
import { CorruptFileError } from '../../../src/errors.ts';
import { checkFirstBlock, emptyBlockHeader, MAX_BLOCK_BYTES, parseBlockHeader, writeBlockHeader } from '../../../src/io/codec/block.ts';
import { algorithmOfTag, type Algorithm } from '../../../src/io/codec/registry.ts';

const ZS = algorithmOfTag(0x5a, 0x53) as Algorithm;
const parse = (bytes: Uint8Array, objectBytes = 1000): ReturnType<typeof emptyBlockHeader> => {
  const header = emptyBlockHeader();
  parseBlockHeader(bytes, 0, bytes.length, objectBytes, 0, header);
  return header;
};
const block = (...start: number[]): Uint8Array => Uint8Array.from([...start, ...Array.from({ length: 300 }, () => 0)]);

describe('block header', () => {
  it('is two letters, a method byte and two little-endian 24-bit sizes', () => {
    const bytes = new Uint8Array(9);
    writeBlockHeader(bytes, 0, ZS, 0x010203, MAX_BLOCK_BYTES);
    expect([...bytes]).toEqual([0x5a, 0x53, 1, 3, 2, 1, 0xff, 0xff, 0xff]);
  });

  it.each([
    ['ZL', 8],
    ['CS', 8],
    ['XZ', 0],
    ['L4', 1],
    ['ZS', 1],
  ])('knows %s with method %i', (tag, method) => {
    const header = parse(block(tag.charCodeAt(0), tag.charCodeAt(1), method, 0x2c, 1, 0, 0xe7, 3, 0));
    expect(header).toMatchObject({ algorithm: { tag, method }, compressedBytes: 300, objectBytes: 999 });
  });

  it.each<[string, Uint8Array, Partial<CorruptFileError>]>([
    [
      '8 bytes',
      Uint8Array.of(0x5a, 0x4c, 8, 1, 0, 0, 1, 0),
      { reason: 'compressed block ends too early: expected 9 bytes of header, found 8 bytes' },
    ],
    ['unknown letters', block(0x5a, 0x5a, 8, 1, 0, 0, 1, 0, 0), { expected: 'ZL, CS, XZ, L4 or ZS', found: 'bytes 5a 5a 08' }],
    ['a wrong method', block(0x5a, 0x4c, 9, 1, 0, 0, 1, 0, 0), { found: 'bytes 5a 4c 09' }],
    ['more compressed bytes than there are', block(0x5a, 0x4c, 8, 0x2d, 1, 0, 1, 0, 0), { expected: '1 to 300 bytes', found: 301 }],
    ['no compressed bytes', block(0x5a, 0x4c, 8, 0, 0, 0, 1, 0, 0), { expected: '1 to 300 bytes', found: 0 }],
    ['a larger object than announced', block(0x5a, 0x4c, 8, 1, 0, 0, 0xe9, 3, 0), { expected: '1 to 1000 bytes', found: 1001 }],
    ['no object', block(0x5a, 0x4c, 8, 1, 0, 0, 0, 0, 0), { expected: '1 to 1000 bytes', found: 0 }],
  ])('refuses %s', (_name, bytes, expected) => {
    expect(() => parse(bytes)).toThrow(expect.objectContaining({ code: 'CORRUPT_FILE', offset: 0, ...expected }));
  });

  it('gives the offset in the payload', () => {
    const bytes = block();
    const at = (): Algorithm => parseBlockHeader(bytes, 25, 100, 10, 5, emptyBlockHeader());
    expect(at).toThrow(expect.objectContaining({ offset: 20 }));
  });
});

it.each([
  ['alone, of all bytes', 300, 1000, undefined],
  ['alone, of fewer bytes', 300, 999, 'uncompressed size of the only block does not fit: expected 1000 bytes, found 999'],
  ['before another one', 200, 999, undefined],
])('a first block %s', (_, compressed, bytes, reason) => {
  const payload = block(0x5a, 0x53, 1, 0, 0, 0, 0, 0, 0);
  writeBlockHeader(payload, 0, ZS, compressed, bytes);
  const check = (): void => checkFirstBlock(payload, 0, payload.length, 1000, emptyBlockHeader());
  if (reason === undefined) expect(check).not.toThrow();
  else expect(check).toThrow(expect.objectContaining({ code: 'CORRUPT_FILE', reason }));
});
