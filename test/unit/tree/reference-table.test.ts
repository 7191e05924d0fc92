/** Trees with a table of references: what its baskets count is the list of branches that hold the objects referred to. */
import { describe, expect, it } from 'vitest';
import { listItems } from '../../../src/io/root/streamer/member-list.ts';
import { member, textOf } from '../../../src/io/root/streamer/member.ts';
import { walkObject } from '../../../src/io/root/streamer/walk.ts';
import { merge } from '../../../src/merge/merge.ts';
import { Scratch, fixture } from '../../scratch.ts';
import { concatenation, openTree, treeContents } from './tree-contents.ts';

/** Names of the branches that the table of a tree lists; refs_3 has a tree without entries, whose list is empty. */
function parentsOf(path: string): string[] {
  const { payload, keylen, className, infos } = openTree(path, 'tree');
  const list = member(walkObject(payload, keylen, className, infos).root, 'fBranchRef.fRefTable.fParents');
  return list === null ? [] : listItems(list).map(({ target }) => (target === null ? '' : textOf(target, 'fName')));
}

describe('the list of branches that hold objects referred to', () => {
  it.each([
    ['empty in the first input', [3, 0, 1]],
    ['empty in the second', [0, 3, 1]],
    ['empty in the last', [0, 1, 3]],
    ['empty in all but the last', [3, 3, 2]],
  ])('%s: is that of the inputs that have one', async (_, numbers) => {
    using scratch = new Scratch();
    const inputs = numbers.map((n) => fixture(`refs_${n}.root`));
    await merge(inputs, { output: scratch.path('merged.root') });
    expect(parentsOf(fixture('refs_3.root'))).toEqual([]);
    expect(parentsOf(fixture('refs_0.root')).length).toBeGreaterThan(2);
    expect(parentsOf(scratch.path('merged.root'))).toEqual(parentsOf(fixture('refs_0.root')));
    expect(treeContents(scratch.path('merged.root'), 'tree')).toEqual(concatenation(inputs.map((path) => treeContents(path, 'tree'))));
  });

  it('stays empty where no input has entries', async () => {
    using scratch = new Scratch();
    await merge([fixture('refs_3.root'), fixture('refs_3.root')], { output: scratch.path('merged.root') });
    expect(parentsOf(scratch.path('merged.root'))).toEqual([]);
  });
});
