/** Trees that do and do not fit together: what hadd loses without a word is merged right, or refused by name. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answered, Oracle, type TreeFacts } from './oracle.ts';
import { mergeFiles } from './product.ts';

const folder = mkdtempSync(join(tmpdir(), 'pool-merge-trees-'));
let oracle: Oracle;
let cases: Record<string, string[]>;
beforeAll(async () => {
  oracle = new Oracle();
  cases = answered(await oracle.treeCases(folder));
});
afterAll(async () => {
  await oracle.close();
  rmSync(folder, { recursive: true });
});

const inputsOf = (name: string): string[] => (cases[name] ?? []).map((file) => join(folder, file));
const outputOf = (name: string): string => join(folder, name, 'merged.root');

/** Merges a case and returns ROOT's view of its trees. */
async function merged(name: string, options: readonly string[] = []): Promise<Record<string, TreeFacts>> {
  expect(await mergeFiles(inputsOf(name), outputOf(name), options)).toEqual({ merged: true, reason: '', text: '' });
  expect(answered(await oracle.compareSum(outputOf(name), inputsOf(name)))).toEqual({ differences: [], notes: [] });
  return answered(await oracle.treeFacts(outputOf(name)));
}

describe('merged', () => {
  it.each([
    ['vector-and-string', 6],
    ['order-differs', 6],
    ['empty-first', 6],
    ['empty-middle', 6],
    ['empty-only', 0],
    ['without-branches-first', 6],
    ['without-branches-later', 6],
    ['without-branches', 0],
    ['entries-without-branches', 6],
    ['features-equal', 80],
    ['index-all', 9],
    ['title-differs', 6],
  ])('%s: %s entries, every one read', async (name, entries) => {
    const tree = (await merged(name))['/t'];
    expect(tree?.entries).toBe(entries);
    expect(tree?.branches.every((branch) => branch.failed === 0 && branch.entries === entries)).toBe(true);
  });

  it('counter-grows: the counter has the maximum of all inputs', async () => {
    const branches = (await merged('counter-grows'))['/t']?.branches ?? [];
    expect(branches.find((branch) => branch.name === 'n')?.leaves).toMatchObject([{ name: 'n', maximum: 8 }]);
  });

  it('objects-empty-first: ROOT reads entries that need its map of objects, which an empty input says are none', async () => {
    const branches = (await merged('objects-empty-first'))['/t']?.branches ?? [];
    expect(branches.map(({ name, bufferMap }) => [name, bufferMap])).toEqual([
      ['o', false],
      ['o.TObject', true],
      ['o.fNbits', false],
      ['o.fNbytes', false],
      ['o.fAllBits', false],
    ]);
  });

  it('text-grows: the leaf is as long as the longest text, so ROOT reads all of it', async () => {
    const branches = (await merged('text-grows'))['/t']?.branches ?? [];
    expect(branches[0]?.leaves[0]?.length).toBeGreaterThanOrEqual(150);
  });

  it('unequal-entries: no entry of a branch is lost', async () => {
    const branches = (await merged('unequal-entries'))['/t']?.branches ?? [];
    expect(Object.fromEntries(branches.map((branch) => [branch.name, branch.entries]))).toEqual({ a: 15, b: 6 });
  });

  it('folders: trees of equal name in nested folders of equal name stay apart', async () => {
    const trees = await merged('folders');
    expect(Object.fromEntries(Object.entries(trees).map(([path, tree]) => [path, tree.entries]))).toEqual({ '/x/t': 6, '/x/y/x/t': 6 });
  });

  it.each(['first', 'zlib:1', 'zstd:5', 'lz4:4', 'lzma:4', 'none'])('with --compression %s', async (setting) => {
    await merged('vector-and-string', ['--compression', setting, '--verify', 'full']);
    await merged('features-equal', ['--compression', setting, '--verify', 'full']);
    await merged('text-grows', ['--compression', setting, '--verify', 'full']);
  });

  it.each(['index-first', 'index-second'])('%s: an index of some entries only is left out', async (name) => {
    await expect(mergeFiles(inputsOf(name), outputOf(name))).resolves.toMatchObject({ merged: true });
    expect(answered(await oracle.treeFacts(outputOf(name)))['/t']?.entries).toBe(6);
  });
});

describe('refused with the branch and what differs', () => {
  it.each([
    ['extra-later', 'branch b is not in the first input'],
    ['missing-later', 'branch b is missing'],
    ['empty-with-fewer-branches', 'branch b is not in the first input'],
    ['array-3-5', 'branch v has the leaf v[5] instead of v[3]'],
    ['array-5-3', 'branch v has the leaf v[3] instead of v[5]'],
    ['vector-float-double', 'branch v holds vector<double> instead of vector<float>'],
    ['vector-double-float', 'branch v holds vector<float> instead of vector<double>'],
    ['type-F-D', 'branch x has a TLeafD instead of a TLeafF'],
    ['type-D-F', 'branch x has a TLeafF instead of a TLeafD'],
    ['type-I-L', 'branch x has a TLeafL instead of a TLeafI'],
    ['type-L-I', 'branch x has a TLeafI instead of a TLeafL'],
    ['type-I-S', 'branch x has a TLeafS instead of a TLeafI'],
    ['type-S-I', 'branch x has a TLeafI instead of a TLeafS'],
    ['type-I-O', 'branch x has a TLeafO instead of a TLeafI'],
    ['type-I-F', 'branch x has a TLeafF instead of a TLeafI'],
    ['type-I-i', 'branch x has a leaf with fIsUnsigned 1 instead of 0'],
    ['features-differ', 'branch w has the I/O features'],
  ])('%s: %s', async (name, text) => {
    const outcome = await mergeFiles(inputsOf(name), outputOf(name));
    expect(outcome).toMatchObject({ merged: false, reason: 'MERGE_CONFLICT schema-differs' });
    expect(outcome.text).toContain(text);
    expect(outcome.text).toContain(join(name, '1.root'));
  });
});
