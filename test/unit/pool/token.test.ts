import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { CorruptFileError } from '../../../src/errors.ts';
import { formatGuid, guidFromDigest, parseGuid } from '../../../src/io/pool/guid.ts';
import { formatHalf, formatToken, isLocal, parseToken, type Token } from '../../../src/io/pool/token.ts';

const TAG =
  '[DB=81FB839F-06FD-F947-8A9F-9E9F5B0E0F9C][CNT=POOLContainer(DataHeader)][CLID=4DDBD295-EFCE-472A-9EC8-15CD35A9EB8D][TECH=00000203][OID=00003B9400000062-00003B9400000007]';
const LEGACY =
  '[DB=06C9EAE8-6F5B-E011-BAAA-003048F0E7AC][CNT=POOLContainer_DataHeaderForm][CLID=3397D8A3-BBE6-463C-9F8E-4B3DFD8831FE][TECH=00000202][OID=00000004-00000000]';

describe('token text', () => {
  test('fields of an index token', () => {
    const token = parseToken(TAG);
    expect(token).toMatchObject({ container: 'POOLContainer(DataHeader)', technology: 0x203, oidDigits: 16, aux: '' });
    expect(token.oid1).toBe(0x00003b9400000062n);
    expect(token.oid2).toBe(0x00003b9400000007n);
  });

  test('legacy OIDs keep their width and FFFFFFFF means -1', () => {
    expect(formatToken(parseToken(LEGACY))).toBe(LEGACY);
    const link = parseToken(LEGACY.replace('00000004-00000000', '00000003-FFFFFFFF').replace(/DB=[^\]]*/, 'DB=<localDB>'));
    expect(link.oid2).toBe(-1n);
    expect(isLocal(link, 'whatever')).toBe(true);
  });

  test('trailing text is kept', () => {
    const text = `${TAG}[CTXT=00000001][PNAME=x]`;
    expect(parseToken(text).aux).toBe('[CTXT=00000001][PNAME=x]');
    expect(formatToken(parseToken(text))).toBe(text);
  });

  test.each([
    ['cut', TAG.slice(0, -3)],
    ['no class', TAG.replace('CLID=4DDBD295', 'CLID=4DDBD29')],
    ['no file', TAG.replace('DB=81FB839F', 'DB=XX')],
    ['halves of different width', TAG.replace('00003B9400000062', '00000062')],
    ['empty', ''],
  ])('refuses a malformed token: %s', (_, text) => {
    expect(() => parseToken(text)).toThrow(CorruptFileError);
  });

  test('a value that does not fit legacy text is refused', () => {
    expect(() => formatHalf(0x1_0000_0000n, 8)).toThrow(/does not fit 8 digits/);
    expect(formatHalf(-1n, 8)).toBe('FFFFFFFF');
    expect(formatHalf(-1n, 16)).toBe('FFFFFFFFFFFFFFFF');
  });

  test('parse and format are inverse', () => {
    const guid = fc.uint8Array({ minLength: 16, maxLength: 16 }).map(formatGuid);
    const token: fc.Arbitrary<Token> = fc.record({
      db: guid,
      container: fc.stringMatching(/^[A-Za-z_/.]{0,20}(\([A-Za-z_/.]{1,10}\))?$/),
      classId: guid,
      technology: fc.integer({ min: 0, max: 0xffff_ffff }),
      oid1: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      oid2: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      oidDigits: fc.constant(16 as const),
      aux: fc.constantFrom('', '[CTXT=00000002]'),
    });
    fc.assert(
      fc.property(token, (t) => {
        expect(parseToken(formatToken(t))).toEqual(t);
      }),
    );
  });
});

test('GUID text and bytes are inverse, in the order of the text', () => {
  const text = '81FB839F-06FD-F947-8A9F-9E9F5B0E0F9C';
  expect([...parseGuid(text)].slice(0, 4)).toEqual([0x81, 0xfb, 0x83, 0x9f]);
  expect(formatGuid(parseGuid(text))).toBe(text);
  expect(guidFromDigest(new Uint8Array(32).fill(0xff))).toBe('FFFFFFFF-FFFF-4FFF-BFFF-FFFFFFFFFFFF');
});
