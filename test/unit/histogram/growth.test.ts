/** Axes that grow; that the bytes are those of ROOT after the same fills is tested in interop/written-files.test.ts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UnsupportedError, UsageError } from '../../../src/errors.ts';
import { createAxis, type AxisSpec } from '../../../src/io/root/histogram/axis.ts';
import { extendAxis } from '../../../src/io/root/histogram/growth.ts';
import { Histogram, createHistogram } from '../../../src/io/root/histogram/histogram.ts';
import type { HistogramClass } from '../../../src/io/root/histogram/histogram-object.ts';
import { decodeObject } from '../../../src/io/root/streamer/object-reader.ts';
import { encodeObject } from '../../../src/io/root/streamer/object-writer.ts';
import { writerInfos } from '../../../src/io/root/streamer/writer-infos.ts';

const KEYLEN = 50;
const growing: AxisSpec = { bins: 4, min: 0, max: 4, grow: true };

function book(className: HistogramClass, ...axes: AxisSpec[]): Histogram {
  return createHistogram({ className, name: 'h', axes });
}

const cells = ({ object }: Histogram): number[] => Array.from(object.fArray);
const limits = ({ object: { fXaxis } }: Histogram): number[] => [fXaxis.fNbins, fXaxis.fXmin, fXaxis.fXmax];
const labels = ({ object: { fXaxis } }: Histogram): unknown[] => (fXaxis.fLabels?.arr ?? []).map((item) => item?.['fString']);

describe('a range that grows', () => {
  it('is doubled to the side of the value, pairs of bins become one', () => {
    const h = book('TH1D', growing);
    for (const x of [0.5, 1.5, 2.5, 3.5]) h.fill(x, x);
    h.fill(9);
    expect([limits(h), cells(h)]).toEqual([
      [4, 0, 16],
      [0, 8, 0, 1, 0, 0],
    ]);
    h.fill(-3);
    expect([limits(h), cells(h)]).toEqual([
      [4, -16, 16],
      [0, 0, 1, 8, 1, 0],
    ]);
    expect(h.object).toMatchObject({ fEntries: 6, fTsumw: 10, fTsumwx: 0.25 + 2.25 + 6.25 + 12.25 + 9 - 3 });
  });

  it('holds everything that lies in it, with every bin the sum of what the bins before held', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { maxLength: 60 }),
        fc.constantFrom('TH1D', 'TH1I', 'TH1L' as const),
        (values, className) => {
          const h = book(className, { bins: 8, min: -1, max: 1, grow: true });
          for (const x of values) h.fill(x);
          // Limits are sums of powers of two: exact, so that bins of the wider axis begin where bins of the narrower one do.
          const [bins = 0, min = 0, max = 0] = limits(h);
          const whole = book(className, { bins, min, max });
          for (const x of values) whole.fill(x);
          expect(cells(h)).toEqual(cells(whole));
          expect(cells(h).at(0)).toBe(0);
          expect(cells(h).at(-1)).toBe(0);
        },
      ),
    );
  });

  it('keeps what has no place in any range where it is', () => {
    const h = book('TH1D', growing);
    for (const x of [Infinity, -Infinity, 5, -1e300]) h.fill(x);
    expect([limits(h), cells(h)]).toEqual([
      [4, 0, 8],
      [2, 0, 0, 1, 0, 1],
    ]);
  });

  it('grows no more once it was filled with no number', () => {
    const h = book('TH2D', growing, growing);
    h.fill(NaN, 1);
    h.fill(1, 100);
    expect(limits(h)).toEqual([4, 0, 4]);
    expect([h.object.fXaxis['fBits2'], h.object.fYaxis['fBits2']]).toEqual([0, 0]);
    expect(h.object.fYaxis.fXmax).toBe(4);
  });

  it('takes cells of all axes and sums of a profile along', () => {
    const h = book('TProfile2D', growing, { bins: 1, min: 0, max: 1 });
    h.fill(0.5, 0.5, 10);
    h.fill(1.5, 0.5, 20, 2);
    h.fill(5, 2, 7, 3);
    const at = (x: number, y: number): number => x + 6 * y;
    expect([cells(h)[at(1, 1)], cells(h)[at(3, 2)]]).toEqual([50, 21]);
    expect(
      ['fBinEntries', 'fBinSumw2', 'fSumw2'].map((name) => [at(1, 1), at(3, 2)].map((cell) => (h.object[name] as Float64Array)[cell])),
    ).toEqual([
      [3, 3],
      [5, 9],
      [900, 147],
    ]);
  });

  it('needs bins of equal width', () => {
    expect(() => extendAxis(createAxis('xaxis', { edges: [0, 1, 4] }), 5)).toThrow(UnsupportedError);
  });

  it('goes on growing when it was read back', () => {
    const { object } = book('TH1F', growing);
    const again = new Histogram(decodeObject(encodeObject(object, writerInfos(), KEYLEN), KEYLEN, 'TH1F', writerInfos()));
    again.fill(4);
    expect(limits(again)).toEqual([4, 0, 8]);
  });
});

describe('labels that grow', () => {
  it('take the next free bin, then twice the bins', () => {
    const h = book('TH1D', { labels: ['a'], bins: 2, grow: true });
    for (const label of ['a', 'b', 'c', 'a', 'c']) h.fill(label, 2);
    expect([labels(h), limits(h), cells(h)]).toEqual([
      ['a', 'b', 'c'],
      [4, 0, 4],
      [0, 4, 2, 4, 0, 0],
    ]);
    expect(h.object).toMatchObject({ fNcells: 6, fEntries: 5, fTsumw: 10, fTsumwx: 0 });
    h.fill(9);
    h.fill('d');
    h.fill('e');
    expect([limits(h)[0], cells(h).at(-1)]).toEqual([8, 1]);
  });

  it('begin with none', () => {
    const h = book('TH2I', { labels: [], grow: true }, { labels: [], grow: true });
    expect([limits(h), h.object.fXaxis.fLabels, h.object.fXaxis['fBits2']]).toEqual([[1, 0, 1], null, 0]);
    for (const [x, y] of [
      ['p', 'q'],
      ['r', 'q'],
      ['p', 's'],
    ] as const) {
      h.fill(x, y);
    }
    expect([labels(h), h.object.fNcells]).toEqual([['p', 'r'], 16]);
    expect([1, 2].map((y) => [1, 2].map((x) => cells(h)[x + 4 * y]))).toEqual([
      [1, 1],
      [1, 0],
    ]);
  });

  it('are as any after they were read back, as in ROOT', () => {
    const { object } = book('TH1F', { labels: ['a', 'b'] });
    const again = new Histogram(decodeObject(encodeObject(object, writerInfos(), KEYLEN), KEYLEN, 'TH1F', writerInfos()));
    again.fill('c');
    expect(labels(again)).toEqual(['a', 'b', 'c']);
    expect(limits(again)).toEqual([4, 0, 4]);
  });

  it('are refused where they mean nothing, and then nothing has changed', () => {
    expect(() => createAxis('xaxis', { labels: [] })).toThrow(UsageError);
    expect(() => createAxis('xaxis', { labels: ['a'], bins: 3 })).toThrow(UsageError);
    expect(() => createAxis('xaxis', { labels: ['a', 'b'], bins: 1, grow: true })).toThrow(UsageError);
    const h = book('TH2D', growing, { labels: ['a'] });
    expect(() => h.fill(100, 'b')).toThrow(UsageError);
    expect([limits(h), h.object.fEntries]).toEqual([[4, 0, 4], 0]);
  });
});
