import { describe, expect, it } from 'vitest';
import { scanTree, type TreeScan } from '../../../src/io/root/tree/tree-scan.ts';
import { BRANCH, TREE } from '../../../src/io/root/tree/scan-layout.ts';
import { TreeTemplate } from '../../../src/io/root/tree/tree-template.ts';
import { fixture } from '../../scratch.ts';
import { openTree } from './tree-contents.ts';

/** Places of all members of branches. */
const placesOf = ({ branches }: TreeScan): string => branches.at.subarray(0, branches.count * branches.columns).join();

describe('a tree of known form', () => {
  const tree = openTree(fixture('codec_101.root'), 'tree');
  const template = new TreeTemplate(tree.scan);

  it('is recognised whatever its numbers are, and read through the known scan', () => {
    const bytes = tree.payload.slice();
    const view = new DataView(bytes.buffer);
    view.setBigInt64(tree.scan.tree.offset(0, TREE.fEntries), 12345n);
    view.setInt32(tree.scan.branches.offset(0, BRANCH.fWriteBasket), 7);
    const known = template.match(bytes, tree.keylen);
    const scanned = scanTree(bytes, tree.keylen, tree.className, tree.infos);
    expect(known?.tree.number(known.view, 0, TREE.fEntries)).toBe(12345);
    expect(known?.branches.number(known.view, 0, BRANCH.fWriteBasket)).toBe(7);
    expect(known?.branches.at.slice(0, 100)).toEqual(scanned.branches.at.slice(0, 100));
  });

  it('is not recognised when any other byte differs', () => {
    const numbers = new Set<number>();
    for (let at = 0; at < tree.payload.length; at++) {
      const bytes = tree.payload.slice();
      bytes[at] = (bytes[at] as number) ^ 1;
      if (template.match(bytes, tree.keylen) !== undefined) numbers.add(at);
    }
    const nameAt = tree.scan.branches.offset(0, BRANCH.fName);
    expect(numbers.has(nameAt)).toBe(false);
    expect(numbers.has(tree.scan.branches.offset(0, BRANCH.fMaxBaskets))).toBe(false);
    expect(numbers.has(tree.scan.branches.offset(0, BRANCH.fEntryOffsetLen) + 3)).toBe(false);
    expect(numbers.has(tree.scan.tree.offset(0, TREE.fEntries))).toBe(true);
    const misplaced = [...numbers].filter((at) => {
      const bytes = tree.payload.slice();
      bytes[at] = (bytes[at] as number) ^ 1;
      return placesOf(scanTree(bytes, tree.keylen, tree.className, tree.infos)) !== placesOf(tree.scan);
    });
    expect(misplaced).toEqual([]);
  });

  it('is not recognised with another length or key length, or with baskets inside', () => {
    expect(template.match(tree.payload.slice(0, -1), tree.keylen)).toBeUndefined();
    expect(template.match(tree.payload, tree.keylen + 8)).toBeUndefined();
    const embedded = openTree(fixture('embedded_0.root'), 'tree');
    expect(new TreeTemplate(embedded.scan).match(embedded.payload, embedded.keylen)).toBeUndefined();
  });
});
