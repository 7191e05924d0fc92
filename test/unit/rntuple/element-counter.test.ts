import { describe, expect, it } from 'vitest';
import { ElementCounter, columnTraits } from '../../../src/io/root/rntuple/element-counter.ts';
import { SUPPRESSED, emptyCluster, type Cluster } from '../../../src/io/root/rntuple/page-list.ts';
import { ColumnFlag, FieldFlag, FieldRole, emptySchema, type Schema } from '../../../src/io/root/rntuple/schema.ts';

interface TestField {
  name: string;
  parent?: number;
  role?: number;
  repetitions?: number;
  /** Representation and, for deferred columns, first element of each column. */
  columns?: [representation: number, deferredFrom?: number][];
}

function schemaOf(fields: TestField[]): Schema {
  const schema = emptySchema();
  fields.forEach(({ name, parent, role = FieldRole.leaf, repetitions = 1, columns = [] }, id) => {
    const flags = repetitions === 1 ? 0 : FieldFlag.repetitive;
    const text = { name, typeName: 't', typeAlias: '', description: '' };
    schema.fields.push({
      fieldVersion: 0,
      typeVersion: 0,
      parentId: parent ?? id,
      role,
      flags,
      ...text,
      repetitions,
      sourceId: undefined,
      typeChecksum: undefined,
    });
    for (const [representation, deferredFrom] of columns) {
      const columnFlags = deferredFrom === undefined ? 0 : ColumnFlag.deferred;
      schema.columns.push({
        type: 7,
        bits: 32,
        fieldId: id,
        flags: columnFlags,
        representation,
        firstElement: deferredFrom ?? 0,
        range: undefined,
      });
    }
  });
  return schema;
}

/** A cluster with one page per column: [first element, elements]. */
function clusterOf(firstEntry: number, entryCount: number, columns: [first: number, elements: number][]): Cluster {
  const cluster = emptyCluster(firstEntry, entryCount);
  for (const [first, elements] of columns) {
    cluster.firstElement.push(first);
    cluster.compression.push(505);
    if (elements > 0) cluster.elements.push(elements);
    cluster.pageStart.push(cluster.elements.length);
  }
  return cluster;
}

function count(schema: Schema, clusters: Cluster[]): ElementCounter {
  const counter = new ElementCounter(columnTraits(schema));
  for (const cluster of clusters) {
    counter.check(cluster);
    counter.advance(cluster);
  }
  return counter;
}

const vector = schemaOf([
  { name: 'v', role: FieldRole.collection, columns: [[0]] },
  { name: '_0', parent: 0, columns: [[0]] },
]);

describe('traits', () => {
  it('say nothing of elements below or of a field of a later role', () => {
    const later = schemaOf([
      { name: 'a', role: 5, columns: [[0]] },
      { name: '_0', parent: 0, columns: [[0]] },
    ]);
    expect(columnTraits(later).perEntry).toEqual([0, 0]);
  });

  it('say how many elements an entry has', () => {
    const nested = schemaOf([
      { name: 'a', repetitions: 3 },
      { name: '_0', parent: 0, repetitions: 2, columns: [[0]] },
      { name: 'v', role: FieldRole.collection, columns: [[0], [0]] },
      { name: '_0', parent: 2, columns: [[0]] },
      { name: 'r', role: FieldRole.record },
      { name: 's', parent: 4, columns: [[0], [0], [1], [1]] },
    ]);
    const traits = columnTraits(nested);
    expect(traits.perEntry).toEqual([6, 1, 0, 0, 1, 0, 1, 0]);
    expect(traits.logical).toEqual([0, 1, 2, 3, 4, 5, 4, 5]);
  });
});

describe('element indexes', () => {
  it('continue from cluster to cluster', () => {
    const counter = count(vector, [
      clusterOf(0, 2, [
        [0, 2],
        [0, 7],
      ]),
      clusterOf(2, 3, [
        [2, 3],
        [7, 0],
      ]),
      clusterOf(5, 1, [
        [5, 1],
        [7, 4],
      ]),
    ]);
    expect([counter.entryCount, ...counter.elements]).toEqual([6, 6, 11]);
  });

  it.each([
    [
      'a gap',
      [
        [0, 2],
        [0, 7],
      ],
      [
        [2, 1],
        [8, 1],
      ],
      /column 1, cluster of entry 2: element indexes have a gap: expected 7, found 8/,
    ],
    [
      'indexes that start anew',
      [
        [0, 2],
        [0, 7],
      ],
      [
        [0, 1],
        [0, 1],
      ],
      /column 0, cluster of entry 2: element indexes have a gap: expected 2, found 0/,
    ],
    [
      'too few elements',
      [
        [0, 2],
        [0, 7],
      ],
      [
        [2, 0],
        [7, 1],
      ],
      /column 0, cluster of entry 2: wrong number of elements: expected 1, found 0/,
    ],
    [
      'a suppressed only representation',
      [
        [0, 2],
        [0, 7],
      ],
      [
        [SUPPRESSED, 0],
        [7, 1],
      ],
      /column 0 is suppressed in the cluster of entry 2, but no other/,
    ],
  ] as [string, [number, number][], [number, number][], RegExp][])('refuse %s', (_, one, two, message) => {
    expect(() => count(vector, [clusterOf(0, 2, one), clusterOf(2, 1, two)])).toThrow(message);
  });

  it('refuse clusters out of order and columns the schema does not have', () => {
    expect(() =>
      count(vector, [
        clusterOf(2, 1, [
          [0, 1],
          [0, 0],
        ]),
      ]),
    ).toThrow(/not in the order of their entries: expected first entry 0, found 2/);
    expect(() =>
      count(vector, [
        clusterOf(0, 1, [
          [0, 1],
          [0, 0],
          [0, 0],
        ]),
      ]),
    ).toThrow(/more columns than the schema has: expected 2, found 3/);
  });

  it('are shared by the representations of a field', () => {
    const two = schemaOf([{ name: 'x', columns: [[0], [1]] }]);
    const counter = count(two, [
      clusterOf(0, 4, [
        [0, 4],
        [SUPPRESSED, 0],
      ]),
      clusterOf(4, 5, [
        [SUPPRESSED, 0],
        [4, 5],
      ]),
    ]);
    expect([...counter.elements]).toEqual([9, 0]);
    expect(() =>
      count(two, [
        clusterOf(0, 4, [
          [0, 4],
          [0, 4],
        ]),
      ]),
    ).toThrow(/two representations are stored/);
    expect(() =>
      count(two, [
        clusterOf(0, 4, [
          [SUPPRESSED, 0],
          [SUPPRESSED, 0],
        ]),
      ]),
    ).toThrow(/no other representation replaces it/);
  });

  it('count elements of a deferred column that are not stored', () => {
    const late = schemaOf([
      { name: 'i', columns: [[0]] },
      { name: 'a', repetitions: 2, columns: [[0, 14]] },
    ]);
    const clusters = [
      clusterOf(0, 5, [[0, 5]]),
      clusterOf(5, 5, [
        [5, 5],
        [14, 6],
      ]),
      clusterOf(10, 1, [
        [10, 1],
        [20, 2],
      ]),
    ];
    const counter = new ElementCounter(columnTraits(late));
    const missing = clusters.map((cluster) => {
      counter.check(cluster);
      const zeros = counter.missing(cluster, 1);
      counter.advance(cluster);
      return zeros;
    });
    expect(missing).toEqual([10, 4, 0]);
    expect([...counter.elements]).toEqual([11, 22]);
  });
});

it('a page that is larger than its elements has other elements than it says', () => {
  const flat = schemaOf([{ name: 'x', columns: [[0]] }]);
  const cluster = clusterOf(0, 3, [[0, 3]]);
  cluster.offset.push(700);
  for (const bytes of [12, 5, 13]) {
    cluster.storedBytes[0] = bytes;
    const check = (): void => new ElementCounter(columnTraits(flat)).check(cluster);
    if (bytes <= 12) expect(check).not.toThrow();
    else {
      expect(check).toThrow(
        expect.objectContaining({
          code: 'CORRUPT_FILE',
          offset: 700,
          reason: 'RNTuple column 0, cluster of entry 0: page is larger than its 3 elements: expected at most 12 bytes, found 13 bytes',
        }),
      );
    }
  }
});
