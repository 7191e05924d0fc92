/** Booking and filling; that the bytes are those of ROOT after the same fills is tested in interop/written-files.test.ts. */
import fc from 'fast-check';
import { addMethods, createHistogram as jsrootHistogram } from 'jsroot/core';
import { describe, expect, it } from 'vitest';
import { UnsupportedError, UsageError } from '../../../src/errors.ts';
import { createAxis, findBin, type AxisSpec } from '../../../src/io/root/histogram/axis.ts';
import { Histogram, createHistogram } from '../../../src/io/root/histogram/histogram.ts';
import type { HistogramClass } from '../../../src/io/root/histogram/histogram-object.ts';
import { decodeObject } from '../../../src/io/root/streamer/object-reader.ts';
import { encodeObject } from '../../../src/io/root/streamer/object-writer.ts';
import type { RootObject } from '../../../src/io/root/streamer/root-object.ts';
import { writerInfos } from '../../../src/io/root/streamer/writer-infos.ts';

const KEYLEN = 50;
const unit: AxisSpec = { bins: 4, min: 0, max: 1 };

function book(className: HistogramClass, axes: readonly AxisSpec[] = [unit]): Histogram {
  return createHistogram({ className, name: 'h', axes });
}

const cells = ({ object }: Histogram): number[] => Array.from(object.fArray);

describe('bins', () => {
  it('begin with their lower edge; below, above and NaN go to the bins outside', () => {
    const axis = createAxis('xaxis', unit);
    expect([0, 0.25, 0.249, 0.999, 1, -0.001, Infinity, -Infinity, NaN].map((x) => findBin(axis, x))).toEqual([1, 2, 1, 4, 5, 0, 5, 0, 5]);
  });

  it('hold what lies between their edges, though a quotient may be rounded over one', () => {
    const axis = createAxis('xaxis', { bins: 6, min: 0.1, max: 1 });
    expect(findBin(axis, 0.7)).toBe(5); // by the quotient alone 4, as in ROOT before 6.40
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.double({ min: -10, max: 10, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
        fc.nat(199),
        (bins, min, span, k) => {
          const max = min + span;
          const width = (max - min) / bins;
          const edge = min + (k % bins) * width;
          fc.pre(edge < max);
          expect(findBin(createAxis('xaxis', { bins, min, max }), edge)).toBe((k % bins) + 1);
        },
      ),
    );
  });

  it('of unequal width hold what lies between their edges', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 40 }),
        fc.double({ min: -1100, max: 1100, noNaN: true }),
        (numbers, x) => {
          const edges = numbers.toSorted((a, b) => a - b);
          const bin = findBin(createAxis('xaxis', { edges }), x);
          expect(bin).toBe(edges.filter((edge) => edge <= x).length);
        },
      ),
    );
  });

  it('cannot be booked without width or order', () => {
    expect(() => createAxis('xaxis', { bins: 0, min: 0, max: 1 })).toThrow(UsageError);
    expect(() => createAxis('xaxis', { bins: 2, min: 1, max: 1 })).toThrow(UsageError);
    expect(() => createAxis('xaxis', { bins: 2, min: NaN, max: 1 })).toThrow(UsageError);
    expect(() => createAxis('xaxis', { bins: 2, min: -Infinity, max: 1 })).toThrow(UsageError);
    expect(() => createAxis('xaxis', { bins: 10, min: 0, max: 5e-324 })).toThrow(UsageError);
    expect(() => createAxis('xaxis', { edges: [0, 0] })).toThrow(UsageError);
    for (const edges of [[], [1], [0, 2, 1, 3], [0, 1, 1, 2], [0, NaN, 2]]) {
      expect(() => createAxis('xaxis', { edges }), String(edges)).toThrow('edges of bins must be ascending numbers, at least two');
    }
    expect(() => createAxis('xaxis', { labels: ['a', 'a'] })).toThrow(UsageError);
    expect(() => book('TH2D')).toThrow(UsageError);
  });
});

describe('a fill', () => {
  it('outside of the axis counts as an entry, not in the statistics', () => {
    const h = book('TH1D');
    for (const x of [0.1, 0.6, -1, 2]) h.fill(x);
    expect(cells(h)).toEqual([1, 1, 0, 1, 0, 1]);
    expect(h.object).toMatchObject({ fEntries: 4, fTsumw: 2, fTsumw2: 2, fTsumwx: 0.7, fTsumwx2: 0.1 * 0.1 + 0.6 * 0.6 });
  });

  it('with a weight begins the sums of squared weights', () => {
    const h = book('TH1D');
    h.fill(0.1);
    h.fill(0.1);
    expect(h.object.fSumw2).toHaveLength(0);
    h.fill(0.1, 3);
    expect(Array.from(h.object.fSumw2)).toEqual([0, 11, 0, 0, 0, 0]);
    expect(cells(h)).toEqual([0, 5, 0, 0, 0, 0]);
  });

  it('counts outside values in the statistics where fStatOverflows asks for it, as in ROOT', () => {
    for (const [fStatOverflows, count] of [
      [0, 1],
      [1, 3],
      [2, 1],
    ] as const) {
      const h = new Histogram({ ...book('TH1D').object, fStatOverflows });
      for (const x of [0.5, -1, 2]) h.fill(x);
      expect(h.object).toMatchObject({ fEntries: 3, fTsumw: count, fTsumwx: count === 3 ? 1.5 : 0.5 });
    }
  });

  it('with a weight begins no sums of squares where kIsNotW is set, as in ROOT', () => {
    const { object } = book('TH1D');
    const h = new Histogram({ ...object, fBits: Number(object['fBits']) | 0x8_0000 });
    h.fill(0.1, 3);
    expect(h.object.fSumw2).toHaveLength(0);
    h.sumw2();
    expect(Array.from(h.object.fSumw2)).toEqual([0, 3, 0, 0, 0, 0]);
  });

  it.each([
    ['TH1C', 127],
    ['TH1S', 32_767],
    ['TH1I', 2_147_483_647],
  ] as const)('stops at the limit of %s', (className, limit) => {
    const h = book(className);
    h.fill(0.1, limit);
    h.fill(0.1, 1);
    h.fill(0.9, -limit - 5);
    expect(cells(h)).toEqual([0, limit, 0, 0, -limit, 0]);
  });

  it('drops the fraction of a weight in integer cells and rounds in float cells, as ROOT does', () => {
    const [integers, floats] = [book('TH1I'), book('TH1F')];
    integers.fill(0.1, 2.7);
    floats.fill(0.1, 0.1);
    expect([cells(integers)[1], cells(floats)[1]]).toEqual([2, Math.fround(0.1)]);
  });

  it('goes to the cell of all its coordinates', () => {
    const h = book('TH3D', [
      { bins: 2, min: 0, max: 2 },
      { bins: 3, min: 0, max: 3 },
      { bins: 1, min: 0, max: 1 },
    ]);
    h.fill(1.5, 2.5, 0.5, 2);
    expect(cells(h).indexOf(2)).toBe(2 + 4 * (3 + 5 * 1));
    expect(h.object).toMatchObject({ fTsumwx: 3, fTsumwy: 5, fTsumwz: 1, fTsumwxy: 7.5, fTsumwxz: 1.5, fTsumwyz: 2.5, fTsumwz2: 0.5 });
  });

  it('of a profile is left out when y is outside of its range', () => {
    const h = createHistogram({ className: 'TProfile', name: 'p', axes: [unit], valueRange: [0, 10] });
    for (const [x, y] of [
      [0.1, 4],
      [0.1, 6],
      [0.1, 11],
      [0.1, NaN],
    ] as const) {
      h.fill(x, y);
    }
    expect(cells(h)).toEqual([0, 10, 0, 0, 0, 0]);
    expect(h.object).toMatchObject({ fEntries: 2, fTsumwy: 10, fTsumwy2: 52 });
    expect(Array.from(h.object['fBinEntries'] as Float64Array)).toEqual([0, 2, 0, 0, 0, 0]);
  });

  it('of a profile of two or three axes counts in the means of all', () => {
    const two = createHistogram({ className: 'TProfile2D', name: 'p', axes: [unit, unit], valueRange: [0, 10] });
    for (const z of [4, 6, 11]) two.fill(0.1, 0.6, z, 2);
    expect(two.object).toMatchObject({ fEntries: 2, fZmax: 10, fTsumw: 4, fTsumw2: 8, fTsumwz: 20, fTsumwz2: 104 });
    expect(cells(two).indexOf(20)).toBe(1 + 6 * 3);
    const three = book('TProfile3D', [unit, unit, unit]);
    three.fill(0.1, 0.6, 0.9, 3);
    expect(three.object).toMatchObject({ fEntries: 1, fTsumwt: 3, fTsumwt2: 9, fTsumwz: 0.9, fTsumwxz: 0.1 * 0.9 });
    expect(cells(three).indexOf(3)).toBe(1 + 6 * (3 + 6 * 4));
    expect(() => three.fill(0.1, 0.6, 0.9)).toThrow(UsageError);
    expect(() => createHistogram({ className: 'TH1D', name: 'h', axes: [unit], valueRange: [0, 1] })).toThrow(UsageError);
  });

  it('of 64-bit cells is exact to 2^53, and refused beyond', () => {
    const h = book('TH1L');
    h.fill(0.1, 2 ** 52 + 0.5);
    h.fill(0.1, 2 ** 52 - 1);
    expect(() => h.fill(0.1)).toThrow(UnsupportedError);
    expect([cells(h)[1], h.object.fEntries]).toEqual([2 ** 53 - 1, 2]);
    expect(() => new Histogram({ ...book('TH1L').object, fArray: [0, 2n ** 60n, 0, 0, 0, 0] })).toThrow(UnsupportedError);
  });

  it('by label counts in the bin of that label, not in the mean', () => {
    const h = book('TH1D', [{ labels: ['a', 'b'] }]);
    h.fill('b');
    expect(cells(h)).toEqual([0, 0, 1, 0]);
    expect(h.object).toMatchObject({ fTsumw: 1, fTsumwx: 0 });
    expect(() => h.fill('c')).toThrow(UsageError);
    expect(h.object.fEntries).toBe(1);
  });

  it('needs as many numbers as there are axes', () => {
    expect(() => book('TH2D', [unit, unit]).fill(1)).toThrow(UsageError);
    expect(() => book('TH1D').fill(1, 2, 3)).toThrow(UsageError);
  });
});

describe('an object', () => {
  it('is the same after encoding and decoding', () => {
    const h = createHistogram({
      className: 'TH2F',
      name: 'h',
      title: 'ü',
      axes: [{ labels: ['a', 'b'] }, { edges: [0, 1, 4], title: 'y' }],
      sumw2: true,
    });
    h.fill('a', 3.5, 2);
    const bytes = encodeObject(h.object, writerInfos(), KEYLEN);
    const again = new Histogram(decodeObject(bytes, KEYLEN, 'TH2F', writerInfos()));
    expect(encodeObject(again.object, writerInfos(), KEYLEN)).toEqual(bytes);
    again.fill('b', 0.5);
    expect(again.object.fEntries).toBe(2);
  });

  it.each(['TH1F', 'TH2D', 'TH3I', 'TH1C', 'TH2S'])('made by JSROOT (%s) can be filled and written', (className) => {
    const object = jsrootHistogram(className, 5, 4, 3) as RootObject;
    const h = new Histogram(object);
    h.fill(...[1.5, 2.5, 0.5].slice(0, Number(className[2])));
    expect(h.object).toBe(object);
    const again = decodeObject(encodeObject(object, writerInfos(), KEYLEN), KEYLEN, className, writerInfos());
    expect(again).toMatchObject({ fName: 'hist', fEntries: 1, fNcells: object['fNcells'] });
    expect((again['fArray'] as number[]).reduce((sum, value) => sum + value, 0)).toBe(1);
  });

  it.each([
    ['TProfile', 1],
    ['TProfile2D', 2],
    ['TProfile3D', 3],
    ['TH2L', 2],
  ] as const)('in the shape JSROOT reads (%s) can be filled and written', (className, dimension) => {
    const axes = jsrootHistogram(`TH${dimension}D`, 5, 4, 3) as RootObject;
    const object: RootObject = { ...axes, _typename: className };
    new Histogram(object).fill(...[1.5, 2.5, 0.5].slice(0, dimension), 1);
    const again = decodeObject(encodeObject(object, writerInfos(), KEYLEN), KEYLEN, className, writerInfos());
    expect(again).toMatchObject({ fEntries: 1, fNcells: axes['fNcells'] });
    expect(((again['fBinEntries'] ?? again['fArray']) as number[]).reduce((sum, value) => sum + value, 0)).toBe(1);
  });

  it.each(['TH1F', 'TH2D', 'TH3I', 'TProfile', 'TProfile2D', 'TProfile3D'] as const)(
    'booked (%s) answers what JSROOT asks when it draws as its own objects do',
    (className) => {
      const dimension = Number(/\d/.exec(className)?.[0] ?? 1);
      const axes: AxisSpec[] = [{ bins: 3, min: 0, max: 3 }, { edges: [0, 1, 1.5, 3] }, { bins: 2, min: 0, max: 3 }];
      const h = book(className, axes.slice(0, dimension));
      for (let i = 0; i < 30; i++) {
        h.fill(...[i % 4, (i % 7) / 2, i % 3].slice(0, dimension), ...(className.startsWith('TProfile') ? [i % 5] : []), 1 + (i % 2));
      }
      for (const mode of [0, 1, 2, 3]) {
        if ('fErrorMode' in h.object) h.object['fErrorMode'] = mode;
        const theirs = {
          ...h.object,
          fXaxis: { ...h.object.fXaxis },
          fYaxis: { ...h.object.fYaxis },
          fFunctions: { ...(h.object['fFunctions'] as RootObject) },
        };
        expect(Object.keys(theirs)).not.toContain('getBin');
        for (const object of [theirs, theirs.fXaxis, theirs.fYaxis]) addMethods(object, object._typename);
        const ask = (object: RootObject, method: string, ...of: number[]): unknown =>
          (object[method] as (...of: number[]) => unknown)(...of);
        for (let cell = 0; cell < h.object.fNcells; cell++) {
          const bins = [cell % 5, Math.floor(cell / 5) % 5, Math.floor(cell / 25)];
          expect(ask(h.object, 'getBin', ...bins)).toBe(cell);
          expect([ask(h.object, 'getBinContent', ...bins), ask(h.object, 'getBinError', cell)]).toEqual(
            [(theirs as RootObject)['getBinContent'], (theirs as RootObject)['getBinError']].map((method, i) =>
              (method as (...of: number[]) => number).apply(theirs, i === 0 ? bins : [cell]),
            ),
          );
        }
        for (const [axis, other] of [
          [h.object.fXaxis, theirs.fXaxis],
          [h.object.fYaxis, theirs.fYaxis],
        ] as const) {
          for (let bin = 0; bin <= axis.fNbins + 1; bin++) {
            for (const method of ['GetBinLowEdge', 'GetBinCenter']) {
              expect(ask(axis, method, bin), `${method} ${bin}`).toBeCloseTo(
                (other[method] as (bin: number) => number).call(other, bin),
                12,
              );
            }
          }
        }
      }
      expect(
        [h.object, h.object.fXaxis, h.object['fFunctions'] as RootObject].map((object) =>
          (object['TestBit'] as (bit: number) => boolean)(8),
        ),
      ).toEqual([true, false, false]);
    },
  );

  it('of another class or with arrays of another length is refused', () => {
    expect(() => new Histogram({ _typename: 'TH2Poly' })).toThrow(UnsupportedError);
    const object = { ...book('TH1D').object, fArray: [1, 2, 3] };
    expect(() => new Histogram(object)).toThrow(UsageError);
  });

  it('whose values wait in a buffer of ROOT is written as it is, but not filled', () => {
    const buffered = new Histogram({ ...book('TH1D').object, fBuffer: [1, 1, 0.5, 0, 0], fBufferSize: 5 });
    expect(() => buffered.fill(0.1)).toThrow(UnsupportedError);
    expect(buffered.object['fBuffer']).toEqual([1, 1, 0.5, 0, 0]);
    // Binned already: ROOT would empty the bins when it fills on.
    const binned = new Histogram({ ...book('TH1D').object, fBuffer: [-1, 1, 0.5], fBufferSize: 3 });
    binned.fill(0.1);
    expect(binned.object).toMatchObject({ fBuffer: [], fBufferSize: 0, fEntries: 1 });
  });

  it('is empty again after a reset', () => {
    const [h, fresh] = [book('TProfile'), book('TProfile')];
    h.fill(0.5, 2);
    h.reset();
    expect(h.object).toEqual(fresh.object);
  });
});
