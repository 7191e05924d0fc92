import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CorruptFileError } from '../../../src/errors.ts';
import { BigEndianReader } from '../../../src/io/bytes/big-endian.ts';
import {
  checkDirectoryClosed,
  encodeDirectoryRecord,
  isDirectoryClass,
  parseDirectoryRecord,
  type DirectoryRecord,
} from '../../../src/io/root/container/directory.ts';

const uuid = Uint8Array.from({ length: 16 }, (_, i) => i + 1);
const sample: DirectoryRecord = {
  datimeCreated: 1,
  datimeModified: 2,
  nbytesKeys: 300,
  nbytesName: 48,
  seekDir: 160,
  seekParent: 100,
  seekKeys: 9000,
  uuid,
};

describe('a directory record', () => {
  it('in the small form takes 48 bytes and 12 zeros, so that it can grow in place', () => {
    const bytes = encodeDirectoryRecord(sample);
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    expect(bytes).toHaveLength(60);
    expect([view.getInt16(0), view.getUint32(2), view.getUint32(6), view.getInt32(10), view.getInt32(14)]).toEqual([5, 1, 2, 300, 48]);
    expect([view.getInt32(18), view.getInt32(22), view.getInt32(26), view.getUint16(30)]).toEqual([160, 100, 9000, 1]);
    expect([...bytes.subarray(32, 48)]).toEqual([...uuid]);
    expect([...bytes.subarray(48)]).toEqual(new Array(12).fill(0));
  });

  it('in the big form takes the same 60 bytes', () => {
    const bytes = encodeDirectoryRecord({ ...sample, seekKeys: 2_000_000_001 });
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    expect(bytes).toHaveLength(60);
    expect([view.getInt16(0), view.getBigInt64(18), view.getBigInt64(26), view.getBigInt64(34), view.getUint16(42)]).toEqual([
      1005,
      160n,
      100n,
      2_000_000_001n,
      1,
    ]);
    expect([...bytes.subarray(44)]).toEqual([...uuid]);
  });

  it.each(['seekDir', 'seekParent', 'seekKeys'] as const)('is big as soon as %s lies beyond 2 000 000 000', (field) => {
    expect(encodeDirectoryRecord({ ...sample, [field]: 2_000_000_000 })[0]).toBe(0);
    expect(encodeDirectoryRecord({ ...sample, [field]: 2_000_000_001 })[0]).toBe(1005 >> 8);
  });

  it('is parsed to what was written', () => {
    const position = fc.oneof(fc.nat(2_100_000_000), fc.maxSafeNat());
    const i32 = fc.nat(0x7fffffff);
    const any = fc.record({
      datimeCreated: i32,
      datimeModified: i32,
      nbytesKeys: i32,
      nbytesName: i32,
      seekDir: position,
      seekParent: position,
      seekKeys: position,
    });
    fc.assert(
      fc.property(any, (d) => {
        expect(parseDirectoryRecord(new BigEndianReader(encodeDirectoryRecord({ ...d, uuid })))).toEqual({ ...d, uuid });
      }),
    );
  });

  it('of version 1 has no UUID', () => {
    const bytes = encodeDirectoryRecord(sample);
    bytes[1] = 1;
    expect(parseDirectoryRecord(new BigEndianReader(bytes)).uuid).toEqual(new Uint8Array(16));
  });

  it('cut inside is an error', () => {
    const bytes = encodeDirectoryRecord(sample);
    for (let length = 0; length < 30; length++) {
      expect(() => parseDirectoryRecord(new BigEndianReader(bytes.subarray(0, length)))).toThrow(CorruptFileError);
    }
  });
});

describe('a directory that was not closed', () => {
  it('has no key list', () => {
    expect(() => checkDirectoryClosed({ ...sample, seekKeys: 0 }, 10_000, true)).toThrow(
      'directory has no key list: the file was never closed (at offset 160)',
    );
    expect(() => checkDirectoryClosed({ ...sample, seekKeys: 0 }, 10_000, false)).toThrow('directory has no key list');
  });
  it('or one outside the file', () => {
    expect(() => checkDirectoryClosed(sample, 9299, false)).toThrow('key list lies outside the file: expected at most 9299, found 9300');
    expect(() => checkDirectoryClosed({ ...sample, nbytesKeys: 0 }, 10_000, false)).toThrow('key list lies outside the file');
    expect(() => checkDirectoryClosed(sample, 9300, true)).not.toThrow();
  });
  it('is not one below the root that never held an object: ROOT writes no list for it', () => {
    expect(() => checkDirectoryClosed({ ...sample, seekKeys: 0, nbytesKeys: 0 }, 10_000, false)).not.toThrow();
    expect(() => checkDirectoryClosed({ ...sample, seekKeys: 0, nbytesKeys: 0 }, 10_000, true)).toThrow('was never closed');
  });
});

it('classes of directories', () => {
  expect(['TDirectory', 'TDirectoryFile', 'TFile', 'TDirectoryX', 'TTree'].map(isDirectoryClass)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});
