/** Histograms as the page draws them: read again from the files, those of inputs added up. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { diffMerged, merge, type DiffReport } from '../../../../src/index.ts';
import { PlotFiles } from '../../../../src/diff/page/plot-files.ts';
import { innerBins, projection, type PlotHistogram } from '../../../../src/diff/page/plot-histogram.ts';
import { HOSTILE, writePageFile } from '../../../page-files.ts';
import { Scratch, fixture } from '../../../scratch.ts';

const scratch = new Scratch();
const [older, newer] = [scratch.path('old.root'), scratch.path('new.root')];

beforeAll(() => {
  writePageFile(older, 'old');
  writePageFile(newer, 'new');
});
afterAll(() => scratch[Symbol.dispose]());

const read = (path: string, of: Pick<DiffReport, 'kind' | 'left' | 'right'>): { reference: PlotHistogram; test: PlotHistogram } => {
  using files = new PlotFiles(of);
  const { reference, test } = files.pairAt(path);
  if (reference === undefined || test === undefined) throw new Error(`${path} is not in both`);
  return { reference, test };
};
const two: Pick<DiffReport, 'kind' | 'left' | 'right'> = { kind: 'files', left: older, right: [newer] };

it('have the contents of their bins, and of a profile the means', () => {
  const { reference, test } = read('/counts', two);
  expect([...innerBins(reference).values]).toEqual([10, 20, 30, 40]);
  expect([...innerBins(test).errors]).toEqual([10, 20, 30, 45].map(Math.sqrt));
  const profile = read('/profile', two);
  expect([...innerBins(profile.reference).values]).toEqual([2, 5, NaN]);
  expect([...innerBins(profile.reference).errors].slice(0, 2)).toEqual([Math.sqrt(1 / 2), Math.sqrt(1 / 2)]);
  expect([...innerBins(profile.test).values]).toEqual([2, 6, NaN]);
});

it('have projections', () => {
  const { reference, test } = read('/cube', two);
  expect([0, 1, 2].map((axis) => [...projection(reference, axis).values])).toEqual([
    [1, 0, 1],
    [1, 1, 0],
    [1, 0, 1],
  ]);
  expect([0, 1, 2].map((axis) => [...projection(test, axis).values])).toEqual([
    [1, 0, 1],
    [0, 2, 0],
    [1, 0, 1],
  ]);
});

it('add up, labels and moments included', () => {
  const { reference, test } = read('/counts', { kind: 'merge', left: older, right: [older, newer, newer] });
  expect([...innerBins(reference).values]).toEqual([30, 60, 90, 130]);
  expect([reference.entries, test.entries]).toEqual([310, 100]);
  expect(reference.mean).toBeCloseTo((30 * 0.5 + 60 * 1.5 + 90 * 2.5 + 130 * 3.5) / 310, 12);
  expect(read(`/hostile/${HOSTILE.hidden}`, two).reference.axes[0]?.labels).toEqual([HOSTILE.hidden, 'plain', `${HOSTILE.hidden} again`]);
});

it('of inputs are what their merge has, profiles and weights included', async () => {
  const inputs = [0, 1, 2].map((i) => fixture(`hists_${i}.root`));
  const output = scratch.path('sum.root');
  await merge(inputs, { output });
  const { objects } = await diffMerged(output, inputs);
  using files = new PlotFiles({ kind: 'merge', left: output, right: inputs });
  const drawn = objects.filter(
    ({ path, className, verdict }) =>
      verdict === 'right' && /^T(H|Profile)[123]?/.test(className) && files.pairAt(path).reference?.pending === 0,
  ); // fills in no bin are told, not drawn
  expect(drawn.length).toBeGreaterThan(25);
  for (const { path } of drawn) {
    const { reference, test } = files.pairAt(path) as { reference: PlotHistogram; test: PlotHistogram };
    const [expected, found] = [innerBins(reference), innerBins(test)];
    for (const part of ['values', 'errors'] as const) {
      const apart = expected[part].filter(
        (value, i) =>
          !Object.is(value, found[part][i]) && !(Math.abs(value - (found[part][i] ?? NaN)) <= 1e-6 * Math.max(1, Math.abs(value))),
      );
      expect([path, part, [...apart]]).toEqual([path, part, []]);
    }
    expect([path, reference.entries]).toEqual([path, test.entries]);
  }
});

it('are found by cycle', () => {
  const { reference } = read('/counts;1', two);
  expect(reference.entries).toBe(100);
});
