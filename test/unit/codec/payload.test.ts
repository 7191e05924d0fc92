import { deflateSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CorruptFileError, InternalError, isPoolMergeError } from '../../../src/errors.ts';
import { MAX_BLOCK_BYTES, writeBlockHeader } from '../../../src/io/codec/block.ts';
import {
  compress,
  compressInto,
  decompress,
  decompressInto,
  maxCompressedBytes,
  prepareCompression,
  verifyPayload,
} from '../../../src/io/codec/payload.ts';
import { type Algorithm, algorithmOfTag } from '../../../src/io/codec/registry.ts';
import { codecMemory } from '../../../src/io/codec/wasm.ts';
import { contents, noise } from './sample-data.ts';

const MIB = 2 ** 20;
const ALGORITHMS: [tag: string, hundreds: number][] = [
  ['ZL', 100],
  ['XZ', 200],
  ['L4', 400],
  ['ZS', 500],
];
const LEVELS = [1, 2, 3, 4, 5, 6, 7, 8, 9];
const tagOf = (stored: Uint8Array): string => String.fromCharCode(stored[0] as number, stored[1] as number);

/** Equality of large arrays without vitest's element-wise report. */
function expectEqual(a: Uint8Array, b: Uint8Array): void {
  expect(Buffer.compare(a, b)).toBe(0);
}

function block(tag: string, body: Uint8Array, objectBytes: number): Uint8Array {
  const bytes = new Uint8Array(9 + body.length);
  writeBlockHeader(bytes, 0, algorithmOfTag(tag.charCodeAt(0), tag.charCodeAt(1)) as Algorithm, body.length, objectBytes);
  bytes.set(body, 9);
  return bytes;
}

/** Null for damage that is found; any other error passes. */
function decompressOrNull(stored: Uint8Array, objectBytes: number): Uint8Array | null {
  try {
    return decompress(stored, objectBytes);
  } catch (err) {
    if (isPoolMergeError(err, 'CORRUPT_FILE', 'UNSUPPORTED')) return null;
    throw err;
  }
}

describe.each(ALGORITHMS)('%s', (tag, hundreds) => {
  it.each(LEVELS)('level %i gives back what it took', (level) => {
    for (const size of [257, 943, 5000, 70_001, 300_000]) {
      const payload = contents(size);
      const stored = compress(hundreds + level, payload);
      expect(tagOf(stored)).toBe(tag);
      expect(stored.length).toBeLessThan(size);
      expectEqual(decompress(stored, size), payload);
    }
  });

  it.each([0, 1, 2, 255, 256])('stores %i bytes raw', (size) => {
    const payload = new Uint8Array(size);
    const stored = compress(hundreds + 9, payload);
    expect(stored).toBe(payload);
    expect(decompress(stored, size)).toEqual(payload);
  });

  it('stores raw what does not become smaller', () => {
    const payload = noise(2000);
    expect(compress(hundreds + 5, payload)).toBe(payload);
  });

  it.each([
    ['16 MiB - 1', MAX_BLOCK_BYTES, 1],
    ['16 MiB', 16 * MIB, 2],
    ['40 MiB', 40 * MIB, 3],
  ])('splits %s into blocks', (_name, size, blocks) => {
    const payload = contents(size);
    const stored = compress(hundreds + 1, payload);
    let found = 0;
    for (let at = 0; at < stored.length; found++) {
      expect(tagOf(stored.subarray(at))).toBe(tag);
      at += 9 + Buffer.from(stored.buffer, stored.byteOffset + at).readUIntLE(3, 3);
    }
    expect(found).toBe(blocks);
    expectEqual(decompress(stored, size), payload);
  });

  it('works from address to address as from array to array', () => {
    const payload = contents(20_000);
    const setting = prepareCompression(hundreds + 4, payload.length);
    const memory = codecMemory();
    const [at, out, back] = [memory.alloc(20_000), memory.alloc(20_000), memory.alloc(20_000)];
    memory.u8.set(payload, at);
    const stored = compressInto(setting, at, payload.length, out, maxCompressedBytes(payload.length));
    expectEqual(memory.u8.subarray(out, out + stored), compress(hundreds + 4, payload));
    decompressInto(out, stored, back, payload.length);
    expectEqual(memory.u8.subarray(back, back + payload.length), payload);
    for (const region of [at, out, back]) memory.free(region);
  });

  it('never crashes on damage, and finds it where the format has a checksum', () => {
    const payload = contents(3000);
    const stored = compress(hundreds + 5, payload);
    const damage = fc.record({ at: fc.nat(stored.length - 1), flip: fc.integer({ min: 1, max: 255 }), cut: fc.boolean() });
    fc.assert(
      fc.property(damage, ({ at, flip, cut }) => {
        const bad = cut ? stored.slice(0, at) : stored.slice();
        if (!cut) bad[at] = (bad[at] as number) ^ flip;
        // Null: the damage was found. Some bits have no meaning; and ROOT's ZS frames carry no checksum.
        const object = decompressOrNull(bad, payload.length);
        if (object !== null && tag !== 'ZS') expectEqual(object, payload);
      }),
      { numRuns: 1500 },
    );
  });

  it('survives noise behind a valid header', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 400 }), fc.integer({ min: 500, max: 3000 }), (body, size) => {
        expect(() => decompress(block(tag, body, size), size)).toThrow(expect.objectContaining({ offset: 0 }));
      }),
      { numRuns: 500 },
    );
  });
});

describe('ZL and CS', () => {
  it('agree with zlib in both directions', () => {
    for (const size of [300, 4097, 100_000]) {
      const payload = contents(size, 7);
      for (const level of [1, 6, 9]) {
        expectEqual(inflateSync(compress(100 + level, payload).subarray(9)), payload);
        expectEqual(decompress(block('ZL', deflateSync(payload, { level }), size), size), payload);
      }
      const raw = deflateSync(payload).subarray(2, -4);
      expectEqual(decompress(block('CS', raw, size), size), payload);
    }
  });

  it.each([0, 1, 15, 16, 17, 5519, 5520, 5521, 5552, 6000])('take the right checksum of %i bytes of 0xff', (size) => {
    const payload = new Uint8Array(size + 300).fill(0xff);
    expectEqual(decompress(block('ZL', deflateSync(payload), payload.length), payload.length), payload);
  });

  it('find a wrong checksum, a wrong size, and bytes after the end', () => {
    const payload = contents(1000);
    const stream = deflateSync(payload);
    const wrong = stream.slice();
    wrong[wrong.length - 1] = (wrong[wrong.length - 1] as number) ^ 1;
    const longer = Buffer.concat([stream.subarray(0, -4), Uint8Array.of(0), stream.subarray(-4)]);
    const error = (reason: RegExp): unknown =>
      expect.objectContaining({ code: 'CORRUPT_FILE', offset: 0, reason: expect.stringMatching(reason) as unknown });
    expect(() => decompress(block('ZL', wrong, 1000), 1000)).toThrow(error(/^ZL block: checksum/));
    expect(() => decompress(block('ZL', stream, 999), 999)).toThrow(error(/exactly the announced 999 bytes/));
    expect(() => decompress(block('ZL', stream, 1001), 1001)).toThrow(error(/exactly the announced 1001 bytes/));
    expect(() => decompress(block('ZL', longer, 1000), 1000)).toThrow(error(/exactly the announced 1000 bytes/));
    expect(() => decompress(block('CS', stream.subarray(2), 1000), 1000)).toThrow(error(/exactly the announced/));
  });
});

describe('L4', () => {
  it('begins with the big-endian XXH64 of the block, which is verified', () => {
    const stored = compress(404, contents(1000));
    for (const at of [9, 16, stored.length - 1]) {
      const bad = stored.slice();
      bad[at] = (bad[at] as number) ^ 0x10;
      expect(() => decompress(bad, 1000)).toThrow('L4 block: checksum does not match the data (at offset 0)');
    }
  });
});

describe('payloads', () => {
  const payload = contents(1000);
  const two = Buffer.concat([compress(101, payload), compress(505, payload)]);

  it('may mix algorithms', () => {
    expectEqual(decompress(two, 2000), Buffer.concat([payload, payload]));
  });

  it('must add up', () => {
    const missing = { code: 'CORRUPT_FILE', offset: two.length, expected: 2001, found: 2000 };
    expect(() => decompress(two, 2001)).toThrow(expect.objectContaining(missing));
    expect(() => decompress(two, 1999)).toThrow(expect.objectContaining({ code: 'CORRUPT_FILE', expected: '1 to 999 bytes', found: 1000 }));
    expect(() => decompress(two.subarray(0, -1), 2000)).toThrow(CorruptFileError);
    expect(() => decompress(Buffer.concat([two, Uint8Array.of(0)]), 2000)).toThrow('compressed block ends too early');
    expect(() => decompress(new Uint8Array(0), 10)).toThrow(expect.objectContaining({ offset: 0, expected: 10, found: 0 }));
  });

  it('take no memory for a length that their blocks do not have', () => {
    const stored = compress(505, new Uint8Array(3 * MIB));
    for (const bytes of [2e9, 8e9, 2 ** 52]) expect(() => decompress(stored, bytes)).toThrow(CorruptFileError);
  });

  it('name the offset of the damaged block', () => {
    const bad = Uint8Array.from(two);
    const second = compress(101, payload).length;
    bad[second + 9] = 0;
    expect(() => decompress(bad, 2000)).toThrow(expect.objectContaining({ code: 'CORRUPT_FILE', offset: second }));
    expect(() => verifyPayload(bad, 2000)).toThrow(expect.objectContaining({ code: 'CORRUPT_FILE', offset: second }));
    verifyPayload(two, 2000);
    verifyPayload(payload, 1000);
  });

  it('are refused with more stored bytes than the object has', () => {
    const error = expect.objectContaining({ code: 'CORRUPT_FILE', expected: 'at most 5', found: 6 }) as unknown;
    expect(() => decompress(new Uint8Array(6), 5)).toThrow(error);
    expect(() => decompressInto(codecMemory().alloc(16), 6, 0, 5)).toThrow(error);
  });

  it('are stored raw if one block does not become smaller', () => {
    const mixed = contents(2 * 9 * MIB);
    mixed.set(noise(9 * MIB), 9 * MIB);
    expect(compress(401, mixed)).toBe(mixed);
  });

  it('are stored raw without compression', () => {
    expect(compress(0, payload)).toBe(payload);
    expect(compress(500, payload)).toBe(payload);
  });

  it('need room', () => {
    expect(() => compressInto(prepareCompression(102, 1000), 0, 1000, 0, 999)).toThrow(InternalError);
  });

  it('leave nothing allocated behind', () => {
    compress(101, payload);
    const before = codecMemory().usedBytes;
    compress(101, payload);
    decompress(two, 2000);
    expect(() => decompress(two, 2001)).toThrow(CorruptFileError);
    expect(codecMemory().usedBytes).toBe(before);
  });
});
