/** Trees and RNTuples with a row per event that some inputs lack as a whole. */
import { describe, expect, it } from 'vitest';
import { planMerge } from '../../../../src/index.ts';
import { treeIndexValues, tupleIndexValues } from '../../../../src/io/pool/containers.ts';
import { HeaderReader, isEmptyHeader } from '../../../../src/io/pool/header-rows.ts';
import { locateNumbers, smallNumbersOf } from '../../../../src/io/pool/places.ts';
import type { PoolContents } from '../../../../src/io/pool/pool-contents.ts';
import { RowReader, memberOf } from '../../../../src/io/pool/row-columns.ts';
import { readFields } from '../../../../src/io/root/rntuple/field-values.ts';
import { absentIndexValues, findAbsentStores, untagged } from '../../../../src/merge/pool/absent-stores.ts';
import { Diagnostics } from '../../../../src/diagnostics.ts';
import { openInputs } from '../../../../src/merge/open-inputs.ts';
import { planFiles } from '../../../../src/merge/plan-merge.ts';
import { Progress } from '../../../../src/merge/progress.ts';
import { planTrees } from '../../../../src/merge/tree/plan-tree.ts';
import { Scratch, fixture } from '../../../scratch.ts';
import { POLICY } from '../../histogram/sample-histograms.ts';
import { FID, mergeTo, placesOf, referencesOf, treeOf, withPool, workers } from './pool-files.ts';

/** Values of the member `id` of a container of PoolExtra_v1, row by row. */
function ids({ containers }: PoolContents, treeName: string, branch: string): number[] {
  const tree = treeOf(containers, treeName);
  const reader = new RowReader(tree, tree.branch(branch) as number);
  return Array.from(
    { length: reader.rowCount },
    (_, row) => smallNumbersOf(locateNumbers(memberOf(reader.columns(row), 'id'), 1, 4))[0] as number,
  );
}

/** Identifiers the generator of the fixtures gives: worker, event, container. */
const identifiers = (worker: number, events: number, container: number): number[] =>
  Array.from({ length: events }, (_, event) => 1_000_000 * (worker + 1) + 100 * event + container);
const zeros = (count: number): number[] => new Array<number>(count).fill(0);

/** A file as if it had other headers. */
function withHeaders(contents: PoolContents, headers: ReturnType<PoolContents['headerContainers']>): PoolContents {
  return new Proxy(contents, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (name === 'headerContainers') return () => headers;
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/** A file as if its satellite headers were those of its events: they refer to one tree only. */
function withSatellitesOnly(contents: PoolContents): PoolContents {
  return withHeaders(
    contents,
    contents.headerContainers().flatMap(({ container, kind }) => (kind === 'satellite' ? [{ container, kind: 'event' as const }] : [])),
  );
}

/** What the planner finds among some workers: rows by tree, then worker. */
function absentAmong(
  numbers: readonly number[],
  names: readonly string[],
  seen: (contents: PoolContents, k: number) => PoolContents = (contents) => contents,
): Record<string, number[]> {
  const opened: PoolContents[] = [];
  const open = (rest: readonly number[]): Record<string, number[]> => {
    const [next, ...others] = rest;
    if (next !== undefined) {
      return withPool(workers('single')[next] as string, (contents) => {
        opened.push(seen(contents, opened.length));
        return open(others);
      });
    }
    const inputs = opened.map((contents) => ({ input: { path: contents.file.path }, contents, ancestors: [] }));
    return Object.fromEntries(
      [...findAbsentStores(inputs as never, names)].map(([name, rows]) => [name, opened.map((contents) => rows.get(contents) ?? 0)]),
    );
  };
  return open(numbers);
}

describe('trees that must have a row per event', () => {
  const names = [
    'POOLContainer_PoolExtra_v1_Extra',
    'POOLContainer_PoolVertices_tlp1_Vertices',
    'CollectionTreePool::Extension_tlp1',
    'POOLContainer',
    'POOLContainerForm',
    'POOLCollectionTree',
    'MetaData',
  ];

  it('are those whose rows headers name one by one: no extensions, forms, metadata, and none where an input has no events', () => {
    expect(absentAmong([0, 1, 2, 3], names)).toEqual({
      POOLContainer_PoolExtra_v1_Extra: [0, 13, 0, 0],
      POOLContainer_PoolVertices_tlp1_Vertices: [0, 0, 0, 17],
    });
    expect(absentAmong([0, 2], names)).toEqual({});
  });

  it('need headers that name them in one input only: in others none may refer to them', () => {
    const extra = ['POOLContainer_PoolExtra_v1_Extra'];
    expect(absentAmong([0, 1, 3], extra, (contents, k) => (k === 0 ? withSatellitesOnly(contents) : contents))).toEqual({
      POOLContainer_PoolExtra_v1_Extra: [0, 13, 0],
    });
    expect(absentAmong([0, 1], extra, (contents, k) => (k === 0 ? withSatellitesOnly(contents) : contents))).toEqual({});
  });

  it('are missed by a merged file that has them without rows, as those of a worker without events are', () => {
    const found = (ancestors: object[]): number[] =>
      withPool(workers('index')[0] as string, (full) =>
        withPool(workers('index')[2] as string, (empty) => {
          const merged = withHeaders(
            empty,
            empty
              .headerContainers()
              .map(({ container, kind }) => ({ container: { ...container, rowCount: kind === 'event' ? 4 : 0 }, kind })),
          );
          const inputs = [
            { contents: full, ancestors: [] },
            { contents: merged, ancestors },
          ];
          return [
            ...(findAbsentStores(inputs as never, ['CollectionTree'])
              .get('CollectionTree')
              ?.values() ?? []),
          ];
        }),
      );
    expect(found([{}])).toEqual([4]);
    expect(found([])).toEqual([]);
  });

  it.each([[[0, 1, 2, 3]], [[1, 3, 0]], [[3, 1]]])(
    'get default rows where an input lacks them, in the place of its events: workers %j',
    async (numbers) => {
      using scratch = new Scratch();
      const output = scratch.path('out.root');
      const events = [20, 13, 0, 17];
      const { diagnostics } = await mergeTo(
        output,
        numbers.map((n) => workers('single')[n] as string),
      );
      withPool(output, (contents) => {
        const [extra, info] = [
          ids(contents, 'POOLContainer_PoolExtra_v1_Extra', 'object'),
          treeOf(contents.containers, 'POOLContainer_PoolEventInfo_v1_EventInfo').entryCount,
        ];
        expect(extra).toEqual(numbers.flatMap((n) => (n === 1 ? zeros(13) : identifiers(n, events[n] as number, 5))));
        expect(extra).toHaveLength(info);
        expect(treeOf(contents.containers, 'POOLContainer_PoolVertices_tlp1_Vertices').entryCount).toBe(
          numbers.includes(0) ? info : 13 + 17,
        );
      });
      const before = numbers.map((n) => referencesOf(workers('single')[n] as string).resolved).reduce((sum, n) => sum + n, 0);
      expect(referencesOf(output)).toMatchObject({ dangling: 0 });
      expect(referencesOf(output).resolved).toBeGreaterThanOrEqual(before);
      expect(diagnostics.filter(({ code }) => code === 'pool-rows-made')).toContainEqual({
        code: 'pool-rows-made',
        file: workers('single')[1],
        path: '/POOLContainer_PoolExtra_v1_Extra',
        message: 'lacks it, though it has a row for each event: the 13 events get default rows there',
      });
    },
  );

  it('are in the plan', async () => {
    const { targets, conflicts } = await planMerge(workers('single'));
    expect(conflicts).toEqual([]);
    expect(targets.find(({ path }) => path === '/POOLContainer_PoolExtra_v1_Whole')).toMatchObject({ entries: 50, reason: 'mergeable' });
  });
});

describe('rows that cannot be made', () => {
  it('are refused by name', async () => {
    const diagnostics = new Diagnostics();
    using open = await openInputs([fixture('refs_0.root'), fixture('hists_1.root')], POLICY, new Progress());
    const { plan } = planFiles(open.files, POLICY, diagnostics);
    const target = Array.from({ length: plan.targets.count }, (_, i) => i).find((i) => plan.className(i) === 'TTree') as number;
    const absent = new Map([[1, { entryCount: 3, entriesOf: () => undefined }]]);
    const treeChanges = new Map([[target, { padMissing: true, made: undefined, rewrites: new Map(), absent }]]);
    expect(planTrees([target], { plan, policy: POLICY, diagnostics, treeChanges })).toEqual([undefined]);
    expect(plan.conflicts).toMatchObject([
      {
        code: 'unsupported',
        file: fixture('hists_1.root'),
        reason: expect.stringMatching(
          /^has no row of this tree where there must be 3, and they cannot be made: no default for branch .*/,
        ) as string,
      },
    ]);
  });
});

describe('event tags', () => {
  it('that an input with events lacks are missed', () => {
    const input = (events: number, tags: number): { contents: unknown } => ({
      contents: {
        tagContainers: () => [{ rowCount: tags }].filter(({ rowCount }) => rowCount > 0),
        headerContainers: () => [
          { kind: 'event', container: { rowCount: events } },
          { kind: 'metadata', container: { rowCount: 1 } },
        ],
      },
    });
    const [tagged, bare, empty] = [input(5, 5), input(3, 0), input(0, 0)];
    expect(untagged([tagged, bare, empty] as never)).toEqual([{ pool: bare, events: 3 }]);
    expect(untagged([bare, empty] as never)).toEqual([]);
  });

  it('are in all files of a job, or missing where there are no events', async () => {
    const { diagnostics } = await planMerge(workers('p5'));
    expect(diagnostics.filter(({ code }) => code === 'pool-tags-missing')).toEqual([]);
  });
});

describe('relocatable storage', () => {
  it.each([[[0, 1, 2]], [[1, 2, 0]], [[0, 1]], [[1, 0]]])(
    'made rows of a tree have the index_ref of the headers of their events: workers %j',
    async (numbers) => {
      using scratch = new Scratch();
      const output = scratch.path('out.root');
      await mergeTo(
        output,
        numbers.map((n) => workers('indexmore')[n] as string),
      );
      withPool(output, (contents) => {
        const index = (name: string): bigint[] => treeIndexValues(treeOf(contents.containers, name));
        expect(index('CollectionTreeAugmented')).toEqual(index('POOLContainer'));
        expect(ids(contents, 'CollectionTreeAugmented', 'PoolExtra_v1_Augmented')).toEqual(
          numbers.flatMap((n) => (n === 1 ? identifiers(1, 5, 8) : zeros([6, 5, 4][n] as number))),
        );
      });
      expect(referencesOf(output).dangling).toBe(0);
    },
  );

  it.each([[[0, 1, 2]], [[1, 2, 0]], [[0, 1]]])('made entries of an RNTuple: workers %j', async (numbers) => {
    using scratch = new Scratch();
    const output = scratch.path('out.root');
    await mergeTo(
      output,
      numbers.map((n) => workers('ntuplemore')[n] as string),
    );
    withPool(output, ({ containers }) => {
      const tuple = containers.tuple('EventDataAugmented');
      const headers = containers.tuple('DataHeader');
      if (tuple === undefined || headers === undefined) throw new Error('RNTuple is missing');
      expect(tupleIndexValues(tuple)).toEqual(tupleIndexValues(headers));
      expect([...(readFields(tuple, [['PoolExtra_v1_Augmented', 'id']])[0]?.[0] ?? [])]).toEqual(
        numbers.flatMap((n) => (n === 1 ? identifiers(1, 5, 8) : zeros([6, 5, 4][n] as number))),
      );
    });
    expect(referencesOf(output).dangling).toBe(0);
  });

  it('needs headers with an index_ref', () => {
    withPool(workers('p6')[0] as string, (plain) => {
      withPool(workers('index')[0] as string, (holder) => {
        expect(() => absentIndexValues(plain, holder, 'CollectionTree')).toThrow(
          /CollectionTree.*index_ref.*headers of this file have none/,
        );
        expect(absentIndexValues(plain, holder, 'POOLCollectionTree')).toBeUndefined();
      });
    });
  });
});

describe('headers made for events without them', () => {
  it.each([
    ['single', 1, 13],
    ['indexmore', 2, 4],
    ['ntuplemore', 2, 4],
  ] as const)('refer to nothing, and stay so when merged again: %s', async (family, without, count) => {
    using scratch = new Scratch();
    const [first, second] = [scratch.path('first.root'), scratch.path('second.root')];
    await mergeTo(first, [workers(family)[0] as string, workers(family)[without] as string]);
    await mergeTo(second, [first]);
    for (const path of [first, second]) {
      expect(referencesOf(path).dangling).toBe(0);
      withPool(path, (contents) => {
        const satellite = contents.headerContainers().find(({ kind }) => kind === 'satellite');
        if (satellite === undefined) throw new Error('no satellite headers');
        const reader = new HeaderReader(satellite.container);
        const empty = Array.from({ length: reader.rowCount }, (_, row) => isEmptyHeader(reader.header(row)));
        expect(empty).toEqual([...new Array<boolean>(reader.rowCount - count).fill(false), ...new Array<boolean>(count).fill(true)]);
      });
    }
  });
});

describe('rows made in several steps', () => {
  it.each(['single', 'indexmore', 'ntuplemore'] as const)('are those made at once: %s', async (family) => {
    using scratch = new Scratch();
    const inputs = [1, 0, 2].map((n) => workers(family)[n] as string);
    const [once, first, twice] = ['once.root', 'first.root', 'twice.root'].map((name) => scratch.path(name)) as [string, string, string];
    for (const order of [inputs, [inputs[1], inputs[0], inputs[2]] as string[]]) {
      await mergeTo(once, order, { fid: FID, force: true });
      await mergeTo(first, order.slice(0, 2), { force: true });
      await mergeTo(twice, [first, ...order.slice(2)], { fid: FID, force: true });
      expect(placesOf(twice)).toEqual(placesOf(once));
      expect(storeRows(twice)).toEqual(storeRows(once));
    }
  });

  it.each([
    ['index', 'indexmore'],
    ['ntuple', 'ntuplemore'],
  ] as const)('have an index_ref of their own behind a worker without events: %s', async (empty, family) => {
    using scratch = new Scratch();
    const output = scratch.path('out.root');
    const inputs = [workers(empty)[2] as string, ...workers(family).slice(0, 2)];
    await mergeTo(output, inputs);
    withPool(output, ({ containers }) => {
      const tuple = containers.tuple('EventDataAugmented');
      const values = tuple === undefined ? treeIndexValues(treeOf(containers, 'CollectionTreeAugmented')) : tupleIndexValues(tuple);
      expect(values).toHaveLength(11);
      expect(new Set(values).size).toBe(11);
      expect(values.every((value) => value >> 32n > 0n)).toBe(true);
    });
  });
});

/** Rows of each tree and RNTuple that a link names. */
function storeRows(path: string): [string, number][] {
  return withPool(path, (contents) =>
    contents.localLinks().map(({ token }) => [token.container, contents.containers.find(token.container)?.rowCount ?? 0]),
  );
}
