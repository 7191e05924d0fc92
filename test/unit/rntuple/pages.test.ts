import { describe, expect, test } from 'vitest';
import { CorruptFileError, UnsupportedError } from '../../../src/errors.ts';
import { columnsOfField, findField, readFields, textsOf } from '../../../src/io/root/rntuple/field-values.ts';
import { joinPages, parseEnds } from '../../../src/io/root/rntuple/cluster-columns.ts';
import { readColumns, type ColumnValues } from '../../../src/io/root/rntuple/pages.ts';
import type { RNTuple } from '../../../src/io/root/rntuple/rntuple.ts';
import { valueRecoder } from '../../../src/merge/rntuple/page-values.ts';
import { openTuple, sample } from './tuple-contents.ts';

/** Runs `use` on the RNTuple of a sample. What the samples hold: test/fixtures/rntuple/generate.h. */
function withTuple<T>(name: string, use: (tuple: RNTuple) => T): T {
  const { file, tuple } = openTuple(sample(name));
  try {
    return use(tuple);
  } finally {
    file.close();
  }
}

const fieldsOf = (name: string, paths: string[][]): ColumnValues[][] => withTuple(name, (tuple) => readFields(tuple, paths));
const first = (name: string, ...path: string[]): ColumnValues => fieldsOf(name, [path])[0]?.[0] as ColumnValues;
const count = <T>(n: number, value: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => value(i));

test('columns of a field are those of its first representation', () => {
  withTuple('representations', (tuple) => {
    expect(tuple.footer.schema.columns.map(({ fieldId, representation }) => [fieldId, representation])).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
    ]);
    expect([0, 1, 2].map((field) => columnsOfField(tuple, field))).toEqual([[0], [2], []]);
  });
});

describe('elements of columns', () => {
  test.each([
    ['types_505', 1, 80],
    ['types_0', 77, 60],
  ])('%s: every type, split or plain, to both ends of its range', (name, base, entries) => {
    const k = (n: number): bigint => BigInt.asIntN(64, (BigInt(base + n) * (n % 2 === 1 ? -1n : 1n)) << BigInt(n % 60));
    const names = ['i16', 'u16', 'i32', 'u32', 'i64', 'u64', 'f', 'd', 'c'];
    const columns = fieldsOf(
      name,
      names.map((field) => [field]),
    ).map(([column]) => Array.from(column as Float64Array));
    expect(Object.fromEntries(columns.map((column, i) => [names[i], column]))).toEqual({
      i16: count(entries, (n) => Number(BigInt.asIntN(16, k(n)))),
      u16: count(entries, (n) => Number(BigInt.asUintN(16, k(n)))),
      i32: count(entries, (n) => Number(BigInt.asIntN(32, k(n)))),
      u32: count(entries, (n) => Number(BigInt.asUintN(32, k(n)))),
      i64: count(entries, k),
      u64: count(entries, (n) => BigInt.asUintN(64, k(n))),
      f: count(entries, (n) => Number(k(n)) * 0.5),
      d: count(entries, (n) => Number(k(n)) * 0.25),
      c: count(entries, (n) => 97 + (n % 26)),
    });
  });

  test('indexes of nested collections count from the start of the tuple, over clusters', () => {
    const [outer, inner] = fieldsOf('types_505', [['vv'], ['vv', '_0']]).map(([ends]) => ends as Float64Array) as [
      Float64Array,
      Float64Array,
    ];
    let [outerEnd, innerEnd] = [0, 0];
    const ends: [number[], number[]] = [[], []];
    for (let n = 0; n < 80; n++) {
      ends[0].push((outerEnd += n % 3));
      for (let i = 0; i < n % 3; i++) ends[1].push((innerEnd += n % 4));
    }
    expect([Array.from(outer), Array.from(inner)]).toEqual(ends);
    expect(first('types_505', 'vv', '_0', '_0')).toHaveLength(innerEnd);
  });

  test.each([
    ['ixvw', 0, 50],
    ['ixvw_0', 4000, 30],
    ['ixvw_101', 3000, 30],
    ['unbuffered', 5000, 50],
    ['small_keys', 6000, 50],
  ])('%s: texts', (name, base, entries) => {
    const texts = textsOf(fieldsOf(name, [['word']])[0] ?? []);
    expect(texts).toEqual(count(entries, (n) => String.fromCharCode(97 + ((base + n) % 26)).repeat(n % 5)));
  });

  test('an empty tuple', () => {
    expect(textsOf(fieldsOf('ixvw_empty', [['word']])[0] ?? [])).toEqual([]);
    expect(first('ixvw_empty', 'i')).toHaveLength(0);
  });

  test('fields added later: zero and empty before', () => {
    expect(Array.from(first('late_15', 'late') as Float64Array)).toEqual(count(30, (n) => (n < 15 ? 0 : 100 + n)));
    let end = 0;
    expect(Array.from(first('late_15', 'lateVector') as Float64Array)).toEqual(count(30, (n) => (n < 15 ? 0 : (end += n % 3))));
    expect(Array.from(first('late_25', 'lateArray', '_0') as Float64Array)).toEqual(
      count(90, (j) => (j < 75 ? 0 : ([Math.floor(j / 3), 1, 2][j % 3] as number))),
    );
    expect(Array.from(first('late_25', 'i') as Float64Array)).toEqual(count(30, (n) => 200 + n));
  });
});

describe('what is refused', () => {
  test('elements that are not whole bytes, or of a type not read here', () => {
    expect(() => first('types_505', 'bit')).toThrow(UnsupportedError);
    expect(() => first('representations', 'x')).toThrow(/type SplitReal16|type Real16/);
  });

  test('a field that is not there, a field that is no text', () => {
    expect(() => first('ixvw', 'none')).toThrow(/no field none/);
    expect(() => textsOf(fieldsOf('ixvw', [['i']])[0] ?? [])).toThrow(CorruptFileError);
    withTuple('ixvw', (tuple) => {
      expect(findField(tuple, ['v', 'none'])).toBeUndefined();
      expect(columnsOfField(tuple, findField(tuple, ['word']) as number)).toHaveLength(2);
    });
  });

  test('a page whose bytes changed, by its checksum', () => {
    withTuple('ixvw', (tuple) => {
      const { file } = tuple.source;
      const read = file.source.read.bind(file.source);
      const [column] = columnsOfField(tuple, findField(tuple, ['word']) as number);
      const places: number[] = [];
      file.source.read = (offset, length): Uint8Array => {
        places.push(offset);
        return read(offset, length);
      };
      readColumns(tuple, [column as number]);
      const last = places.at(-1);
      file.source.read = (offset, length): Uint8Array => {
        const bytes = read(offset, length).slice();
        if (offset === last) bytes[0] = (bytes[0] as number) ^ 1;
        return bytes;
      };
      expect(() => readColumns(tuple, [column as number])).toThrow(/checksum/);
    });
  });
});

describe('columns of a cluster', () => {
  test('begin with the zeros that a deferred column does not store, and hold no more than the cluster', () => {
    const pages = [Uint8Array.of(1, 2), Uint8Array.of(3)];
    expect([...joinPages(pages, 5, 7)]).toEqual([0, 0, 1, 2, 3]);
    expect([...joinPages(pages, 3, 7)]).toEqual([1, 2, 3]);
    expect(() => joinPages(pages, 2, 7)).toThrow('RNTuple column 7 has more elements than its cluster: expected 2, found 3');
  });

  test('of ends ascend, in 4 and in 8 bytes', () => {
    const [narrow, wide] = [(...ends: number[]) => Uint32Array.from(ends), (...ends: number[]) => BigUint64Array.from(ends, BigInt)];
    const parse = (ends: Uint32Array | BigUint64Array) => [...parseEnds(new Uint8Array(ends.buffer), ends.BYTES_PER_ELEMENT, 7)];
    for (const of of [narrow, wide]) {
      expect(parse(of(0, 0, 5, 5, 0x8000_0000))).toEqual([0, 0, 5, 5, 0x8000_0000]);
      expect(() => parse(of(1, 5, 4))).toThrow('RNTuple column 7: ends of collections do not ascend: expected at least 5, found 4');
    }
  });
});

describe('new values of a column', () => {
  test.each([
    [0x0a, 64, BigInt64Array.of(1n, -2n), '0100000000000000feffffffffffffff', 'feffffffffffffff'],
    [0x14, 32, Float64Array.of(1, 0xffff_fffe), '01fe00ff00ff00ff', 'feffffff'], // split: the lowest bytes come first
    [0x02, 8, Uint8Array.of(1, 254), '01fe', 'fe'],
  ])('of type %i replace what its pages held', (type, bits, values, both, second) => {
    const recode = valueRecoder({ type, bits, fieldId: 0, flags: 0, representation: 0, firstElement: 0, range: undefined }, values);
    const recoded = (elements: number, first: number): string => {
      const [page, out] = [new Uint8Array((elements * bits) / 8).fill(9), new Uint8Array((elements * bits) / 8)];
      recode(page, out, first);
      return Buffer.from(out).toString('hex');
    };
    expect([recoded(2, 0), recoded(1, 1)]).toEqual([both, second]);
    expect(() => recoded(2, 1)).toThrow('RNTuple column has more elements than new values');
  });
});
