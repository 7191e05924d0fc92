import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CorruptFileError, UnsupportedError } from '../../../src/errors.ts';
import { BigEndianReader } from '../../../src/io/bytes/big-endian.ts';
import {
  checkKey,
  encodeKeyInto,
  isBigKey,
  keyLength,
  needsBigKey,
  parseKey,
  patchSeeks,
  type NewKey,
} from '../../../src/io/root/container/key.ts';

const text = (s: string): Uint8Array => Buffer.from(s, 'utf8');
const sample: NewKey = {
  className: text('TH1F'),
  name: text('pt'),
  title: text(''),
  cycle: 2,
  datime: 0x7c45_6789,
  objlen: 1000,
  storedBytes: 400,
  seekPdir: 100,
};

function encode(key: NewKey, seekKey: number): Uint8Array {
  const target = new Uint8Array(keyLength(key, true) + 7);
  const length = encodeKeyInto(target, 3, key, seekKey);
  expect(target.subarray(0, 3)).toEqual(new Uint8Array(3));
  expect(target.subarray(3 + length).every((b) => b === 0)).toBe(true);
  return target.slice(3, 3 + length);
}

describe('a small key', () => {
  const bytes = encode(sample, 5000);
  const view = new DataView(bytes.buffer);

  it('has 26 bytes and three strings, each field at its place', () => {
    expect(bytes).toHaveLength(26 + 5 + 3 + 1);
    expect([view.getInt32(0), view.getUint16(4), view.getInt32(6), view.getUint32(10)]).toEqual([435, 4, 1000, 0x7c45_6789]);
    expect([view.getUint16(14), view.getInt16(16), view.getUint32(18), view.getUint32(22)]).toEqual([35, 2, 5000, 100]);
    expect(Buffer.from(bytes.subarray(26)).toString('latin1')).toBe('\x04TH1F\x02pt\x00');
  });

  it('is parsed to what was written', () => {
    expect(parseKey(new BigEndianReader(bytes))).toEqual({
      nbytes: 435,
      version: 4,
      objlen: 1000,
      datime: 0x7c45_6789,
      keylen: 35,
      cycle: 2,
      seekKey: 5000,
      seekPdir: 100,
      pidOffset: 0,
      className: 'TH1F',
      name: 'pt',
      title: '',
    });
  });
});

describe('a big key', () => {
  it("has 8 bytes more, 64-bit seeks and the process-id offset above the directory's", () => {
    const bytes = encode({ ...sample, seekPdir: 5_000_000_000, pidOffset: 0x1234 }, 123_456_789_012);
    const view = new DataView(bytes.buffer);
    expect(bytes).toHaveLength(34 + 5 + 3 + 1);
    expect([view.getUint16(4), view.getUint16(14), view.getBigInt64(18), view.getUint16(26)]).toEqual([1004, 43, 123_456_789_012n, 0x1234]);
    expect(view.getUint16(28) * 2 ** 32 + view.getUint32(30)).toBe(5_000_000_000);
    expect(parseKey(new BigEndianReader(bytes))).toMatchObject({
      nbytes: 443,
      seekKey: 123_456_789_012,
      seekPdir: 5_000_000_000,
      pidOffset: 0x1234,
      name: 'pt',
    });
  });

  it.each([
    [2_000_000_000, 100, 0, false],
    [2_000_000_001, 100, 0, true],
    [100, 2_000_000_001, 0, true],
    [100, 100, 1, true],
    [100, 100, 0, false],
  ])('position %d, directory %d, process-id offset %d: %s', (seekKey, seekPdir, pidOffset, big) => {
    expect(needsBigKey(seekKey, seekPdir, pidOffset)).toBe(big);
    expect(isBigKey(parseKey(new BigEndianReader(encode({ ...sample, seekPdir, pidOffset }, seekKey))).version)).toBe(big);
  });
});

describe('strings', () => {
  it.each([0, 1, 254, 255, 256, 5000])('of %d bytes are written with the right length prefix and read again', (length) => {
    const key = { ...sample, name: new Uint8Array(length).fill(0x61) };
    const bytes = encode(key, 5000);
    expect(bytes).toHaveLength(26 + 5 + length + (length < 255 ? 1 : 5) + 1);
    expect(parseKey(new BigEndianReader(bytes)).name).toBe('a'.repeat(length));
  });

  it('longer than the 16 bits of fKeylen allow are refused, not cut', () => {
    const key = { ...sample, name: new Uint8Array(40_000) };
    expect(() => encodeKeyInto(new Uint8Array(50_000), 0, key, 5000)).toThrow(UnsupportedError);
  });

  it('of any bytes survive, UTF-8 or not', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 300 }), fc.nat(2 ** 40), (name, title, seekKey) => {
        const r = new BigEndianReader(encode({ ...sample, name, title }, seekKey));
        const fixed = needsBigKey(seekKey, 100) ? 34 : 26;
        expect(parseKey(r).seekKey).toBe(seekKey);
        const strings = new BigEndianReader(r.bytes, fixed);
        expect([strings.tstringBytes().length, Buffer.from(strings.tstringBytes()), Buffer.from(strings.tstringBytes())]).toEqual([
          4,
          Buffer.from(name),
          Buffer.from(title),
        ]);
      }),
    );
  });
});

describe('patching the seeks', () => {
  it('changes 8 bytes of a small key', () => {
    const bytes = encode(sample, 5000);
    patchSeeks(new DataView(bytes.buffer), 0, false, 1_999_999_999, 160, 0);
    expect(parseKey(new BigEndianReader(bytes))).toEqual({
      ...parseKey(new BigEndianReader(encode(sample, 5000))),
      seekKey: 1_999_999_999,
      seekPdir: 160,
    });
  });

  it('changes 16 bytes of a big key', () => {
    const before = encode({ ...sample, pidOffset: 1 }, 5000);
    const bytes = Uint8Array.from(before);
    patchSeeks(new DataView(bytes.buffer), 0, true, 2 ** 45 + 3, 2 ** 46 + 5, 65_535);
    expect(parseKey(new BigEndianReader(bytes))).toMatchObject({ seekKey: 2 ** 45 + 3, seekPdir: 2 ** 46 + 5, pidOffset: 65_535 });
    expect([...bytes.subarray(0, 18), ...bytes.subarray(34)]).toEqual([...before.subarray(0, 18), ...before.subarray(34)]);
  });
});

describe('a damaged key', () => {
  const key = parseKey(new BigEndianReader(encode(sample, 5000)));

  it('cut anywhere is an error, never a value', () => {
    const bytes = encode({ ...sample, pidOffset: 1 }, 5000);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => parseKey(new BigEndianReader(bytes.subarray(0, length)))).toThrow(CorruptFileError);
    }
  });

  it('with a negative string length', () => {
    const bytes = Uint8Array.from([...encode(sample, 5000).subarray(0, 26), 255, 0xff, 0xff, 0xff, 0xff]);
    expect(() => parseKey(new BigEndianReader(bytes, 0, undefined, 5000))).toThrow(
      expect.objectContaining({ offset: 5026, found: -1, reason: expect.stringContaining('negative string length') as string }),
    );
  });

  it.each([
    ['shorter than its key', { nbytes: 34 }, 'record is shorter than its key: expected at least 35, found 34'],
    ['a gap', { nbytes: -400 }, 'record is shorter than its key'],
    ['with an impossible key length', { keylen: 20, nbytes: 400 }, 'record is shorter than its key'],
    ['with a negative object length', { objlen: -1 }, 'key has a negative object length: found -1'],
    ['reaching over the end', { nbytes: 5001 }, 'record lies outside the file: expected at most 10000, found 10001'],
  ])('%s is refused', (_, change, reason) => {
    expect(() => checkKey({ ...key, ...change }, 5000, 10_000)).toThrow(CorruptFileError);
    expect(() => checkKey({ ...key, ...change }, 5000, 10_000)).toThrow(reason);
  });

  it('that ends at the end of the file is fine', () => {
    expect(() => checkKey({ ...key, nbytes: 5000 }, 5000, 10_000)).not.toThrow();
  });
});
