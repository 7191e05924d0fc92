/** What a merged tree carries beside its branches: index, aliases, user info, friends, weight, title. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { diffFiles } from '../../../../src/diff/diff-files.ts';
import { diffMerged } from '../../../../src/diff/diff-merged.ts';
import type { DiffReport } from '../../../../src/diff/diff-report.ts';
import { openRootFile } from '../../../../src/io/root/root-file.ts';
import { readInfoSet } from '../../../../src/io/root/root-file-infos.ts';
import { TREE } from '../../../../src/io/root/tree/scan-layout.ts';
import { findTree } from '../../../../src/io/root/tree/tree-reader.ts';
import { merge } from '../../../../src/merge/merge.ts';
import { Scratch, fixture } from '../../../scratch.ts';

const scratch = new Scratch();
afterAll(() => scratch[Symbol.dispose]());

const INPUTS = [0, 1, 2].map((i) => fixture(`meta_${i}.root`));
const whole = scratch.path('whole.root');
await merge(INPUTS, { output: whole, compression: 0 });

/** File offset behind the index of the newest tree. */
function endOfIndex(path: string): number {
  using file = openRootFile(path);
  const name =
    Array.from({ length: file.root.keys.count }, (_, i) => i)
      .map((i) => [i, file.root.keys.className(i)] as const)
      .find(([, className]) => className === 'TTree')?.[0] ?? -1;
  const tree = findTree(file, file.root, file.root.keys.name(name), readInfoSet(file));
  if (tree === undefined) throw new Error('no tree');
  const { scan } = tree;
  const at = scan.tree.offset(0, TREE.fTreeIndex);
  const key =
    Array.from({ length: file.root.keys.count }, (_, i) => i).find(
      (i) => `/${file.root.keys.name(i)};${file.root.keys.cycle(i)}` === tree.path,
    ) ?? -1;
  return file.root.keys.seekKey(key) + file.root.keys.keylen(key) + at + 4 + (scan.view.getUint32(at) & 0x3fff_ffff);
}

function changed(offset: number, bits: number): string {
  const bytes = readFileSync(whole);
  bytes[offset] = (bytes[offset] as number) ^ bits;
  const path = scratch.path('changed.root');
  writeFileSync(path, bytes);
  return path;
}

function differencesIn({ objects }: DiffReport): string[] {
  return objects.flatMap(({ differences }) => differences.map(({ at, left, right }) => `${at}: ${left} | ${right}`));
}

describe('a merged tree', () => {
  it('is right with its index, aliases and user info', async () => {
    const report = await diffMerged(whole, INPUTS);
    expect(report.objects.map(({ verdict }) => verdict)).toEqual(report.objects.map(() => 'right'));
  });

  it('whose index leads one row elsewhere is altered', async () => {
    const path = changed(endOfIndex(whole) - 1, 1);
    const wrong = differencesIn(await diffMerged(path, INPUTS));
    expect(wrong.length).toBeGreaterThan(0);
    expect(wrong.every((line) => line.startsWith('fTreeIndex of entry'))).toBe(true);
    expect((await diffFiles(path, whole)).isSame).toBe(false);
  });

  it.each([
    ['2*x', 'fAliases'],
    ['a worker', 'fUserInfo'],
  ])('whose member with %s is not that of the first input is altered in %s', async (text, name) => {
    const at = readFileSync(whole, 'latin1').lastIndexOf(text);
    expect(at).toBeGreaterThan(0);
    const wrong = differencesIn(await diffMerged(changed(at, 1), INPUTS));
    expect(wrong.length).toBe(1);
    expect(wrong[0]?.startsWith(name)).toBe(true);
  });

  it('whose weight is another is altered', async () => {
    const weight = Buffer.alloc(8);
    weight.writeDoubleBE(0.25);
    const at = readFileSync(whole).lastIndexOf(weight, endOfIndex(whole));
    expect(differencesIn(await diffMerged(changed(at + 1, 0x10), INPUTS))).toEqual(['fWeight: 0.125 | 0.25']);
  });

  it('made of others is altered in its index', async () => {
    const report = await diffMerged(whole, INPUTS.slice(0, 2), { maxDiffs: 1000 });
    expect(report.counts.added).toBeGreaterThan(0);
    expect(differencesIn(report).some((line) => line.startsWith('fTreeIndex entries'))).toBe(true);
    expect(
      differencesIn(await diffMerged(whole, INPUTS.toReversed(), { maxDiffs: 1000 })).some((line) =>
        line.startsWith('fTreeIndex of entry 0: '),
      ),
    ).toBe(true);
  });
});
