/** Bins in native numbers: additions as ROOT's, equal to the kernels on stored bytes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TypeCode } from '../../../src/io/root/streamer/type-codes.ts';
import * as kernels from '../../../src/io/codec/kernels-plain.ts';
import { addCells, addToCell, cellBytes, cellTypeOf, decodeCells, encodeCells, type Cells } from '../../../src/merge/bins/cells.ts';
import type { CellType } from '../../../src/merge/bins/cells.ts';

type Kernel = (view: DataView, to: number, from: number, count: number) => number;

const CASES: [CellType, Kernel, fc.Arbitrary<Cells>][] = [
  ['C', kernels.addI8, fc.int8Array({ minLength: 2, maxLength: 2 })],
  ['S', kernels.addI16, fc.int16Array({ minLength: 2, maxLength: 2 })],
  ['I', kernels.addI32, fc.int32Array({ minLength: 2, maxLength: 2 })],
  ['L', kernels.addI64, fc.bigInt64Array({ minLength: 2, maxLength: 2 })],
  ['F', kernels.addF32, fc.float32Array({ minLength: 2, maxLength: 2, noNaN: true })],
  ['D', kernels.addF64, fc.float64Array({ minLength: 2, maxLength: 2, noNaN: true })],
];

describe.each(CASES)('cells of type %s', (type, kernel, pair) => {
  it('are encoded big-endian and decoded', () => {
    fc.assert(
      fc.property(pair, (cells) => {
        const bytes = encodeCells(cells);
        expect(decodeCells(type, { bytes, start: 0, count: 2, type: 0, width: cellBytes(type) })).toEqual(cells);
      }),
    );
  });
  it('add as the kernel adds stored bytes', () => {
    fc.assert(
      fc.property(pair, (cells) => {
        const [bytes, width] = [encodeCells(cells), cellBytes(type)];
        const inexact = kernel(new DataView(bytes.buffer), 0, width, 1);
        // Where bins of 32 bits reach their end kernels add as ROOT does; such histograms are added by `addCells`.
        if (type === 'I' && inexact > 0) return;
        const sum = cells.slice(0, 1);
        expect(addCells(type, sum, cells.slice(1))).toBe(inexact);
        expect(encodeCells(sum)).toEqual(bytes.subarray(0, width));
      }),
    );
  });
});

it('cells of another width, or of another type, are told', () => {
  const span = { bytes: new Uint8Array(16), start: 0, count: 2, type: 0, width: 4 };
  expect(() => decodeCells('D', span)).toThrow('bins have another width than their class: expected 8, found 4');
  expect(decodeCells('F', span)).toEqual(new Float32Array(2));
  expect([cellTypeOf(TypeCode.float), cellTypeOf(TypeCode.double), cellTypeOf(TypeCode.char)]).toEqual(['F', 'D', 'C']);
  expect(() => cellTypeOf(TypeCode.tstring)).toThrow(`bins of type ${TypeCode.tstring}`);
});

describe('addToCell', () => {
  function added(type: CellType, cells: Cells, value: number): [unknown, number] {
    const inexact = addToCell(type, cells, 0, value);
    return [cells[0], inexact];
  }
  it('saturates 8, 16 and 32-bit bins', () => {
    expect(added('C', Int8Array.of(100), 100)).toEqual([127, 1]);
    expect(added('C', Int8Array.of(-100), -100)).toEqual([-127, 1]);
    expect(added('C', Int8Array.of(100), 27)).toEqual([127, 0]);
    expect(added('S', Int16Array.of(30_000), 30_000)).toEqual([32_767, 1]);
    expect(added('I', Int32Array.of(2e9), 2e9)).toEqual([2_147_483_647, 1]);
  });
  it('stores a sum of 32 bits that is just the limit, where ROOT keeps what was there before', () => {
    expect(added('I', Int32Array.of(0), 2_147_483_647)).toEqual([2_147_483_647, 0]);
    expect(added('I', Int32Array.of(2_147_483_647), 0)).toEqual([2_147_483_647, 0]);
  });
  it('leaves weights out that are no number in integer bins', () => {
    expect(added('I', Int32Array.of(5), NaN)).toEqual([5, 1]);
    expect(added('L', BigInt64Array.of(5n), NaN)).toEqual([5n, 1]);
    expect(added('L', BigInt64Array.of(5n), -Infinity)).toEqual([1n - 2n ** 63n, 1]);
  });
  it('saturates 64-bit bins, where ROOT wraps', () => {
    expect(added('L', BigInt64Array.of(2n ** 63n - 1n), 1)).toEqual([2n ** 63n - 1n, 1]);
    expect(added('L', BigInt64Array.of(-(2n ** 63n)), -1)).toEqual([1n - 2n ** 63n, 1]);
  });
  it('drops the fraction of a weight in integer bins', () => {
    expect(added('I', Int32Array.of(5), 1.9)).toEqual([6, 0]);
  });
  it('adds float bins in single precision', () => {
    expect(added('F', Float32Array.of(16_777_216), 1)).toEqual([16_777_216, 0]);
  });
});

it('bins of another width than their class are refused', () => {
  expect(() => decodeCells('D', { bytes: new Uint8Array(8), start: 0, count: 2, type: 5, width: 4 })).toThrow(/another width/);
});
