/** Entry i of a tree is entry i of each of its branches: what is joined otherwise is told. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BRANCH, TREE } from '../../../src/io/root/tree/scan-layout.ts';
import { merge } from '../../../src/merge/merge.ts';
import { Scratch, fixture } from '../../scratch.ts';
import { openTree } from './tree-contents.ts';

/** A copy of the fixture's tree of branches that count by themselves, in which the tree counts entries too. */
async function counting(scratch: Scratch, worker: number, entries: number): Promise<string> {
  const path = scratch.path(`counting-${worker}-${entries}.root`);
  await merge([fixture(`special_${worker}.root`)], { output: path, compression: 0, include: ['/unequal'], force: true });
  const bytes = readFileSync(path);
  const { scan, file } = openTree(path, 'unequal');
  const at = file.root.keys.seekKey(0) + file.root.keys.keylen(0) + scan.tree.offset(0, TREE.fEntries);
  new DataView(bytes.buffer, bytes.byteOffset).setBigInt64(at, BigInt(entries));
  return scratch.put(`counting-${worker}-${entries}.root`, bytes);
}

/** Entries of the branches of a worker's tree. */
function entriesOf(worker: number): number[] {
  const { scan } = openTree(fixture(`special_${worker}.root`), 'unequal');
  return Array.from({ length: scan.branches.count }, (_, row) => scan.branches.number(scan.view, row, BRANCH.fEntryNumber));
}

async function toldOf(inputs: readonly string[], output: string): Promise<[code: string, message: string, file: string | undefined][]> {
  const { diagnostics } = await merge(inputs, { output, include: ['/unequal'], force: true });
  return diagnostics.map(({ code, message, file }) => [code, message, file]);
}

describe('a branch with fewer entries than its tree', () => {
  const [a, b] = entriesOf(0) as [number, number];

  it('is told where later inputs have entries of it', async () => {
    using scratch = new Scratch();
    const inputs = [await counting(scratch, 0, a), await counting(scratch, 1, 8)];
    expect(b).toBeLessThan(a);
    expect(await toldOf(inputs, scratch.path('merged.root'))).toEqual([
      [
        'entries-shifted',
        `branch b has ${b} entries where its tree has ${a}: those of later inputs are joined to them, and stand at other entries than the tree's`,
        inputs[0],
      ],
    ]);
  });

  it('is not worth a word in the last input: nothing follows that it would shift', async () => {
    using scratch = new Scratch();
    expect(await toldOf([await counting(scratch, 0, a)], scratch.path('merged.root'))).toEqual([]);
  });

  it('is not worth a word where the tree counts no entries: its branches count theirs each by itself', async () => {
    using scratch = new Scratch();
    expect(await toldOf([fixture('special_0.root'), fixture('special_1.root')], scratch.path('merged.root'))).toEqual([]);
  });
});
