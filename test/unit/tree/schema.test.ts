import { describe, expect, it } from 'vitest';
import { InfoSet } from '../../../src/io/root/streamer/info-set.ts';
import type { StreamerElement, StreamerInfo } from '../../../src/io/root/streamer/streamer-info.ts';
import { patchBasic, type MemberTable } from '../../../src/io/root/tree/member-table.ts';
import { BRANCH, LEAF } from '../../../src/io/root/tree/scan-layout.ts';
import { scanTree, type TreeScan } from '../../../src/io/root/tree/tree-scan.ts';
import { differingClass, sameChecksumLayout } from '../../../src/merge/objects/class-layouts.ts';
import { branchPath } from '../../../src/merge/tree/compare-branches.ts';
import { matchSchemas } from '../../../src/merge/tree/schema.ts';
import { fixture } from '../../scratch.ts';
import { element } from '../streamer/sample-infos.ts';
import { openTree } from './tree-contents.ts';

const flat = openTree(fixture('flat_0.root'), 'tree');
const objects = openTree(fixture('objects_0.root'), 'tree');

/** Differences of a tree from a copy of itself in which `change` altered bytes. */
function differences(tree: typeof flat, change: (bytes: Uint8Array, scan: TreeScan) => void): string[] {
  const bytes = tree.payload.slice();
  change(bytes, tree.scan);
  const scan = scanTree(bytes, tree.keylen, tree.className, tree.infos);
  return matchSchemas({ scan: tree.scan, infos: tree.infos }, { scan, infos: tree.infos }).differences;
}

const rowOf = (tree: typeof flat, name: string): number => {
  const row = Array.from({ length: tree.scan.branches.count }, (_, r) => r).find((r) => branchPath(tree.scan, r) === name);
  if (row === undefined) throw new Error(`no branch ${name}`);
  return row;
};

function setNumber(bytes: Uint8Array, table: MemberTable, row: number, column: number, value: number): void {
  patchBasic(new DataView(bytes.buffer), table.offset(row, column), table.typeOf(row, column), value);
}

const first = branchPath(flat.scan, 0);

describe('schemas', () => {
  it('of equal trees match row by row', () => {
    expect(differences(flat, () => {})).toEqual([]);
    expect(differences(objects, () => {})).toEqual([]);
  });

  it('with another branch name: one missing, one too many', () => {
    const found = differences(flat, (bytes, scan) => {
      bytes[scan.branches.offset(0, BRANCH.fName) + 1] = 0x5a;
    });
    expect(found).toEqual([`branch ${first} is missing`, `branch Z${first.slice(1)} is not in the first input`]);
  });

  it('with another length, type or counter of a leaf', () => {
    const leaf = flat.scan.leafList[flat.scan.leafStart[0] as number] as number;
    expect(differences(flat, (bytes, scan) => setNumber(bytes, scan.leaves, leaf, LEAF.fLen, 7))).toEqual([
      `branch ${first} has a leaf with fLen 7 instead of ${flat.scan.leaves.number(flat.scan.view, leaf, LEAF.fLen)}`,
    ]);
    expect(differences(flat, (bytes, scan) => setNumber(bytes, scan.leaves, leaf, LEAF.fLenType, 5)).join()).toContain('fLenType 5');
  });

  it('with entries of varying instead of fixed size', () => {
    expect(differences(flat, (bytes, scan) => setNumber(bytes, scan.branches, 0, BRANCH.fEntryOffsetLen, 1000))).toEqual([
      `branch ${first} has entries of varying size`,
    ]);
  });

  it('with other I/O features', () => {
    expect(
      differences(flat, (bytes, scan) => {
        const at = scan.branches.offset(0, BRANCH.fIOFeatures);
        const end = at + 4 + (scan.view.getUint32(at) & 0x3fff_ffff);
        bytes[end - 1] = 1;
      }),
    ).toEqual([`branch ${first} has the I/O features 1 instead of 0`]);
  });

  it('with another class or member behind a branch', () => {
    const row = Array.from({ length: objects.scan.branches.count }, (_, r) => r).find(
      (r) => objects.scan.branchClass[r] === 'TBranchElement',
    ) as number;
    const path = branchPath(objects.scan, row);
    expect(
      differences(objects, (bytes, scan) => {
        bytes[scan.branches.offset(row, BRANCH.fClassName) + 1] = 0x58;
      })[0],
    ).toMatch(new RegExp(`^branch ${path} holds X.* instead of `));
    expect(differences(objects, (bytes, scan) => setNumber(bytes, scan.branches, row, BRANCH.fStreamerType, 77)).join()).toContain(
      'fStreamerType 77',
    );
  });

  it('in another order are matched by name', () => {
    const swapped = openTree(fixture('flat_0.root'), 'tree');
    const { scan } = swapped;
    // Two rows change places in everything but the payload: what a scan of branches in another order gives.
    const [a, b] = [rowOf(flat, first), 1];
    for (const column of Object.values(BRANCH)) {
      const [i, j] = [a * scan.branches.columns + column, b * scan.branches.columns + column];
      [scan.branches.at[i], scan.branches.at[j]] = [scan.branches.at[j] as number, scan.branches.at[i] as number];
      [scan.branches.type[i], scan.branches.type[j]] = [scan.branches.type[j] as number, scan.branches.type[i] as number];
    }
    for (const list of [scan.leafStart, scan.leafCount]) [list[a], list[b]] = [list[b] as number, list[a] as number];
    const { order, differences: found } = matchSchemas({ scan: flat.scan, infos: flat.infos }, { scan, infos: flat.infos });
    expect(found).toEqual([]);
    expect(Array.from(order.subarray(0, 3))).toEqual([1, 0, 2]);
  });
});

function info(className: string, classVersion: number, checksum: number, ...members: [string, string, number][]): StreamerInfo {
  const elements = members.map(([name, typeName, type]) => element(name, type, { typeName, size: 4, storedSize: 4 }));
  return { className, classVersion, checksum, elements };
}

describe('layouts of classes', () => {
  const hit = info('Hit', 2, 0x11, ['x', 'float', 5]);
  const event = info('Event', 1, 0x21, ['hits', 'vector<Hit>', 500]);
  const a = new InfoSet([event, hit]);

  it('with another checksum but the same members are the same', () => {
    const b = new InfoSet([event, info('Hit', 2, 0x12, ['x', 'float', 5])]);
    expect(differingClass(a, b, { className: 'Event' })).toBeUndefined();
    expect(sameChecksumLayout(a, b, 'Hit', 0x11, 0x12)).toBe(true);
    // Basic types went by ROOT's own names until version 5.
    const old = new InfoSet([event, info('Hit', 2, 0x12, ['x', 'Float_t', 5])]);
    expect(differingClass(a, old, { className: 'Event' })).toBeUndefined();
  });

  it('that differ under one version are found inside of other classes', () => {
    const b = new InfoSet([event, info('Hit', 2, 0x13, ['x', 'double', 8])]);
    expect(differingClass(a, b, { className: 'Event' })).toBe('Hit version 2');
    expect(differingClass(a, b, { className: 'vector<Event>' })).toBe('Hit version 2');
    expect(differingClass(a, b, { className: 'Other' })).toBeUndefined();
    expect(sameChecksumLayout(a, b, 'Hit', 0x11, 0x13)).toBe(false);
  });

  const base = (name: string, baseVersion: number): StreamerElement => ({
    ...(info('', 0, 0, [name, 'BASE', 0]).elements[0] as StreamerElement),
    elementClass: 'TStreamerBase',
    baseVersion,
  });
  const [base1, base2] = [info('Base', 1, 0x32, ['z', 'int', 3]), info('Base', 2, 0x33, ['z', 'double', 8])];
  const derivedOf = (name: string, baseVersion: number): StreamerInfo => ({
    ...info(name, 1, 0x31),
    elements: [base('Base', baseVersion)],
  });

  it('that differ are found where the branch names no class: behind pointers, in collections of ROOT, in a TBranchObject', () => {
    const same = { ...info('Same', 1, 0x41), elements: [base('TObject', 1), ...info('', 0, 0, ['x', 'int', 3]).elements] };
    const other = { ...same, checksum: 0x42, elements: [base('TObject', 1), ...info('', 0, 0, ['x', 'float', 5]).elements] };
    const [x, y] = [new InfoSet([same, info('Owner', 1, 0x43, ['objects', 'TObjArray', 61])]), new InfoSet([other])];
    for (const className of ['TClonesArray', 'TObjArray', 'vector<TObject*>', 'Same*', 'Owner', 'vector<Same>']) {
      expect(differingClass(x, y, { className })).toBe('Same version 1');
    }
    expect(differingClass(x, y, { className: 'TObject', isVirtual: true })).toBe('Same version 1');
    expect(differingClass(x, y, { className: 'TRef', clonesName: 'Same' })).toBe('Same version 1');
    for (const className of ['TObject', 'TRefArray', 'vector<Other*>', 'vector<int>']) {
      expect(differingClass(x, y, { className })).toBeUndefined();
    }
  });

  it('of equal members but other base versions disturb collections by value only, where bases have no version of their own', () => {
    const [x, y] = [new InfoSet([derivedOf('Derived', 1), base1]), new InfoSet([derivedOf('Derived', 2), base2])];
    const words = 'Derived version 1 (with another version of a base class)';
    for (const className of ['vector<Derived>', 'map<int,Derived>']) expect(differingClass(x, y, { className })).toBe(words);
    expect(differingClass(x, y, { className: 'TClonesArray', clonesName: 'Derived' })).toBe(words);
    for (const className of ['Derived', 'vector<Derived*>', 'TObjArray']) expect(differingClass(x, y, { className })).toBeUndefined();
  });

  it('of equal sizes but other ranges of Double32_t differ', () => {
    const packed = (title: string): InfoSet => {
      const described = info('Packed', 1, title.length, ['x', 'Double32_t', 9]);
      return new InfoSet([{ ...described, elements: described.elements.map((element) => ({ ...element, title })) }]);
    };
    expect(differingClass(packed('[0,100,10]'), packed('[0,10,10]'), { className: 'Packed' })).toBe('Packed version 1');
    expect(differingClass(packed('[0,100,10]'), packed('[0,100,10] a comment'), { className: 'Packed' })).toBeUndefined();
  });

  it('of different versions do not disturb each other', () => {
    const b = new InfoSet([event, info('Hit', 3, 0x13, ['x', 'double', 8])]);
    expect(differingClass(a, b, { className: 'Event' })).toBeUndefined();
  });
});
