/** Metadata of merged POOL files: a row per input, or one row of sums. */
import { expect, it } from 'vitest';
import { locateNumbers, locateNumberVector, smallNumbersOf } from '../../../../src/io/pool/places.ts';
import { RowReader, memberOf } from '../../../../src/io/pool/row-columns.ts';
import { Scratch } from '../../../scratch.ts';
import { FID, mergeTo, referencesOf, treeOf, withPool, workers } from './pool-files.ts';

function ascending(numbers: Iterable<number>): number[] {
  return [...numbers].sort((a, b) => a - b);
}

/** Values of EventStreamInfo in every row of MetaData. */
function streamInfos(path: string): { events: number; runs: number[]; blocks: number[] }[] {
  return withPool(path, ({ containers }) => {
    const tree = treeOf(containers, 'MetaData');
    const reader = new RowReader(tree, tree.branch('EventStreamInfo_p3_StreamFixture') as number);
    return Array.from({ length: reader.rowCount }, (_, row) => {
      const columns = reader.columns(row);
      const list = (member: string): number[] => smallNumbersOf(locateNumberVector(memberOf(columns, member), 4));
      return {
        events: smallNumbersOf(locateNumbers(memberOf(columns, 'm_numberOfEvents'), 1, 4))[0] as number,
        runs: list('m_runNumbers'),
        blocks: list('m_lumiBlockNumbers'),
      };
    });
  });
}

it.each(['p5', 'p5unsplit'] as const)('are a row per input, and the report says that they are no sums: %s', async (family) => {
  using scratch = new Scratch();
  const output = scratch.path('out.root');
  const inputs = workers(family);
  const { diagnostics } = await mergeTo(output, inputs);
  expect(streamInfos(output)).toEqual(inputs.flatMap(streamInfos));
  expect(diagnostics.find(({ code }) => code === 'pool-metadata-rows')).toMatchObject({
    path: '/MetaData',
    message: expect.stringMatching(/^holds 4 rows/) as string,
  });
});

it.each(['p5', 'p5unsplit', 'p6', 'ntuple'] as const)(
  'are one row on request: events added, sets united, what differs beside is named: %s',
  async (family) => {
    using scratch = new Scratch();
    const output = scratch.path('out.root');
    const inputs = workers(family);
    const { diagnostics } = await mergeTo(output, inputs, { metadata: 'sum' });
    const before = inputs.flatMap(streamInfos);
    const [after, ...more] = streamInfos(output);
    expect(more).toEqual([]);
    expect(after?.events).toBe(before.reduce((sum, { events }) => sum + events, 0));
    for (const of of ['runs', 'blocks'] as const) expect(new Set(after?.[of])).toEqual(new Set(before.flatMap((info) => info[of])));
    expect(diagnostics.filter(({ code }) => code.startsWith('pool-metadata')).map(({ code, path }) => [code, path])).toEqual([
      ['pool-metadata-summed', '/MetaData'],
      ['pool-metadata-not-summed', '/MetaData/PoolFileInfo_v1_FileInfo'],
    ]);
    expect(referencesOf(output).dangling).toBe(0);
  },
);

it('are summed over all rows of inputs that have several, into that of one which has just one', async () => {
  using scratch = new Scratch();
  const [first, output] = [scratch.path('first.root'), scratch.path('out.root')];
  const inputs = workers('p6');
  await mergeTo(first, inputs.slice(0, 2));
  const { diagnostics } = await mergeTo(output, [first, ...inputs.slice(2)], { metadata: 'sum' });
  const before = inputs.flatMap(streamInfos);
  expect(streamInfos(output).map(({ events, runs, blocks }) => [events, ascending(runs), ascending(blocks)])).toEqual([
    [
      before.reduce((sum, { events }) => sum + events, 0),
      ascending(new Set(before.flatMap(({ runs }) => runs))),
      ascending(new Set(before.flatMap(({ blocks }) => blocks))),
    ],
  ]);
  expect(diagnostics.filter(({ code }) => code === 'pool-metadata-summed')).toMatchObject([
    { message: expect.stringMatching(/^one row for 4 rows of 3 inputs; /) as string },
  ]);
  expect(diagnostics.filter(({ code }) => code === 'pool-metadata-not-summed').map(({ message }) => message)).toEqual([
    `not summed (inputs differ in it): the row holds what ${inputs[2]} says, that of the others is left out`,
  ]);
  expect(referencesOf(output).dangling).toBe(0);
});

it.each(['p5', 'p5unsplit', 'p6', 'index', 'ntuple'] as const)(
  'are summed into the first row where all inputs have several: %s',
  async (family) => {
    using scratch = new Scratch();
    const [first, second, output, once] = ['first.root', 'second.root', 'out.root', 'once.root'].map((name) => scratch.path(name)) as [
      string,
      string,
      string,
      string,
    ];
    await mergeTo(first, workers(family).slice(0, 2));
    await mergeTo(second, workers(family).slice(2));
    const { diagnostics } = await mergeTo(output, [first, second], { metadata: 'sum', fid: FID });
    await mergeTo(once, workers(family), { metadata: 'sum', fid: FID });
    expect(diagnostics.filter(({ code }) => code === 'pool-metadata-summed')).toMatchObject([
      { message: expect.stringMatching(/^one row for [45] rows of 2 inputs; /) as string },
    ]);
    expect(streamInfos(output)).toEqual([streamInfos(once)[0]]);
    expect(referencesOf(output)).toEqual(referencesOf(once));
  },
);
