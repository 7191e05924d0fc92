import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UnsupportedError } from '../../../src/errors.ts';
import { BigEndianWriter } from '../../../src/io/bytes/big-endian.ts';
import { encodeTreeIndex, joinTreeIndices, parseTreeIndex, type TreeIndex } from '../../../src/io/root/tree/tree-index.ts';

/** Base class part as ROOT writes it: TVirtualIndex version 1 over TNamed version 1. */
const BASE = Buffer.from('4000001400014000000e0001000100000000020000000000', 'hex');

function index(rows: readonly (readonly [bigint, bigint, bigint])[]): TreeIndex {
  const sorted = rows.toSorted((a, b) => (a[0] === b[0] ? Number(a[1] - b[1]) : Number(a[0] - b[0])));
  const column = (k: 0 | 1 | 2): BigInt64Array => BigInt64Array.from(sorted, (row) => row[k]);
  return { base: BASE, majorName: 'run', minorName: 'event', major: column(0), minor: column(1), entry: column(2) };
}

const rowOf = fc.tuple(fc.bigInt({ min: -50n, max: 50n }), fc.bigInt({ min: -3n, max: 3n }), fc.bigInt({ min: 0n, max: 1000n }));

describe('TTreeIndex', () => {
  it('is parsed from what it is encoded to', () => {
    fc.assert(
      fc.property(fc.array(rowOf, { maxLength: 20 }), (rows) => {
        const bytes = encodeTreeIndex(index(rows));
        expect(parseTreeIndex(bytes, 0, bytes.length)).toEqual({ ...index(rows), base: new Uint8Array(BASE) });
      }),
    );
  });

  it('of version 1 keeps major and minor in one number', () => {
    const w = new BigEndianWriter();
    w.u32(0);
    w.u16(1);
    w.raw(BASE);
    w.tstring('run');
    w.tstring('event');
    w.i64(1);
    w.i64(7 * 2 ** 31 + 5);
    w.i64(42);
    w.view.setUint32(0, 0x4000_0000 + w.pos - 4);
    const bytes = w.done();
    expect(parseTreeIndex(bytes, 0, bytes.length)).toMatchObject({
      major: BigInt64Array.of(7n),
      minor: BigInt64Array.of(5n),
      entry: BigInt64Array.of(42n),
    });
  });

  it('of several trees is sorted, complete and shifted', () => {
    fc.assert(
      fc.property(fc.array(fc.array(rowOf, { maxLength: 10 }), { minLength: 1, maxLength: 4 }), (parts) => {
        const joined = joinTreeIndices(
          parts.map(index),
          parts.map((_, i) => 1000 * i),
        );
        const rows = Array.from(joined.entry, (entry, i) => [joined.major[i], joined.minor[i], entry] as const);
        const expected = parts.flatMap((part, i) => part.map(([major, minor, entry]) => [major, minor, entry + BigInt(1000 * i)] as const));
        const text = (row: readonly (bigint | undefined)[]): string => row.join();
        expect(rows.map(text).sort()).toEqual(expected.map(text).sort());
        for (let i = 1; i < rows.length; i++) {
          const [a, b] = [rows[i - 1] as [bigint, bigint, bigint], rows[i] as [bigint, bigint, bigint]];
          expect(a[0] < b[0] || (a[0] === b[0] && a[1] <= b[1])).toBe(true);
        }
      }),
    );
  });

  it.each([0, 3])('of version %i is refused', (version) => {
    const bytes = Uint8Array.from(encodeTreeIndex(index([[1n, 2n, 3n]])));
    const view = new DataView(bytes.buffer);
    expect(view.getUint16(4)).toBe(2);
    view.setUint16(4, version);
    expect(() => parseTreeIndex(bytes, 0, bytes.length)).toThrow(UnsupportedError);
    expect(() => parseTreeIndex(bytes, 0, bytes.length)).toThrow(`TTreeIndex version ${version}`);
  });

  it('that says another number of rows is an error', () => {
    const bytes = encodeTreeIndex(index([[1n, 2n, 3n]]));
    expect(() => parseTreeIndex(bytes, 0, bytes.length - 8)).toThrow(/byte count of TTreeIndex/);
    const cut = bytes.slice(0, -8);
    new DataView(cut.buffer).setUint32(0, 0x4000_0000 + cut.length - 4);
    expect(() => parseTreeIndex(cut, 0, cut.length)).toThrow(/another number of entries/);
  });
});
