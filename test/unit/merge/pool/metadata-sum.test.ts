/** Metadata reduced to one row: what of the classes that are known adds up, in split and unsplit branches. */
import { describe, expect, it } from 'vitest';
import {
  locateNumberVector,
  locateNumbers,
  locateTextVector,
  locateTexts,
  numberOf,
  smallNumbersOf,
  textOf,
} from '../../../../src/io/pool/places.ts';
import { RowReader, memberOf, type RowColumns } from '../../../../src/io/pool/row-columns.ts';
import { Scratch } from '../../../scratch.ts';
import { mergeTo, referencesOf, treeOf, withPool, workers } from './pool-files.ts';

/** The only row of a container of metadata. */
function rowOf<T>(path: string, branch: string, read: (columns: RowColumns) => T): T {
  return withPool(path, ({ containers }) => {
    const tree = treeOf(containers, 'MetaData');
    expect(tree.entryCount).toBe(1);
    return read(new RowReader(tree, tree.branch(branch) as number).columns(0));
  });
}

const words = (columns: RowColumns, member: string): number[] => smallNumbersOf(locateNumberVector(memberOf(columns, member), 4));

function longs(columns: RowColumns, member: string): (number | bigint)[] {
  const places = locateNumberVector(memberOf(columns, member), 8);
  return Array.from({ length: places.count }, (_, i) => numberOf(places, i));
}

function doubles(columns: RowColumns, member: string): number[] {
  return longs(columns, member).map((value) => {
    const view = new DataView(new ArrayBuffer(8));
    view.setBigInt64(0, BigInt(value));
    return view.getFloat64(0);
  });
}

/** `[family, events, workers]`; the class names of branches are those of the generator. */
describe.each([
  ['single', [20, 13, 0, 17]],
  ['indexmore', [6, 5, 4]],
  ['ntuplemore', [6, 5, 4]],
  ['p5shallow', [4, 3]],
  ['p6shallow', [4, 3]],
] as const)('one row of %s', (family, events) => {
  const numbers = events.map((_, n) => n);
  const sum = (of: (n: number) => number): number => numbers.reduce((total, n) => total + of(n), 0);
  const merged = async (scratch: Scratch): Promise<{ output: string; diagnostics: { code: string; path?: string; message: string }[] }> => {
    const output = scratch.path('out.root');
    const { diagnostics } = await mergeTo(output, workers(family), { metadata: 'sum' });
    return { output, diagnostics };
  };

  it('holds the sums, and the report names what was summed and what was not', async () => {
    using scratch = new Scratch();
    const { output, diagnostics } = await merged(scratch);
    const told = diagnostics.filter(({ code }) => code.startsWith('pool-metadata'));
    expect(told.map(({ code, path }) => [code, path])).toEqual([
      ['pool-metadata-summed', '/MetaData'],
      ['pool-metadata-not-summed', '/MetaData/PoolFileInfo_v1_FileInfo'],
      ['pool-metadata-not-summed', '/MetaData/xAOD::LumiBlockRangeAuxContainer_v1_SuspectLumiBlocksAux.'],
    ]);
    expect(told[0]?.message.split('; ')[1]).toBe(
      'summed: EventStreamInfo_p3_StreamFixture, EventStreamInfo_p1_StreamOld, LumiBlockCollection_p1_OldLumiBlocks, xAOD::LumiBlockRangeAuxContainer_v1_LumiBlocksAux., xAOD::CutBookkeeperAuxContainer_v1_CutBookkeepersAux.',
    );
    expect(told[2]?.message).toMatch(/inputs disagree on the events of a range, or saw more than there are/);
    expect(referencesOf(output).dangling).toBe(0);
  });

  it('EventStreamInfo_p1, of sets', async () => {
    using scratch = new Scratch();
    const { output } = await merged(scratch);
    rowOf(output, 'EventStreamInfo_p1_StreamOld', (columns) => {
      expect(numberOf(locateNumbers(memberOf(columns, 'm_numberOfEvents'), 1, 4), 0)).toBe(sum((n) => events[n] as number));
      expect(words(columns, 'm_runNumbers')).toEqual(numbers.map((n) => 450_000 + n));
      expect(words(columns, 'm_lumiBlockNumbers')).toEqual(numbers.map((n) => 1 + n));
      expect(locateTextVector(memberOf(columns, 'm_processingTags')).map(textOf)).toEqual(['StreamOld']);
      const count = 1 + numbers.length;
      expect(smallNumbersOf(locateNumbers(memberOf(columns, 'm_itemList'), 1, 4))).toEqual([count]);
      expect(smallNumbersOf(locateNumbers(memberOf(columns, 'm_itemList.first'), count, 4))).toEqual([
        2101,
        ...numbers.map((n) => 2110 + n),
      ]);
      expect(locateTexts(memberOf(columns, 'm_itemList.second'), count).map(textOf)).toEqual(['EventInfo', ...numbers.map(() => 'Own')]);
    });
  });

  it('LumiBlockCollection_p1', async () => {
    using scratch = new Scratch();
    const { output } = await merged(scratch);
    rowOf(output, 'LumiBlockCollection_p1_OldLumiBlocks', (columns) => {
      const list = 'vector<LumiBlockRange_p1>';
      const count = 1 + numbers.length;
      const blocks = (member: string): number[] => {
        const places = locateNumbers(memberOf(columns, `${list}.${member}`), count, 8);
        return Array.from({ length: count }, (_, i) => Number(BigInt(numberOf(places, i)) & 0xffff_ffffn));
      };
      expect([blocks('m_start'), blocks('m_stop')]).toEqual([
        [1, ...numbers.map((n) => 10 + n)],
        [1, ...numbers.map((n) => 12 + n)],
      ]);
    });
  });

  it('LumiBlockRangeAuxContainer: events seen in one range are added, other ranges follow', async () => {
    using scratch = new Scratch();
    const { output } = await merged(scratch);
    rowOf(output, 'xAOD::LumiBlockRangeAuxContainer_v1_LumiBlocksAux.', (columns) => {
      const all = ['startRunNumber', 'startLumiBlockNumber', 'stopLumiBlockNumber', 'eventsExpected', 'eventsSeen'].map((member) =>
        words(columns, member),
      );
      const own = numbers.map((n) => 10 + n);
      expect(all).toEqual([
        [450_000, ...own.map(() => 450_000)],
        [1, ...own],
        [1, ...own],
        [100, ...own.map(() => 5)],
        [sum((n) => 10 + n), ...own.map(() => 5)],
      ]);
    });
    rowOf(output, 'xAOD::LumiBlockRangeAuxContainer_v1_SuspectLumiBlocksAux.', (columns) =>
      expect(words(columns, 'eventsSeen')).toEqual([10]),
    );
  });

  it('CutBookkeeperAuxContainer', async () => {
    using scratch = new Scratch();
    const { output } = await merged(scratch);
    rowOf(output, 'xAOD::CutBookkeeperAuxContainer_v1_CutBookkeepersAux.', (columns) => {
      expect(longs(columns, 'nAcceptedEvents')).toEqual([BigInt(sum((n) => 1000 + n)), BigInt(sum((n) => 100 + n))]);
      expect(doubles(columns, 'sumOfEventWeights')).toEqual([sum((n) => 1.5 + n), 0.25 * numbers.length]);
      expect(doubles(columns, 'sumOfEventWeightsSquared')).toEqual([sum((n) => 2.5 + n), 0.125 * numbers.length]);
    });
  });
});
