/** RNTuples that are written; that ROOT and uproot read every value is tested in interop/written-files.test.ts. */
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { createRootFile } from '../../../src/io/component/root-output.ts';
import type { ColumnSpec, Row } from '../../../src/io/root/column.ts';
import { openRootFile } from '../../../src/io/root/root-file.ts';
import { columnTraits, ElementCounter } from '../../../src/io/root/rntuple/element-counter.ts';
import { readColumns } from '../../../src/io/root/rntuple/pages.ts';
import { openRNTuple, readClusters } from '../../../src/io/root/rntuple/rntuple.ts';
import { Scratch } from '../../scratch.ts';

/** What a written tuple holds. */
interface Contents {
  /** Path of types from the top, by field id. */
  fields: string[];
  types: string[];
  clusters: { firstEntry: number; entryCount: number; pages: number }[];
  /** Elements by column id. */
  values: (number | bigint)[][];
}

function contents(path: string): Contents {
  using file = openRootFile(path);
  const tuple = openRNTuple(file, file.root, 0);
  const { schema } = tuple.footer;
  const clusters = [...readClusters(tuple.source, new ElementCounter(columnTraits(schema)))];
  return {
    fields: schema.fields.map(
      ({ name, typeName, parentId, repetitions }) => `${parentId}/${name} ${typeName}${repetitions > 1 ? ` x${repetitions}` : ''}`,
    ),
    types: schema.columns.map(({ type, bits, fieldId }) => `${type.toString(16)} ${bits} of ${fieldId}`),
    clusters: clusters.map(({ firstEntry, entryCount, elements }) => ({ firstEntry, entryCount, pages: elements.length })),
    values: readColumns(
      tuple,
      schema.columns.flatMap(({ bits }, id) => (bits > 1 ? [id] : [])),
    ).map((column) => [...column]),
  };
}

function write(scratch: Scratch, columns: readonly ColumnSpec[], rows: readonly Row[], clusterSize = 1000, compression = 505): string {
  const path = scratch.path('n.root');
  using file = createRootFile(path, { force: true, compression });
  const tuple = file.bookTuple('/', { name: 'n', columns, clusterSize });
  for (const row of rows) tuple.fill(row);
  file.close();
  return path;
}

it('the extension of a schema that does not grow is a record of four empty lists', () => {
  using scratch = new Scratch();
  using file = openRootFile(write(scratch, [{ name: 'i', type: 'int32' }], [{ i: 1 }]));
  const { extensionBytes } = openRNTuple(file, file.root, 0).footer;
  expect(Buffer.from(extensionBytes).toString('hex')).toBe('3800000000000000' + 'f4ffffffffffffff00000000'.repeat(4));
});

describe('the schema', () => {
  const columns: ColumnSpec[] = [
    { name: 'flag', type: 'bool' },
    { name: 'i', type: 'int32' },
    { name: 's', type: 'text' },
    { name: 'm', type: 'float64', shape: [2, 3] },
    { name: 'n', type: 'uint8' },
    { name: 'v', type: 'int16', counter: 'n', shape: [2] },
    { name: 'vs', type: 'vector<string>' },
  ];
  const fields = [
    '0/flag bool',
    '1/i std::int32_t',
    '2/s std::string',
    '3/m std::array<std::array<double,3>,2> x2',
    '3/_0 std::array<double,3> x3',
    '4/_0 double',
    '6/n std::uint8_t',
    '7/v std::vector<std::array<std::int16_t,2>>',
    '7/_0 std::array<std::int16_t,2> x2',
    '8/_0 std::int16_t',
    '10/vs std::vector<std::string>',
    '10/_0 std::string',
  ];

  it('has a field per type, and split columns if they are compressed', () => {
    using scratch = new Scratch();
    const split = contents(write(scratch, columns, []));
    expect(split.fields).toEqual(fields);
    expect(split.types).toEqual([
      '0 1 of 0',
      '13 32 of 1',
      '1b 64 of 2',
      '2 8 of 2',
      '19 64 of 5',
      '4 8 of 6',
      '1b 64 of 7',
      '11 16 of 9',
      '1b 64 of 10',
      '1b 64 of 11',
      '2 8 of 11',
    ]);
    expect(split.clusters).toEqual([]);
    expect(contents(write(scratch, columns, [], 1000, 0)).types[1]).toBe('7 32 of 1');
  });
});

describe('entries', () => {
  it.each([0, 505])('are read back with compression %s; indexes begin anew in each cluster', (compression) => {
    using scratch = new Scratch();
    const columns: ColumnSpec[] = [
      { name: 'i', type: 'int32' },
      { name: 'v', type: 'vector<float32>' },
      { name: 's', type: 'string' },
    ];
    const rows = Array.from({ length: 50 }, (_, i) => ({
      i: -i,
      v: Array.from({ length: i % 3 }, (_, k) => i + k / 4),
      s: 'x'.repeat(i % 5),
    }));
    const { values, clusters } = contents(write(scratch, columns, rows, 20, compression));
    expect(clusters.map(({ firstEntry, entryCount }) => [firstEntry, entryCount])).toEqual([
      [0, 20],
      [20, 20],
      [40, 10],
    ]);
    expect(values[0]?.map(Number)).toEqual(rows.map(({ i }) => 0 + i));
    expect(values[2]).toEqual(rows.flatMap(({ v }) => v));
    expect(Buffer.from(values[4] as number[]).toString()).toBe(rows.map(({ s }) => s).join(''));
  });

  it('fill pages of 64 KiB, and clusters of so many bytes', () => {
    using scratch = new Scratch();
    const rows = Array.from({ length: 30_000 }, (_, x) => ({ x }));
    const columns: ColumnSpec[] = [{ name: 'x', type: 'float64' }];
    expect(contents(write(scratch, columns, rows)).clusters).toHaveLength(30);
    const byBytes = contents(write(scratch, columns, rows, -160_000, 0)).clusters;
    expect(byBytes.map(({ pages }) => pages)).toEqual([3, 2]);
    expect(byBytes[0]?.entryCount).toBeGreaterThanOrEqual(19_990);
  });

  it('that do not fit leave nothing behind', () => {
    using scratch = new Scratch();
    using file = createRootFile(scratch.path('n.root'));
    const columns: ColumnSpec[] = [
      { name: 'v', type: 'vector<int32>' },
      { name: 's', type: 'string' },
      { name: 'b', type: 'int8' },
    ];
    const tuple = file.bookTuple('/', { name: 'n', columns });
    tuple.fill({ v: [1, 2], s: 'ab', b: 1 });
    for (const row of [
      { v: [3], s: 'c', b: 200 },
      { v: [3], s: 1, b: 1 },
      { v: 3, s: '', b: 1 },
      { v: [3, 0.5], s: '', b: 1 },
      { v: [], b: 1 },
      { v: [], s: 'a\ud800', b: 1 },
    ]) {
      expect(() => tuple.fill(row as unknown as Row)).toThrow(UsageError);
    }
    expect(() => tuple.fill({ v: [], s: '', b: 1, x: 1 })).toThrow('RNTuple n: no column has the name x');
    tuple.fill({ v: [4], s: 'd', b: -1 });
    file.close();
    const { values, clusters } = contents(scratch.path('n.root'));
    expect(clusters).toMatchObject([{ firstEntry: 0, entryCount: 2 }]);
    expect(values.map((column) => column.map(Number))).toEqual([[2, 3], [1, 2, 4], [2, 3], [...Buffer.from('abd')], [1, -1]]);
  });

  it('need a sensible size of clusters', () => {
    using scratch = new Scratch();
    expect(() => write(scratch, [], [], 0)).toThrow(UsageError);
    for (const name of ['a b', 'a.b', 'a/b', 'a\\b', 'a\tb', 'a\u007f']) {
      expect(() => write(scratch, [{ name, type: 'int32' }], [])).toThrow(UsageError);
    }
    write(scratch, [{ name: 'été-漢:[0]', type: 'int32' }], []);
  });
});
