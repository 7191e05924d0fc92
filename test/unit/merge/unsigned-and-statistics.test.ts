/**
 * THn of unsigned types, TProfile2Poly, TStatistic, TGraphPolar, TOrdCollection, TSortedList: sums over the workers;
 * and graphs that are no longer sorted say so.
 */
import { describe, expect, it } from 'vitest';
import { diffMerged } from '../../../src/diff/diff-merged.ts';
import { compareWithAdded } from '../../../src/diff/histogram/expected-object.ts';
import { DifferenceList } from '../../../src/diff/object/difference.ts';
import { PoolMergeError } from '../../../src/errors.ts';
import { member, numberOf, setNumber } from '../../../src/io/root/streamer/member.ts';
import { arrayOf, listItems, type ArraySpan } from '../../../src/io/root/streamer/member-list.ts';
import { graphOfPart, type ObjectNode, type SpanNode } from '../../../src/io/root/streamer/span-graph.ts';
import { addStatistic } from '../../../src/merge/additive/add-statistic.ts';
import { decodeCells, cellTypeOf } from '../../../src/merge/bins/cells.ts';
import { doublesOf } from '../../../src/merge/bins/axis.ts';
import { merge } from '../../../src/merge/merge.ts';
import { nodeOf } from '../../objects.ts';
import { Scratch, fixture } from '../../scratch.ts';

const INPUTS = ['sums_0.root', 'sums_1.root', 'sums_2.root'].map(fixture);
const SORTED = 1 << 19;

/** Inputs and their merge. */
async function merged<T>(path: string, look: (inputs: ObjectNode[], out: ObjectNode, told: string[]) => T): Promise<T> {
  using scratch = new Scratch();
  const output = scratch.path('out.root');
  const { diagnostics } = await merge(INPUTS, { output, include: [path] });
  expect((await diffMerged(output, INPUTS, { include: [path] })).objects.map(({ verdict }) => verdict)).toEqual(['right']);
  expect((await diffMerged(output, INPUTS.slice(0, 2), { include: [path] })).objects.map(({ verdict }) => verdict)).toEqual(['altered']);
  return look(
    INPUTS.map((file) => nodeOf(file, path)),
    nodeOf(output, path),
    diagnostics.map(({ code }) => code),
  );
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

function cellsOf(node: ObjectNode): (number | bigint)[] {
  const span = arrayOf(node, 'fArray.fData');
  if (span === null) throw new Error('no cells');
  return [...decodeCells(cellTypeOf(span.type), span)];
}

describe('THn of unsigned types', () => {
  it.each([
    ['dense_US', 2n ** 16n],
    ['dense_UI', 2n ** 32n],
    ['dense_UL', 2n ** 64n],
    ['dense_UL64', 2n ** 64n],
  ])('%s add up to the largest value of their type, where ROOT wraps', async (name, end) => {
    await merged(`/${name}`, (inputs, out, told) => {
      const [first = [], ...others] = inputs.map((node) => cellsOf(node).map(BigInt));
      const sums = first.map((value, i) => others.reduce((sum, cells) => sum + (cells[i] as bigint), value));
      expect(sums.some((sum) => sum >= end)).toBe(true);
      expect(cellsOf(out).map(BigInt)).toEqual(sums.map((sum) => (sum < end ? sum : end - 1n)));
      expect(numberOf(out, 'fEntries')).toBe(total(inputs.map((node) => numberOf(node, 'fEntries'))));
      expect(told).toEqual(['saturated']);
    });
  });
});

describe('TProfile2Poly', () => {
  const binsOf = (node: ObjectNode): SpanNode[] => {
    const regions = member(node, 'fOverflowBins');
    return [
      ...listItems(member(node, 'fBins') as SpanNode).map(({ target }) => target as ObjectNode),
      ...(regions?.kind === 'object' ? regions.children : []),
    ];
  };

  it.each(['/poly', '/weighted'])('%s has the averages and spreads of all values, polygons and regions around them', async (path) => {
    await merged(path, (inputs, out) => {
      const bins = inputs.map(binsOf);
      expect(binsOf(out)).toHaveLength(2 + 9);
      binsOf(out).forEach((bin, i) => {
        const [w, wv, wvv] = ['fSumw', 'fSumvw', 'fSumwv2'].map((name) =>
          total(bins.map((each) => numberOf(each[i] as SpanNode, name))),
        ) as [number, number, number];
        const average = w === 0 ? 0 : wv / w;
        expect([numberOf(bin, 'fSumw'), numberOf(bin, 'fAverage'), numberOf(bin, 'fContent')]).toEqual([w, average, average]);
        expect(numberOf(bin, 'fError')).toBe(w === 0 ? 0 : Math.sqrt(wvv / w - average * average));
      });
      for (const name of ['fEntries', 'fTsumwxy', 'fTsumwz', 'fTsumwz2']) {
        expect(numberOf(out, name), name).toBe(total(inputs.map((node) => numberOf(node, name))));
      }
    });
  });
});

describe('TStatistic', () => {
  it('has mean and variance of all values', async () => {
    const values = [0, 1, 2].flatMap((worker) => Array.from({ length: 5 + worker }, (_, i) => i * i + worker));
    const mean = total(values) / values.length;
    await merged('/statistic', (_, out) => {
      expect(['fN', 'fW', 'fM', 'fMin', 'fMax'].map((name) => numberOf(out, name))).toEqual([
        values.length,
        values.length,
        total(values),
        0,
        38,
      ]);
      expect(numberOf(out, 'fM2')).toBeCloseTo(total(values.map((value) => (value - mean) ** 2)), 9);
    });
  });

  it('is that of the second where the first is empty', async () => {
    await merged('/late', (inputs, out) => {
      expect(inputs.map((node) => numberOf(node, 'fN'))).toEqual([0, 6, 7]);
      expect([numberOf(out, 'fN'), numberOf(out, 'fW'), numberOf(out, 'fMin'), numberOf(out, 'fMax')]).toEqual([13, 33, 1 / 7, 1]);
    });
  });

  it('of weights that cancel is refused: there is no mean', () => {
    const [a, b] = [nodeOf(INPUTS[0] as string, '/statistic'), nodeOf(INPUTS[1] as string, '/statistic')];
    const weight = numberOf(a, 'fW');
    for (const weights of [
      [weight, -weight],
      [0, weight],
      [weight, 0],
    ]) {
      [a, b].forEach((node, i) => setNumber(node, 'fW', weights[i] as number));
      expect(() => addStatistic(a, b)).toThrow(PoolMergeError);
    }
  });
});

describe('collections', () => {
  it.each(['/ordered', '/byName'])('%s hold the sums of their elements', async (path) => {
    await merged(path, (_, out) => {
      const [hist, count] = ['TH1F', 'TParameter<int>'].map(
        (className) => listItems(out).find((item) => item.className === className)?.target as ObjectNode,
      ) as [ObjectNode, ObjectNode];
      expect(listItems(out)).toHaveLength(2);
      expect([...decodeCells('F', arrayOf(hist, 'fArray') as ArraySpan)]).toEqual([0, 2, 2, 2, 0]);
      expect(numberOf(count, 'fVal')).toBe(18);
    });
  });
});

describe('graphs', () => {
  it('in polar coordinates have the points of all', async () => {
    await merged('/polar', (inputs, out) => {
      for (const name of ['fX', 'fY', 'fEX', 'fEY']) {
        expect([...doublesOf(out, name)]).toEqual(inputs.flatMap((node) => [...doublesOf(node, name)]));
      }
    });
  });

  it.each([
    ['/sorted', 0],
    ['/follows', SORTED],
  ])('%s are marked as sorted as long as they are, where ROOT keeps the mark', async (path, mark) => {
    await merged(path, (inputs, out) => {
      expect(inputs.map((node) => numberOf(node, 'fBits') & SORTED)).toEqual([SORTED, SORTED, SORTED]);
      expect(numberOf(out, 'fBits') & SORTED).toBe(mark);
      setNumber(out, 'fBits', numberOf(out, 'fBits') | SORTED);
      const found = new DifferenceList(10);
      compareWithAdded(graphOfPart(out), inputs.map(graphOfPart), found);
      expect(found.first.map(({ at }) => at)).toEqual(mark === 0 ? ['fBits'] : []);
    });
  });
});
