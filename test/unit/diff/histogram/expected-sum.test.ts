/** Merged histograms whose inputs have other axes, labels or arrays: what follows from them, and what cannot. */
import { writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { diffMerged } from '../../../../src/diff/diff-merged.ts';
import { createRootFile, merge, type HistogramSpec } from '../../../../src/index.ts';
import { setArray } from '../../../../src/io/root/streamer/member-list.ts';
import type { SpanGraph } from '../../../../src/io/root/streamer/span-graph.ts';
import { encodeCells } from '../../../../src/merge/bins/cells.ts';
import { Scratch } from '../../../scratch.ts';
import { smallFile, type SmallObject } from '../../../small-file.ts';
import { sampleGraph, setNumbers, stored } from '../../histogram/sample-histograms.ts';

const scratch = new Scratch();
afterAll(() => scratch[Symbol.dispose]());

type Axis = HistogramSpec['axes'][number];
interface Filled {
  axes: Axis[];
  fills: (number | string)[][];
  sumw2?: boolean;
}

let files = 0;
function written({ axes, fills, sumw2 = false }: Filled): string {
  const path = scratch.path(`h${++files}.root`);
  const file = createRootFile(path);
  const histogram = file.bookHistogram('/', { className: axes.length === 1 ? 'TH1F' : 'TH2D', name: 'h', axes, sumw2 });
  for (const fill of fills) histogram.fill(...fill);
  file.close();
  return path;
}

/** What is said of the first as the sum of the others. */
async function judged(out: Filled, ...inputs: Filled[]): Promise<string[]> {
  const { objects } = await diffMerged(written(out), inputs.map(written));
  return objects.flatMap(({ verdict, differences }) => [verdict, ...differences.map(({ at, left, right }) => `${at}: ${left}, ${right}`)]);
}

const range = (bins: number, max: number): Axis => ({ bins, min: 0, max });

describe('sums of histograms with other axes', () => {
  it('are right when every bin of an input lies within one of theirs', async () => {
    const [narrow, wide] = [
      [[1.5], [2.5], [2.6]],
      [[1.5], [15]],
    ];
    expect(
      await judged(
        { axes: [range(20, 20)], fills: [...narrow, ...wide] },
        { axes: [range(10, 10)], fills: narrow },
        { axes: [range(20, 20)], fills: wide },
      ),
    ).toEqual(['right']);
    const flat = [
      [0.5, 0.5],
      [3.5, 1.5],
    ];
    const two = { axes: [range(2, 4), range(2, 2)], fills: [...flat, ...flat] };
    expect(await judged(two, { axes: [range(4, 4), range(2, 2)], fills: flat }, { axes: [range(2, 4), range(4, 2)], fills: flat })).toEqual(
      ['right'],
    );
  });

  it('are judged in time that grows with the number of bins, not with its square', async () => {
    const [narrow, wide] = [
      [[1.5], [7e4]],
      [[99.5], [15e4]],
    ];
    const [mine, theirs] = [range(100_000, 1e5), range(200_000, 2e5)];
    const inputs = [
      { axes: [mine], fills: narrow },
      { axes: [theirs], fills: wide },
    ];
    expect(await judged({ axes: [theirs], fills: [...narrow, ...wide] }, ...inputs)).toEqual(['right']);
  });

  it('are wrong where a bin of an input was put elsewhere', async () => {
    const found = await judged(
      { axes: [range(20, 20)], fills: [[1.5], [2.5], [14]] },
      { axes: [range(10, 10)], fills: [[1.5], [2.5]] },
      { axes: [range(20, 20)], fills: [[15]] },
    );
    expect(found).toEqual(['altered', 'fTsumwx: 18, 19', 'fTsumwx2: 204.5, 233.5', 'fArray[15]: 1, 0', 'fArray[16]: 0, 1']);
  });

  it('are wrong where an edge lies inside a bin of an input', async () => {
    const edges = (inner: number): Axis => ({ edges: [0, inner, 3, 10] });
    const found = await judged(
      { axes: [edges(1)], fills: [[2], [0.5]] },
      { axes: [edges(1)], fills: [[2]] },
      { axes: [edges(1.5)], fills: [[1.2]] },
    );
    expect(found).toEqual(['altered', 'fXaxis.fXbins: "an edge at 1", "none between 0 and 1.5"']);
  });

  it('have other axes only when inputs have', async () => {
    const found = await judged({ axes: [range(20, 20)], fills: [[1.5]] }, { axes: [range(10, 10)], fills: [[1.5]] });
    expect(found.slice(0, 2)).toEqual(['altered', 'fNcells: 22, 12']);
  });
});

describe('sums of histograms with labels', () => {
  const named = (...labels: string[]): Axis => ({ labels });

  it('are right in any order of the labels', async () => {
    const inputs = [
      { axes: [named('a', 'b')], fills: [['a'], ['b'], ['b']] },
      { axes: [named('b', 'a')], fills: [['a']] },
    ];
    expect(await judged({ axes: [named('a', 'b')], fills: [['a'], ['b'], ['b'], ['a']] }, ...inputs)).toEqual(['right']);
    expect(await judged({ axes: [named('a', 'b')], fills: [['a'], ['b'], ['b'], ['b']] }, ...inputs)).toEqual([
      'altered',
      'fArray[1]: 1, 2',
      'fArray[2]: 3, 2',
    ]);
  });

  it('are wrong when a label is gone', async () => {
    const found = await judged(
      { axes: [range(2, 2)], fills: [[0.5], [0.5]] },
      { axes: [range(2, 2)], fills: [[0.5]] },
      { axes: [named('b', 'a')], fills: [['b']] },
    );
    expect(found).toEqual(['altered', 'fXaxis.fLabels: "absent", "b"']);
  });
});

it('squared weights that no input has are told', async () => {
  const found = await judged(
    { axes: [range(2, 2)], fills: [[1], [1]], sumw2: true },
    { axes: [range(2, 2)], fills: [[1]] },
    { axes: [range(2, 2)], fills: [[1]] },
  );
  expect(found).toEqual(['altered', 'fSumw2.length: 4, 0']);
});

describe('merged histograms', () => {
  /** A histogram of the fixtures' first input with such fills: weight and place each. */
  const waiting = (path: string, fills: readonly number[]): SmallObject[] => {
    const graph = sampleGraph(path);
    setArray(graph.root, 'fBuffer', encodeCells(Float64Array.of(fills.length / 2, ...fills)));
    return [stored(graph)];
  };
  const write = (items: SmallObject[]): string => {
    const path = scratch.path(`w${++files}.root`);
    writeFileSync(path, smallFile(items));
    return path;
  };
  const merged = async (...inputs: SmallObject[][]): Promise<string[]> => {
    const [paths, out] = [inputs.map(write), scratch.path(`m${++files}.root`)];
    await merge(paths, { output: out });
    const { objects } = await diffMerged(out, paths);
    return objects.flatMap(({ verdict, differences }) => [
      verdict,
      ...differences.map(({ at, left, right }) => `${at}: ${left}, ${right}`),
    ]);
  };

  it('count waiting fills in integer bins without the fractions of their weights, in long ones up to their end', async () => {
    for (const path of ['/types/h1c', '/types/h1s', '/types/h1i', '/types/h1l']) {
      expect(await merged(waiting(path, []), waiting(path, [1.5, 3, 0.7, 3, -2.9, 4, NaN, 5, 1e30, 6])), path).toEqual(['right']);
    }
  });

  it('have squared errors of negative contents by the order of adding', async () => {
    const cells = Float64Array.from({ length: 22 }, (_, i) => i - 7);
    const [bare, weighted] = [new Float64Array(0), cells.map((value) => value * value)].map((sumw2) => [
      stored(setNumbers(sampleGraph('/types/h1d'), { cells, sumw2 })),
    ]) as [SmallObject[], SmallObject[]];
    expect(await merged(bare, weighted)).toEqual(['right']);
    expect(await merged(weighted, bare)).toEqual(['right']);
  });

  it('end at the limits of their type after each input, and come back from there', async () => {
    const of = (value: number, sumw2 = new Float64Array(0)): SmallObject[] => [
      stored(setNumbers(sampleGraph('/types/h1s'), { cells: new Int16Array(22).fill(value), sumw2 })),
    ];
    expect(await merged(of(32_767), of(5), of(-3))).toEqual(['right']);
    // squared errors begin with the contents so far
    expect(await merged(of(32_767), of(5), of(-3, new Float64Array(22).fill(9)))).toEqual(['right']);
  });

  it('come back from the lowest value of their type, which the first alone may hold', async () => {
    const of = (value: number): SmallObject[] => [
      stored(setNumbers(sampleGraph('/types/h1s'), { cells: new Int16Array(22).fill(value), sumw2: new Float64Array(0) })),
    ];
    expect(await merged(of(-32_768), of(1))).toEqual(['right']); // -32767 with ROOT, too
    expect(await merged(of(-32_768), of(0), of(1))).toEqual(['right']); // -32766
    expect(await merged(of(1), of(-32_768), of(-32_768))).toEqual(['right']); // -32767
  });

  it('may have squared errors of infinite contents', async () => {
    const cells = Float64Array.from({ length: 22 }, (_, i) => [-Infinity, Infinity, -1.7e308, 1.7e308][i % 4] as number);
    const of = (sumw2: Float64Array): SmallObject[] => [stored(setNumbers(sampleGraph('/types/h1d'), { cells, sumw2 }))];
    expect(await merged(of(new Float64Array(0)), of(new Float64Array(22)))).toEqual(['right']);
    expect(await merged(of(new Float64Array(0)), of(new Float64Array(0)), of(new Float64Array(22)))).toEqual(['right']);
  });

  it('are rounded to single precision after each input, so squared errors that begin with them are', async () => {
    const of = (value: number, sumw2 = new Float64Array(0)): SmallObject[] => [
      stored(setNumbers(sampleGraph('/types/h1f'), { cells: new Float32Array(22).fill(value), sumw2 })),
    ];
    expect(await merged(of(0.1), of(16.3), of(1, new Float64Array(22).fill(2)))).toEqual(['right']);
    expect(await merged(of(3e38), of(3e38), of(-3e38))).toEqual(['right']);
  });

  it('have sums of profiled values that old versions lack, which follow from the bins', async () => {
    const old = setNumbers(sampleGraph('/profiles/p1', 1), { members: { fTsumwy: 0, fTsumwy2: 0 } });
    expect(await merged([stored(sampleGraph('/profiles/p1'))], [stored(old)])).toEqual(['right']);
  });

  it('have waiting fills in the bin above an edge, where a division would put them below', async () => {
    const booked = (): SpanGraph => setNumbers(sampleGraph('/types/h1d'), { members: { 'fXaxis.fXmin': -1, 'fXaxis.fXmax': 1 } });
    const places = Array.from({ length: 20 }, (_, i) => [1, -1 + i * (2 / 20)]).flat();
    const graph = booked();
    setArray(graph.root, 'fBuffer', encodeCells(Float64Array.of(20, ...places)));
    expect(await merged([stored(booked())], [stored(graph)])).toEqual(['right']);
  });
});
