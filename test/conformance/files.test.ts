/** Rows about files, keys, directories, filters and compression: hadd, filemerger, TFileMerger. */
import { describe, expect } from 'vitest';
import { expandInputs, merge, type MergeOptions } from '../../src/index.ts';
import { openRootFile } from '../../src/io/root/root-file.ts';
import { fileContents } from '../contents.ts';
import { fixture } from '../scratch.ts';
import { objString, type SmallItem } from '../small-file.ts';
import { decode, sampleGraph, stored } from '../unit/histogram/sample-histograms.ts';
import { row } from './row.ts';
import { Workspace, type Merged } from './workspace.ts';

const workspace = new Workspace();
const put = (...items: SmallItem[]): string => workspace.put(...items);
const merged = (inputs: readonly string[], options: Partial<MergeOptions> = {}): Promise<Merged> => workspace.merged(inputs, options);
const codec = (...settings: number[]): string[] => settings.map((setting) => fixture(`codec_${setting}.root`));

/** `path;cycle` of all keys in the order of the key lists. */
const places = (path: string): string[] => [...fileContents(path).keys()];

/** Texts of TObjStrings by place. */
function texts(path: string): Record<string, string> {
  using file = openRootFile(path);
  return Object.fromEntries(
    file.directories.flatMap((d) =>
      Array.from({ length: d.keys.count }, (_, i) => i)
        .filter((i) => d.keys.className(i) === 'TObjString')
        .map((i) => [
          `${d.path === '/' ? '' : d.path}/${d.keys.name(i)};${d.keys.cycle(i)}`,
          Buffer.from(file.readObject(d, i).payload.subarray(17)).toString(),
        ]),
    ),
  );
}

/** Tags of the compressed blocks (`ZL`, `L4`, …) of all records of one class; raw records have none. */
function tagsOf(path: string, className: string): Set<string> {
  using file = openRootFile(path);
  const tags = new Set<string>();
  for (let at = file.header.begin; at < file.header.end;) {
    const key = file.readKey(at);
    if (key.className === className && key.nbytes - key.keylen < key.objlen) {
      tags.add(Buffer.from(file.source.read(at + key.keylen, 2)).toString());
    }
    at += key.nbytes;
  }
  return tags;
}

function settingOf(path: string): number {
  using file = openRootFile(path);
  return file.header.compress;
}

describe('inputs', () => {
  row('H01 H02', 'a good file and a text file: the run fails and names the bad one, also through a list', async () => {
    const [good, bad] = [put(objString('x', '1')), workspace.scratch.put('bad.root', 'not a ROOT file')];
    await expect(merged([good, bad])).rejects.toMatchObject({ code: 'CORRUPT_FILE', file: bad });
    const list = workspace.scratch.put('list.txt', `${good}\n${bad}\n`);
    await expect(merged(await expandInputs([`@${list}`]))).rejects.toMatchObject({ code: 'CORRUPT_FILE', file: bad });
    expect(workspace.scratch.list().filter((name) => name.startsWith('out'))).toEqual([]);
  });

  row('G01 G08', 'two files with one object each of their own: both are there', async () => {
    const { path } = await merged([put(stored(sampleGraph('/types/h1f'), 'a')), put(stored(sampleGraph('/types/h1f'), 'b'))]);
    expect(places(path)).toEqual(['/a;1', '/b;1']);
    const trees = await merged([fixture('worker_0.root'), fixture('embedded_0.root')]);
    expect(places(trees.path)).toEqual(expect.arrayContaining(['/events;1', '/tree;1']));
  });

  row('G02', 'an output that cannot be written is refused with a message', async () => {
    await expect(merge([put()], { output: workspace.scratch.path('none', 'out.root') })).rejects.toMatchObject({
      code: 'OUTPUT',
      reason: 'the directory of the output does not exist',
    });
  });
});

describe('directories and filters', () => {
  row('H09', 'A, B/A and C/D/A with 1, 10, 100 fills in two files become 2, 20, 200', async () => {
    const inputs = [fixture('hists_0.root'), fixture('hists_0.root')];
    const { path } = await merged(inputs);
    const entries = ['/A/h;1', '/B/A/h;1', '/C/D/A/h;1'].map((place) => fileContents(path).get(place)?.histogram?.entries);
    expect(entries).toEqual([2, 20, 200]);
  });

  const listed = (): string =>
    put(objString('tree', 't'), objString('hist', 'h'), objString('form', 'f'), { directory: 'dir', items: [objString('hist', 'd')] });

  row('H11 G10', 'objects listed to be left out, a directory with all it holds', async () => {
    const { path } = await merged([listed(), listed()], { exclude: ['/tree', '/dir', '/form'] });
    expect(places(path)).toEqual(['/hist;1']);
  });

  row('H12 G09', 'only what is listed, a directory with all it holds', async () => {
    const { path } = await merged([listed(), listed()], { include: ['/tree', '/dir', '/form'] });
    expect(places(path)).toEqual(['/tree;1', '/form;1', '/dir;1', '/dir/hist;1']);
  });

  row('G03', 'one input, two of four objects listed: exactly these', async () => {
    const { path } = await merged([put(...['h1', 'h2', 'h3', 'h4'].map((name) => objString(name, name)))], { include: ['/h1', '/h3'] });
    expect(places(path)).toEqual(['/h1;1', '/h3;1']);
  });

  row('G11 N40', 'a filter for directory A leaves no directory B behind', async () => {
    const { path } = await merged(
      [put({ directory: 'A', items: [objString('x', '1')] }, { directory: 'B', items: [objString('x', '1')] })],
      { include: ['/A'] },
    );
    expect(places(path)).toEqual(['/A;1', '/A/x;1']);
  });
});

describe('cycles', () => {
  row('M01 N30', 'an object without merge rule with four cycles between other keys: order and cycle numbers stay', async () => {
    const cycles = [4, 3, 2, 1].map((cycle) => objString('named', `v${cycle}`, { cycle }));
    const { path } = await merged([put(objString('first', 'a'), ...cycles, objString('last', 'z'))]);
    expect(places(path)).toEqual(['/first;1', '/named;4', '/named;3', '/named;2', '/named;1', '/last;1']);
    expect(texts(path)).toMatchObject({ '/named;4': 'v4', '/named;1': 'v1' });
  });

  row('M02', 'four files with an object of their own: four keys', async () => {
    const { path } = await merged(['a', 'b', 'c', 'd'].map((name) => put(objString(name, name))));
    expect(places(path)).toEqual(['/a;1', '/b;1', '/c;1', '/d;1']);
  });

  row('M03', 'four files with one name: four cycles, the newest from the last file', async () => {
    const { path } = await merged(['a', 'b', 'c', 'd'].map((text) => put(objString('named', text))));
    expect(texts(path)).toEqual({ '/named;1': 'a', '/named;2': 'b', '/named;3': 'c', '/named;4': 'd' });
    expect(places(path)).toEqual(['/named;4', '/named;3', '/named;2', '/named;1']);
  });

  row('N28', 'a backup cycle in one input: only the highest of a merged class counts, and that is said', async () => {
    const twice = put(stored(sampleGraph('/types/h1f', 0), 'h'), { ...stored(sampleGraph('/types/h1f', 1), 'h'), cycle: 2 });
    const { path, report } = await merged([twice, put(stored(sampleGraph('/types/h1f', 0), 'h'))]);
    const sum = decode(sampleGraph('/types/h1f', 0)).entries + decode(sampleGraph('/types/h1f', 1)).entries;
    expect(fileContents(path).get('/h;1')?.histogram?.entries).toBe(sum);
    expect(report.diagnostics).toContainEqual(expect.objectContaining({ code: 'older-cycles', path: '/h' }));
  });

  row('N29', 'an object that is equal in all inputs is there once; all copies on request', async () => {
    const inputs = [1, 2, 3].map(() => put(objString('release', '21.0.3')));
    expect(places((await merged(inputs)).path)).toEqual(['/release;1']);
    expect(places((await merged(inputs, { keepEqualCopies: true })).path)).toEqual(['/release;3', '/release;2', '/release;1']);
  });
});

describe('compression', () => {
  row('H04', 'the file setting of the first input is kept', async () => {
    for (const setting of [505, 404, 207, 101, 0]) expect(settingOf((await merged(codec(setting, 101))).path)).toBe(setting);
  });

  row('M07 M08 M09 M10 M11 M12 M13 M14 M15 M16', 'files of each compression are merged in pairs', async () => {
    for (const setting of [0, 101, 207, 404, 505]) {
      const { report } = await merged(codec(setting, setting));
      expect(report.totals.entries).toBe(400);
    }
  });

  row('M17 M18 M19 M20', 'outputs of merges are merged again', async () => {
    for (const setting of [101, 207, 404, 505]) {
      const half = (await merged(codec(setting, setting))).path;
      expect((await merged([half, half])).report.totals.entries).toBe(800);
    }
  });

  row('M38 M39 M40 N35', 'differently compressed inputs keep their compression basket by basket', async () => {
    const first = await merged(codec(207, 101, 404, 505, 0));
    const nested = await merged([first.path, ...codec(404)]);
    for (const { path, report } of [first, nested]) {
      expect(tagsOf(path, 'TBasket')).toEqual(new Set(['XZ', 'ZL', 'L4', 'ZS']));
      expect(settingOf(path)).toBe(207);
      expect(report.totals.bytesCopied).toBeGreaterThan(report.totals.bytesEncoded);
    }
  });

  row('M41', 'everything takes the compression of the first input on request', async () => {
    const { path } = await merged(codec(101, 207, 404, 505, 0), { compression: 'first' });
    expect([tagsOf(path, 'TBasket'), settingOf(path)]).toEqual([new Set(['ZL']), 101]);
  });

  row(
    'H08 M26 M27 M28 M29 M30 M31 M32 M33',
    'one file is compressed anew: every basket has the new setting, all entries are there',
    async () => {
      const before = fileContents(fixture('codec_505.root')).get('/tree;1')?.data;
      for (const [setting, tag] of [
        [101, 'ZL'],
        [106, 'ZL'],
        [109, 'ZL'],
        [401, 'L4'],
        [404, 'L4'],
        [409, 'L4'],
        [209, 'XZ'],
        [505, 'ZS'],
      ] as const) {
        const { path } = await merged(codec(505), { compression: setting });
        expect([tagsOf(path, 'TBasket'), settingOf(path)]).toEqual([new Set([tag]), setting]);
        expect(fileContents(path).get('/tree;1')?.data).toEqual(before);
      }
    },
  );

  row('H05 H06 H07', 'RNTuples of two compressions: kept, or each page really has the new one', async () => {
    const inputs = ['ixvw.root', 'ixvw_101.root'].map((name) => fixture(`rntuple/${name}`));
    const same = async (options: Partial<MergeOptions>): Promise<unknown> =>
      fileContents((await merged(inputs, options)).path).get('/nt;1')?.data;
    expect(await same({ compression: 404 })).toEqual(await same({}));
    expect(await same({ compression: 'first' })).toEqual(await same({}));
    const { path, report } = await merged(inputs, { compression: 404 });
    expect(settingOf(path)).toBe(404);
    expect(report.totals.bytesEncoded).toBeGreaterThan(report.totals.bytesCopied);
    expect(openBytes(path)).toSatisfy((bytes: Uint8Array) => Buffer.from(bytes).includes('L4\x01'));
  });

  row('N36', 'old compression codes: 1 is zlib level 1, 0 is none', async () => {
    const old = put(objString('x', 'y'.repeat(2000)));
    const bytes = Buffer.from(openBytes(old));
    bytes.writeInt32BE(1, 33);
    const { path } = await merged([workspace.scratch.put('old.root', bytes), old], { compression: 'first' });
    expect(settingOf(path)).toBe(101);
  });
});

function openBytes(path: string): Uint8Array {
  using file = openRootFile(path);
  return file.source.read(0, file.source.sizeBytes);
}
