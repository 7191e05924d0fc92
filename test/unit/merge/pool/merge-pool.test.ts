/** Merged POOL files: references, bookkeeping, index_ref. */
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MergeConflictError, UsageError, diffMerged } from '../../../../src/index.ts';
import { treeIndexValues } from '../../../../src/io/pool/containers.ts';
import { HeaderReader } from '../../../../src/io/pool/header-rows.ts';
import { parseCatalog } from '../../../../src/io/pool/catalog.ts';
import { Scratch, fixture } from '../../../scratch.ts';
import { FAMILIES, FID, mergeTo, placesOf, referencesOf, treeOf, withPool, workers, type Family } from './pool-files.ts';

const FAMILY_NAMES = Object.keys(FAMILIES) as Family[];

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
  function indexValuesOf(path: string): bigint[] {
    return withPool(path, ({ containers }) => treeIndexValues(treeOf(containers, 'CollectionTree')));
  }

  it('is renumbered, with all that refers to it, where two inputs used one process id', async () => {
    using scratch = new Scratch();
    const output = scratch.path('out.root');
    const inputs = [fixture('pool/index_0.root'), fixture('pool/index_4.root')];
    await mergeTo(output, inputs);
    const [a, b] = inputs.map(referencesOf) as [ReturnType<typeof referencesOf>, ReturnType<typeof referencesOf>];
    expect(referencesOf(output)).toEqual({ resolved: a.resolved + b.resolved, foreign: a.foreign + b.foreign, dangling: 0 });
    const values = indexValuesOf(output);
    expect(new Set(values).size).toBe(values.length);
  });

  it('stays as it is where process ids differ', async () => {
    using scratch = new Scratch();
    const output = scratch.path('out.root');
    const inputs = workers('index', 2);
    await mergeTo(output, inputs);
    expect(indexValuesOf(output)).toEqual(inputs.flatMap(indexValuesOf));
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
