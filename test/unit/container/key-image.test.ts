import { describe, expect, it } from 'vitest';
import { CorruptFileError } from '../../../src/errors.ts';
import { checkKeyImage } from '../../../src/io/root/container/key-image.ts';
import { encodeKeyInto, keyLength, needsBigKey, type NewKey } from '../../../src/io/root/container/key.ts';
import { KeyTable } from '../../../src/io/root/container/key-table.ts';

const BIG = 3_000_000_000;

function header(className: string, seekKey: number): Uint8Array {
  const texts = { className: Buffer.from(className), name: Buffer.from('name'), title: Buffer.from('a title') };
  const key: NewKey = { ...texts, cycle: 2, datime: 7, objlen: 50, storedBytes: 50, seekPdir: 100 };
  const bytes = new Uint8Array(keyLength(texts, needsBigKey(seekKey, 100)));
  encodeKeyInto(bytes, 0, key, seekKey);
  return bytes;
}

/** A key list of one image. */
function listOf(image: Uint8Array): KeyTable {
  return new KeyTable(Buffer.concat([Buffer.from([0, 0, 0, 1]), image]), 0);
}

/** The field that differs, or '' where all is well. */
function differing(keys: KeyTable, record: Uint8Array): string {
  try {
    checkKeyImage(keys, 0, new DataView(Uint8Array.from([0, 0, 0, ...record]).buffer), 3);
    return '';
  } catch (err) {
    if (!(err instanceof CorruptFileError)) throw err;
    expect(err.offset).toBe(keys.seekKey(0));
    return err.reason.split(' of the record')[0] ?? '';
  }
}

const fields = (...parts: [name: string, bytes: number][]): string[] => parts.flatMap(([name, bytes]) => Array<string>(bytes).fill(name));
const NUMBERS: [string, number][] = [
  ['fNbytes', 4],
  ['fVersion', 2],
  ['fObjlen', 4],
  ['fDatime', 4],
  ['fKeylen', 2],
  ['fCycle', 2],
];
const TEXTS: [string, number][] = [
  ['fClassName', 5],
  ['fName', 5],
  ['fTitle', 8],
];

describe('a record whose header differs from its image in the key list in one byte', () => {
  it.each([
    ['32-bit', 500, fields(...NUMBERS, ['fSeekKey', 4], ['', 4], ...TEXTS)],
    ['64-bit', BIG, fields(...NUMBERS, ['fSeekKey', 8], ['process-id offset', 2], ['', 6], ...TEXTS)],
  ])('is refused by the name of the field, but for the place of its directory: %s key', (_, seekKey, expected) => {
    const good = header('TH1F', seekKey);
    const keys = listOf(good);
    expect(differing(keys, good)).toBe('');
    const found = Array.from(good, (byte, k) => {
      const bad = Uint8Array.from(good);
      bad[k] = byte ^ 1;
      return differing(keys, bad);
    });
    expect(found).toEqual(expected);
  });

  it('tells what either says', () => {
    const record = Buffer.from(header('TH1F', 500));
    record.write('nime', record.indexOf('name'));
    expect(() => checkKeyImage(listOf(header('TH1F', 500)), 0, new DataView(Uint8Array.from(record).buffer), 0)).toThrow(
      'fName of the record differs from the key list: expected name, found nime',
    );
  });
});

it('a directory that ROOT 5 lists under its newer class is the same', () => {
  const record = header('TDirectory', 500);
  const listed = Buffer.from(header('TDirectoryFile', 500));
  record.subarray(0, 18).forEach((byte, k) => listed.writeUInt8(byte, k));
  expect(differing(listOf(listed), record)).toBe('');
  record[record.length - 1]! ^= 1;
  expect(differing(listOf(listed), record)).toBe('fTitle');
});

it('a record that is cut is another', () => {
  const good = header('TH1F', 500);
  expect(differing(listOf(good), good.subarray(0, good.length - 1))).toBe('fTitle');
});
