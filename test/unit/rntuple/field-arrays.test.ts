/** Values of RNTuple fields as typed arrays; that uproot reads the same of real files is tested in interop/values.test.ts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { halfOf } from '../../../src/io/bytes/half-float.ts';
import { UsageError } from '../../../src/errors.ts';
import { createRootFile } from '../../../src/io/component/root-output.ts';
import type { ColumnArrays } from '../../../src/io/root/column-arrays.ts';
import { openRootFile } from '../../../src/io/root/root-file.ts';
import { fieldPaths, readField } from '../../../src/io/root/rntuple/field-arrays.ts';
import { openTuple } from '../../../src/io/root/rntuple/open-tuple.ts';
import {
  packElements,
  quantizedZero,
  unpackBits,
  unpackElements,
  unpackQuantized,
  unpackTruncated,
} from '../../../src/io/root/rntuple/packed-elements.ts';
import { Scratch, fixture } from '../../scratch.ts';

describe('readField', () => {
  it('gives typed arrays and levels over several clusters', () => {
    using file = openRootFile(fixture('rntuple/ixvw_0.root'));
    const tuple = openTuple(file, '/nt');
    expect(tuple.entryCount).toBeGreaterThan(20);
    const first = readField(tuple, 'i', { entryCount: 1 }).values[0] as number;
    expect(readField(tuple, 'i', { firstEntry: 18, entryCount: 4 })).toEqual({
      type: 'int32',
      firstEntry: 18,
      entryCount: 4,
      levels: [],
      values: Int32Array.of(first + 18, first + 19, first + 20, first + 21),
    });
    expect(readField(tuple, 'x', { firstEntry: 1, entryCount: 2 })).toMatchObject({
      type: 'float32',
      values: Float32Array.of(0.5 * (first + 1), 0.5 * (first + 2)),
    });
    expect(readField(tuple, 'v', { firstEntry: 19, entryCount: 3 })).toMatchObject({
      type: 'float32',
      levels: [Int32Array.of(0, 3, 3, 4)],
      values: Float32Array.of(first + 19, first + 19, first + 19, first + 21),
    });
    expect(readField(tuple, 'v._0', { entryCount: 2 })).toEqual(readField(tuple, 'v', { entryCount: 2 }));
    expect(readField(tuple, 'word', { firstEntry: 19, entryCount: 3 })).toMatchObject({
      type: 'string',
      levels: [],
      values: [19, 20, 21].map((n) => String.fromCodePoint(97 + ((first + n) % 26)).repeat(n % 5)),
    });
    expect(fieldPaths(tuple)).toEqual(['i', 'x', 'v', 'word']);
  });

  it('reads what was written, in any window', () => {
    using scratch = new Scratch();
    const path = scratch.path('n.root');
    using written = createRootFile(path, { force: true });
    const writer = written.bookTuple('/', {
      name: 'n',
      columns: [
        { name: 'flag', type: 'bool' },
        { name: 'big', type: 'uint64' },
        { name: 'a', type: 'int16', shape: [2] },
        { name: 's', type: 'vector<string>' },
      ],
    });
    const rows = Array.from({ length: 30 }, (_, i) => ({
      flag: i % 3 === 0,
      big: 2n ** 63n + BigInt(i),
      a: [i, -i],
      s: Array.from({ length: i % 3 }, (__, k) => `${i}.${k}`),
    }));
    for (const row of rows) writer.fill(row);
    written.close();
    using file = openRootFile(path);
    const tuple = openTuple(file, '/n');
    fc.assert(
      fc.property(fc.nat(40), fc.nat(40), (firstEntry, entryCount) => {
        const part = rows.slice(firstEntry, firstEntry + entryCount);
        const read = (name: string): ColumnArrays => readField(tuple, name, { firstEntry, entryCount });
        expect(read('flag')).toMatchObject({ type: 'bool', levels: [], values: Uint8Array.from(part, ({ flag }) => Number(flag)) });
        expect(read('big')).toMatchObject({ type: 'uint64', values: BigUint64Array.from(part, ({ big }) => big) });
        expect(read('a')).toMatchObject({ type: 'int16', levels: [2], values: Int16Array.from(part.flatMap(({ a }) => a)) });
        expect(read('s')).toMatchObject({ type: 'string', values: part.flatMap(({ s }) => s) });
        expect([...(read('s').levels[0] as Int32Array)]).toEqual(
          part.reduce((offsets, { s }) => [...offsets, (offsets.at(-1) as number) + s.length], [0]),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('reads elements that were not stored as 0', () => {
    using file = openRootFile(fixture('rntuple/late_15.root'));
    const tuple = openTuple(file, '/nt');
    const entries = Array.from({ length: 30 }, (_, n) => ({ n, value: n < 15 ? 0 : 100 + n, items: n < 15 ? 0 : n % 3 }));
    expect(readField(tuple, 'i').values).toEqual(Int32Array.from(entries, ({ n }) => 100 + n));
    expect(readField(tuple, 'late').values).toEqual(Float32Array.from(entries, ({ value }) => value));
    expect(readField(tuple, 'lateVector').values).toEqual(
      Int32Array.from(entries.flatMap(({ value, items }) => Array.from({ length: items }, () => value))),
    );
    expect(readField(tuple, 'lateArray').values).toEqual(
      Int16Array.from(entries.flatMap(({ n, value }) => (value === 0 ? [0, 0, 0] : [n, 1, 2]))),
    );
  });

  it('reads arrays of records field by field', () => {
    using file = openRootFile(fixture('rntuple/pairs.root'));
    const tuple = openTuple(file, '/nt');
    expect(fieldPaths(tuple)).toEqual(['pairs._0._0', 'pairs._0._1']);
    expect(readField(tuple, 'pairs._0._0')).toMatchObject({ type: 'int32', levels: [2], values: Int32Array.of(0, -0, 1, -1, 2, -2) });
    expect(() => readField(tuple, 'pairs')).toThrow('the field has no values of its own, only its fields: _0');
  });

  it('names what it cannot read', () => {
    using file = openRootFile(fixture('rntuple/ixvw_0.root'));
    const tuple = openTuple(file, '/nt');
    expect(() => readField(tuple, 'nothing')).toThrow('the RNTuple has no such field');
    expect(() => readField(tuple, 'i', { firstEntry: -1 })).toThrow(UsageError);
    expect(() => openTuple(file, '/none')).toThrow('the file has no such RNTuple');
  });
});

describe('elements that are no whole bytes', () => {
  it('follow each other from the lowest bit', () => {
    expect(unpackBits(Uint8Array.of(0b0000_0101, 1), 9)).toEqual(Uint8Array.of(1, 0, 1, 0, 0, 0, 0, 0, 1));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 32 }), fc.array(fc.nat(2 ** 32 - 1)), (bits, values) => {
        const wanted = values.map((value) => value % 2 ** bits);
        const all = wanted.reduceRight((sum, value) => (sum << BigInt(bits)) | BigInt(value), 0n);
        const page = Uint8Array.from({ length: Math.ceil((bits * values.length) / 8) }, (_, i) => Number((all >> BigInt(8 * i)) & 255n));
        expect([...unpackElements(page, values.length, bits)]).toEqual(wanted);
      }),
    );
  });

  it('are truncated or quantized reals', () => {
    expect(unpackTruncated(Uint8Array.of(0x80, 0x3f), 1, 16)).toEqual(Float32Array.of(1));
    expect(unpackQuantized(Uint8Array.of(0, 255, 51), 3, 8, [-1, 4])).toEqual(Float32Array.of(-1, 4, 0));
  });

  it('are packed as they are unpacked', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 32 }), fc.nat(2 ** 32 - 1), fc.nat(20), (bits, value, count) => {
        const element = value % 2 ** bits;
        expect([...unpackElements(packElements(element, count, bits), count, bits)]).toEqual(Array.from({ length: count }, () => element));
      }),
    );
  });

  it('have a 0 of their own, or none', () => {
    expect(quantizedZero(8, [-128, 127])).toBe(128);
    expect(quantizedZero(32, [0, 3.5])).toBe(0);
    expect(quantizedZero(1, [-7, 0])).toBe(1);
    expect([quantizedZero(8, [-1, 1]), quantizedZero(8, [1, 2]), quantizedZero(8, [-2, -1])]).toEqual([undefined, undefined, undefined]);
  });

  it('halves are floats of 16 bits', () => {
    expect([0, 0x3c00, 0xc000, 0x7bff, 1, 0x7c00, 0xfc00].map(halfOf)).toEqual([0, 1, -2, 65_504, 2 ** -24, Infinity, -Infinity]);
    expect(halfOf(0x7c01)).toBeNaN();
  });
});
