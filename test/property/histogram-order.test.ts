/** Sums of integers do not depend on their order: neither do histograms that hold integers. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cells } from '../../src/merge/bins/cells.ts';
import type { SmallObject } from '../small-file.ts';
import { decode, mergeInMemory, sampleGraph, setNumbers, stored } from '../unit/histogram/sample-histograms.ts';

const PATHS = ['/types/h1d', '/types/h1f', '/types/h2i', '/types/h2s', '/types/h3d', '/profiles/p1'];

/** The sample with other numbers, taken from the seeds in turn. */
function withNumbers(path: string, seeds: readonly number[]): SmallObject {
  const sample = decode(sampleGraph(path));
  const at = (i: number): number => seeds[i % seeds.length] as number;
  const fill = (length: number, shift: number): Float64Array => Float64Array.from({ length }, (_, i) => at(i + shift));
  const CellArray = sample.cells.constructor as unknown as new (values: number[]) => Cells;
  return stored(
    setNumbers(sampleGraph(path), {
      cells: new CellArray([...fill(sample.cells.length, 0)]),
      sumw2: fill(sample.sumw2.length, 1),
      ...(sample.kind.isProfile ? { binEntries: fill(sample.binEntries.length, 2), binSumw2: fill(sample.binSumw2.length, 3) } : {}),
      statistics: [...fill(sample.statistics.length, 4)],
      entries: 1 + at(5),
    }),
  );
}

describe.each(PATHS)('%s', (path) => {
  it('is the same sum in every order, and in two steps', async () => {
    // No zeros: statistics without weights are worked out from the bins, in fractions, whose sums are rounded.
    const seeds = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 6, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(seeds, { minLength: 4, maxLength: 4 }),
        fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
        async (all, order) => {
          const inputs = all.map((numbers) => [withNumbers(path, numbers)]);
          const sum = await mergeInMemory(inputs);
          const shuffled = await mergeInMemory(order.map((i) => inputs[i] as SmallObject[]));
          expect(decode(shuffled.graph())).toEqual(decode(sum.graph()));
          const [first, ...rest] = inputs as [SmallObject[], ...SmallObject[][]];
          const tail = await mergeInMemory(rest);
          const twoSteps = await mergeInMemory([first, [stored(tail.graph())]]);
          expect(decode(twoSteps.graph())).toEqual(decode(sum.graph()));
        },
      ),
      { numRuns: 8 },
    );
  });
});
