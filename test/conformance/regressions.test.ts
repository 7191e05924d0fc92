/** Rows taken from issues of ROOT and of its users: what was lost, doubled or mixed up there. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { MergeConflictError, merge, planMerge, type MergeOptions } from '../../src/index.ts';
import { openRootFile } from '../../src/io/root/root-file.ts';
import { fileContents } from '../contents.ts';
import { fixture } from '../scratch.ts';
import { objString, type SmallItem } from '../small-file.ts';
import { SparseSink } from '../sparse-file.ts';
import { RootFileWriter } from '../../src/io/root/root-file-writer.ts';
import { sampleGraph, setNumbers, stored } from '../unit/histogram/sample-histograms.ts';
import { treeContents } from '../unit/tree/tree-contents.ts';
import { row } from './row.ts';
import { Workspace, type Merged } from './workspace.ts';

const workspace = new Workspace();
const put = (...items: SmallItem[]): string => workspace.put(...items);
const merged = (inputs: readonly string[], options: Partial<MergeOptions> = {}): Promise<Merged> => workspace.merged(inputs, options);
const histogram = (name = 'h', worker = 0): SmallItem => stored(sampleGraph('/types/h1f', worker), name);

/** The error of a merge that must fail and leave nothing. */
async function refused(inputs: readonly string[], options: Partial<MergeOptions> = {}): Promise<unknown> {
  const output = workspace.scratch.path('refused.root');
  const before = workspace.scratch.list();
  const err: unknown = await merge(inputs, { ...options, output }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(err).toBeInstanceOf(Error);
  expect(workspace.scratch.list()).toEqual(before);
  return err;
}

async function conflictCodes(inputs: readonly string[]): Promise<string[]> {
  const err = await refused(inputs);
  expect(err).toBeInstanceOf(MergeConflictError);
  return (err as MergeConflictError).conflicts.map(({ path, file, code }) => `${path} ${file.slice(file.lastIndexOf('/') + 1)} ${code}`);
}

let damagedFiles = 0;

/** A copy of a file with some bytes changed. */
function damaged(path: string, change: (bytes: Buffer) => void): string {
  const bytes = readFileSync(path);
  change(bytes);
  return workspace.scratch.put(`damaged${damagedFiles++}.root`, bytes);
}

function seekOf(path: string, name: string): { seekKey: number; keylen: number } {
  using file = openRootFile(path);
  const i = Array.from({ length: file.root.keys.count }, (_, k) => k).find((k) => file.root.keys.name(k) === name) ?? 0;
  return { seekKey: file.root.keys.seekKey(i), keylen: file.root.keys.keylen(i) };
}

describe('inputs', () => {
  row('N01', 'a file that was not closed is refused by name, and left out on request', async () => {
    const good = put(objString('x', '1'));
    const unclosed = damaged(good, (bytes) => bytes.writeInt32BE(0, 16));
    expect(await refused([good, unclosed])).toMatchObject({
      code: 'CORRUPT_FILE',
      file: unclosed,
      reason: expect.stringContaining('never closed') as string,
    });
    const { report } = await merged([good, unclosed], { skipBad: true });
    expect(report.inputs).toMatchObject([
      { path: good, status: 'merged' },
      { path: unclosed, status: 'skipped', reason: expect.stringContaining('never closed') as string },
    ]);
  });

  row(
    'N03',
    'one unreadable histogram stops the merge with file and path, in the first and in a later file; nothing of it is lost in silence',
    async () => {
      const long = setNumbers(sampleGraph('/types/h1f'), { title: 'long title '.repeat(60) });
      const good = put(stored(long, 'a'), stored(long, 'b'));
      const { seekKey, keylen } = seekOf(good, 'b');
      const bad = damaged(good, (bytes) => bytes.fill(0xff, seekKey + keylen + 12, seekKey + keylen + 40));
      for (const inputs of [
        [bad, good],
        [good, bad],
        [good, bad, good],
      ]) {
        expect(await refused(inputs)).toMatchObject({ code: 'CORRUPT_FILE', file: bad, objectPath: '/b;1' });
      }
      const { report } = await merged([good, bad, good], { skipBad: true });
      expect(report.inputs.map(({ status }) => status)).toEqual(['merged', 'skipped', 'merged']);
    },
  );

  row('N09', 'the same input twice counts twice, with a warning', async () => {
    const input = put(histogram());
    const { path, report } = await merged([input, input]);
    const once = fileContents(input).get('/h;1')?.histogram;
    expect(fileContents(path).get('/h;1')?.histogram?.cells).toEqual(once?.cells.map((x) => 2 * x));
    expect(report.diagnostics).toContainEqual(expect.objectContaining({ code: 'input-repeated', file: input }));
    const otherwise = `${workspace.scratch.folder}/./${input.slice(workspace.scratch.folder.length + 1)}`;
    expect((await merged([input, otherwise])).report.diagnostics).toContainEqual(
      expect.objectContaining({ code: 'input-repeated', file: otherwise }),
    );
  });

  row('N12', 'inputs without keys give a sound file without keys', async () => {
    const { path, report } = await merged([put(), put()]);
    using file = openRootFile(path);
    expect([file.root.keys.count, report.totals.targets]).toEqual([0, 0]);
  });

  row('N13', 'a tree in some inputs only: its entries follow each other, and the report says in how many it is', async () => {
    const { path, report } = await merged([fixture('special_0.root'), fixture('special_1.root'), fixture('special_2.root')]);
    const partial = report.targets.filter(({ inputs }) => inputs < 3);
    expect(partial.length).toBeGreaterThan(0);
    for (const { path: tree, entries } of partial) {
      const all = [0, 1, 2].flatMap((n) =>
        fileContents(fixture(`special_${n}.root`)).has(`${tree};1`) ? [treeContents(fixture(`special_${n}.root`), tree.slice(1))] : [],
      );
      expect(entries).toBe(all.reduce((sum, t) => sum + t.entries, 0));
      expect(treeContents(path, tree.slice(1)).entries).toBe(entries);
    }
  });

  row('N14', 'a tree that is empty in the first, middle, last input, or in all: schema and entries right', async () => {
    const inputs = [0, 1, 2].map((n) => fixture(`special_${n}.root`));
    for (const order of [
      [0, 1, 2],
      [1, 0, 2],
      [2, 1, 0],
      [1, 2, 0],
    ]) {
      const { path } = await merged(order.map((n) => inputs[n] as string));
      for (const [place, { data, className }] of fileContents(path)) {
        if (className !== 'TTree') continue;
        const name = place.slice(1).replace(/;\d+$/, '');
        const parts = order.flatMap((n) =>
          fileContents(inputs[n] as string).has(`/${name};1`) ? [treeContents(inputs[n] as string, name)] : [],
        );
        expect([name, (data as { entries: number }).entries]).toEqual([name, parts.reduce((sum, part) => sum + part.entries, 0)]);
        const branches = new Set(parts.flatMap((part) => Object.keys(part.branches)));
        expect(new Set(Object.keys((data as { branches: object }).branches))).toEqual(branches);
      }
    }
  });

  row('N32', 'references: a hundred inputs of one job share their process ids', async () => {
    const { path } = await merged(new Array(100).fill(fixture('refs_0.root')));
    using file = openRootFile(path);
    const ids = Array.from({ length: file.root.keys.count }, (_, i) => i).filter((i) => file.root.keys.className(i) === 'TProcessID');
    expect(ids.map((i) => file.root.keys.name(i))).toEqual(['ProcessID0']);
    expect(treeContents(path, 'tree').entries).toBe(100 * treeContents(fixture('refs_0.root'), 'tree').entries);
  });
});

describe('what does not fit together', () => {
  row('N04', 'other axes: all conflicts at once, nothing written', async () => {
    const other = stored(setNumbers(sampleGraph('/types/h1f'), { members: { 'fXaxis.fXmax': 20 } }), 'h');
    const again = { ...other, name: 'g' };
    const [first, second] = [put(histogram('h'), histogram('g')), put(other, again)];
    const name = second.slice(second.lastIndexOf('/') + 1);
    expect(await conflictCodes([first, second])).toEqual([`/h ${name} axes-differ`, `/g ${name} axes-differ`]);
  });

  row('S54', 'histograms whose bins are averages are refused: sums would be wrong', async () => {
    const average = stored(setNumbers(sampleGraph('/types/h1f'), { members: { fBits: 0x0300_0000 + 2 ** 18 } }), 'h');
    const found = await conflictCodes([put(average), put(average)]);
    expect(found.length).toBeGreaterThan(0);
    expect(found.every((line) => line.startsWith('/h '))).toBe(true);
  });

  row(
    'N15 N16 T13 T14 T16',
    'trees with other branches or other types of branches are refused by name, none of their entries dropped',
    async () => {
      const report = await planMerge([fixture('flat_0.root'), fixture('objects_0.root')]);
      expect(report.conflicts).toContainEqual(
        expect.objectContaining({ path: '/tree', code: 'schema-differs', file: fixture('objects_0.root') }),
      );
    },
  );

  row('N26', 'one name for a directory and an object in different files: refused, never mixed', async () => {
    const [object, directory] = [put(objString('x', '1')), put({ directory: 'x', items: [objString('y', '2')] })];
    expect(await conflictCodes([object, directory])).toHaveLength(1);
    expect(await conflictCodes([directory, object])).toEqual([expect.stringContaining('class-differs') as string]);
  });

  row('N27 X17', 'one name for two classes: refused, all names at once', async () => {
    const doubles = stored(sampleGraph('/types/h1d'), 'h');
    const found = await conflictCodes([put(histogram('h'), histogram('g')), put(doubles, objString('g', 'text'))]);
    expect(found.map((line) => line.replace(/in\d+/, 'in'))).toEqual(['/h in.root class-differs', '/g in.root class-differs']);
  });

  row('N21', 'an object whose record would exceed 1 GiB is refused, not written', () => {
    const sink = new SparseSink();
    const writer = new RootFileWriter(sink, { datime: 0, compression: 0, uuidOf: () => new Uint8Array(16) });
    const key = { className: Buffer.from('TObjString'), name: Buffer.from('large'), title: Buffer.from(''), cycle: 1 };
    const huge = Object.defineProperty(new Uint8Array(0), 'length', { value: 2 ** 30 + 1 });
    expect(() => writer.writeObject(writer.root, 0, key, () => huge)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }));
    expect(sink.position).toBeLessThan(1000);
  });
});

describe('objects nobody has a rule for', () => {
  row('N05', 'classes without dictionary are copied as they are, with their streamer infos', async () => {
    const inputs = [0, 1, 2].map((n) => fixture(`unknown_${n}.root`));
    const { path, report } = await merged(inputs);
    expect(report.targets.map(({ path: target, disposition, cycles }) => [target, disposition, cycles])).toEqual([
      ['/pod', 'cycles', 3],
      ['/named', 'cycles', 3],
      ['/tree', 'concat', 1],
    ]);
    const merge3 = fileContents(path);
    inputs.forEach((input, n) => {
      for (const name of ['pod', 'named']) {
        expect(merge3.get(`/${name};${n + 1}`)?.digest).toBe(fileContents(input).get(`/${name};1`)?.digest);
      }
    });
    using file = openRootFile(path);
    expect(Buffer.from(file.readInfos()?.payload ?? '').includes('FixtureNamed')).toBe(true);
  });
});

describe('many', () => {
  /** Milliseconds for merging two equal files of so many directories with 20 objects each. */
  async function timed(directories: number): Promise<number> {
    const items = Array.from({ length: 20 }, (_, k) => objString(`object_${k}`, 'x'));
    const input = put(...Array.from({ length: directories }, (_, d) => ({ directory: `directory_${d}`, items })));
    const start = performance.now();
    const { report } = await merged([input, input]);
    expect(report.totals).toMatchObject({ directories: directories + 1, targets: 20 * directories });
    return performance.now() - start;
  }

  row('N22', 'directories: the time is linear in their number', async () => {
    await timed(200);
    const [few, many] = [await timed(500), await timed(4000)];
    expect(many / few).toBeLessThan(8 * 4);
  });

  row('N23', 'a hundred thousand objects without overlap are copied raw', async () => {
    const half = (from: number): string => put(...Array.from({ length: 50_000 }, (_, k) => objString(`object_${from + k}`, 'x')));
    const { path, report } = await merged([half(0), half(50_000)]);
    expect(report.totals).toMatchObject({ targets: 100_000, dispositions: { copy: 100_000 }, bytesEncoded: 0 });
    using file = openRootFile(path);
    expect([file.root.keys.count, file.root.keys.name(99_999)]).toEqual([100_000, 'object_99999']);
  });
});

describe('the output', () => {
  row('N42 N43', 'is the same bytes in two runs, and honours the umask', async () => {
    const inputs = [0, 1, 2].map((n) => fixture(`worker_${n}.root`));
    const old = process.umask(0o027);
    try {
      const [first, second] = [(await merged(inputs)).path, (await merged(inputs)).path];
      expect(Buffer.compare(readFileSync(first), readFileSync(second))).toBe(0);
      const { statSync } = await import('node:fs');
      expect(statSync(first).mode & 0o777).toBe(0o640);
    } finally {
      process.umask(old);
    }
  });

  row('N10', 'that exists is refused without force', async () => {
    const target = workspace.scratch.put('target.root', 'old');
    await expect(merge([put(objString('x', '1'))], { output: target })).rejects.toMatchObject({ code: 'USAGE', file: target });
    expect(readFileSync(target, 'utf8')).toBe('old');
  });

  row('N08', 'that is an input is refused before anything is touched, however it is spelled', async () => {
    const input = put(objString('x', '1'));
    const before = readFileSync(input);
    for (const output of [input, `${workspace.scratch.folder}/./${input.slice(workspace.scratch.folder.length + 1)}`]) {
      await expect(merge([input], { output, force: true })).rejects.toMatchObject({ code: 'USAGE', reason: 'the output is also an input' });
    }
    expect(Buffer.compare(readFileSync(input), before)).toBe(0);
    expect(existsSync(input)).toBe(true);
  });
});
