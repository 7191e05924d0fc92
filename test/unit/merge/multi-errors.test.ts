/** Graphs with several kinds of errors in y, which hadd ends on: their points are joined where the kinds are the same. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { diffMerged } from '../../../src/diff/diff-merged.ts';
import { member, numberOf } from '../../../src/io/root/streamer/member.ts';
import { listItems } from '../../../src/io/root/streamer/member-list.ts';
import type { ObjectNode } from '../../../src/io/root/streamer/span-graph.ts';
import { doublesOf } from '../../../src/merge/bins/axis.ts';
import { merge } from '../../../src/merge/merge.ts';
import type { MergeReport } from '../../../src/merge/report/report.ts';
import { nodeOf } from '../../objects.ts';
import { Scratch, fixture } from '../../scratch.ts';

const INPUTS = [fixture('graphs/multi_0.root'), fixture('graphs/multi_1.root')];
const scratch = new Scratch();
const output = scratch.path('out.root');
let report: MergeReport;
beforeAll(async () => {
  report = await merge(INPUTS, { output });
});
afterAll(() => scratch[Symbol.dispose]());

/** Errors below, of each kind. */
function errorsOf(graph: ObjectNode): number[][] {
  const vector = member(graph, 'fEyL');
  return vector?.kind === 'object'
    ? vector.children.flatMap((each) => (each.kind === 'object' ? [[...doublesOf(each, 'fArray')]] : []))
    : [];
}

it('points and all their errors follow those of the first', () => {
  const out = nodeOf(output, '/multi');
  expect([numberOf(out, 'fNpoints'), numberOf(out, 'fNYErrors'), [...doublesOf(out, 'fX')], [...doublesOf(out, 'fExL')]]).toEqual([
    5,
    2,
    [0, 1, 2, 10, 11],
    [0.25, 0.25, 0.25, 1.25, 1.25],
  ]);
  expect(errorsOf(out)).toEqual([
    [0.25, 0.25, 0.25, 1.25, 1.25],
    [1.125, 1.125, 1.125, 1.125, 1.125],
  ]);
  const inside = listItems(nodeOf(output, '/list'))[0]?.target as ObjectNode;
  expect(errorsOf(inside)).toEqual([
    [0.25, 1.25],
    [1.125, 1.125],
    [2.125, 2.125],
  ]);
  expect(errorsOf(nodeOf(output, '/none'))).toEqual([[0.25, 0.25]]);
});

it('graphs with other kinds stay cycles, and that is told', () => {
  expect(report.targets.map(({ path, disposition, cycles }) => [path, disposition, cycles])).toEqual([
    ['/multi', 'add', 1],
    ['/differ', 'cycles', 2],
    ['/none', 'add', 1],
    ['/list', 'add', 1],
  ]);
  expect(report.diagnostics.map(({ code, path }) => [code, path])).toEqual([['parts-not-added', '/differ']]);
});

it('the comparison works out the same', async () => {
  expect((await diffMerged(output, INPUTS)).isSame).toBe(true);
  const twice = await diffMerged(output, [INPUTS[0] as string, INPUTS[0] as string], { include: ['/multi'] });
  expect(twice.objects[0]?.differences.map(({ at, left, right }) => [at, left, right])).toContainEqual(['fEyL[0].length', '5', '6']);
});
