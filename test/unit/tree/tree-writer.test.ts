/** Trees that are written; that ROOT and uproot read every value is tested in interop/written-files.test.ts. */
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { createRootFile } from '../../../src/io/component/root-output.ts';
import { openRootFile } from '../../../src/io/root/root-file.ts';
import { decodeObject } from '../../../src/io/root/streamer/object-reader.ts';
import type { RootList, RootObject } from '../../../src/io/root/streamer/root-object.ts';
import { writerInfos } from '../../../src/io/root/streamer/writer-infos.ts';
import type { ColumnSpec, Row } from '../../../src/io/root/column.ts';
import type { TreeSpec } from '../../../src/io/root/tree/tree-writer.ts';
import { Scratch } from '../../scratch.ts';
import { treeContents } from './tree-contents.ts';

/** Writes rows and returns the path. */
function write(scratch: Scratch, spec: Omit<TreeSpec, 'name'>, rows: readonly Row[]): string {
  const path = scratch.path('t.root');
  using file = createRootFile(path, { force: true });
  const tree = file.bookTree('/', { name: 't', ...spec });
  for (const row of rows) tree.fill(row);
  file.close();
  return path;
}

/** The tree object of a written file. */
function treeOf(path: string): RootObject & { fBranches: RootList } {
  using file = openRootFile(path);
  const { key, payload } = file.readObject(file.root, 0);
  return decodeObject(payload, key.keylen, 'TTree', writerInfos()) as RootObject & { fBranches: RootList };
}

const branch = (tree: { fBranches: RootList }, name: string): RootObject =>
  tree.fBranches.arr.find((b) => b?.['fName'] === name) as RootObject;
const leafOf = (b: RootObject): RootObject => (b['fLeaves'] as RootList).arr[0] as RootObject;
const data = (path: string, name: string): string | undefined => treeContents(path, 't').branches[name]?.data;

describe('values', () => {
  it.each([
    ['bool', [true, 0], '0100'],
    ['int8', [-1, 127], 'ff7f'],
    ['uint8', [255, 1], 'ff01'],
    ['int16', [-2, 300], 'fffe012c'],
    ['uint16', [65535, 1], 'ffff0001'],
    ['int32', [-1, 1], 'ffffffff00000001'],
    ['uint32', [2 ** 32 - 1, 0], 'ffffffff00000000'],
    ['int64', [-1, 2n ** 62n], 'ffffffffffffffff4000000000000000'],
    ['uint64', [2n ** 64n - 1n, 2 ** 40], 'ffffffffffffffff0000010000000000'],
    ['float32', [1, -0.5], '3f800000bf000000'],
    ['float64', [1, NaN], '3ff00000000000007ff8000000000000'],
    ['text', ['', 'ab'], '00026162'],
    ['string', ['é', ''], '02c3a900'],
    ['vector<float32>', [[1], []], '4000000a000a000000013f80000040000006000a00000000'],
    ['vector<string>', [['a', ''], []], '40000009000a000000020161' + '0040000006000a00000000'],
  ] as const)('of type %s are stored big-endian', (type, values, hex) => {
    using scratch = new Scratch();
    const path = write(
      scratch,
      { columns: [{ name: 'x', type }] },
      values.map((x) => ({ x }) as Row),
    );
    expect(data(path, 'x')).toBe(hex);
  });

  it('of 255 bytes and more have a longer length in front', () => {
    using scratch = new Scratch();
    const path = write(scratch, { columns: [{ name: 'x', type: 'text' }] }, [{ x: 'y'.repeat(255) }]);
    expect(data(path, 'x')?.slice(0, 12)).toBe('ff000000ff79');
    expect(leafOf(branch(treeOf(path), 'x'))).toMatchObject({ _typename: 'TLeafC', fLen: 256, fMaximum: 256 });
  });

  it.each([
    ['int8', 128],
    ['int8', 0.5],
    ['uint8', -1],
    ['int32', 2 ** 31],
    ['int64', 2n ** 63n],
    ['int64', 2 ** 63],
    ['uint64', -1n],
    ['uint64', 2n ** 64n],
    ['int32', NaN],
    ['float32', 'x'],
    ['text', 1],
    ['text', 'a\0b'],
    ['vector<string>', ['a', 'b\0c']],
    ['string', 'a\ud800'],
    ['string', undefined],
    ['vector<int16>', [1, 40_000]],
    ['vector<string>', [1]],
    ['float64', undefined],
    ['bool', [1]],
    ['bool', 256],
    ['bool', 0.5],
    ['vector<bool>', [true, 2]],
  ] as const)('that do not fit are refused: %s %s', (type, value) => {
    using scratch = new Scratch();
    expect(() => write(scratch, { columns: [{ name: 'x', type }] }, [{ x: value } as unknown as Row])).toThrow(UsageError);
  });
});

describe('arrays', () => {
  const columns: ColumnSpec[] = [
    { name: 'n', type: 'uint16' },
    { name: 'v', type: 'int8', counter: 'n' },
    { name: 'w', type: 'int8', counter: 'n', shape: [2] },
    { name: 'm', type: 'int8', shape: [2, 2] },
  ];

  it('are counted by their counter, which has the largest length as its maximum', () => {
    using scratch = new Scratch();
    const path = write(scratch, { columns }, [
      { v: [1, 2], w: [1, 2, 3, 4], m: [1, 2, 3, 4] },
      { v: [], w: [], m: [5, 6, 7, 8] },
      { n: 1, v: [3], w: [5, 6], m: new Int8Array(4) },
    ]);
    expect(['n', 'v', 'w', 'm'].map((name) => data(path, name))).toEqual([
      '000200000001',
      '010203',
      '010203040506',
      '010203040506070800000000',
    ]);
    const tree = treeOf(path);
    expect(leafOf(branch(tree, 'n'))).toMatchObject({ fMaximum: 2, fIsRange: 1, fTitle: 'n' });
    expect(leafOf(branch(tree, 'w'))).toMatchObject({ fTitle: 'w[n][2]', fLen: 2 });
    expect(leafOf(branch(tree, 'w'))['fLeafCount']).toBe(leafOf(branch(tree, 'n')));
    expect(branch(tree, 'm')).toMatchObject({ fTitle: 'm[2][2]/B', fEntryOffsetLen: 0 });
  });

  it('of another length than the counter or the shape says are refused, and the entry with them', () => {
    using scratch = new Scratch();
    using file = createRootFile(scratch.path('t.root'));
    const tree = file.bookTree('/', { name: 't', columns });
    tree.fill({ v: [1], w: [1, 2], m: [1, 2, 3, 4] });
    for (const row of [
      { n: 2, v: [1], w: [1, 2], m: [0, 0, 0, 0] },
      { v: [1], w: [1], m: [0, 0, 0, 0] },
      { v: [9], w: [9, 9], m: [0] },
    ]) {
      expect(() => tree.fill(row)).toThrow(UsageError);
    }
    expect(() => tree.fill({ v: [9], w: [9, 9], m: [0, 0, 0, 0], x: 1 })).toThrow('tree t: no column has the name x');
    tree.fill({ v: [2], w: [3, 4], m: [5, 6, 7, 8] });
    file.close();
    const contents = treeContents(scratch.path('t.root'), 't');
    expect(contents.entries).toBe(2);
    expect(contents.branches['v']).toEqual({ entries: 2, data: '0102', ends: [1, 2] });
    expect(contents.branches['w']?.data).toBe('01020304');
  });

  it.each<[string, ColumnSpec[]]>([
    [
      'a counter that comes later',
      [
        { name: 'v', type: 'int8', counter: 'n' },
        { name: 'n', type: 'int32' },
      ],
    ],
    [
      'a counter that is no integer',
      [
        { name: 'n', type: 'float32' },
        { name: 'v', type: 'int8', counter: 'n' },
      ],
    ],
    ['brackets in a name, which readers take for an array', [{ name: 'v[2]', type: 'int8' }]],
    ['an array of strings of fixed length', [{ name: 'v', type: 'text', shape: [2] }]],
    [
      'a name used twice',
      [
        { name: 'v', type: 'int8' },
        { name: 'v', type: 'int8' },
      ],
    ],
    ['an unknown type', [{ name: 'v', type: 'vector<text>' as ColumnSpec['type'] }]],
    ['an array of no values', [{ name: 'v', type: 'int8', shape: [0] }]],
  ])('with %s are refused', (_, wrong) => {
    using scratch = new Scratch();
    expect(() => write(scratch, { columns: wrong }, [])).toThrow(UsageError);
  });
});

describe('baskets', () => {
  const columns: ColumnSpec[] = [
    { name: 'x', type: 'int32' },
    { name: 's', type: 'string' },
  ];
  const rows = Array.from({ length: 500 }, (_, i) => ({ x: i, s: `${i}` }));

  it('are written when they are full', () => {
    using scratch = new Scratch();
    const tree = treeOf(write(scratch, { columns, basketBytes: 400 }, rows));
    expect(tree).toMatchObject({ fEntries: 500, fAutoFlush: -30_000_000, fFlushedBytes: 0 });
    expect(branch(tree, 'x')).toMatchObject({
      fWriteBasket: 5,
      fMaxBaskets: 10,
      fEntryNumber: 500,
      fBasketEntry: [0, 100, 200, 300, 400, 500, 0, 0, 0, 0],
    });
    expect(branch(tree, 's')).toMatchObject({ fEntryOffsetLen: 1000, _typename: 'TBranchElement', fClassName: 'string' });
    expect(tree['fTotBytes']).toBe(Number(branch(tree, 'x')['fTotBytes']) + Number(branch(tree, 's')['fTotBytes']));
  });

  it('end with each cluster, after entries or bytes', () => {
    using scratch = new Scratch();
    const byEntries = treeOf(write(scratch, { columns, autoFlush: 200 }, rows));
    expect(byEntries['fAutoFlush']).toBe(200);
    for (const name of ['x', 's']) expect(branch(byEntries, name)['fBasketEntry']).toEqual([0, 200, 400, 500, 0, 0, 0, 0, 0, 0]);
    const byBytes = treeOf(write(scratch, { columns, autoFlush: -1000 }, rows));
    const cluster = Number(byBytes['fAutoFlush']);
    expect(cluster).toBeGreaterThan(100);
    expect((branch(byBytes, 'x')['fBasketEntry'] as number[])[1]).toBe(cluster);
    expect(Number(byBytes['fFlushedBytes'])).toBeGreaterThan(0);
  });

  it('need sensible sizes', () => {
    using scratch = new Scratch();
    expect(() => write(scratch, { columns, basketBytes: 1 }, [])).toThrow(UsageError);
    expect(() => write(scratch, { columns, autoFlush: 0 }, [])).toThrow(UsageError);
  });
});
