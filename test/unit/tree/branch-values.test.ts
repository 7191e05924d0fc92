/** Values of branches as typed arrays; that uproot reads the same of real files is tested in interop/values.test.ts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { createRootFile } from '../../../src/io/component/root-output.ts';
import type { ColumnArrays } from '../../../src/io/root/column-arrays.ts';
import type { ColumnSpec, Row } from '../../../src/io/root/column.ts';
import { openRootFile } from '../../../src/io/root/root-file.ts';
import { branchName } from '../../../src/io/root/tree/basket-table.ts';
import { branchPaths } from '../../../src/io/root/tree/branch-paths.ts';
import { readBranch, type BranchWindow } from '../../../src/io/root/tree/branch-values.ts';
import { openTree } from '../../../src/io/root/tree/open-tree.ts';
import { Scratch, fixture } from '../../scratch.ts';

const COLUMNS: ColumnSpec[] = [
  { name: 'n', type: 'int32' },
  { name: 'flag', type: 'bool' },
  { name: 'i8', type: 'int8' },
  { name: 'u16', type: 'uint16' },
  { name: 'i64', type: 'int64' },
  { name: 'f', type: 'float32' },
  { name: 'd', type: 'float64', shape: [2, 3] },
  { name: 'counted', type: 'float64', counter: 'n' },
  { name: 'rows', type: 'int16', counter: 'n', shape: [2] },
  { name: 'text', type: 'text' },
  { name: 'string', type: 'string' },
  { name: 'vector', type: 'vector<uint32>' },
  { name: 'strings', type: 'vector<string>' },
];

function rowOf(i: number): Row {
  const n = i % 4;
  return {
    n,
    flag: i % 2 === 1,
    i8: -i,
    u16: 60_000 + i,
    i64: -(2n ** 60n) - BigInt(i),
    f: i / 4,
    d: Array.from({ length: 6 }, (_, k) => i + k / 8),
    counted: Array.from({ length: n }, (_, k) => i * 10 + k),
    rows: Array.from({ length: 2 * n }, (_, k) => i + k),
    text: 'x'.repeat(i % 3),
    string: `é${i}`,
    vector: Array.from({ length: i % 3 }, (_, k) => 4e9 + k),
    strings: Array.from({ length: (i + 1) % 3 }, (_, k) => `${i}/${k}`),
  };
}

/** A tree of `count` such rows in small baskets, given to `use`. */
function withTree<T>(count: number, use: (read: (path: string, window?: BranchWindow) => ColumnArrays) => T): T {
  using scratch = new Scratch();
  const path = scratch.path('t.root');
  using written = createRootFile(path, { force: true });
  const tree = written.bookTree('/sub', { name: 't', columns: COLUMNS, basketBytes: 200 });
  for (let i = 0; i < count; i++) tree.fill(rowOf(i));
  written.close();
  using file = openRootFile(path);
  const opened = openTree(file, '/sub/t');
  return use((name, window) => readBranch(opened, name, window));
}

/** Values entry by entry, nested as `levels` say. */
function nested({ levels, values, entryCount }: ColumnArrays): unknown[] {
  let items: unknown[] = Array.from(values as ArrayLike<unknown>);
  for (const level of levels.toReversed()) {
    const offsets = typeof level === 'number' ? Array.from({ length: items.length / level + 1 }, (_, i) => i * level) : [...level];
    items = offsets.slice(1).map((end, i) => items.slice(offsets[i], end));
  }
  expect(items).toHaveLength(entryCount);
  return items;
}

describe('readBranch', () => {
  it('gives typed arrays and levels', () => {
    withTree(5, (read) => {
      expect(read('n')).toEqual({ type: 'int32', firstEntry: 0, entryCount: 5, levels: [], values: Int32Array.of(0, 1, 2, 3, 0) });
      expect(read('flag')).toMatchObject({ type: 'bool', values: Uint8Array.of(0, 1, 0, 1, 0) });
      expect(read('i8')).toMatchObject({ type: 'int8', values: Int8Array.of(0, -1, -2, -3, -4) });
      expect(read('u16')).toMatchObject({ type: 'uint16', values: Uint16Array.of(60_000, 60_001, 60_002, 60_003, 60_004) });
      expect(read('i64', { entryCount: 2 })).toMatchObject({ type: 'int64', values: BigInt64Array.of(-(2n ** 60n), -(2n ** 60n) - 1n) });
      expect(read('f')).toMatchObject({ type: 'float32', values: Float32Array.of(0, 0.25, 0.5, 0.75, 1) });
      expect(read('d', { firstEntry: 4 })).toMatchObject({
        type: 'float64',
        levels: [2, 3],
        values: Float64Array.of(4, 4.125, 4.25, 4.375, 4.5, 4.625),
      });
      expect(read('counted')).toMatchObject({
        type: 'float64',
        levels: [Int32Array.of(0, 0, 1, 3, 6, 6)],
        values: Float64Array.of(10, 20, 21, 30, 31, 32),
      });
      expect(read('rows', { entryCount: 3 })).toMatchObject({
        type: 'int16',
        levels: [Int32Array.of(0, 0, 1, 3), 2],
        values: Int16Array.of(1, 2, 2, 3, 4, 5),
      });
      expect(read('text')).toMatchObject({ type: 'string', levels: [], values: ['', 'x', 'xx', '', 'x'] });
      expect(read('string', { firstEntry: 3 })).toMatchObject({ type: 'string', levels: [], values: ['é3', 'é4'] });
      expect(read('vector')).toMatchObject({
        type: 'uint32',
        levels: [Int32Array.of(0, 0, 1, 3, 3, 4)],
        values: Uint32Array.of(4e9, 4e9, 4e9 + 1, 4e9),
      });
      expect(read('strings', { firstEntry: 1, entryCount: 1 })).toMatchObject({
        type: 'string',
        levels: [Int32Array.of(0, 2)],
        values: ['1/0', '1/1'],
      });
    });
  });

  it('reads any window as that part of the whole', () => {
    withTree(60, (read) => {
      const whole = new Map(COLUMNS.map(({ name }) => [name, nested(read(name))]));
      expect(whole.get('counted')?.[7]).toEqual([70, 71, 72]);
      fc.assert(
        fc.property(fc.constantFrom(...whole.keys()), fc.nat(70), fc.nat(70), (name, firstEntry, entryCount) => {
          const part = read(name, { firstEntry, entryCount });
          expect(nested(part)).toEqual(whole.get(name)?.slice(firstEntry, firstEntry + entryCount));
          expect(part.firstEntry).toBe(Math.min(60, firstEntry));
        }),
        { numRuns: 60 },
      );
    });
  });

  it('reads leaves of a branch that has several, one at a time', () => {
    using file = openRootFile(fixture('flat_0.root'));
    const tree = openTree(file, '/tree');
    const of = (leaf: string) => readBranch(tree, 'list', { leaf, firstEntry: 5, entryCount: 3 });
    expect(of('id')).toMatchObject({ type: 'int32', levels: [], values: Int32Array.of(5, 6, 7) });
    expect(of('x')).toMatchObject({ type: 'float32', levels: [], values: Float32Array.of(7.5, 9, 10.5) });
    expect(of('y')).toMatchObject({ type: 'float32', levels: [], values: Float32Array.of(12.5, 15, 17.5) });
    expect(() => readBranch(tree, 'list')).toThrow('/tree;1: branch list: the branch has several leaves, one is read at a time: id, x, y');
  });

  it('does not list the branch of references, which holds no values', () => {
    using file = openRootFile(fixture('refs_0.root'));
    const tree = openTree(file, '/tree');
    const { refBranch } = tree.scan;
    expect(refBranch).toBeGreaterThanOrEqual(0);
    expect(branchPaths(tree).length).toBe(tree.scan.branches.count - 1);
    expect(branchPaths(tree)).not.toContain(branchName(tree.scan, refBranch));
  });

  it('names what it cannot read', () => {
    withTree(2, (read) => {
      expect(() => read('nothing')).toThrow('the tree has no such branch');
      expect(() => read('n', { leaf: 'm' })).toThrow('the branch has no leaf m: n');
      expect(() => read('n', { firstEntry: -1 })).toThrow(UsageError);
      expect(() => read('n', { entryCount: 0.5 })).toThrow(UsageError);
    });
  });

  it('reads members of split objects, embedded baskets and objects as bytes', () => {
    using objects = openRootFile(fixture('objects_0.root'));
    const tree = openTree(objects, '/tree');
    const all = branchPaths(tree).flatMap((path) => {
      try {
        return [[path, readBranch(tree, path)] as const];
      } catch (err) {
        expect(err).toBeInstanceOf(UsageError); // no values of its own
        return [];
      }
    });
    expect(all.length).toBeGreaterThan(5);
    for (const [, values] of all) nested(values);
    expect(new Set(all.map(([, { type }]) => type)).size).toBeGreaterThan(2);
  });

  it('refuses trees that do not exist', () => {
    using file = openRootFile(fixture('hists_0.root'));
    expect(() => openTree(file, '/none')).toThrow('the file has no such tree');
  });
});
