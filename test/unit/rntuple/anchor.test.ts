import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CorruptFileError, UnsupportedError } from '../../../src/errors.ts';
import {
  ANCHOR_BYTES,
  EXPERIMENTAL_RNTUPLE_CLASS,
  RNTUPLE_CLASS,
  encodeAnchor,
  isRNTupleClass,
  parseAnchor,
} from '../../../src/io/root/rntuple/anchor.ts';
import { openTuple, sample } from './tuple-contents.ts';

function anchorBytes(name: string): Uint8Array {
  const { file, directory, keyIndex } = openTuple(sample(name));
  const { payload } = file.readObject(directory, keyIndex);
  file.close();
  return payload;
}

function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = value;
  return copy;
}

describe('anchor', () => {
  it('reads what ROOT 6.40 wrote', () => {
    const anchor = parseAnchor(RNTUPLE_CLASS, anchorBytes('ixvw'));
    expect(anchor.version).toEqual([1, 0, 2, 0]);
    expect(anchor.maxKeySize).toBe(2 ** 30);
    expect(anchor.header.storedBytes).toBeLessThan(anchor.header.bytes);
    const file = readFileSync(sample('ixvw'));
    // the envelope lies behind a 42-byte key of class RBlob
    expect(file.toString('latin1', anchor.header.offset - 8, anchor.header.offset)).toBe('\x05RBlob\0\0');
    expect(file.readInt32BE(anchor.header.offset - 42)).toBe(42 + anchor.header.storedBytes);
  });

  it('encodes to the bytes it was parsed from', () => {
    const bytes = anchorBytes('late_15');
    expect(bytes.length).toBe(ANCHOR_BYTES);
    expect(Buffer.from(encodeAnchor(parseAnchor(RNTUPLE_CLASS, bytes))).toString('hex')).toBe(Buffer.from(bytes).toString('hex'));
  });

  it.each([14, 30, 69, 70, 77])('notices a changed byte %i', (at) => {
    const bytes = anchorBytes('ixvw');
    expect(() => parseAnchor(RNTUPLE_CLASS, changed(bytes, at, (bytes[at] as number) ^ 1))).toThrow(
      /anchor does not agree with its checksum/,
    );
  });

  it('refuses what it does not know, by name', () => {
    const bytes = anchorBytes('ixvw');
    expect(() => parseAnchor(EXPERIMENTAL_RNTUPLE_CLASS, bytes)).toThrow(/pre-release RNTuple format \(epoch 0\)/);
    expect(() => parseAnchor(RNTUPLE_CLASS, changed(bytes, 7, 2))).toThrow('RNTuple format 2.0.2.0: only epoch 1 is supported');
    expect(() => parseAnchor(RNTUPLE_CLASS, changed(bytes, 5, 3))).toThrow(UnsupportedError);
    expect(() => parseAnchor(RNTUPLE_CLASS, new Uint8Array([...bytes, 0]))).toThrow(UnsupportedError);
    expect(() => parseAnchor(RNTUPLE_CLASS, bytes.subarray(0, 77))).toThrow(CorruptFileError);
    expect(() => parseAnchor(RNTUPLE_CLASS, bytes.subarray(0, 9))).toThrow(CorruptFileError);
  });

  it('knows both class names', () => {
    expect([RNTUPLE_CLASS, EXPERIMENTAL_RNTUPLE_CLASS, 'ROOT::RNTupleX', 'TTree'].map(isRNTupleClass)).toEqual([true, true, false, false]);
  });
});
