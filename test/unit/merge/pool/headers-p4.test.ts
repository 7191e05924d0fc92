/** DataHeader_p4: one list of elements with a table of texts, or whole tokens without one; no form. */
import { describe, expect, it } from 'vitest';
import { diffMerged } from '../../../../src/index.ts';
import { HeaderReader } from '../../../../src/io/pool/header-rows.ts';
import { locateHeaderP3 } from '../../../../src/io/pool/data-header-p3.ts';
import { memberOf } from '../../../../src/io/pool/row-columns.ts';
import { Scratch } from '../../../scratch.ts';
import { mergeTo, placesOf, referencesOf, withPool, workers } from './pool-files.ts';

describe('DataHeader_p4', () => {
  it('is decoded: provenance first, containers from prefix, rest and key; whole tokens where there is no table', () => {
    withPool(workers('p4')[0] as string, (contents) => {
      const event = contents.headerContainers().find(({ kind }) => kind === 'event');
      if (event === undefined) throw new Error('no event headers');
      const reader = new HeaderReader(event.container);
      const elements = Array.from({ length: reader.rowCount }, (_, row) => reader.header(row)).map((header) =>
        header.version === 'p3' ? header.elements : [],
      );
      expect(elements).toHaveLength(6);
      for (const [row, list] of elements.entries()) {
        expect(list.filter(({ isProvenance }) => isProvenance).map(({ db, oid1, oid2 }) => [db, oid1, oid2])).toEqual([
          ['FF81BB29-B7D1-734A-9CF7-401D5D66CA62', 0x1e3n, BigInt(9000 + row)],
        ]);
        expect(list[0]).toMatchObject({
          container: 'CollectionTree(PoolEventInfo_v1/EventInfo)',
          key: 'EventInfo',
          clid: 2101,
          oid1: 3n,
          oid2: BigInt(row),
          technology: 0x202,
        });
        expect(list.at(-2)).toMatchObject({
          container: 'POOLContainer(DataHeader)',
          key: 'StreamFixture',
          oid2: BigInt(row),
          isProvenance: false,
        });
      }
      expect(reader.rows?.parse(3, (columns) => locateHeaderP3(columns).guidMap.length)).toBe(0);
    });
  });

  it.each(['p4', 'p4unsplit'] as const)('moves as other headers do: %s', async (family) => {
    using scratch = new Scratch();
    const [output, again] = [scratch.path('out.root'), scratch.path('again.root')];
    await mergeTo(output, workers(family));
    const counts = referencesOf(output);
    expect(counts).toEqual({ resolved: 214, foreign: 15, dangling: 0 });
    await mergeTo(scratch.path('first.root'), workers(family).slice(0, 2));
    await mergeTo(again, [scratch.path('first.root'), ...workers(family).slice(2)]);
    expect(placesOf(again)).toEqual(placesOf(output));
    // event 2 of worker 3, whose provenance is the same event of worker 0
    expect(placesOf(output)).toContain('POOLContainer(DataHeader) 13 StreamFixture: POOLContainer(DataHeader) 2');
    expect(placesOf(output)).toContain('POOLContainer(DataHeader) 13 Jets: CollectionTree(PoolJets_p2/Jets) 13');
  });

  it.each([
    ['p4', 4],
    ['p4unsplit', 4],
    ['single', 4],
    ['indexmore', 3],
    ['ntuplemore', 3],
  ] as const)('and made rows are right for pool-diff, too: %s', async (family, count) => {
    using scratch = new Scratch();
    const output = scratch.path('out.root');
    await mergeTo(output, workers(family, count));
    const { objects } = await diffMerged(output, workers(family, count));
    expect(objects.filter(({ verdict }) => verdict !== 'right').map(({ path, verdict }) => [path, verdict])).toEqual([]);
  });

  it('with more provenance than elements is damaged', () => {
    withPool(workers('p4')[0] as string, (contents) => {
      const reader = new HeaderReader(contents.headerContainers()[0]?.container as never);
      const read = (): unknown =>
        reader.rows?.parse(0, (columns) => {
          const { data, start } = memberOf(columns, 'm_provSize');
          data[start + 3] = 200;
          return locateHeaderP3(columns);
        });
      expect(read).toThrow(/fewer elements than provenance/);
    });
  });
});
