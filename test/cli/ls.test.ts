import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { LS_FLAGS, parseLsCommandLine } from '../../cli/ls-flags.ts';
import { formatCompression, listingText, referencesText, tokenText } from '../../cli/ls-render.ts';
import { UsageError, listFile, type FileListing, type ReferenceReport } from '../../src/index.ts';
import { Scratch, fixture, type ToolResult } from '../scratch.ts';

const scratch = new Scratch();
afterAll(() => scratch[Symbol.dispose]());

const run = (...args: string[]): ToolResult => scratch.runOther('pool-ls', args);

describe('the command line of pool-ls', () => {
  it('takes files and flags', () => {
    expect(parseLsCommandLine(['-lr', 'a.root', '--token', 'x', 'b.root', '--catalog', 'c.xml'])).toEqual({
      inputs: ['a.root', 'b.root'],
      flags: { long: true, recursive: true, token: 'x', catalog: 'c.xml' },
    });
    expect(parseLsCommandLine(['-t', '--refs', '--json'])).toEqual({ inputs: [], flags: { trees: true, refs: true, json: true } });
  });

  it('refuses what it does not know, and values given twice', () => {
    expect(() => parseLsCommandLine(['--none', 'a'])).toThrow(UsageError);
    expect(() => parseLsCommandLine(['a', '--token', 'x', '--token', 'y'])).toThrow(/given twice/);
    expect(() => parseLsCommandLine(['a', '--catalog', ''])).toThrow(/empty/);
  });
});

describe('docs/pool-ls.md', () => {
  it('has every flag with its help', () => {
    const text = readFileSync(new URL('../../docs/pool-ls.md', import.meta.url), 'utf8');
    for (const { flags, help } of LS_FLAGS) expect(text).toContain(`| \`${flags}\` | ${help.replaceAll("'", '`')} |`);
  });
});

describe('a listing', () => {
  it('holds all keys of all directories with what they hold', () => {
    const { keys, pool } = listFile(fixture('flat_0.root'), { recursive: true, contents: true });
    const tree = keys.find((key) => key.tree !== undefined)?.tree;
    expect(pool).toBeUndefined();
    expect(tree?.branches.length).toBe(tree?.branchCount);
    expect(tree?.branches.every((branch) => branch.entryCount === tree.entryCount)).toBe(true);
    expect(tree?.storedBytes).toBe(
      tree?.branches.filter(({ path }) => path.length === 1).reduce((sum, branch) => sum + branch.storedBytes, 0),
    );
  });

  it('sums up histograms', () => {
    const { keys } = listFile(fixture('hists_0.root'), { recursive: true, contents: true });
    const of = (path: string) => keys.find((key) => key.path === path)?.histogram;
    const axis = { hasLabels: false };
    expect(of('/types/h2d')).toEqual({
      entries: 60,
      integral: 39,
      meanX: expect.any(Number),
      hasSumw2: false,
      pendingFills: 0,
      axes: [
        { nbins: 6, low: 0, high: 10, ...axis },
        { nbins: 5, low: -1, high: 1, ...axis },
      ],
    });
    expect(['h1c', 'h2l', 'h3s', 'h3f'].map((name) => of(`/types/${name}`)?.integral)).toEqual([93, 39, 33, 33]);
    expect(of('/profiles/p1')?.integral).toBe(69);
    expect(of('/special/variable')?.axes).toEqual([{ nbins: 4, low: 0, high: 30, ...axis }]);
    expect(of('/special/labels')?.axes[0]?.hasLabels).toBe(true);
    expect(of('/special/sumw2')).toMatchObject({ integral: 46.5, hasSumw2: true });
    expect(of('/special/edge_float')?.integral).toBeNaN();
    expect(of('/special/buffer_fixed')).toMatchObject({ entries: 0, integral: 0, pendingFills: expect.any(Number), meanX: undefined });
  });

  it('counts clusters, entries and fields', () => {
    const tree = listFile(fixture('clusters_0.root'), { contents: true }).keys.find((key) => key.tree)?.tree;
    expect(tree?.clusterCount).toBeGreaterThan(1);
    const tuple = listFile(fixture('rntuple/ixvw.root'), { contents: true }).keys.find((key) => key.tuple)?.tuple;
    expect(tuple).toMatchObject({
      entryCount: 50,
      clusterCount: 3,
      fieldCount: 5,
      fields: [{ name: 'i' }, { name: 'x' }, { name: 'v' }, { name: 'word' }],
    });
  });

  it('opens nothing, and stays in the root directory, unless it is asked to', () => {
    const plain = listFile(fixture('hists_0.root'));
    expect(plain.keys.every(({ histogram, tree, depth }) => histogram === undefined && tree === undefined && depth === 0)).toBe(true);
  });

  it('tells of an object that cannot be listed instead of stopping', () => {
    const bytes = readFileSync(fixture('flat_0.root'));
    const listing = listFile(fixture('flat_0.root'));
    const key = listing.keys.find(({ className }) => className === 'TTree');
    const at = bytes.lastIndexOf(Buffer.from('\u0005TTree')); // in the key list; the record's own header comes before
    expect(at).toBeGreaterThan(0);
    const record = bytes.indexOf(Buffer.from('\u0005TTree'));
    const start = bytes.indexOf('ZL', record) > 0 ? bytes.indexOf('ZL', record) : bytes.indexOf('ZS', record);
    bytes.fill(0, start + 9, start + 60);
    const path = scratch.put('damaged.root', bytes);
    const damaged = listFile(path, { contents: true }).keys.find(({ name }) => name === key?.name);
    expect(damaged?.problem).toBeTypeOf('string');
    expect(listingText(listFile(path, { contents: true }), { long: true, trees: true })).toContain('cannot be listed: ');
  });
});

describe('text', () => {
  it('names compression settings', () => {
    expect([0, 1, 101, 207, 404, 505, 500, -1, 9905].map(formatCompression)).toEqual([
      'none',
      'zlib:1',
      'zlib:1',
      'lzma:7',
      'lz4:4',
      'zstd:5',
      'none',
      'none',
      '9905',
    ]);
  });

  it('lets no control character through', () => {
    const key = {
      path: '/a\u001b[31m',
      name: 'a\u001b[31m',
      cycle: 1,
      className: 'TH1F',
      title: '\u0007',
      date: '',
      bytes: 1,
      storedBytes: 1,
      depth: 0,
    };
    const listing: FileListing = { file: 'x\u0000.root', sizeBytes: 10, rootVersion: 63404, compression: 505, keys: [key] };
    const text = listingText(listing, { long: false, trees: false });
    expect(text).toContain('x\\x00.root: 10 B, ROOT 6.34.04, zstd:5, 1 key');
    expect(text).toContain('a\\x1b[31m;1');
    // oxlint-disable-next-line no-control-regex -- none may be there
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });

  it('tells references with the first that dangle', () => {
    const counts = { resolved: 1, foreign: 0, dangling: 1 };
    const dangling = { file: 'a.root', container: 'T(a)', row: 3, token: '[DB=…]', reason: 'no such row' };
    const file = {
      file: 'a.root',
      ...counts,
      containers: [{ container: 'T(a)', kind: 'event' as const, rowCount: 4, ...counts }],
      firstDangling: [dangling],
      foreignFiles: [],
    };
    const report: ReferenceReport = {
      ...counts,
      files: [file],
      others: ['b.root'],
      unreadable: [{ file: 'c.root', reason: 'missing' }],
      seconds: 1.5,
    };
    expect(referencesText(report).split('\n')).toEqual([
      'a.root: 1 resolved, 0 foreign, 1 dangling',
      '  T(a)  event  4 rows  1 resolved, 0 foreign, 1 dangling',
      '  dangling: T(a) row 3: no such row: [DB=…]',
      'b.root: no POOL file',
      'c.root: named by the catalog, not read: missing',
      '2 references: 1 resolved, 0 foreign, 1 dangling; 1.50 s',
    ]);
    expect(tokenText({ status: 'resolved', file: 'a.root', container: 'T(a)', row: 3, rowCount: 4 })).toBe(
      'resolved: a.root: T(a) row 3 of 4',
    );
    expect(tokenText({ status: 'foreign', reason: 'far away' })).toBe('foreign: far away');
  });
});

describe('the tool', () => {
  it('lists, and gives JSON', () => {
    const listed = run(fixture('flat_0.root'));
    expect([listed.code, listed.stderr]).toEqual([0, '']);
    expect(listed.stdout).toContain('TTree');
    const json = run('--json', fixture('flat_0.root'), fixture('hists_0.root'));
    const listings = JSON.parse(json.stdout) as FileListing[];
    expect(listings.map(({ file }) => file)).toEqual([fixture('flat_0.root'), fixture('hists_0.root')]);
  });

  it('goes on behind a file that cannot be read, and fails', () => {
    writeFileSync(scratch.path('bad.root'), 'no ROOT file');
    const { code, stdout, stderr } = run('bad.root', fixture('flat_0.root'));
    expect([code, stderr.includes('bad.root'), stdout.includes('TTree')]).toEqual([1, true, true]);
  });

  it('tells wrong use with exit code 2', () => {
    expect(run().code).toBe(2);
    expect(run('--nonsense', 'x').code).toBe(2);
    expect(run('--catalog', 'none.xml', fixture('flat_0.root'))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('with --refs or --token only') as string,
    });
    expect(run('--refs', '--token', '[DB=', fixture('flat_0.root'))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('exclude each other') as string,
    });
    expect(run('--token', '[DB=', fixture('flat_0.root')).code).toBe(2);
  });

  it('checks references: files without any are named', () => {
    const { code, stdout } = run('--refs', fixture('flat_0.root'));
    expect([code, stdout]).toEqual([0, expect.stringContaining('no POOL file')]);
  });

  it('shows help and version', () => {
    expect(run('--help').stdout).toContain('--refs');
    expect(run('--version').stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
