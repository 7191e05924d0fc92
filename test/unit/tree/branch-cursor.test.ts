import { expect, it } from 'vitest';
import { openRootFile } from '../../../src/io/root/root-file.ts';
import { readInfoSet } from '../../../src/io/root/root-file-infos.ts';
import { BranchCursor } from '../../../src/io/root/tree/branch-cursor.ts';
import { findTree } from '../../../src/io/root/tree/tree-reader.ts';
import { fixture } from '../../scratch.ts';

it('entries are found in any order; of those that do not exist it is told', () => {
  using file = openRootFile(fixture('flat_0.root'));
  const tree = findTree(file, file.root, 'tree', readInfoSet(file));
  if (tree === undefined) throw new Error('no tree');
  const branch = 0;
  const rows = [...tree.rows(branch)].flatMap(({ data, bounds, count }) =>
    Array.from({ length: count }, (_, i) => Buffer.from(data.subarray(bounds[i], bounds[i + 1])).toString('hex')),
  );
  expect(tree.baskets.start[branch + 1]).toBeGreaterThan(1);
  const cursor = new BranchCursor(tree, branch);
  const entry = (index: number): string => {
    const { data, start, end } = cursor.entry(index);
    return Buffer.from(data.subarray(start, end)).toString('hex');
  };
  const order = Array.from(rows, (_, i) => (7 * i) % rows.length);
  expect(order.map(entry)).toEqual(order.map((index) => rows[index]));
  for (const index of [-1, rows.length]) {
    expect(() => entry(index)).toThrow(`/tree;1: branch`);
    expect(() => entry(index)).toThrow(`entry does not exist: expected below ${rows.length}, found ${index}`);
  }
  cursor.close();
  expect(() => entry(-1)).toThrow('entry does not exist');
  expect(entry(0)).toBe(rows[0]);
});
