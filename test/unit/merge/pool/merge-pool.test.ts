import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MergeConflictError, PoolMergeError, UsageError, diffMerged, planMerge } from '../../../../src/index.ts';
import { treeIndexValues } from '../../../../src/io/pool/containers.ts';
import { HeaderReader } from '../../../../src/io/pool/header-rows.ts';
import { locateNumbers, locateNumberVector, locateOneText, smallNumbersOf, textOf } from '../../../../src/io/pool/places.ts';
import { RowReader, memberOf } from '../../../../src/io/pool/row-columns.ts';
import { parseCatalog } from '../../../../src/io/pool/catalog.ts';
import { BRANCH } from '../../../../src/io/root/tree/scan-layout.ts';
import { findTree } from '../../../../src/io/root/tree/tree-reader.ts';
import { Scratch, fixture } from '../../../scratch.ts';
import { FAMILIES, mergeTo, placesOf, referencesOf, treeOf, withPool, workers, type Family } from './pool-files.ts';

const FAMILY_NAMES = Object.keys(FAMILIES) as Family[];
const FID = '01234567-89AB-4CDE-8F01-23456789ABCD';

async function conflictsOf(inputs: readonly string[], options: Parameters<typeof planMerge>[1] = {}): Promise<string[]> {
  const { conflicts } = await planMerge(inputs, options);
  return [...new Set(conflicts.map(({ code }) => code))];
}

function ascending(numbers: Iterable<number>): number[] {
  return [...numbers].sort((a, b) => a - b);
}

/** Merging two of the inputs first must lead references to the same places as merging all at once. */
async function expectStepsToAgree(inputs: readonly string[]): Promise<void> {
  using scratch = new Scratch();
  const [once, first, twice] = ['once.root', 'first.root', 'twice.root'].map((name) => scratch.path(name)) as [string, string, string];
  await mergeTo(once, inputs, { fid: FID });
  await mergeTo(first, inputs.slice(0, 2));
  await mergeTo(twice, [first, ...inputs.slice(2)], { fid: FID });
  expect(placesOf(twice)).toEqual(placesOf(once));
}

describe('references of a merged file', () => {
  it.each(FAMILY_NAMES)('all resolve: %s', async (family) => {
    using scratch = new Scratch();
    const output = scratch.path('out.root');
    const inputs = workers(family);
    await mergeTo(output, inputs);
    const before = inputs.map(referencesOf);
    const sum = (of: 'resolved' | 'foreign'): number => before.reduce((total, counts) => total + counts[of], 0);
    const after = referencesOf(output);
    expect(after.dangling).toBe(0);
    expect(after.resolved + after.foreign).toBe(sum('resolved') + sum('foreign'));
    expect(after.resolved).toBeGreaterThanOrEqual(sum('resolved')); // provenance that names an input follows it
  });

  it.each(FAMILY_NAMES)('lead where they lead after a merge in two steps: %s', async (family) => {
    await expectStepsToAgree(workers(family));
  });

  it.each(FAMILY_NAMES)('move by the rows that earlier inputs have in each container: %s', async (family) => {
    using scratch = new Scratch();
    const output = scratch.path('out.root');
    const [a, b] = workers(family, 2) as [string, string];
    await mergeTo(output, [a, b]);
    const starts = withPool(
      a,
      (contents) =>
        new Map(contents.localLinks().map(({ token }) => [token.container, contents.containers.find(token.container)?.rowCount])),
    );
    const rows = withPool(a, () => (name: string) => {
      const tree = name.replace(/\(.*/, '');
      return starts.get(name) ?? [...starts].find(([other, count]) => other.startsWith(`${tree}(`) && count !== undefined)?.[1] ?? 0;
    });
    const moved = placesOf(b).map((line) =>
      line.replace(
        /^(\S+) (\d+)( \S+)?: ([^ ]+\)) (\d+)$/,
        (all: string, header: string, row: string, key: string | undefined, container: string, at: string) => {
          return all === '' ? all : `${header} ${Number(row) + rows(header)}${key ?? ''}: ${container} ${Number(at) + rows(container)}`;
        },
      ),
    );
    const isLocal = (line: string): boolean => /\) \d+$/.test(line);
    const found = new Set(placesOf(output));
    expect(moved.filter(isLocal).filter((line) => !found.has(line))).toEqual([]);
  });
});

describe('forms that headers name by placements', () => {
  /** How the headers of events and of metadata name their forms. */
  function formTexts(path: string, ...names: string[]): string[] {
    return withPool(path, ({ containers }) =>
      names.flatMap((name) => {
        const container = containers.find(name);
        const reader = container && new HeaderReader(container);
        return Array.from({ length: reader?.rowCount ?? 0 }, (_, row) => {
          const header = reader?.header(row);
          return header?.version === 'p6' ? header.formToken : '';
        });
      }),
    );
  }
  const families = ['placed', 'indexplaced', 'ntupleplaced'] as const;

  it.each(families)('are found again: %s', async (family) => {
    using scratch = new Scratch();
    const output = scratch.path('out.root');
    const inputs = workers(family);
    await mergeTo(output, inputs);
    expect(referencesOf(output)).toEqual({ resolved: 188, foreign: 13, dangling: 0 });
    expect((await diffMerged(output, inputs)).isSame).toBe(true);
  });

  it.each(families)('in two steps as in one: %s', async (family) => {
    await expectStepsToAgree(workers(family));
  });

  it('are placed as before where index_ref tells the row, else named by tokens', async () => {
    using scratch = new Scratch();
    const [plain, index] = [scratch.path('plain.root'), scratch.path('index.root')];
    const names = ['POOLContainer(DataHeader)', 'MetaDataHdr(DataHeader)'];
    await mergeTo(plain, workers('placed'), { fid: FID });
    await mergeTo(index, workers('indexplaced'), { fid: FID });
    expect(formTexts(index, ...names)).toEqual(names.flatMap((name) => workers('indexplaced').flatMap((path) => formTexts(path, name))));
    const token = (tree: string, link: number, row: number): string =>
      `[DB=${FID}][CNT=${tree}Form(DataHeaderForm)][CLID=7BE56CEF-C866-4BEE-9348-A5F34B5F1DAD][TECH=00000202][OID=${link.toString(16).toUpperCase().padStart(16, '0')}-${row.toString(16).padStart(16, '0')}]`;
    expect(formTexts(plain, ...names)).toEqual([
      ...[0, 0, 0, 0, 1, 2, 1, 2, 1, 2, 3, 3, 3].map((row) => token('POOLContainer', 11, row)),
      ...[0, 1, 2].map((row) => token('MetaDataHdr', 19, row)),
    ]);
  });
});

describe('bookkeeping of a merged file', () => {
  it.each(FAMILY_NAMES)('has one FID, every link and shape once, and no sections: %s', async (family) => {
    using scratch = new Scratch();
    const output = scratch.path('out.root');
    await mergeTo(output, workers(family));
    withPool(output, ({ bookkeeping, file }) => {
      expect(bookkeeping.earlierFids).toEqual([]);
      expect(bookkeeping.params.find(({ name }) => name === 'PFN')?.value).toBe('out.root');
      expect([4, 6]).toContain(bookkeeping.params.length);
      const identities = bookkeeping.links.map(({ token }) => `${token.db} ${token.container} ${token.classId}`);
      expect(new Set(identities).size).toBe(identities.length);
      expect(bookkeeping.links.map(({ id }) => id & 0xffff_ffffn)).toEqual(bookkeeping.links.map((_, row) => BigInt(row) + 2n));
      expect(new Set(bookkeeping.shapes.map(({ id }) => id)).size).toBe(bookkeeping.shapes.length);
      expect(file.root.keys.name(0)).not.toBe('##Sections');
    });
  });

  it('derives the FID from those of the inputs and their order, unless one is given', async () => {
    using scratch = new Scratch();
    const [a, b] = workers('p6', 2) as [string, string];
    const fidOf = async (name: string, inputs: string[], fid?: string): Promise<string> => {
      await mergeTo(scratch.path(name), inputs, fid === undefined ? {} : { fid });
      return withPool(scratch.path(name), (contents) => contents.fid);
    };
    const ab = await fidOf('1.root', [a, b]);
    expect(await fidOf('2.root', [a, b])).toBe(ab);
    expect(await fidOf('3.root', [b, a])).not.toBe(ab);
    expect(await fidOf('4.root', [a, b], FID.toLowerCase())).toBe(FID);
    await expect(fidOf('5.root', [a, b], 'no-guid')).rejects.toThrow(UsageError);
  });

  it("does not give an input's FID to another file, be it one that the input was merged from; only the file itself keeps it when it is appended to", async () => {
    using scratch = new Scratch();
    const [a, b, c] = workers('p6', 3) as [string, string, string];
    const own = withPool(a, (contents) => contents.fid);
    const output = scratch.path('out.root');
    expect((await mergeTo(output, [a, b], { fid: own }).catch((err: unknown) => err)) as MergeConflictError).toMatchObject({
      conflicts: [
        {
          code: 'pool-same-fid',
          file: a,
          reason: `has the FID ${own} that the merged file is to get, or was merged from the file that has it`,
        },
      ],
    });
    await mergeTo(output, [a, b], { fid: FID });
    await expect(mergeTo(scratch.path('next.root'), [c, output], { fid: own.toLowerCase() })).rejects.toThrow(MergeConflictError);
    await mergeTo(output, [c], { append: true, fid: FID });
    expect(withPool(output, (contents) => contents.fid)).toBe(FID);
    expect(referencesOf(output)).toEqual({
      resolved: referencesOf(a).resolved + referencesOf(b).resolved + referencesOf(c).resolved,
      foreign: 33,
      dangling: 0,
    });
  });

  it('registers the output in a catalog, which keeps its other files', async () => {
    using scratch = new Scratch();
    const [output, catalog] = [scratch.path('out.root'), scratch.path('PoolFileCatalog.xml')];
    writeFileSync(
      catalog,
      `<?xml version="1.0" ?><!DOCTYPE POOLFILECATALOG SYSTEM "InMemory"><POOLFILECATALOG><File ID="${FID}"><physical><pfn filetype="ROOT_All" name="other.root"/></physical></File></POOLFILECATALOG>`,
    );
    await mergeTo(output, workers('p6'), { catalog });
    const fid = withPool(output, (contents) => contents.fid);
    const { files } = await parseCatalog(readFileSync(catalog, 'utf8'));
    expect(files.map((entry) => [entry.fid, entry.paths.map(({ name }) => name)])).toEqual([
      [FID, ['other.root']],
      [fid, [output]],
    ]);
    await expect(mergeTo(output, workers('p6'), { catalog, fid: FID, force: true })).rejects.toThrow(
      /names another file with the FID .*other\.root/,
    );
  });
});

describe('index_ref', () => {
  it('is renumbered, with all that refers to it, where two inputs used one process id', async () => {
    using scratch = new Scratch();
    const output = scratch.path('out.root');
    const inputs = [fixture('pool/index_0.root'), fixture('pool/index_4.root')];
    await mergeTo(output, inputs);
    const [a, b] = inputs.map(referencesOf) as [ReturnType<typeof referencesOf>, ReturnType<typeof referencesOf>];
    expect(referencesOf(output)).toEqual({ resolved: a.resolved + b.resolved, foreign: a.foreign + b.foreign, dangling: 0 });
    const values = withPool(output, ({ file, infos }) =>
      treeIndexValues(findTree(file, file.root, 'CollectionTree', infos) as NonNullable<ReturnType<typeof findTree>>),
    );
    expect(new Set(values).size).toBe(values.length);
  });

  it('stays as it is where process ids differ', async () => {
    using scratch = new Scratch();
    const output = scratch.path('out.root');
    const inputs = workers('index', 2);
    await mergeTo(output, inputs);
    const valuesOf = (path: string): bigint[] =>
      withPool(path, ({ file, infos }) =>
        treeIndexValues(findTree(file, file.root, 'CollectionTree', infos) as NonNullable<ReturnType<typeof findTree>>),
      );
    expect(valuesOf(output)).toEqual(inputs.flatMap(valuesOf));
  });
});

describe('files that do not fit together', () => {
  const [p5, p6, index, tuple] = (['p5', 'p6', 'index', 'ntuple'] as const).map((family) => workers(family, 1)[0] as string) as [
    string,
    string,
    string,
    string,
  ];
  it.each([
    ['one FID twice', [p5, p5], 'pool-same-fid'],
    ['a POOL file and another one', [p5, fixture('flat_0.root')], 'pool-mixed'],
    ['another file first', [fixture('flat_0.root'), p5], 'pool-mixed'],
    ['p5 and p6', [p5, p6], 'pool-storage'],
    ['with and without index_ref', [p6, index], 'pool-storage'],
    ['trees and RNTuples', [index, tuple], 'pool-storage'],
  ])('%s: a conflict by name', async (_, inputs, code) => {
    expect((await conflictsOf(inputs))[0]).toBe(code);
  });

  it('a filter that leaves out what references lead to', async () => {
    expect(await conflictsOf(workers('p6', 2), { exclude: ['/CollectionTree'] })).toEqual(['pool-filter']);
  });

  it.each(['p5unsplit', 'p6', 'index', 'ntuple', 'ntupleplaced'] as const)(
    'but not one that leaves out event tags, or all metadata with their headers: %s',
    async (family) => {
      using scratch = new Scratch();
      const [output, complete] = [scratch.path('out.root'), scratch.path('complete.root')];
      await mergeTo(complete, workers(family), { fid: FID });
      const { diagnostics } = await mergeTo(output, workers(family), {
        fid: FID,
        exclude: ['/POOLCollectionTree', '/EventTag', '/MetaData*'],
      });
      expect(placesOf(output)).toEqual(placesOf(complete).filter((line) => !/^(MetaDataHdr|POOLCollectionTree|EventTag)/.test(line)));
      expect(diagnostics.filter(({ code }) => code.startsWith('pool'))).toEqual([]);
      expect(referencesOf(output).dangling).toBe(0);
      expect(await conflictsOf(workers(family), { exclude: ['/MetaData'] })).toEqual(['pool-filter']);
      expect(await conflictsOf(workers(family), { exclude: ['/MetaDataHdr*'] })).toEqual(['pool-filter']);
    },
  );

  it('but not one that leaves out all of POOL: what is left is merged as in any file', async () => {
    using scratch = new Scratch();
    const output = scratch.path('out.root');
    const { targets } = await mergeTo(output, workers('p6', 2), { include: ['/Monitoring/**'] });
    expect(targets.filter(({ disposition }) => disposition !== 'skip').map(({ path }) => path)).not.toEqual([]);
    expect(targets.filter(({ path, disposition }) => path.startsWith('/##') && disposition !== 'skip')).toEqual([]);
  });

  it('options of POOL files for other files', async () => {
    using scratch = new Scratch();
    const output = scratch.path('out.root');
    await expect(mergeTo(output, [fixture('flat_0.root')], { fid: FID })).rejects.toThrow(UsageError);
    expect(existsSync(output)).toBe(false);
  });
});

describe('damaged references', () => {
  /** A merged file without compression, in which texts can be changed in place. */
  async function plainFile(scratch: Scratch): Promise<{ path: string; bytes: Buffer }> {
    const path = scratch.path('plain.root');
    await mergeTo(path, workers('p5', 1), { compression: 0, fid: FID });
    return { path, bytes: readFileSync(path) };
  }

  it('name file, container and row, and nothing is written', async () => {
    using scratch = new Scratch();
    const { path, bytes } = await plainFile(scratch);
    const [token, output] = [Buffer.from(`[DB=${FID}][CNT=POOLContainerForm(DataHeaderForm)]`), scratch.path('out.root')];
    const oid = bytes.indexOf('-00', bytes.indexOf('[OID=', bytes.indexOf(token)));
    bytes.write('-7F', oid);
    writeFileSync(path, bytes);
    const error: unknown = await mergeTo(output, [path, workers('p5', 2)[1] as string]).catch((err: unknown) => err);
    expect(error).toBeInstanceOf(MergeConflictError);
    const [conflict] = (error as MergeConflictError).conflicts;
    expect(conflict).toMatchObject({ code: 'pool-reference', file: path });
    expect(conflict?.reason).toMatch(/POOLContainer;1: DataHeader: row \d+: .*leads nowhere/);
    expect(existsSync(output)).toBe(false);
  });

  it('never end in another way than an error of ours or a merged file, whatever byte of a token or link changes', async () => {
    using scratch = new Scratch();
    const { path, bytes } = await plainFile(scratch);
    const places: number[] = [];
    for (let at = bytes.indexOf('[DB='); at >= 0; at = bytes.indexOf('[DB=', at + 1)) places.push(at);
    expect(places.length).toBeGreaterThan(50);
    const output = scratch.path('out.root');
    await fc.assert(
      fc.asyncProperty(fc.nat(places.length - 1), fc.nat(150), fc.integer({ min: 1, max: 255 }), async (place, at, flip) => {
        const changed = Buffer.from(bytes);
        const position = (places[place] as number) + at;
        changed[position] = (changed[position] as number) ^ flip;
        writeFileSync(path, changed);
        const result: unknown = await mergeTo(output, [path], { force: true, verify: 'fast' }).catch((err: unknown) => err);
        if (result instanceof Error) expect(result).toBeInstanceOf(PoolMergeError);
        else expect(referencesOf(output).dangling).toBe(0);
      }),
      { numRuns: 25 },
    );
  });
});

describe('append', () => {
  it('merges into an existing output, and resolves as one merge does', async () => {
    using scratch = new Scratch();
    const [once, appended] = [scratch.path('once.root'), scratch.path('appended.root')];
    const inputs = workers('p6');
    await mergeTo(once, inputs, { fid: FID });
    await mergeTo(appended, inputs.slice(0, 2), { append: true });
    await mergeTo(appended, inputs.slice(2), { append: true, fid: FID });
    expect(placesOf(appended)).toEqual(placesOf(once));
  });
});

describe('metadata', () => {
  /** Values of EventStreamInfo in every row of MetaData. */
  function streamInfos(path: string): { events: number; runs: number[]; blocks: number[] }[] {
    return withPool(path, ({ containers }) => {
      const tree = (containers.tree('MetaData') as NonNullable<ReturnType<typeof containers.tree>>).reader;
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
});

describe('branches that an input lacks', () => {
  it('hold default rows for its entries', async () => {
    using scratch = new Scratch();
    const output = scratch.path('out.root');
    const inputs = workers('p5');
    await mergeTo(output, inputs);
    const present = inputs.map((path) =>
      withPool(path, ({ containers }) => ({
        has: containers.find('CollectionTree(PoolExtra_v1/Extra)') !== undefined,
        rows: containers.tree('CollectionTree')?.reader.entryCount ?? 0,
      })),
    );
    expect(present.some(({ has }) => !has)).toBe(true);
    withPool(output, ({ containers }) => {
      const tree = (containers.tree('CollectionTree') as NonNullable<ReturnType<typeof containers.tree>>).reader;
      const branch = tree.branch('PoolExtra_v1_Extra') as number;
      const reader = new RowReader(tree, branch);
      const texts = Array.from({ length: tree.entryCount }, (_, row) => textOf(locateOneText(memberOf(reader.columns(row), 'text'))));
      const expected = present.flatMap(({ has, rows }) => new Array<boolean>(rows).fill(has));
      expect(texts.map((text) => text !== '')).toEqual(expected);
      const whole = new RowReader(tree, tree.branch('PoolExtra_v1_Whole') as number);
      for (let row = 0; row < tree.entryCount; row++) expect(() => whole.columns(row)).not.toThrow();
      for (let row = 0; row < tree.scan.branches.count; row++) {
        const entries = tree.baskets.entryCount[row] as number;
        expect([0, tree.entryCount]).toContain(entries);
      }
    });
  });

  it('are read with an empty map of objects for each entry, also where no input has a row of the branch', async () => {
    using scratch = new Scratch();
    const output = scratch.path('out.root');
    const [, lacking, empty] = workers('index');
    await mergeTo(output, [empty as string, lacking as string]);
    const doNotUseBufferMap = (path: string, branch: string): boolean =>
      withPool(path, ({ containers }) => {
        const tree = treeOf(containers, 'CollectionTree');
        return (tree.scan.branches.number(tree.scan.view, tree.branch(branch) as number, BRANCH.fBits) & (1 << 22)) !== 0;
      });
    expect(doNotUseBufferMap(empty as string, 'PoolExtra_v1_Whole')).toBe(true);
    expect(doNotUseBufferMap(output, 'PoolExtra_v1_Whole')).toBe(false);
  });
});
