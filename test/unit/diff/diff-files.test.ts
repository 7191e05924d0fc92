/** No false alarms; differences of keys, classes, titles, cycles and members. */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { diffFiles } from '../../../src/diff/diff-files.ts';
import { diffMerged } from '../../../src/diff/diff-merged.ts';
import { AbortedError, UsageError } from '../../../src/errors.ts';
import { createRootFile } from '../../../src/index.ts';
import { merge } from '../../../src/merge/merge.ts';
import { Scratch, fixture } from '../../scratch.ts';

const scratch = new Scratch();
afterAll(() => scratch[Symbol.dispose]());

const FILES = readdirSync(fixture('.')).filter((name) => name.endsWith('.root'));
/** RNTuples that are not merged: data spread over several keys. */
const UNMERGED = /^(tiny_keys|large_page)/;
const TUPLES = readdirSync(fixture('rntuple')).filter((name) => name.endsWith('.root') && !UNMERGED.test(name));
const FAMILIES = [...new Set(FILES.map((name) => name.replace(/_\d+\.root$/, '')))];

describe('equal files', () => {
  it('are the same, of all fixtures', async () => {
    for (const name of [...FILES, ...TUPLES.map((each) => `rntuple/${each}`)]) {
      const report = await diffFiles(fixture(name), fixture(name));
      expect([name, report.isSame, report.counts.same]).toEqual([name, true, report.objects.length]);
    }
  });

  it('are the same when they are compressed anew', async () => {
    for (const [i, name] of [...FILES, ...TUPLES.map((each) => `rntuple/${each}`)].entries()) {
      const output = scratch.path('recompressed.root');
      await merge([fixture(name)], { output, compression: [404, 101, 0, 505][i % 4] as number, force: true });
      const report = await diffFiles(fixture(name), output);
      expect([name, report.objects.filter(({ verdict }) => verdict !== 'same')]).toEqual([name, []]);
    }
  });

  it('are the same in other clusters', async () => {
    const [some, all, again] = ['some.root', 'all.root', 'again.root'].map((name) => scratch.path(name)) as [string, string, string];
    const inputs = [0, 1, 2].map((i) => fixture(`clusters_${i}.root`));
    await merge(inputs.slice(0, 2), { output: some });
    await merge([some, inputs[2] as string], { output: again });
    await merge(inputs, { output: all });
    expect((await diffFiles(all, again)).isSame).toBe(true);
  });
});

describe('right merges', () => {
  it.each(FAMILIES)('of %s are called right', async (family) => {
    const inputs = FILES.filter((name) => name.startsWith(`${family}_`))
      .sort()
      .map((name) => fixture(name));
    const output = scratch.path(`${family}.root`);
    await merge(inputs, { output });
    const report = await diffMerged(output, inputs);
    const others = report.objects.filter(({ verdict }) => verdict !== 'right').map(({ path, verdict }) => [path, verdict]);
    expect(others).toEqual([]);
  });

  it('lack nothing of what still waits in a buffer', async () => {
    const inputs = [0, 1, 2].map((i) => fixture(`hists_${i}.root`));
    const output = scratch.path('waiting.root');
    await merge(inputs.slice(1), { output });
    const { objects } = await diffMerged(output, inputs, { include: ['/special/buffer_*'] });
    expect(objects.map(({ path, verdict }) => [path, verdict])).toEqual(
      ['auto', 'fixed', 'in_some'].map((name) => [`/special/buffer_${name}`, 'lost']),
    );
    const [auto, fixed] = objects.map(({ differences }) => differences.map(({ at }) => at));
    expect(auto).toEqual(['fBuffer.length']);
    expect(fixed).toEqual(expect.arrayContaining(['fEntries', 'fTsumwx', 'fArray[3]']));
  });

  it.each(['index', 'ntuple', 'p5', 'p5unsplit', 'p6'])('of POOL files (%s) are called right but for references', async (family) => {
    const inputs = readdirSync(fixture('pool'))
      .filter((name) => name.startsWith(`${family}_`) && name.endsWith('.root'))
      .sort()
      .map((name) => fixture(`pool/${name}`));
    const output = scratch.path(`pool-${family}.root`);
    await merge(inputs, { output });
    const report = await diffMerged(output, inputs);
    expect(report.isSame).toBe(true);
    expect(report.objects.filter(({ verdict }) => verdict === 'unjudged').every(({ path }) => path.startsWith('/##'))).toBe(true);
  });
});

describe('two files', () => {
  it('with other keys: told in both directions', async () => {
    const report = await diffFiles(fixture('hists_0.root'), fixture('flat_0.root'));
    expect(report.counts).toMatchObject({ 'only-left': expect.any(Number) as number, 'only-right': expect.any(Number) as number });
    expect(report.objects.find(({ path }) => path === '/tree')).toMatchObject({ verdict: 'only-right', className: 'TTree' });
    expect(report.objects.find(({ path }) => path === '/types')).toMatchObject({ verdict: 'only-left', className: 'TDirectory' });
  });

  it('list the first differences and count all', async () => {
    const report = await diffFiles(fixture('hists_0.root'), fixture('hists_1.root'), { include: ['/types/h1d'], maxDiffs: 2 });
    const [object] = report.objects;
    expect(object).toMatchObject({ path: '/types/h1d', verdict: 'different' });
    expect(object?.differences.length).toBe(2);
    expect(object?.differenceCount).toBeGreaterThan(2);
    expect(object?.differences[0]).toEqual({ at: 'fEntries', left: '100', right: '200' });
  });

  it('name the member of an object that differs', async () => {
    const report = await diffFiles(fixture('unknown_0.root'), fixture('unknown_1.root'), { include: ['/named', '/pod'] });
    expect(report.objects.flatMap(({ differences }) => differences)).toEqual([
      { at: 'number', left: '0', right: '1' },
      { at: 'title', left: '"worker 0"', right: '"worker 1"' },
      { at: 'fTitle', left: '"worker 0"', right: '"worker 1"' },
    ]);
    const tree = await diffFiles(fixture('objects_0.root'), fixture('objects_1.root'), { maxDiffs: 5000 });
    expect(tree.objects[0]?.differences).toContainEqual({
      at: 'nested[2]',
      left: '[2]',
      right: '[[2, 2, 2, 2], [2, 2, 2, 2], [2, 2, 2, 2], [2, 2, 2, 2]]',
    });
  });

  it('tell types apart whose entries have equal bytes', async () => {
    const [left, right] = ['signed.root', 'unsigned.root'].map((name, i) => {
      const path = scratch.path(name);
      const file = createRootFile(path);
      const tree = file.bookTree('/', {
        name: 'tree',
        columns: [
          { name: 'n', type: i === 0 ? 'int32' : 'uint32' },
          { name: 'm', type: 'float32', shape: i === 0 ? [2, 3] : [3, 2] },
          { name: 'x', type: 'float32' },
        ],
      });
      tree.fill({ n: 7, m: [1, 2, 3, 4, 5, 6], x: 1 });
      file.close();
      return path;
    }) as [string, string];
    const { objects } = await diffFiles(left, right);
    expect(objects[0]?.differences).toEqual([
      { at: 'branch n', left: '"TBranch: TLeafI"', right: '"TBranch: TLeafI unsigned"' },
      { at: 'branch m', left: '"TBranch: TLeafF [2][3]"', right: '"TBranch: TLeafF [3][2]"' },
    ]);
    expect((await diffMerged(right, [left])).counts).toEqual({ altered: 1 });
  });

  it('hold vectors against RVec by their values: both are stored alike', async () => {
    const [vectors, others] = [fixture('vectors_0.root'), fixture('rvec_0.root')];
    expect((await diffFiles(vectors, others)).objects).toMatchObject([{ path: '/tree', verdict: 'same' }]);
    expect((await diffMerged(others, [vectors])).objects).toMatchObject([{ path: '/tree', verdict: 'right' }]);
    const changed = scratch.path('rvec.root');
    await merge([others], { output: changed, compression: 0, force: true });
    const bytes = readFileSync(changed);
    const value = Buffer.from('40b00000', 'hex'); // 5.5, in entry 11
    bytes[bytes.indexOf(value) + 1] = 0xb8;
    writeFileSync(changed, bytes);
    expect((await diffFiles(vectors, changed)).objects[0]?.differences[0]).toEqual({
      at: 'floats[11]',
      left: '[5.5, 5.5, 5.5]',
      right: '[5.75, 5.5, 5.5]',
    });
  });

  it('compare cycles when asked', async () => {
    const report = await diffFiles(fixture('others_0.root'), fixture('others_0.root'), { cycles: true });
    expect(report.objects.every(({ path }) => /;\d+$/.test(path))).toBe(true);
    expect(report.isSame).toBe(true);
  });

  it('leave out branches', async () => {
    const all = await diffFiles(fixture('flat_0.root'), fixture('flat_1.root'), { include: ['/ntuple'] });
    expect(all.isSame).toBe(false);
    const names = ['px', 'py', 'pz', 'random', 'i'].map((name) => `/ntuple/${name}`);
    const some = await diffFiles(fixture('flat_0.root'), fixture('flat_0.root'), { exclude: names });
    expect(some.isSame).toBe(true);
    const without = await diffFiles(fixture('flat_0.root'), fixture('flat_1.root'), { include: ['/ntuple'], exclude: ['/ntuple/*'] });
    expect(without.objects[0]?.differences.every(({ at }) => at === 'entries')).toBe(true);
  });

  it('count numbers as equal within a tolerance', async () => {
    const strict = await diffFiles(fixture('hists_0.root'), fixture('hists_1.root'), { include: ['/types'] });
    const loose = await diffFiles(fixture('hists_0.root'), fixture('hists_1.root'), { include: ['/types'], rel: 2 });
    expect(strict.counts.different).toBeGreaterThan(0);
    expect(loose.objects.flatMap(({ differences }) => differences)).toEqual([]);
  });

  it('refuse options that make no sense, and stop on a signal', async () => {
    await expect(diffFiles(fixture('flat_0.root'), fixture('flat_0.root'), { rel: -1 })).rejects.toThrow(UsageError);
    await expect(diffMerged(fixture('flat_0.root'), [])).rejects.toThrow(UsageError);
    await expect(diffFiles(fixture('flat_0.root'), fixture('flat_1.root'), { branches: ['nosuch'] })).rejects.toThrow(
      'no branch and no field matches nosuch',
    );
    await expect(diffFiles(fixture('flat_0.root'), fixture('flat_1.root'), { entries: '5000:' })).rejects.toThrow(
      'nothing that was compared has entries 5000:',
    );
    const options = { signal: AbortSignal.abort() };
    await expect(diffFiles(fixture('flat_0.root'), fixture('flat_1.root'), options)).rejects.toThrow(AbortedError);
  });
});

describe('RNTuples', () => {
  it('differ when projected fields show another field, though all that is stored is equal', async () => {
    const [shown, other] = ['projected', 'projected_other'].map((name) => fixture(`rntuple/${name}.root`)) as [string, string];
    const found = { at: 'field y', left: '"float, shows x"', right: '"float, shows z"' };
    expect((await diffFiles(shown, other)).objects).toMatchObject([{ verdict: 'different', differenceCount: 1, differences: [found] }]);
    expect((await diffMerged(shown, [other])).objects).toMatchObject([{ verdict: 'altered', differences: [found] }]);
  });

  it('differ by their descriptions; those of a merge are those of one input', async () => {
    const [one, two, three] = ['1', '2', '3'].map((text) => {
      const path = scratch.path(`described_${text}.root`);
      const file = createRootFile(path);
      file.bookTuple('/', { name: 'nt', description: text, columns: [{ name: 'x', type: 'int32', title: `x${text}` }] });
      file.close();
      return path;
    }) as [string, string, string];
    const differences = [
      { at: 'description', left: '"1"', right: '"2"' },
      { at: 'description of field x', left: '"x1"', right: '"x2"' },
    ];
    expect((await diffFiles(one, two)).objects).toMatchObject([{ verdict: 'different', differences }]);
    const output = scratch.path('described.root');
    await merge([one, two], { output });
    expect((await diffMerged(output, [one, two])).isSame).toBe(true);
    expect((await diffMerged(output, [two, three])).objects).toMatchObject([{ verdict: 'altered', differences }]);
  });
});
