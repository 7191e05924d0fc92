/**
 * Columns of objects, split into their members and those of vectors of objects. That ROOT and uproot read them is
 * tested in interop/pool-component.test.ts.
 */
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { createRootFile } from '../../../src/io/component/root-output.ts';
import { openRootFile } from '../../../src/io/root/root-file.ts';
import { parseInfoRecord } from '../../../src/io/root/streamer/parse-infos.ts';
import type { ColumnSpec } from '../../../src/io/root/column.ts';
import type { ClassLayout } from '../../../src/io/root/streamer/written-class.ts';
import type { ObjectRow, TreeRow } from '../../../src/io/root/tree/branch-writer.ts';
import { classOfColumns, type ObjectColumn } from '../../../src/io/root/tree/object-column.ts';
import { readBranch } from '../../../src/io/root/tree/branch-values.ts';
import { openTree } from '../../../src/io/root/tree/open-tree.ts';
import { Scratch } from '../../scratch.ts';
import { treeContents } from './tree-contents.ts';

const MEMBERS: ColumnSpec[] = [
  { name: 'id', type: 'uint32' },
  { name: 'pair', type: 'int16', shape: [2] },
  { name: 'text', type: 'string' },
  { name: 'values', type: 'vector<float32>' },
];
const THINGS: ObjectColumn = { name: 'Thing.', layout: classOfColumns('Thing_p1', MEMBERS) };
const layout = (className: string, ...members: readonly (readonly [name: string, typeName: string, length?: number])[]): ClassLayout => ({
  className,
  classVersion: 1,
  members: members.map(([name, typeName, length]) => ({ name, typeName, ...(length !== undefined && { shape: [length] }) })),
});
const KEY = layout('Key', ['a', 'unsigned short'], ['b', 'unsigned char', 2]);
const ITEM = layout('Item', ['key', 'Key'], ['name', 'string'], ['x', 'float'], ['flags', 'vector<bool>']);
const LISTS: ObjectColumn = {
  name: 'List',
  layout: layout('List_p1', ['items', 'vector<Item>'], ['last', 'int'], ['deep', 'vector<vector<int> >']),
  parts: [ITEM, KEY],
};

const object = (id: number): Record<string, number | string | number[]> => ({
  id,
  pair: [id, -1],
  text: `t${id}`,
  values: id % 2 === 0 ? [] : [0.5],
});
const item = (k: number): ObjectRow => ({ key: { a: k, b: [k, 255] }, name: `n${k}`, x: 0.5, flags: k === 0 ? [] : [true] });
const list = (id: number): ObjectRow => ({
  items: Array.from({ length: id % 3 }, (_, k) => item(k)),
  last: id,
  deep: Uint8Array.of(id, id),
});
const row = (id: number): TreeRow => ({ 'Thing.': object(id), List: list(id) });

describe('a column of objects', () => {
  it.each([0, 3])('has numbers of objects to read, in a tree of %s entries, too', (entryCount) => {
    using scratch = new Scratch();
    using file = createRootFile(scratch.path('t.root'));
    const tree = file.bookTree('/', { name: 't', columns: [], objects: [LISTS] });
    for (let id = 0; id < entryCount; id++) tree.fill({ List: list(id) });
    file.close();
    using written = openRootFile(scratch.path('t.root'));
    const reader = openTree(written, '/t');
    expect(readBranch(reader, 'List/items').values).toEqual(Int32Array.from([0, 1, 2].slice(0, entryCount)));
    expect(() => readBranch(reader, 'List')).toThrow('no values of its own');
  });

  it('has a branch per member, in the forms of members; of vectors of objects their number, and each member of all', () => {
    using scratch = new Scratch();
    using file = createRootFile(scratch.path('t.root'));
    const tree = file.bookTree('/', { name: 't', columns: [{ name: 'n', type: 'int32' }], objects: [THINGS, LISTS] });
    for (const id of [2, 3]) tree.fill({ n: id, ...row(id) });
    file.close();
    const { branches } = treeContents(scratch.path('t.root'), 't');
    expect(Object.fromEntries(Object.entries(branches).map(([name, { data }]) => [name, data]))).toMatchObject({
      n: '0000000200000003',
      'Thing./Thing.id': '0000000200000003',
      'Thing./Thing.pair[2]': '0002ffff0003ffff',
      'Thing./Thing.text': '40000005000a02743240000005000a027433',
      'Thing./Thing.values': '40000006000a000000004000000a000a000000013f000000',
      'List/items': '0000000200000000',
      'List/items/items.key.a': '00000001',
      'List/items/items.key.b[2]': '00ff01ff',
      'List/items/items.name': '40000008000a026e30026e31',
      'List/items/items.x': '3f0000003f000000',
      'List/items/items.flags': '4000000b000a000000000000000101',
      'List/last': '0000000200000003',
      'List/deep': '02020303',
    });
  });

  it('brings the streamer info of its class', () => {
    using scratch = new Scratch();
    using file = createRootFile(scratch.path('t.root'));
    file.bookTree('/', { name: 't', columns: [], objects: [THINGS] });
    file.close();
    using written = openRootFile(scratch.path('t.root'));
    const record = written.readInfos();
    const infos = record === undefined ? [] : parseInfoRecord(record.payload, record.key.keylen).infos;
    expect(infos.find(({ className }) => className === 'Thing_p1')?.elements.map(({ name, typeName }) => [name, typeName])).toEqual([
      ['id', 'unsigned int'],
      ['pair', 'short'],
      ['text', 'string'],
      ['values', 'vector<float>'],
    ]);
  });

  it('takes no entry, in no branch, whose members do not fit', () => {
    using scratch = new Scratch();
    using file = createRootFile(scratch.path('t.root'));
    const tree = file.bookTree('/', { name: 't', columns: [{ name: 'n', type: 'int32' }], objects: [THINGS, LISTS] });
    const bad: unknown[] = [
      {},
      { ...row(1), 'Thing.': { ...object(1), values: ['x'] } },
      { ...row(1), 'Thing.': [1] },
      { ...row(1), List: { ...list(1), deep: 'text' } },
      { ...row(1), List: { ...list(1), items: [{ ...item(1), x: 'text' }] } },
      { ...row(1), List: { ...list(1), items: item(1) } },
      { ...row(1), List: { ...list(2), items: [item(0), { key: 1, name: '', x: 0 }] } },
      { ...row(1), 'Thing.': { ...object(1), id: -1 } },
    ];
    for (const entry of bad) expect(() => tree.fill({ n: 1, ...(entry as TreeRow) }), JSON.stringify(entry)).toThrow(UsageError);
    expect(() => tree.check({ 'Thing.': { ...object(1), pair: [1] } }, THINGS)).toThrow(UsageError);
    tree.check(row(1), THINGS);
    tree.check({ n: 1, ...row(1) });
    expect(() => tree.check(row(1))).toThrow(UsageError);
    tree.fill({ n: 5, ...row(5) });
    file.close();
    const { branches } = treeContents(scratch.path('t.root'), 't');
    expect([branches['n']?.data, branches['Thing./Thing.id']?.data, branches['List/items']?.data]).toEqual([
      '00000005',
      '00000005',
      '00000002',
    ]);
  });

  it.each([
    ['x y', [{ name: 'a', type: 'int32' }]],
    ['A', [{ name: 'a', type: 'text' }]],
    ['A', []],
    ['A', [{ name: 'a.b', type: 'int32' }]],
    [
      'A',
      [
        { name: 'n', type: 'int32' },
        { name: 'a', type: 'int32', counter: 'n' },
      ],
    ],
  ] as [string, ColumnSpec[]][])('is not made of %s %j', (name, columns) => {
    expect(() => classOfColumns(name, columns)).toThrow(UsageError);
  });
});

describe('a tree with objects', () => {
  const ENTRIES = 40;
  const spec = { name: 't', columns: [{ name: 'text', type: 'text' }], objects: [THINGS, LISTS], basketBytes: 100, autoFlush: 7 } as const;
  const bytes = (entry: { data: Uint8Array; start: number; end: number }): string =>
    Buffer.from(entry.data.subarray(entry.start, entry.end)).toString('hex');

  it('gives every entry back before it is closed, from baskets and from buffers', () => {
    using scratch = new Scratch();
    using file = createRootFile(scratch.path('t.root'));
    const tree = file.bookTree('/', spec);
    for (let id = 0; id < ENTRIES; id++) tree.fill({ text: `text ${id}`, ...row(id) });
    const [, id, pair, text] = tree.branches;
    const names = tree.branches.find(({ name }) => name === 'items.name');
    file.readBack((read) => {
      for (let entry = 0; entry < ENTRIES; entry++) {
        const hex = entry.toString(16).padStart(2, '0');
        expect([id, pair, names].map((branch) => branch && bytes(branch.entry(entry, read)))).toEqual([
          `000000${hex}`,
          `00${hex}ffff`,
          ['', '40000005000a026e30', '40000008000a026e30026e31'][entry % 3],
        ]);
        expect(
          text &&
            Buffer.from(bytes(text.entry(entry, read)), 'hex')
              .subarray(7)
              .toString(),
        ).toBe(`t${entry}`);
      }
    });
  });

  it.each([0, 505])('changes what is to be changed when it moves to another file, compression %s', (compression) => {
    using scratch = new Scratch();
    using first = createRootFile(scratch.path('a.root'), { compression });
    const tree = first.bookTree('/', spec);
    for (let id = 0; id < ENTRIES; id++) tree.fill({ text: `${'a'.repeat(60)} ${id}`, ...row(id) });
    tree.changeOnMove = (data) => data.forEach((byte, i) => byte === 0x61 && (data[i] = 0x62));
    using second = first.moveTo(scratch.path('b.root'), true);
    tree.fill({ text: 'later', ...row(99) });
    second.close();
    const texts = Buffer.from(treeContents(scratch.path('b.root'), 't').branches['text']?.data ?? '', 'hex').toString('latin1');
    expect(texts).not.toContain('a ');
    expect(texts.match(/b{60} \d+/g)).toEqual(Array.from({ length: ENTRIES }, (_, id) => `${'b'.repeat(60)} ${id}`));
    expect(texts.endsWith('later')).toBe(true);
  });
});
