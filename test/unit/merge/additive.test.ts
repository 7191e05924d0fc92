/** Efficiencies, parameters, graphs, stacks and lists: what the output holds is the sum, and what does not fit is named. */
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { diffMerged } from '../../../src/diff/diff-merged.ts';
import { member, numberOf, setNumber, targetOf } from '../../../src/io/root/streamer/member.ts';
import { arrayOf, listItems, setArray, setListItems } from '../../../src/io/root/streamer/member-list.ts';
import type { ObjectNode } from '../../../src/io/root/streamer/span-graph.ts';
import { addParameter } from '../../../src/merge/additive/add-parameter.ts';
import { Addition } from '../../../src/merge/additive/add-objects.ts';
import { RunningSums } from '../../../src/merge/additive/running-sums.ts';
import { histogramRules } from '../../../src/merge/histogram/pair-rules.ts';
import { merge } from '../../../src/merge/merge.ts';
import { nodeOf } from '../../objects.ts';
import { Scratch, fixture } from '../../scratch.ts';

const OTHERS = ['others_0.root', 'others_1.root', 'others_2.root'].map(fixture);

function doubles(node: ObjectNode, name: string): number[] {
  const array = arrayOf(node, name);
  if (array === null) throw new Error(`no ${name}`);
  const view = new DataView(array.bytes.buffer, array.bytes.byteOffset);
  return Array.from({ length: array.count }, (_, i) => view.getFloat64(array.start + 8 * i));
}

/** A list with copies of objects of the samples in it. */
function listOf(worker: number, ...paths: string[]): ObjectNode {
  const list = nodeOf(OTHERS[worker] as string, '/collections/list');
  const [slot] = listItems(list);
  if (slot === undefined) throw new Error('an empty list');
  setListItems(
    list,
    paths.map((path) => {
      const target = nodeOf(OTHERS[worker] as string, path);
      return Object.assign(Object.create(Object.getPrototypeOf(slot) as object) as typeof slot, slot, {
        target,
        className: target.className,
        form: 'object',
      });
    }),
  );
  return list;
}

function add(a: ObjectNode, b: ObjectNode): Addition {
  const addition = new Addition(histogramRules, new RunningSums());
  addition.add(a, b, '');
  return addition;
}

describe('merged files', () => {
  it('hold sums, and pool-diff finds them right', async () => {
    using scratch = new Scratch();
    const output = scratch.path('out.root');
    const report = await merge(OTHERS, { output });
    const done = new Map(report.targets.map((t) => [t.path, [t.disposition, t.cycles]]));
    for (const path of ['/values/sum', '/values/last', '/graphs/graph', '/graphs/errors', '/efficiency/efficiency']) {
      expect(done.get(path), path).toEqual(['add', 1]);
    }
    for (const path of ['/collections/list', '/collections/map', '/efficiency/function']) {
      expect(done.get(path), path).toEqual(['cycles', 3]);
    }
    expect(numberOf(nodeOf(output, '/values/sum'), 'fVal')).toBe(1.5 + 2.5 + 3.5);
    expect(numberOf(nodeOf(output, '/values/last'), 'fVal')).toBe(2);
    expect(doubles(nodeOf(output, '/graphs/graph'), 'fX')).toEqual([0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5, 6]);
    expect(doubles(nodeOf(output, '/graphs/graph'), 'fY')).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2]);
    const total = targetOf(member(nodeOf(output, '/efficiency/efficiency'), 'fTotalHistogram')) as ObjectNode;
    expect([numberOf(total, 'fEntries'), doubles(total, 'TArrayD').reduce((sum, v) => sum + v, 0)]).toEqual([150, 150]);
    expect((await diffMerged(output, OTHERS)).objects.filter(({ verdict }) => verdict !== 'right')).toEqual([]);
  });

  it('are found wrong where one copy was kept', async () => {
    const { objects } = await diffMerged(OTHERS[0] as string, OTHERS.slice(0, 2));
    const wrong = new Set(objects.filter(({ verdict }) => verdict !== 'right').map(({ path }) => path));
    for (const path of ['/values/sum', '/values/last', '/graphs/graph', '/efficiency/efficiency']) expect(wrong, path).toContain(path);
  });

  it('are refused where a part is not understood: it can be copied, but not added', async () => {
    using scratch = new Scratch();
    const [first, second] = OTHERS as [string, string];
    const strange = scratch.path('strange.root');
    await merge([second], { output: strange, compression: 0 });
    const bytes = readFileSync(strange);
    const title = 'Normalization factor';
    const typeAt = bytes.indexOf(title, bytes.indexOf('fNormFactor')) + title.length; // TStreamerElement::fType, i32
    expect(bytes.readInt32BE(typeAt)).toBe(8);
    bytes.writeInt32BE(0x40_0000, typeAt);
    writeFileSync(strange, bytes);
    const refusal = merge([first, strange], { output: scratch.path('out.root'), include: ['/efficiency/efficiency'] });
    await expect(refusal).rejects.toThrow(`${strange}: holds a TH1 that is not understood: member fNormFactor has type code ${0x40_0000}`);
    expect(scratch.list()).toEqual(['strange.root']);
  });
});

describe('parameters', () => {
  const [MULTIPLY, MAXIMUM, MINIMUM, FIRST, LAST, IS_CONST] = [16, 17, 18, 19, 20, 21].map((bit) => 2 ** bit) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  it.each([
    [0, 7],
    [MULTIPLY, 12],
    [MAXIMUM, 4],
    [MINIMUM, 3],
    [FIRST, 3],
    [LAST, 4],
  ])('merge by mode %i', (mode, expected) => {
    const [a, b] = [nodeOf(OTHERS[0] as string, '/values/last'), nodeOf(OTHERS[1] as string, '/values/last')];
    setNumber(a, 'fBits', mode + IS_CONST);
    setNumber(a, 'fVal', 3);
    setNumber(b, 'fVal', 4);
    addParameter(a, b);
    expect([numberOf(a, 'fVal'), numberOf(a, 'fBits')]).toEqual([expected, mode]);
  });

  it('are refused where ROOT wraps', () => {
    const [a, b] = [nodeOf(OTHERS[0] as string, '/values/last'), nodeOf(OTHERS[1] as string, '/values/last')];
    setNumber(a, 'fBits', 0);
    for (const node of [a, b]) setNumber(node, 'fVal', 2_000_000_000);
    expect(() => addParameter(a, b)).toThrow('value 4000000000 does not fit a TParameter<int>');
  });
});

describe('graphs', () => {
  it.each(['/graphs/graph', '/graphs/errors'])('%s with values for other points are refused', (path) => {
    for (const changed of [0, 1]) {
      const nodes = [0, 1].map((worker) => nodeOf(OTHERS[worker] as string, path)) as [ObjectNode, ObjectNode];
      const node = nodes[changed] as ObjectNode;
      setArray(node, 'fY', new Uint8Array(8 * (numberOf(node, 'fNpoints') - 1))); // and fNpoints with it
      expect(() => add(...nodes)).toThrow(`${node.className} has not one value of fX per point`);
    }
  });
});

describe('efficiencies', () => {
  it('of other weights are refused', () => {
    const [a, b] = [0, 1].map((worker) => nodeOf(OTHERS[worker] as string, '/efficiency/efficiency')) as [ObjectNode, ObjectNode];
    setNumber(b, 'fWeight', 4);
    expect(add(a, b).misfits).toEqual([{ code: 'weights-differ', reason: 'weight 4, but 1 in the first' }]);
  });

  it('without a histogram take none of another', () => {
    const [a, b] = [0, 1].map((worker) => nodeOf(OTHERS[worker] as string, '/efficiency/efficiency')) as [ObjectNode, ObjectNode];
    const slot = member(a, 'fPassedHistogram');
    if (slot?.kind !== 'pointer') throw new Error('no slot of a histogram');
    slot.target = null;
    expect(() => add(a, b)).toThrow('TEfficiency without fPassedHistogram, which another one has');
  });
});

describe('lists', () => {
  it('are added by name, whatever the order; what the first lacks is appended, equal copies are kept once', () => {
    const a = listOf(0, '/cycles/cycled_hist', '/values/sum', '/note');
    const b = listOf(1, '/note', '/values/sum', '/cycles/cycled_hist', '/graphs/graph', '/only_in_second');
    const { misfits, kept } = add(a, b);
    expect([misfits, [...kept]]).toEqual([[], ['TNamed']]);
    expect(listItems(a).map(({ className }) => className)).toEqual(['TH1F', 'TParameter<double>', 'TNamed', 'TGraph', 'TNamed']);
    const [hist, sum] = listItems(a).map(({ target }) => target as ObjectNode) as [ObjectNode, ObjectNode];
    expect([numberOf(hist, 'fEntries'), numberOf(sum, 'fVal')]).toEqual([2, 4]);
  });

  it('whose elements names do not tell apart are added by place, or refused', () => {
    const twice = ['/values/sum', '/values/sum'];
    const [a, b] = [listOf(0, ...twice), listOf(1, ...twice)];
    expect(add(a, b).misfits).toEqual([]);
    expect(listItems(a).map(({ target }) => numberOf(target as ObjectNode, 'fVal'))).toEqual([4, 4]);
    expect(add(listOf(0, ...twice), listOf(1, ...twice, '/note')).misfits).toEqual([
      { code: 'elements-differ', reason: '3 elements whose names and classes are not those of the first' },
    ]);
  });
});
