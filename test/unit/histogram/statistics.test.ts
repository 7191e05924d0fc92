/** Statistics as TH1::GetStats gives them, worked out by hand. */
import { describe, expect, it } from 'vitest';
import { setNumber } from '../../../src/io/root/streamer/member.ts';
import { fillPending } from '../../../src/merge/histogram/fill.ts';
import type { Histogram } from '../../../src/merge/histogram/histogram.ts';
import { statisticsOf } from '../../../src/merge/histogram/statistics.ts';
import { decode, sampleGraph, setNumbers } from './sample-histograms.ts';

/** A 1D histogram with contents 1, 2, 3… in all its bins, outer ones included. */
function counted(path: string, members: Record<string, number> = {}): Histogram {
  const graph = sampleGraph(path);
  const { cells } = decode(graph);
  cells.forEach((_: number | bigint, i: number) => (cells[i] = i + 1));
  return decode(setNumbers(graph, { cells, statistics: [0, 0, 0, 0], entries: 10, members }));
}

describe('statistics of a TH1', () => {
  it('are the stored sums', () => {
    const h = decode(sampleGraph('/types/h1d'));
    expect(statisticsOf(h)).toEqual(h.statistics);
    expect(h.statistics[0]).not.toBe(0);
  });
  it('come from the bins when contents were set without fills; under- and overflow do not count', () => {
    const h = counted('/types/h1d');
    const { nbins, xmin, xmax } = h.axes[0]!;
    const [w, wx] = [statisticsOf(h)[0], statisticsOf(h)[2]];
    expect(w).toBe((nbins * (nbins + 3)) / 2);
    const centers = Array.from({ length: nbins }, (_, i) => (i + 2) * (xmin + (i + 0.5) * ((xmax - xmin) / nbins)));
    expect(wx).toBe(centers.reduce((sum, x) => sum + x, 0));
  });
  it('come from the bins inside a range on an axis', () => {
    const graph = sampleGraph('/types/h1d');
    setNumber(graph.root, 'fXaxis.fBits', 1 << 11);
    setNumber(graph.root, 'fXaxis.fFirst', 2);
    setNumber(graph.root, 'fXaxis.fLast', 3);
    const h = decode(graph);
    expect(statisticsOf(h)[0]).toBe(Number(h.cells[2]) + Number(h.cells[3]));
  });
  it('count under- and overflow where that is asked for', () => {
    const h = counted('/types/h1d', { fStatOverflows: 1 });
    expect(statisticsOf(h)[0]).toBe((h.cells.length * (h.cells.length + 1)) / 2);
  });
});

describe('statistics of a profile', () => {
  it('come from the bins when there is no sum of weights', () => {
    const h = decode(setNumbers(sampleGraph('/profiles/p1'), { statistics: [0, 0, 0, 0, 0, 0] }));
    const inner = (values: Float64Array): number => values.subarray(1, -1).reduce((sum, v) => sum + v, 0);
    const statistics = statisticsOf(h);
    expect(statistics[0]).toBe(inner(h.binEntries));
    expect(statistics[4]).toBe(inner(h.cells as Float64Array));
    expect(statistics[5]).toBe(inner(h.sumw2));
  });
});

it('statistics of a TProfile3D never count outer bins', () => {
  const members = { fStatOverflows: 1, fTsumw: 0 };
  const [p3, p2] = ['/profiles/p3', '/profiles/p2'].map((path) => decode(setNumbers(sampleGraph(path), { members }))) as [
    Histogram,
    Histogram,
  ];
  const sum = (values: Float64Array): number => values.reduce((total, v) => total + v, 0);
  const inside = [21, 22, 25, 26, 37, 38, 41, 42].map((bin) => p3.binEntries[bin] as number);
  expect(statisticsOf(p3)[0]).toBe(sum(Float64Array.from(inside)));
  expect(sum(p3.binEntries)).toBeGreaterThan(sum(Float64Array.from(inside)));
  expect(statisticsOf(p2)[0]).toBe(sum(p2.binEntries));
});

describe('fillPending', () => {
  it('bins fills with their weights and counts them in statistics', () => {
    const h = decode(sampleGraph('/types/h1d'));
    const { xmin, xmax, nbins } = h.axes[0]!;
    const width = (xmax - xmin) / nbins;
    const [first, over, sumw, entries] = [h.cells[1], h.cells[nbins + 1], h.statistics[0] as number, h.entries];
    const values = Float64Array.of(2, 1, xmin + width / 2, 3, xmax + 1);
    expect(fillPending(h, { values, count: 2, stride: 2 })).toBe(0);
    expect(h.cells[1]).toBe(Number(first) + 1);
    expect(h.cells[nbins + 1]).toBe(Number(over) + 3);
    expect(h.entries).toBe(entries + 2);
    expect(h.statistics[0]).toBe(sumw + 1);
    expect(h.sumw2[nbins + 1]).toBe(Number(over) + 9);
  });
  it('leaves out profiled values beyond the limits', () => {
    const h = { ...decode(sampleGraph('/profiles/p1')), profileLimits: [0, 1] as const };
    const { entries } = h;
    const x = h.axes[0]!.xmin;
    fillPending(h, { values: Float64Array.of(3, 1, x, 0.5, 1, x, 2, 1, x, Number.NaN), count: 3, stride: 3 });
    expect(h.entries).toBe(entries + 1);
  });
});
