/** Worker files that real ROOT wrote, in every storage: each reference resolves; what was changed does not. */
import { copyFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { checkReferences, followToken, listFile, UsageError } from '../../../src/index.ts';
import { encodeCatalog, registerFile, type Catalog } from '../../../src/io/pool/catalog.ts';
import { HeaderReader, FormReader, elementsOf, tagTokens } from '../../../src/io/pool/header-rows.ts';
import { openPoolFile, type PoolContents } from '../../../src/io/pool/pool-contents.ts';
import { checkFileReferences } from '../../../src/io/pool/references.ts';
import { Resolver } from '../../../src/io/pool/resolve.ts';
import { parseToken } from '../../../src/io/pool/token.ts';
import { Scratch, fixture } from '../../scratch.ts';

const scratch = new Scratch();
afterAll(() => scratch[Symbol.dispose]());

const worker = (family: string, i: number): string => fixture(`pool/${family}_${i}.root`);
/** Family, workers, and per worker [resolved, foreign] alone; then both for all workers together. */
const FAMILIES = [
  [
    'p5',
    [
      [333, 20],
      [188, 13],
      [4, 0],
      [282, 34],
    ],
    [824, 50],
  ],
  [
    'p5unsplit',
    [
      [333, 20],
      [137, 13],
      [4, 0],
      [282, 34],
    ],
    [773, 50],
  ],
  [
    'p6',
    [
      [254, 20],
      [189, 13],
      [4, 0],
      [249, 17],
    ],
    [696, 50],
  ],
  [
    'index',
    [
      [294, 20],
      [163, 13],
      [4, 0],
      [249, 34],
      [74, 5],
    ],
    [801, 55],
  ],
  [
    'ntuple',
    [
      [294, 20],
      [163, 13],
      [4, 0],
      [249, 34],
      [74, 5],
    ],
    [801, 55],
  ],
] as const;

function open<T>(path: string, use: (contents: PoolContents) => T): T {
  const contents = openPoolFile(path);
  try {
    return use(contents);
  } finally {
    contents.file.close();
  }
}

describe.each(FAMILIES)('%s', (family, alone, together) => {
  test('every worker by itself', async () => {
    for (const [i, [resolved, foreign]] of alone.entries()) {
      const report = await checkReferences([worker(family, i)]);
      expect(report.files[0]?.firstDangling).toEqual([]);
      expect([report.resolved, report.foreign, report.dangling]).toEqual([resolved, foreign, 0]);
    }
  });

  test('together, provenance from one worker to another resolves', async () => {
    const report = await checkReferences(alone.map((_, i) => worker(family, i)));
    expect([report.resolved, report.foreign, report.dangling]).toEqual([...together, 0]);
  });

  test('the headers of an event: data, form and the header itself', () => {
    open(worker(family, 0), (contents) => {
      const event = contents.headerContainers().find(({ kind }) => kind === 'event');
      if (event === undefined) throw new Error('no event headers');
      const reader = new HeaderReader(event.container);
      expect(reader.rowCount).toBe(20);
      const header = reader.header(19);
      if (header.version === 'p3') throw new Error('unexpected version');
      const resolver = new Resolver();
      resolver.add(contents);
      const form = resolver.resolve(parseToken(header.formToken));
      if (form.status !== 'resolved') throw new Error('form is not found');
      const elements = elementsOf(header, new FormReader(form.container).form(form.row));
      const self = elements.filter(({ isProvenance }) => !isProvenance).at(-1);
      expect(self && resolver.resolve(self)).toMatchObject({ status: 'resolved', row: 19, container: { name: event.container.name } });
      expect(elements.filter(({ isProvenance }) => isProvenance).length).toBeGreaterThan(0);
      expect(header.places === undefined).toBe(family === 'ntuple');
    });
  });

  test('tags lead to the headers in order', async () => {
    const tokens = open(worker(family, 0), (contents) => contents.tagContainers().flatMap(tagTokens));
    expect(tokens).toHaveLength(20);
    const found = await followToken(tokens[13] as string, [worker(family, 1), worker(family, 0)]);
    expect(found).toMatchObject({ status: 'resolved', file: worker(family, 0), row: 13, rowCount: 20 });
  });

  test('a listing names containers, rows and provenance', () => {
    const { pool, provenance } = listFile(worker(family, 0), { contents: true });
    expect(pool?.containers.every(({ rowCount }) => rowCount !== undefined)).toBe(true);
    expect(pool?.containers.find(({ className }) => className.startsWith('DataHeader_p'))?.rowCount).toBe(20);
    expect(provenance?.map(({ references }) => references)).toEqual([20]);
  });
});

describe('wrong references', () => {
  /** A worker whose links or FID are changed in memory. */
  function check(family: string, change: (contents: PoolContents) => void) {
    return open(worker(family, 0), (contents) => {
      change(contents);
      const resolver = new Resolver();
      resolver.add(contents);
      return checkFileReferences(contents, resolver);
    });
  }

  test('under another FID every local reference is foreign, and headers cannot be decoded', () => {
    const report = check('p5', ({ bookkeeping }) => (bookkeeping.fid = '11111111-2222-4333-8444-555555555555'));
    expect(report.resolved).toBe(0);
    expect(report.dangling).toBeGreaterThan(100);
  });

  test('a link that leads to another container: all its references dangle, with reason', () => {
    const report = check('p5', ({ bookkeeping }) => {
      const [, first, second] = bookkeeping.links;
      if (first !== undefined && second !== undefined) {
        (bookkeeping.linkById as Map<bigint, typeof first>).set(first.id, { ...second, id: first.id });
      }
    });
    expect(report.dangling).toBe(40); // of the event headers and of their satellites
    expect(report.firstDangling.map(({ row }) => row)).toEqual([0, 1, 2, 0, 1, 2]);
    expect(report.firstDangling[0]).toMatchObject({
      row: 0,
      reason: expect.stringMatching(/leads to .*, the reference names|is of class/),
    });
  });

  test('a header that points to another row of its own container', () => {
    const report = check('p6', (contents) => {
      const rowOf = contents.containers.rowOf.bind(contents.containers);
      contents.containers.rowOf = (container, technology, oid2) =>
        container.name === 'POOLContainer(DataHeader)' ? (rowOf(container, technology, oid2) + 1) % 20 : rowOf(container, technology, oid2);
    });
    expect(report.firstDangling[0]?.reason).toBe("the header's reference to itself leads to row 1");
    expect(report.dangling).toBe(20);
  });
});

describe('files of a set', () => {
  const catalogOf = (files: Record<string, string>): string => {
    let catalog: Catalog = { metadataTypes: [], files: [] };
    for (const [path, fid] of Object.entries(files)) catalog = registerFile(catalog, fid, path);
    return encodeCatalog(catalog);
  };
  const fidOf = (path: string): string => open(path, ({ fid }) => fid);

  test('a catalog leads to further files; what cannot be read there is told', async () => {
    copyFileSync(worker('p5', 0), scratch.path('first.root'));
    const catalog = scratch.put(
      'P.xml',
      catalogOf({ 'first.root': fidOf(worker('p5', 0)), 'missing.root': 'FF81BB29-B7D1-734A-9CF7-401D5D66CA62' }),
    );
    const report = await checkReferences([worker('p5', 3)], { catalog });
    expect([report.resolved, report.foreign, report.dangling]).toEqual([299, 17, 0]);
    expect(report.unreadable).toEqual([{ file: scratch.path('missing.root'), reason: expect.stringContaining('no such file') }]);
    expect(report.files).toHaveLength(1);
  });

  test('a catalog that names the wrong file', async () => {
    const catalog = scratch.put('Q.xml', catalogOf({ [worker('p5', 1)]: fidOf(worker('p5', 0)) }));
    const report = await checkReferences([worker('p5', 3)], { catalog });
    expect(report.foreign).toBe(34);
    expect(report.unreadable[0]?.reason).toMatch(/has the FID .*, the catalog says/);
  });

  test('one FID twice, no POOL file, a token without file', async () => {
    copyFileSync(worker('p5', 0), scratch.path('again.root'));
    await expect(checkReferences([worker('p5', 0), scratch.path('again.root')])).rejects.toThrow(/same FID/);
    const report = await checkReferences([fixture('flat_0.root')]);
    expect([report.others, report.files]).toEqual([[fixture('flat_0.root')], []]);
    await expect(followToken('x', [fixture('flat_0.root')])).rejects.toThrow(UsageError);
    await expect(followToken('x', [worker('p6', 0)])).rejects.toThrow(UsageError);
    const [, link] = open(worker('p6', 0), ({ bookkeeping }) => bookkeeping.links);
    const local = `[DB=<localDB>][CNT=][CLID=${link?.token.classId}][TECH=00000202][OID=${link?.id.toString(16).padStart(16, '0')}-0000000000000003]`;
    expect(await followToken(local, [worker('p6', 0)])).toMatchObject({ status: 'resolved', row: 3, container: link?.token.container });
  });
});
