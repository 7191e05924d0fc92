import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PoolMergeError, VerificationError } from '../../../src/errors.ts';
import { openRootFile } from '../../../src/io/root/root-file.ts';
import { branchOfBasket } from '../../../src/io/root/tree/basket-table.ts';
import { BRANCH, TREE } from '../../../src/io/root/tree/scan-layout.ts';
import { verifyTreeObject } from '../../../src/merge/tree/verify-tree.ts';
import { Scratch, fixture } from '../../scratch.ts';
import { openTree, type OpenTree } from './tree-contents.ts';

const keyOf = (path: string): { file: ReturnType<typeof openRootFile>; key: number } => {
  const file = openRootFile(path);
  return { file, key: Array.from({ length: file.root.keys.count }, (_, i) => i).find((i) => file.root.keys.name(i) === 'tree') as number };
};

function verify(path: string, entries: number): void {
  const { file, key } = keyOf(path);
  verifyTreeObject(file, file.root, key, { entries });
}

/** codec_0 is stored uncompressed: its tree object can be changed in place. */
function changed(scratch: Scratch, change: (view: DataView, tree: OpenTree, payloadAt: number) => void): string {
  const path = fixture('codec_0.root');
  const bytes = readFileSync(path);
  const { file, key } = keyOf(path);
  const { keys } = file.root;
  change(new DataView(bytes.buffer, bytes.byteOffset), openTree(path, 'tree'), keys.seekKey(key) + keys.keylen(key));
  return scratch.put('changed.root', bytes);
}

const { scan } = openTree(fixture('codec_0.root'), 'tree');
const entries = scan.tree.number(scan.view, 0, TREE.fEntries);

describe('a written tree', () => {
  it('that is as planned passes', () => {
    expect(() => verify(fixture('codec_0.root'), entries)).not.toThrow();
  });

  it('with another number of entries fails', () => {
    expect(() => verify(fixture('codec_0.root'), entries + 1)).toThrow(VerificationError);
  });

  it('with a basket left inside fails', () => {
    expect(() => verify(fixture('embedded_0.root'), 100)).toThrow(/has a basket inside the tree object/);
  });

  it('with a basket outside of the file fails', () => {
    using scratch = new Scratch();
    const path = changed(scratch, (view, tree, at) => {
      view.setBigInt64(at + tree.scan.branches.offset(0, BRANCH.fBasketSeek) + 1, 1n << 40n);
    });
    expect(() => verify(path, entries)).toThrow(/outside of the file/);
  });

  it('with a basket that ends one byte behind the file fails', () => {
    using scratch = new Scratch();
    const upTo = (end: number) =>
      changed(scratch, (view, { scan: tree, table }, at) => {
        const seek = Math.max(...table.seek);
        const last = table.seek.indexOf(seek);
        const branch = branchOfBasket(table, last);
        view.setInt32(
          at + tree.branches.offset(branch, BRANCH.fBasketBytes) + 1 + 4 * (last - (table.start[branch] as number)),
          end - seek,
        );
      });
    const size = readFileSync(fixture('codec_0.root')).length;
    expect(() => verify(upTo(size), entries)).not.toThrow();
    expect(() => verify(upTo(size + 1), entries)).toThrow(/has a basket at \d+, outside of the file$/);
  });

  it('with baskets that are longer than the file together fails', () => {
    using scratch = new Scratch();
    const path = changed(scratch, (view, { scan: tree, table, file }, at) => {
      for (let branch = 0; branch < tree.branches.count; branch++) {
        const seek = table.seek[table.start[branch] as number] as number;
        view.setInt32(at + tree.branches.offset(branch, BRANCH.fBasketBytes) + 1, file.header.end - seek);
      }
    });
    expect(() => verify(path, entries)).toThrow(/the baskets of the tree are longer than the file: planned at most \d+, found \d+/);
  });

  it('whose baskets do not begin at entry 0, or do not ascend, fails', () => {
    using scratch = new Scratch();
    const path = changed(scratch, (view, tree, at) => {
      view.setBigInt64(at + tree.scan.branches.offset(0, BRANCH.fBasketEntry) + 1, 3n);
    });
    expect(() => verify(path, entries)).toThrow(PoolMergeError);
  });
});
