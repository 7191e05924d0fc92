/** References (TRef): numbers of process ids are a file's own, and stand for the same process on both sides, or the reference is wrong. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { diffMerged } from '../../../../src/diff/diff-merged.ts';
import { openRootFile } from '../../../../src/io/root/root-file.ts';
import { readInfoSet } from '../../../../src/io/root/root-file-infos.ts';
import { branchesByPath } from '../../../../src/io/root/tree/branch-paths.ts';
import { findTree } from '../../../../src/io/root/tree/tree-reader.ts';
import { merge } from '../../../../src/merge/merge.ts';
import { Scratch, fixture } from '../../../scratch.ts';
import { treePlaces } from '../mutations.ts';

/** Offset of fPidOffset in a key of 64 bits. */
const PID_OFFSET_AT = 26;
const INPUTS = [0, 1].map((i) => fixture(`refs_${i}.root`));
/** The process of the second input, in which it is number 0, and 1 in a merge. */
const PROCESSES = ['bc0e6447-e921-11f1-bf9f-020200c0beef', 'beb919c1-e921-11f1-81d6-020200c0beef'];

const scratch = new Scratch();
afterAll(() => scratch[Symbol.dispose]());

async function changedMerge(
  change: (bytes: Buffer, path: string) => void,
): Promise<[path: string, verdict: string, at: string | undefined, left: string | undefined, count: number][]> {
  const path = scratch.path('merged.root');
  await merge(INPUTS, { output: path, compression: 0, force: true });
  const bytes = readFileSync(path);
  change(bytes, path);
  writeFileSync(scratch.path('changed.root'), bytes);
  const { objects } = await diffMerged(scratch.path('changed.root'), INPUTS);
  return objects.flatMap(({ path: object, verdict, differences: [first], differenceCount }) =>
    verdict === 'right' ? [] : [[object, verdict, first?.at, first?.left, differenceCount] as [string, string, string, string, number]],
  );
}

/** Where the record of the second input's basket of a branch begins. */
function secondBasket(path: string, branch: string): number {
  using file = openRootFile(path);
  const tree = findTree(file, file.root, 'tree', readInfoSet(file));
  const row = tree && branchesByPath(tree).get(branch);
  if (tree === undefined || row === undefined) throw new Error(`no branch ${branch}`);
  return tree.baskets.seek[(tree.baskets.start[row] as number) + 1] as number;
}

function placeOf(path: string, at: string): number {
  const place = treePlaces(path).find((each) => each.at === at);
  if (place === undefined) throw new Error(`no ${at}`);
  return place.offset;
}

describe('a merge of references', () => {
  it('is right', async () => {
    expect(await changedMerge(() => undefined)).toEqual([]);
  });

  it.each([
    ['event/first', 'event/first[15].pidf', 15],
    ['event/some', 'event/some[15].pidf', 15],
    ['event/targets/targets.fBits', 'event/targets/targets.fBits[15]', 15],
  ])('is wrong where the bytes of %s are right, but their process is another one', async (branch, at, count) => {
    const found = await changedMerge((bytes, path) => bytes.writeUInt16BE(0, secondBasket(path, branch) + PID_OFFSET_AT));
    expect(found.map(([path, verdict, first, , differences]) => [path, verdict, first, differences])).toEqual([
      ['/tree', 'altered', at, count],
    ]);
    if (at.endsWith('pidf')) expect(found[0]?.[3]).toBe(`"${PROCESSES[0]}"`);
  });

  it('is wrong where an object has another number, but not where the upper byte has the number of its process in memory', async () => {
    const name = 'event/targets/targets.fUniqueID[3]';
    expect(await changedMerge((bytes, path) => (bytes[placeOf(path, name)] = 1))).toEqual([]);
    expect(await changedMerge((bytes, path) => (bytes[placeOf(path, name) + 3] = 9))).toEqual([['/tree', 'altered', name, '[9, 0, 2]', 1]]);
  });
});
