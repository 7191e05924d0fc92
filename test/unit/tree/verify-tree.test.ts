import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PoolMergeError, VerificationError } from '../../../src/errors.ts';
import { openRootFile } from '../../../src/io/root/root-file.ts';
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

  it('whose baskets do not begin at entry 0, or do not ascend, fails', () => {
    using scratch = new Scratch();
    const path = changed(scratch, (view, tree, at) => {
      view.setBigInt64(at + tree.scan.branches.offset(0, BRANCH.fBasketEntry) + 1, 3n);
    });
    expect(() => verify(path, entries)).toThrow(PoolMergeError);
  });
});
