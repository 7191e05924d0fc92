/** Merged histograms: sums in place equal sums of decoded numbers, whatever the order and the way. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CorruptFileError, MergeConflictError } from '../../../src/errors.ts';
import { encodeGraph } from '../../../src/io/root/streamer/encode.ts';
import { member, numberOf, setNumber, setText, textOf } from '../../../src/io/root/streamer/member.ts';
import { listItems, setListItems } from '../../../src/io/root/streamer/member-list.ts';
import type { SpanGraph } from '../../../src/io/root/streamer/span-graph.ts';
import { sumHistograms } from '../../../src/merge/histogram/sum-histograms.ts';
import {
  decode,
  inputsOf,
  kindOf,
  mergeInMemory,
  ONE_OF_EACH,
  POLICY,
  sampleGraph,
  setNumbers,
  stored,
  type Numbers,
  WORKERS,
} from './sample-histograms.ts';
import { histogramMerger } from '../../../src/merge/histogram/histogram-merger.ts';
import { Diagnostics } from '../../../src/diagnostics.ts';
import { pathFilter } from '../../../src/path-filter.ts';
import type { SmallObject } from '../../small-file.ts';
import { MergePlan } from '../../../src/merge/plan/plan.ts';
import { planTargets } from '../../../src/merge/plan/plan-targets.ts';

/** Numbers for a histogram of the sample at `path`: small integers, so that every sum is exact. */
function numbersFor(path: string): fc.Arbitrary<Numbers & { worker: number }> {
  const kind = kindOf(sampleGraph(path));
  const count = decode(sampleGraph(path)).cells.length;
  const values = fc.array(fc.integer({ min: -3, max: 9 }), { minLength: count, maxLength: count });
  const doubles = values.map((all) => Float64Array.from(all));
  return fc.record({
    worker: fc.constantFrom(...WORKERS),
    cells: values.map((all) => {
      const { cells } = decode(sampleGraph(path));
      all.forEach((value, i) => (cells[i] = (cells instanceof BigInt64Array ? BigInt(value) : value) as never));
      return cells;
    }),
    statistics: fc.oneof(
      { weight: 3, arbitrary: fc.constant([0]) },
      {
        weight: 7,
        arbitrary: fc.array(fc.integer({ min: 1, max: 50 }), { minLength: kind.statistics.length, maxLength: kind.statistics.length }),
      },
    ),
    entries: fc.integer({ min: 0, max: 100 }),
    title: fc.constantFrom('title', 'title', 'another'),
    ...(kind.isProfile ? { binEntries: doubles, sumw2: doubles } : { sumw2: fc.oneof(fc.constant(new Float64Array(0)), doubles) }),
  });
}

function graphWith(path: string, { worker, ...numbers }: Numbers & { worker: number }): SpanGraph {
  return setNumbers(sampleGraph(path, worker), numbers);
}

describe.each(ONE_OF_EACH)('%s', (path) => {
  it('is summed in place as it is decoded, to the last bit', async () => {
    const all = fc.array(numbersFor(path), { minLength: 2, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(all, async (inputs) => {
        const files = inputs.map((numbers) => [stored(graphWith(path, numbers))]);
        const merged = (await mergeInMemory(files)).graph();
        const sum = sumHistograms(kindOf(merged), inputs.length, (k) => graphWith(path, inputs[k]!));
        expect(sum.disagreements).toEqual([]);
        expect(merged.source.bytes).toEqual(encodeGraph(sum.graph!, { keylen: merged.source.keylen }));
      }),
      { numRuns: 12 },
    );
  });

  it('is associative', async () => {
    const three = fc.tuple(numbersFor(path), numbersFor(path), numbersFor(path));
    await fc.assert(
      fc.asyncProperty(three, async (inputs) => {
        const [a, b, c] = inputs.map((numbers) => [stored(graphWith(path, numbers))]) as [
          ReturnType<typeof stored>[],
          ReturnType<typeof stored>[],
          ReturnType<typeof stored>[],
        ];
        const ab = [stored((await mergeInMemory([a, b])).graph())];
        const [once, twice] = [(await mergeInMemory([a, b, c])).graph(), (await mergeInMemory([ab, c])).graph()];
        expect(decode(twice)).toEqual(decode(once));
      }),
      { numRuns: 8 },
    );
  });

  it('doubles when merged with itself', async () => {
    const graph = sampleGraph(path);
    const before = decode(graph);
    const after = decode((await mergeInMemory([[stored(graph)], [stored(graph)]])).graph());
    expect(after.entries).toBe(2 * before.entries);
    expect(Array.from(after.statistics)).toEqual(Array.from(before.statistics, (v) => 2 * v));
    expect(Array.from(after.sumw2)).toEqual(Array.from(before.sumw2, (v) => 2 * v));
  });
});

describe('what comes from the first input', () => {
  it('title, limits of the display, functions', async () => {
    const [first, second] = [sampleGraph('/special/functions'), sampleGraph('/special/functions', 1)];
    setText(first.root, 'fTitle', 'first');
    setNumber(first.root, 'fMaximum', 5);
    const merged = (await mergeInMemory([[stored(first)], [stored(second)]])).graph();
    expect(textOf(merged.root, 'fTitle')).toBe('first');
    expect(numberOf(merged.root, 'fMaximum')).toBe(5);
    expect(listItems(member(merged.root, 'fFunctions')!).length).toBe(listItems(member(first.root, 'fFunctions')!).length);
  });
});

describe('squared errors', () => {
  it('are stored when some input stores them; the others count with their contents', async () => {
    const [a, b] = [sampleGraph('/special/sumw2_in_some', 0), sampleGraph('/special/sumw2_in_some', 1)];
    expect(decode(a).sumw2.length).toBe(0);
    for (const [first, second] of [
      [a, b],
      [b, a],
    ] as const) {
      const merged = decode((await mergeInMemory([[stored(first)], [stored(second)]])).graph());
      const expected = Array.from(decode(b).sumw2, (v, i) => v + Number(decode(a).cells[i]));
      expect(Array.from(merged.sumw2)).toEqual(expected);
    }
  });
});

describe('conflicts', () => {
  it('are all named, and nothing is written for any of them', async () => {
    const other = (path: string, value: number): SpanGraph => setNumbers(sampleGraph('/types/h2f'), { members: { [path]: value } });
    const good = sampleGraph('/types/h2f');
    const files = [
      [stored(good, 'a'), stored(good, 'b'), stored(good, 'c')],
      [stored(other('fXaxis.fXmax', 99), 'a'), stored(good, 'b'), stored(other('fYaxis.fXmin', -99), 'c')],
      [stored(other('fYaxis.fXmax', 99), 'a'), stored(other('fBits', 1 << 18), 'b'), stored(good, 'c')],
    ];
    const failed = await mergeInMemory(files).then(
      () => undefined,
      (err: unknown) => err,
    );
    expect(failed).toBeInstanceOf(MergeConflictError);
    expect((failed as MergeConflictError).conflicts.map(({ path, file, code }) => [path, file, code])).toEqual([
      ['/a', '1.root', 'axes-differ'],
      ['/a', '2.root', 'axes-differ'],
      ['/b', '2.root', 'bins-averaged'],
      ['/c', '1.root', 'axes-differ'],
    ]);
    expect((failed as MergeConflictError).conflicts[0]?.reason).toMatch(/^x axis: limits .* to 99 instead of/);
  });
  it('are found by a check that writes nothing', async () => {
    const files = [
      [stored(sampleGraph('/types/h1f'))],
      [stored(setNumbers(sampleGraph('/types/h1f'), { members: { 'fXaxis.fXmax': 99 } }))],
    ];
    const plan = new MergePlan(inputsOf(files));
    const diagnostics = new Diagnostics();
    planTargets(plan, pathFilter([], []), diagnostics);
    await histogramMerger.plan([0], { plan, policy: POLICY, diagnostics }).check?.({ plan, policy: POLICY, diagnostics });
    expect(plan.conflicts).toMatchObject([{ path: '/h', className: 'TH1F', file: '1.root', code: 'axes-differ' }]);
    expect(plan.disposition(0)).toBe('refuse');
  });
  it('arise from labels that differ', async () => {
    const second = sampleGraph('/special/labels', 1);
    const label = listItems(member(second.root, 'fXaxis.fLabels')!)[1]!;
    setText(label.target!, 'fString', 'other');
    const files = [[stored(sampleGraph('/special/labels'))], [stored(second)]];
    await expect(mergeInMemory(files)).rejects.toMatchObject({
      conflicts: [{ code: 'axes-differ', reason: expect.stringMatching(/^x axis: bin 2 is labelled 'other'/) }],
    });
  });
  it('do not arise from labels that an empty input lacks: the sum has those of the others', async () => {
    const empty = (): SmallObject[] => {
      const graph = sampleGraph('/special/labels');
      const { cells } = decode(graph);
      setListItems(member(graph.root, 'fXaxis.fLabels')!, []);
      return [
        stored(setNumbers(graph, { cells: cells.fill(0 as never), statistics: [0, 0, 0, 0], entries: 0, members: { 'fXaxis.fBits2': 0 } })),
      ];
    };
    const filled = [0, 1].map((worker) => [stored(sampleGraph('/special/labels', worker))]);
    for (const files of [
      [empty(), ...filled],
      [...filled, empty()],
    ]) {
      const merged = decode((await mergeInMemory(files)).graph());
      expect([...(merged.axes[0]?.labels ?? [])]).toEqual([
        [1, 'electron'],
        [2, 'muon'],
        [3, 'tau'],
      ]);
      expect(merged.entries).toBe(decode(sampleGraph('/special/labels')).entries + decode(sampleGraph('/special/labels', 1)).entries);
    }
    const bare = sampleGraph('/special/labels');
    setListItems(member(bare.root, 'fXaxis.fLabels')!, []);
    await expect(mergeInMemory([...filled, [stored(bare)]])).rejects.toMatchObject({
      conflicts: [{ code: 'axes-differ', file: '2.root' }],
    });
  });
  it('do not arise from equal labels', async () => {
    const merged = await mergeInMemory(WORKERS.map((worker) => [stored(sampleGraph('/special/labels', worker))]));
    expect(decode(merged.graph()).entries).toBe(
      WORKERS.reduce((sum, worker) => sum + decode(sampleGraph('/special/labels', worker)).entries, 0),
    );
  });
});

describe('bins at the edge of their type', () => {
  it('are reported, never silently cut', async () => {
    const graph = sampleGraph('/types/h1i');
    const cells = decode(graph).cells.fill(2e9 as never);
    const { diagnostics, graph: merged } = await mergeInMemory([[stored(setNumbers(graph, { cells }))], [stored(graph)]]);
    expect(decode(merged()).cells[1]).toBe(2_147_483_647);
    expect(diagnostics.list()).toEqual([
      { code: 'saturated', path: '/h', message: `${cells.length} bin additions reached the largest value a TH1I can hold` },
    ]);
  });
});

describe('damage', () => {
  it('names file and object', async () => {
    const graph = sampleGraph('/types/h2d');
    const files = [[stored(graph, 'pt')], [stored(graph, 'pt')]];
    const at = Buffer.from(inputsOf(files)[1]!.file.source.read(0, 2000)).indexOf('ZL');
    const failed = await mergeInMemory(files, { damage: (bytes, input) => void (input === 1 && bytes.fill(0xff, at + 20, at + 60)) }).catch(
      (err: unknown) => err,
    );
    expect(failed).toBeInstanceOf(CorruptFileError);
    expect((failed as CorruptFileError).message).toMatch(/^1\.root: \/pt;1: /);
  });
  it('is found in a record that disagrees with the key list', async () => {
    const files = [[stored(sampleGraph('/types/h1f'), 'pt')], [stored(sampleGraph('/types/h1f'), 'pt')]];
    const { file } = inputsOf(files)[1]!;
    const at = file.root.keys.seekKey(0);
    await expect(mergeInMemory(files, { damage: (bytes, input) => void (input === 1 && (bytes[at + 9]! ^= 1)) })).rejects.toMatchObject({
      code: 'CORRUPT_FILE',
      file: '1.root',
    });
  });
});

it('arrays that do not fit the axes are damage, with file and object', async () => {
  const graph = sampleGraph('/types/h1f', 1);
  const files = [[stored(sampleGraph('/types/h1f'), 'pt')], [stored(setNumbers(graph, { sumw2: new Float64Array(3) }), 'pt')]];
  await expect(mergeInMemory(files)).rejects.toMatchObject({
    code: 'CORRUPT_FILE',
    file: '1.root',
    objectPath: '/pt;1',
    reason: expect.stringMatching(/^fSumw2 do not fit the axes/),
  });
});

it('cells that the axes do not have are refused, also when all inputs count alike', async () => {
  const file = (): SmallObject[] => [stored(setNumbers(sampleGraph('/types/h1d'), { members: { fNcells: 21 } }), 'pt')];
  await expect(mergeInMemory([file(), file()])).rejects.toMatchObject({
    code: 'CORRUPT_FILE',
    file: '0.root',
    objectPath: '/pt;1',
    reason: 'fNcells does not fit the axes: expected 22, found 21',
  });
});

it('a histogram larger than what is written at once, between small ones', async () => {
  const nbins = 100_000;
  const large = (seed: number): SpanGraph => {
    const cells = Float64Array.from({ length: nbins + 2 }, (_, i) => Math.sin(i * seed));
    return setNumbers(sampleGraph('/types/h1d'), {
      cells,
      sumw2: new Float64Array(0),
      members: { 'fXaxis.fNbins': nbins, fNcells: nbins + 2 },
    });
  };
  const files = [1, 2].map((seed) => [
    stored(sampleGraph('/types/h1f', seed), 'a'),
    stored(large(seed), 'b'),
    stored(sampleGraph('/types/h1f', seed), 'c'),
  ]);
  const { graph, file } = await mergeInMemory(files);
  expect(Array.from(decode(graph('b')).cells as Float64Array)).toEqual(
    Array.from({ length: nbins + 2 }, (_, i) => Math.sin(i) + Math.sin(2 * i)),
  );
  expect(decode(graph('a'))).toEqual(decode(graph('c')));
  expect(Array.from({ length: file.root.keys.count }, (_, i) => file.root.keys.name(i))).toEqual(['a', 'b', 'c']);
});

describe('the output', () => {
  const files = WORKERS.map((worker) => [stored(sampleGraph('/special/functions', worker))]);
  it.each([101, 404, 505, 207])('keeps the compression of the first input: %i', async (compression) => {
    const { file } = await mergeInMemory(files, { files: { compression } });
    const { keys } = file.root;
    const tag = Buffer.from(file.source.read(keys.seekKey(0) + keys.keylen(0), 2)).toString();
    expect(tag).toBe({ 101: 'ZL', 404: 'L4', 505: 'ZS', 207: 'XZ' }[compression]);
  });
  it('is stored raw when asked to', async () => {
    const { file } = await mergeInMemory(files, { policy: { compression: 0 } });
    expect(file.root.keys.nbytes(0) - file.root.keys.keylen(0)).toBe(file.root.keys.objlen(0));
  });
  it('lists its keys with cycle 1, the date of the output, and its own positions', async () => {
    const { file, outcomes } = await mergeInMemory(files);
    const { keys } = file.root;
    expect([keys.cycle(0), keys.datime(0), keys.seekPdir(0)]).toEqual([1, 5, file.root.record.seekDir]);
    expect(file.readKey(keys.seekKey(0))).toMatchObject({
      nbytes: keys.nbytes(0),
      objlen: keys.objlen(0),
      seekKey: keys.seekKey(0),
      name: 'h',
    });
    expect(outcomes.bytesEncoded[0]).toBe(keys.nbytes(0) - keys.keylen(0));
  });
  it('has its tags moved behind a 64-bit key', async () => {
    const [near, far] = [await mergeInMemory(files), await mergeInMemory(files, { position: 2_100_000_000 })];
    expect(far.file.root.keys.isBig(0)).toBe(true);
    expect(decode(far.graph())).toEqual(decode(near.graph()));
    expect(listItems(member(far.graph().root, 'fFunctions')!).map((item) => item.className)).toEqual(
      listItems(member(near.graph().root, 'fFunctions')!).map((item) => item.className),
    );
    expect(encodeGraph(far.graph(), { keylen: near.graph().source.keylen })).toEqual(near.graph().source.bytes);
  });
});
