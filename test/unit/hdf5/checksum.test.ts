import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lookup3 } from '../../../src/io/hdf5/checksum.ts';
import { hdf5Sample } from './hdf5-samples.ts';

describe('lookup3', () => {
  it('gives the values of the reference (lookup3.c, driver5)', () => {
    expect(lookup3(new Uint8Array(0))).toBe(0xdeadbeef);
    expect(lookup3(Buffer.from('Four score and seven years ago'))).toBe(0x17770551);
  });

  it('is the checksum of a superblock that the HDF5 library wrote', () => {
    const superblock = readFileSync(hdf5Sample('latest', 0)).subarray(0, 48); // version 3: 44 bytes, then the checksum
    expect(superblock[8]).toBe(3);
    expect(lookup3(superblock.subarray(0, 44))).toBe(superblock.readUInt32LE(44));
  });
});
