/** Distributions of differences: what they count, how their bins grow, what they leave out. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DifferenceList } from '../../../../src/diff/object/difference.ts';
import { Distributions, type Distribution } from '../../../../src/diff/object/distribution.ts';

function distributionsOf(
  pairs: readonly (readonly [at: string, left: unknown, right: unknown])[],
  budget = 10,
  max = 2,
): { results: Distribution[]; omitted: number } {
  const distributions = new Distributions({ left: budget });
  const list = new DifferenceList(max, distributions);
  for (const [at, left, right] of pairs) list.add(at, left, right);
  return { results: distributions.results(), omitted: distributions.omittedCount };
}

describe('a distribution of differences', () => {
  it('has right - left of every pair of numbers, by name', () => {
    const { results } = distributionsOf([
      ['jet/pt[3]', [1], [2]],
      ['jet/pt[4]', [4, 5, 6], [4, 8, 4]],
      ['jet/pt[7]', [1], [1, 2]],
      ['name[0]', 'a', 'b'],
      ['id[1]', [2n ** 60n], [2n ** 60n + 3n]],
    ]);
    expect(results.map(({ name, entryCount, valueCount }) => [name, entryCount, valueCount])).toEqual([
      ['jet/pt', 3, 3],
      ['name', 1, 0],
      ['id', 1, 1],
    ]);
    expect(results[0]).toMatchObject({
      min: -2,
      max: 3,
      first: [
        { at: 'jet/pt[3]', left: '1', right: '2' },
        { at: 'jet/pt[4]', left: '[4, 5, 6]', right: '[4, 8, 4]' },
      ],
    });
    expect(results[0]?.mean).toBeCloseTo(2 / 3, 12);
    expect(results[0]?.rms).toBeCloseTo(Math.sqrt(38 / 9), 12);
    expect(results[1]).toMatchObject({ bins: [], low: 0, width: 0, mean: 0, rms: 0, min: 0, max: 0 });
    expect(results[2]).toMatchObject({ mean: 3, min: 3, max: 3, bins: [1] });
  });

  it('tells entries from brackets in the name of a branch, and members of objects in entries', () => {
    const { results } = distributionsOf([
      ['fM[3][3][17]', 1, 2],
      ['hits[12].fX', 1, 2],
      ['hits[13].fX', 1, 3],
      ['hits[13].fPos[2]', 1, 3],
      ['title', 'a', 'b'],
      ['entries', 1, 2],
    ]);
    expect(results.map(({ name, entryCount }) => [name, entryCount])).toEqual([
      ['fM[3][3]', 1],
      ['hits.fX', 2],
      ['hits.fPos[]', 1],
    ]);
  });

  it('knows entries that are joined by key', () => {
    const { results } = distributionsOf([
      ['pt[3] (run=1,event=2.5)', 1, 2],
      ['pt[4]~[9] (name="a[7].b")', 1, 2],
      ['pt[5]~[6]', 1, 2],
      ['hit[5]~[6] (event=7).fPos[2]', 1, 2],
    ]);
    expect(results.map(({ name, entryCount }) => [name, entryCount])).toEqual([
      ['pt', 3],
      ['hit.fPos[]', 1],
    ]);
  });

  it('takes the numbers of a list that is added, and no texts', () => {
    const distributions = new Distributions({ left: 9 });
    const [list, below] = [new DifferenceList(5, distributions), new DifferenceList(5)];
    below.add('fX', 0.1, 0.30000000000000004);
    below.add('fName', '7', '8');
    below.add('fPointer', new Uint8Array([1]), new Uint8Array([2]));
    list.addAll(below, 'hits[4]');
    expect(distributions.results().map(({ name, valueCount, max }) => [name, valueCount, max])).toEqual([
      ['hits.fX', 1, 0.30000000000000004 - 0.1],
      ['hits.fName', 0, 0],
      ['hits.fPointer', 0, 0],
    ]);
  });

  it('leaves infinities out of the bins', () => {
    const [only] = distributionsOf([
      ['x[0]', 1, NaN],
      ['x[1]', Infinity, 1],
      ['x[2]', 1e308, -1e308],
      ['x[3]', 1, 4],
    ]).results;
    expect(only).toMatchObject({ entryCount: 4, valueCount: 1, min: 3, max: 3 });
  });

  it('is made for as many names as there is room for; the others are counted', () => {
    const { results, omitted } = distributionsOf(
      [
        ['a[0]', 1, 2],
        ['b[0]', 1, 2],
        ['c[0]', 1, 2],
        ['c[1]', 1, 2],
        ['a[1]', 1, 2],
        ['d[1]', 1, 2],
      ],
      2,
    );
    expect(results.map(({ name, entryCount }) => [name, entryCount])).toEqual([
      ['a', 2],
      ['b', 1],
    ]);
    expect(omitted).toBe(2);
  });

  it('puts a constant shift into one bin', () => {
    const [only] = distributionsOf([0.1, 0.2, 0.3].map((x, i) => [`x[${i}]`, x, x + 0.3])).results;
    expect(only?.bins).toEqual([3]);
    expect(only?.low).toBeLessThanOrEqual(only?.min ?? NaN);
  });

  it('holds every value in at most 64 bins around it, whatever the values and their order', () => {
    const value = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e100, max: 1e100 }).filter((x) => Math.abs(x) > 1e-200);
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 60 }), (values) => {
        const [found] = distributionsOf(values.map((x, i) => [`x[${i}]`, 0, x])).results as [Distribution];
        const { low, width, bins } = found;
        expect(bins.length).toBeLessThanOrEqual(64);
        expect(bins.reduce((a, b) => a + b, 0)).toBe(values.length);
        const expected = bins.map((_, i) => values.filter((x) => Math.floor(x / width) - Math.round(low / width) === i).length);
        expect(bins).toEqual(expected);
        expect([found.min, found.max]).toEqual([Math.min(...values), Math.max(...values)]);
      }),
      { numRuns: 200 },
    );
  });
});
