/** Histograms whose fills wait in a buffer (fBuffer), when they are merged. */
import { describe, expect, it } from 'vitest';
import { setArray } from '../../../src/io/root/streamer/member-list.ts';
import { encodeCells } from '../../../src/merge/bins/cells.ts';
import type { Histogram } from '../../../src/merge/histogram/histogram.ts';
import type { SmallObject } from '../../small-file.ts';
import { WORKERS, decode, mergeInMemory, sampleGraph, setNumbers, stored } from './sample-histograms.ts';

describe('fills in a buffer', () => {
  it('are binned where limits are given, and the buffer goes', async () => {
    const merged = decode((await mergeInMemory(WORKERS.map((worker) => [stored(sampleGraph('/special/buffer_fixed', worker))]))).graph());
    const fills = WORKERS.map((worker) => decode(sampleGraph('/special/buffer_fixed', worker)));
    expect(merged.entries).toBe(fills.reduce((sum, h) => sum + h.entries + h.pending.count, 0));
    expect(merged.bufferLength).toBe(0);
  });
  it('are joined where limits are still to be chosen', async () => {
    const merged = decode((await mergeInMemory(WORKERS.map((worker) => [stored(sampleGraph('/special/buffer_auto', worker))]))).graph());
    const all = WORKERS.map((worker) => decode(sampleGraph('/special/buffer_auto', worker)).pending);
    expect(merged.pending.count).toBe(all.reduce((sum, p) => sum + p.count, 0));
    const values = all.flatMap((p) => Array.from(p.values.subarray(1, 1 + p.count * p.stride)));
    expect(Array.from(merged.pending.values.subarray(1, 1 + values.length))).toEqual(values);
  });
  it('are binned on the axis of an input that has limits', async () => {
    const automatic = sampleGraph('/special/buffer_auto');
    const fixed = sampleGraph('/special/buffer_in_some', 1);
    const merged = decode((await mergeInMemory([[stored(automatic)], [stored(fixed)]])).graph());
    expect(merged.axes[0]).toMatchObject({ nbins: 10, xmin: 0, xmax: 10 });
    expect(merged.entries).toBe(decode(automatic).pending.count + decode(fixed).entries);
  });
  it('make the buffer of the first as large as they need', async () => {
    const graph = sampleGraph('/special/buffer_auto');
    const { pending, bufferLength } = decode(graph);
    const many = Array.from({ length: Math.ceil(bufferLength / 2 / pending.count) + 1 }, () => [
      stored(sampleGraph('/special/buffer_auto')),
    ]);
    const merged = decode((await mergeInMemory(many)).graph());
    expect(merged.pending.count).toBe(many.length * pending.count);
    expect(merged.bufferLength).toBeGreaterThan(bufferLength);
    const one = pending.values.subarray(1, 1 + pending.count * pending.stride);
    expect(merged.pending.values.subarray(1, 1 + many.length * one.length)).toEqual(Float64Array.from(many.flatMap(() => [...one])));
  });
  it('are refused when bins without limits were filled, or their numbers differ', async () => {
    const set = (members: Record<string, number>): SmallObject[] => [stored(setNumbers(sampleGraph('/special/buffer_auto'), { members }))];
    await expect(mergeInMemory([set({}), set({ fEntries: 3 })])).rejects.toMatchObject({
      conflicts: [{ code: 'axes-automatic', file: '1.root' }],
    });
    const wider = setNumbers(sampleGraph('/special/buffer_auto'), {
      cells: new Float64Array(13),
      members: { 'fXaxis.fNbins': 11, fNcells: 13 },
    });
    await expect(mergeInMemory([set({}), [stored(wider)]])).rejects.toMatchObject({
      conflicts: [{ code: 'axes-differ', reason: 'x axis: 11 bins instead of 10' }],
    });
  });
  it('do not make an axis wider whose bins all have labels', async () => {
    const waiting = (bits2: number): SmallObject[] => {
      const graph = setNumbers(sampleGraph('/special/labels'), { members: { 'fXaxis.fBits2': bits2 } });
      setArray(graph.root, 'fBuffer', encodeCells(Float64Array.of(1, 1, 99)));
      return [stored(graph)];
    };
    const { cells, entries } = decode(sampleGraph('/special/labels'));
    const merged = decode((await mergeInMemory([[stored(sampleGraph('/special/labels'))], waiting(3)])).graph());
    expect([merged.cells[4], merged.entries]).toEqual([2 * Number(cells[4]) + 1, 2 * entries + 1]);
    await expect(mergeInMemory([waiting(2), waiting(2)])).rejects.toMatchObject({
      conflicts: [{ code: 'axes-automatic' }, { code: 'axes-automatic' }],
    });
  });
  it('ask for squared weights when one of their histograms does', async () => {
    const zeros = new Float64Array(decode(sampleGraph('/special/buffer_auto')).cells.length);
    const second = setNumbers(sampleGraph('/special/buffer_auto', 1), { sumw2: zeros });
    const merged = decode((await mergeInMemory([[stored(sampleGraph('/special/buffer_auto'))], [stored(second)]])).graph());
    expect(merged.sumw2).toEqual(zeros);
  });
  it('are binned in integers of 64 bits, weights that are no number left out', async () => {
    const noLimits = { 'fXaxis.fXmin': 0, 'fXaxis.fXmax': 0, fEntries: 0, fTsumw: 0 };
    const empty = setNumbers(sampleGraph('/types/h1l'), { cells: new BigInt64Array(22), members: noLimits });
    setArray(empty.root, 'fBuffer', encodeCells(Float64Array.of(4, 2.9, 0.1, NaN, 0.1, 1, 0.2, Infinity, 5, 0, 0)));
    const { graph, diagnostics } = await mergeInMemory([[stored(sampleGraph('/types/h1l'))], [stored(empty)]]);
    const [before, after] = [decode(sampleGraph('/types/h1l')).cells, decode(graph()).cells];
    expect(after[1]).toBe((before[1] as bigint) + 3n);
    expect(after[11]).toBe(2n ** 63n - 1n);
    expect(diagnostics.list()).toMatchObject([{ code: 'saturated' }]);
  });

  it('are as many as it says', () => {
    const fills = (count: number, values: number): Histogram => {
      const graph = sampleGraph('/types/h1f');
      setArray(graph.root, 'fBuffer', encodeCells(Float64Array.from({ length: values }, (_, i) => (i === 0 ? count : i))));
      return decode(graph);
    };
    expect(fills(2, 5)).toMatchObject({ bufferLength: 5, pending: { count: 2, stride: 2 } });
    expect(() => fills(2, 4)).toThrow('fill buffer is shorter than it says: expected 5, found 4');
    expect([fills(-9, 3), fills(0, 1)].map(({ pending }) => pending.count)).toEqual([0, 0]);
  });
});
