/** Axes: bin arithmetic as TAxis of ROOT 6.40 does it, and what makes two axes differ. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { axisDifference, binCenter, decodeAxis, findBin, hasLimits, labelDifference, type Axis } from '../../../src/merge/bins/axis.ts';
import { setNumber } from '../../../src/io/root/streamer/member.ts';
import { sampleGraph } from './sample-histograms.ts';

function equal(nbins: number, xmin: number, xmax: number): Axis {
  return {
    nbins,
    xmin,
    xmax,
    edges: new Float64Array(0),
    hasRange: false,
    first: 0,
    last: 0,
    canExtend: false,
    grows: false,
    labels: undefined,
  };
}

function variable(...edges: number[]): Axis {
  return { ...equal(edges.length - 1, edges[0] as number, edges.at(-1) as number), edges: Float64Array.from(edges) };
}

describe('findBin', () => {
  it('puts values below, above and without order outside', () => {
    const axis = equal(10, 0, 1);
    expect([-1, -Number.MIN_VALUE, 1, 2, Number.NaN, Infinity].map((x) => findBin(axis, x))).toEqual([0, 0, 11, 11, 11, 11]);
  });
  it('is exact at the edges of equal bins', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.double({ min: -1e3, max: 1e3, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
        fc.nat(),
        (n, low, span, at) => {
          const axis = equal(n, low, low + span);
          const width = (axis.xmax - axis.xmin) / n;
          const x = low + (at % n) * width;
          fc.pre(x < axis.xmax);
          const bin = findBin(axis, x);
          expect(x).toBeGreaterThanOrEqual(axis.xmin + (bin - 1) * width);
          if (bin < n) expect(x).toBeLessThan(axis.xmin + bin * width);
        },
      ),
    );
  });
  it('searches variable edges', () => {
    const axis = variable(0, 1, 3, 10);
    expect([0, 0.9, 1, 2.9, 3, 9.99].map((x) => findBin(axis, x))).toEqual([1, 1, 2, 2, 3, 3]);
  });
});

describe('binCenter', () => {
  it('is the middle, also of under- and overflow as one mean width wide', () => {
    expect([0, 1, 4, 5].map((bin) => binCenter(equal(4, 0, 8), bin))).toEqual([-1, 1, 7, 9]);
    expect([0, 1, 2, 3].map((bin) => binCenter(variable(0, 2, 8), bin))).toEqual([-2, 1, 5, 10]);
  });
});

describe('axisDifference', () => {
  it('accepts limits that differ by less than 1e-8 of a bin', () => {
    expect(axisDifference(equal(10, 0, 10), equal(10, 9e-9, 10 + 9e-9))).toBeUndefined();
    expect(axisDifference(equal(10, 0, 10), equal(10, 2e-8, 10 + 2e-8))).toBe('limits 2e-8 to 10.00000002 instead of 0 to 10');
  });
  it('names other numbers of bins, limits and inner edges', () => {
    expect(axisDifference(equal(10, 0, 1), equal(7, 0, 1))).toBe('7 bins instead of 10');
    expect(axisDifference(variable(0, 1, 3, 10), variable(0, 1.5, 3, 10))).toBe('bin edge 1 at 1.5 instead of 1');
    expect(axisDifference(equal(3, 0, 3), variable(0, 1, 2.5, 3))).toBe('bin edge 2 at 2.5 instead of 2');
  });
  it('measures edges by the bins beside them, however wide others are', () => {
    expect(axisDifference(variable(1e-9, 1e-6, 1, 1e9), variable(1e-9, 1e-5, 1, 1e9))).toBe('bin edge 1 at 0.00001 instead of 0.000001');
    expect(axisDifference(variable(1e-9, 1e-6, 1, 1e9), variable(1e-9, 1e-6 * (1 + 1e-12), 1, 1e9))).toBeUndefined();
    expect(axisDifference(variable(0, 1, 1e9), variable(0.1, 1, 1e9))).toBe('bin edge 0 at 0.1 instead of 0');
  });
  it('knows bins without end', () => {
    expect(axisDifference(variable(-Infinity, 0, Infinity), variable(-Infinity, 0, Infinity))).toBeUndefined();
    expect(axisDifference(variable(-Infinity, 0, Infinity), variable(-Infinity, 1, Infinity))).toBe('bin edge 1 at 1 instead of 0');
    expect(axisDifference(equal(3, 0, Infinity), equal(3, 0, Infinity))).toBeUndefined();
  });
  it('takes variable bins of equal width for equal ones', () => {
    expect(axisDifference(equal(3, 0, 3), variable(0, 1, 2, 3))).toBeUndefined();
  });
});

describe('labels', () => {
  it('are compared bin by bin, empty ones as none', () => {
    const [none, some, more] = [
      equal(3, 0, 3),
      { ...equal(3, 0, 3), labels: new Map([[1, 'a']]) },
      {
        ...equal(3, 0, 3),
        labels: new Map([
          [1, 'a'],
          [3, 'c'],
        ]),
      },
    ];
    expect(labelDifference(none, none)).toBeUndefined();
    expect(labelDifference(some, some)).toBeUndefined();
    expect(labelDifference(some, none)).toBe("bin 1 is labelled '' instead of 'a'");
    expect(labelDifference(some, more)).toBe("bin 3 is labelled 'c' instead of ''");
  });
});

describe('decodeAxis', () => {
  it('reads bins, limits, edges and labels of a histogram by ROOT', () => {
    expect(decodeAxis(sampleGraph('/special/variable').root, 'fXaxis').edges.length).toBeGreaterThan(2);
    expect([...(decodeAxis(sampleGraph('/special/labels').root, 'fXaxis').labels ?? [])].map(([bin]) => bin)).toEqual([1, 2, 3]);
    expect(hasLimits(decodeAxis(sampleGraph('/special/buffer_auto').root, 'fXaxis'))).toBe(false);
  });
  it('refuses impossible bins', () => {
    const graph = sampleGraph('/special/variable');
    setNumber(graph.root, 'fXaxis.fNbins', 99);
    expect(() => decodeAxis(graph.root, 'fXaxis')).toThrow(/fXaxis has impossible bins/);
  });
});
