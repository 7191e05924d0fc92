/** Headers, forms and metadata of split level 1: each vector of objects stays whole in a branch. */
import { describe, expect, it } from 'vitest';
import { diffMerged } from '../../../../src/index.ts';
import { Scratch } from '../../../scratch.ts';
import { FID, mergeTo, placesOf, referencesOf, treeOf, withPool, workers } from './pool-files.ts';

describe.each(['p5shallow', 'p6shallow'] as const)('%s', (family) => {
  it('all references resolve, and the result is right to pool-diff', async () => {
    using scratch = new Scratch();
    const output = scratch.path('out.root');
    const inputs = workers(family);
    await mergeTo(output, inputs);
    const before = inputs.map(referencesOf);
    expect(before.map(({ dangling }) => dangling)).toEqual([0, 0]);
    expect(before.every(({ resolved }) => resolved > 50)).toBe(true);
    expect(referencesOf(output)).toEqual({ resolved: before.reduce((sum, { resolved }) => sum + resolved, 0), foreign: 7, dangling: 0 });
    expect((await diffMerged(output, inputs)).isSame).toBe(true);
  });

  it('appended to one another they lead where they lead when merged at once', async () => {
    using scratch = new Scratch();
    const [once, twice] = [scratch.path('once.root'), scratch.path('twice.root')];
    const [first, second] = workers(family) as [string, string];
    await mergeTo(once, [first, second], { fid: FID });
    await mergeTo(twice, [first]);
    await mergeTo(twice, [second], { append: true, fid: FID });
    expect(placesOf(twice)).toEqual(placesOf(once));
  });

  it('the events of a worker without a text have an empty one', async () => {
    using scratch = new Scratch();
    const output = scratch.path('out.root');
    await mergeTo(output, workers(family));
    withPool(output, ({ containers }) => {
      const tree = treeOf(containers, 'CollectionTree');
      const row = tree.branch('Comment') as number;
      expect(tree.texts(row)).toEqual([...[0, 1, 2, 3].map((event) => `comment ${1_000_009 + 100 * event}`), '', '', '']);
    });
  });
});
