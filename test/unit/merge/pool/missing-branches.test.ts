/** Branches that some POOL files lack. */
import { expect, it } from 'vitest';
import { locateOneText, textOf } from '../../../../src/io/pool/places.ts';
import { RowReader, memberOf } from '../../../../src/io/pool/row-columns.ts';
import { BRANCH } from '../../../../src/io/root/tree/scan-layout.ts';
import { Scratch } from '../../../scratch.ts';
import { mergeTo, treeOf, withPool, workers } from './pool-files.ts';

it('hold default rows for the entries of inputs that lack them', async () => {
  using scratch = new Scratch();
  const output = scratch.path('out.root');
  const inputs = workers('p5');
  await mergeTo(output, inputs);
  const present = inputs.map((path) =>
    withPool(path, ({ containers }) => ({
      has: containers.find('CollectionTree(PoolExtra_v1/Extra)') !== undefined,
      rows: containers.tree('CollectionTree')?.reader.entryCount ?? 0,
    })),
  );
  expect(present.some(({ has }) => !has)).toBe(true);
  withPool(output, ({ containers }) => {
    const tree = treeOf(containers, 'CollectionTree');
    const branch = tree.branch('PoolExtra_v1_Extra') as number;
    const reader = new RowReader(tree, branch);
    const texts = Array.from({ length: tree.entryCount }, (_, row) => textOf(locateOneText(memberOf(reader.columns(row), 'text'))));
    const expected = present.flatMap(({ has, rows }) => new Array<boolean>(rows).fill(has));
    expect(texts.map((text) => text !== '')).toEqual(expected);
    const whole = new RowReader(tree, tree.branch('PoolExtra_v1_Whole') as number);
    for (let row = 0; row < tree.entryCount; row++) expect(() => whole.columns(row)).not.toThrow();
    for (let row = 0; row < tree.scan.branches.count; row++) {
      const entries = tree.baskets.entryCount[row] as number;
      expect([0, tree.entryCount]).toContain(entries);
    }
  });
});

it('are read with an empty map of objects for each entry, also where no input has a row of the branch', async () => {
  using scratch = new Scratch();
  const output = scratch.path('out.root');
  const [, lacking, empty] = workers('index');
  await mergeTo(output, [empty as string, lacking as string]);
  const doNotUseBufferMap = (path: string, branch: string): boolean =>
    withPool(path, ({ containers }) => {
      const tree = treeOf(containers, 'CollectionTree');
      return (tree.scan.branches.number(tree.scan.view, tree.branch(branch) as number, BRANCH.fBits) & (1 << 22)) !== 0;
    });
  expect(doNotUseBufferMap(empty as string, 'PoolExtra_v1_Whole')).toBe(true);
  expect(doNotUseBufferMap(output, 'PoolExtra_v1_Whole')).toBe(false);
});
