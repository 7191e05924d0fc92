import { describe, expect, it } from 'vitest';
import { CorruptFileError, PoolMergeError, UnsupportedError } from '../../../src/errors.ts';
import { InfoSet } from '../../../src/io/root/streamer/info-set.ts';
import { numberOf, textOf } from '../../../src/io/root/streamer/member.ts';
import type { ObjectNode, SpanNode } from '../../../src/io/root/streamer/span-graph.ts';
import { walkObject } from '../../../src/io/root/streamer/walk.ts';
import { branchName, branchOfBasket, buildBasketTable, entriesOfBasket } from '../../../src/io/root/tree/basket-table.ts';
import { patchBasic, readBasic } from '../../../src/io/root/tree/member-table.ts';
import { BRANCH, LEAF, TREE } from '../../../src/io/root/tree/scan-layout.ts';
import { scanTree, type TreeScan } from '../../../src/io/root/tree/tree-scan.ts';
import { TypeCode } from '../../../src/io/root/streamer/type-codes.ts';
import { fixture } from '../../scratch.ts';
import { openTree } from './tree-contents.ts';

/** Objects of a class and of what derives from it, in the order of the payload. */
function objects(node: SpanNode, pattern: RegExp, found: ObjectNode[] = []): ObjectNode[] {
  if (node.kind === 'pointer' && node.form === 'object' && node.target !== null) {
    if (node.target.kind === 'object' && pattern.test(node.className)) found.push(node.target);
    objects(node.target, pattern, found);
  }
  if (node.kind === 'object') for (const child of node.children) objects(child, pattern, found);
  return found;
}

describe.each([
  ['flat_0.root', 'tree'],
  ['objects_0.root', 'tree'],
  ['embedded_0.root', 'tree'],
  ['refs_0.root', 'tree'],
])('scan of %s: %s', (file, name) => {
  const tree = openTree(fixture(file), name);
  const graph = walkObject(tree.payload, tree.keylen, tree.className, tree.infos);

  it('finds the branches the walker finds', () => {
    const { scan } = tree;
    const branches = objects(graph.root, /^TBranch/);
    expect(Array.from({ length: scan.branches.count }, (_, row) => branchName(scan, row))).toEqual(branches.map((b) => textOf(b, 'fName')));
    for (const column of ['fWriteBasket', 'fEntryNumber', 'fMaxBaskets', 'fTotBytes'] as const) {
      expect(branches.map((_, row) => scan.branches.number(scan.view, row, BRANCH[column]))).toEqual(
        branches.map((b) => numberOf(b, column)),
      );
    }
  });

  it('finds the leaves the walker finds', () => {
    const { scan } = tree;
    const leaves = objects(graph.root, /^TLeaf/);
    expect(scan.leafClass).toEqual(leaves.map((leaf) => leaf.className));
    expect(leaves.map((_, row) => scan.leaves.number(scan.view, row, LEAF.fLen))).toEqual(leaves.map((leaf) => numberOf(leaf, 'fLen')));
  });

  it('gives every basket its branch and its entries', () => {
    const { table } = tree;
    for (let branch = 0; branch + 1 < table.start.length; branch++) {
      let entries = 0;
      for (let i = table.start[branch] as number; i < (table.start[branch + 1] as number); i++) {
        expect(branchOfBasket(table, i)).toBe(branch);
        expect(table.firstEntry[i]).toBe(entries);
        entries += entriesOfBasket(table, i);
      }
      if (entries > 0) expect(entries).toBe(table.entryCount[branch]);
    }
  });

  it('of a damaged payload ends in an error of ours or in a scan, never in another way', () => {
    for (let at = 0; at < tree.payload.length; at += 7) {
      const bytes = tree.payload.slice();
      bytes[at] = (bytes[at] as number) ^ 0xff;
      try {
        const scan = scanTree(bytes, tree.keylen, tree.className, tree.infos);
        buildBasketTable(
          scan,
          Uint32Array.from({ length: scan.branches.count }, (_, row) => row),
        );
      } catch (err) {
        expect(err).toBeInstanceOf(PoolMergeError);
      }
    }
  });

  it('holds every byte count against what it counts, and every tag against what was read before', () => {
    const { view, frames, tags } = scanTree(tree.payload, tree.keylen, tree.className, tree.infos, { relocatable: true });
    const changes = [
      ...frames.filter((_, i) => i % 2 === 0).flatMap((at) => [1, -1, -0x4000_0000].map((by) => [at, view.getUint32(at) + by] as const)),
      ...tags.flatMap((at) => [1, -1].map((by) => [at, view.getUint32(at) + by] as const)),
    ];
    expect(changes.length).toBeGreaterThan(20);
    for (const [at, word] of changes) {
      const bytes = tree.payload.slice();
      new DataView(bytes.buffer).setUint32(at, word);
      expect(() => scanTree(bytes, tree.keylen, tree.className, tree.infos), `byte ${at}`).toThrow(PoolMergeError);
    }
  });

  it('of a payload with a byte more is an error', () => {
    const longer = new Uint8Array([...tree.payload, 0]);
    expect(() => scanTree(longer, tree.keylen, tree.className, tree.infos)).toThrow(/bytes left behind the tree object: expected/);
  });

  it('of a cut payload is an error', () => {
    for (const length of [0, 3, 50, tree.payload.length >> 1, tree.payload.length - 1]) {
      expect(() => scanTree(tree.payload.slice(0, length), tree.keylen, tree.className, tree.infos)).toThrow(CorruptFileError);
    }
  });
});

describe('damage in a tree is named', () => {
  const changed = (file: string, change: (bytes: Buffer, scan: TreeScan) => unknown): (() => unknown) => {
    const tree = openTree(fixture(file), 'tree');
    const bytes = Buffer.from(tree.payload);
    change(bytes, tree.scan);
    return () => {
      const scan = scanTree(bytes, tree.keylen, tree.className, tree.infos);
      return buildBasketTable(
        scan,
        Uint32Array.from({ length: scan.branches.count }, (_, row) => row),
      );
    };
  };

  it.each<[string, string, RegExp, (bytes: Buffer, scan: TreeScan) => unknown]>([
    ['an object without byte count', 'flat_0.root', /object without byte count \(file of ROOT 2 or older\)/, (bytes) => (bytes[0] = 0)],
    ['a byte count beyond the data', 'flat_0.root', /byte count reaches past the data/, (bytes) => bytes.writeUInt32BE(0x4fff_ffff, 0)],
    [
      'a pointer beyond the data',
      'flat_0.root',
      /byte count reaches past the data/,
      (bytes, { tree }) => bytes.writeUInt32BE(0x4fff_ffff, tree.offset(0, TREE.fUserInfo)),
    ],
    ['a class name without end', 'flat_0.root', /class name without end/, (bytes) => bytes.fill(1, bytes.indexOf('TBranch\0'))],
    [
      'another class in place of a basket',
      'embedded_0.root',
      /basket of class TBaskot/,
      (bytes) => bytes.write('TBaskot\0', bytes.indexOf('TBasket\0')),
    ],
    [
      'more baskets than bytes',
      'flat_0.root',
      /fWriteBasket is out of range: expected at most \d+, found 2147483\d\d\d/,
      (bytes, { branches }) => bytes.writeInt32BE(0x7fff_ffff, branches.offset(0, BRANCH.fWriteBasket)),
    ],
    [
      'more baskets than slots',
      'flat_0.root',
      /branch \w+: fWriteBasket is out of range: expected 0 to 10, found 11/,
      (bytes, { branches }) => bytes.writeInt32BE(11, branches.offset(0, BRANCH.fWriteBasket)),
    ],
    [
      'a first basket without place',
      'flat_0.root',
      /branch \w+: basket 0 has no place in the file/,
      (bytes, { branches }) => bytes.writeBigInt64BE(0n, branches.offset(0, BRANCH.fBasketSeek) + 1),
    ],
    [
      'a basket of negative length',
      'flat_0.root',
      /branch \w+: basket 1 has a negative length: expected a number of bytes, found -1/,
      (bytes, { branches }) => bytes.writeInt32BE(-1, branches.offset(0, BRANCH.fBasketBytes) + 1 + 4),
    ],
    [
      'baskets that begin later',
      'flat_0.root',
      /branch \w+: first basket does not start at entry 0: expected 0, found 3/,
      (bytes, { branches }) => bytes.writeBigInt64BE(3n, branches.offset(0, BRANCH.fBasketEntry) + 1),
    ],
    [
      'baskets that do not ascend',
      'flat_0.root',
      /branch \w+: entries of the baskets do not ascend: expected at least \d+, found \d+/,
      (bytes, { branches }) => {
        const at = branches.offset(0, BRANCH.fBasketEntry) + 1;
        bytes.writeBigInt64BE(bytes.readBigInt64BE(at + 16) + 1n, at + 8);
      },
    ],
    [
      'fewer entries than baskets begin with',
      'flat_0.root',
      /branch \w+: fEntryNumber is below the last basket: expected at least \d+, found 1/,
      (bytes, { branches }) => bytes.writeBigInt64BE(1n, branches.offset(0, BRANCH.fEntryNumber)),
    ],
    [
      'a branch that begins later',
      'flat_0.root',
      /branch \w+ begins at entry 5, as those of pointers/,
      (bytes, { branches }) => bytes.writeBigInt64BE(5n, branches.offset(0, BRANCH.fFirstEntry)),
    ],
  ])('%s (%s)', (_, file, message, change) => {
    expect(changed(file, () => undefined)).not.toThrow();
    expect(changed(file, change)).toThrow(message);
  });
});

it('a class version nobody describes is refused by name', () => {
  const tree = openTree(fixture('flat_0.root'), 'tree');
  expect(() => scanTree(tree.payload, tree.keylen, tree.className, new InfoSet())).toThrow(UnsupportedError);
});

describe('numbers of members', () => {
  const view = new DataView(new ArrayBuffer(16));
  it.each([
    [TypeCode.int, -5],
    [TypeCode.long64, 2 ** 40],
    [TypeCode.double, 1e15],
    [TypeCode.short, -300],
    [TypeCode.char, -100],
    [TypeCode.counter, 7],
  ])('of type %s are written as they are read', (type, value) => {
    patchBasic(view, 3, type, value);
    expect(readBasic(view, 3, type)).toBe(value);
  });

  it('that do not fit are refused', () => {
    expect(() => patchBasic(view, 0, TypeCode.int, 2 ** 31)).toThrow(UnsupportedError);
    expect(() => patchBasic(view, 0, TypeCode.char, 128)).toThrow(UnsupportedError);
  });
});
