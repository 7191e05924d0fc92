/** Values of entries as the writer of the samples gave them (test/fixtures/generator/trees.h, object-trees.h). */
import { describe, expect, it } from 'vitest';
import { CorruptFileError } from '../../../src/errors.ts';
import { readInfoSet } from '../../../src/io/root/root-file-infos.ts';
import { openRootFile } from '../../../src/io/root/root-file.ts';
import { leafReader, type LeafValues } from '../../../src/io/root/tree/leaf-values.ts';
import { findTree, type TreeReader } from '../../../src/io/root/tree/tree-reader.ts';
import { fixture } from '../../scratch.ts';

function treeOf(name: string): TreeReader {
  const file = openRootFile(fixture(name));
  return findTree(file, file.root, 'tree', readInfoSet(file)) as TreeReader;
}

function valuesOf(tree: TreeReader, branch: string, entry: number): LeafValues | undefined {
  const row = tree.branch(branch) as number;
  const reader = leafReader(tree.scan, row);
  for (const { data, bounds, firstEntry, count } of tree.rows(row)) {
    const i = entry - firstEntry;
    if (i < count) return reader?.read(data, bounds[i] as number, bounds[i + 1] as number);
  }
  return undefined;
}

describe('values of leaves', () => {
  const flat = treeOf('flat_0.root');

  it('of all integer and real types', () => {
    const values = ['b', 'ub', 's', 'us', 'i', 'ui', 'l', 'ul', 'f', 'o'].map((name) => valuesOf(flat, name, 3));
    expect(values).toEqual([
      [3],
      [203],
      [-3],
      [60_003],
      [-3],
      [4_000_000_003],
      [-1_099_511_627_779],
      [9_223_372_036_854_775_811n],
      [Math.fround(-0.5636348724365234)],
      [1],
    ]);
    expect(leafReader(flat.scan, flat.branch('f') as number)?.realWidth).toBe(4);
    expect(leafReader(flat.scan, flat.branch('d') as number)?.realWidth).toBe(8);
    expect(leafReader(flat.scan, flat.branch('i') as number)?.realWidth).toBe(0);
  });

  it('of fixed and counted arrays, and of leaf lists', () => {
    expect(valuesOf(flat, 'fixed', 3)).toEqual([3, 4, 5]);
    expect(valuesOf(flat, 'matrix', 3)).toEqual([0, 3, 6, 9]);
    expect(valuesOf(flat, 'list', 3)).toEqual([3, 4.5, 7.5]);
    for (let entry = 0; entry < 10; entry++) {
      expect(valuesOf(flat, 'variable', entry)).toHaveLength(Number(valuesOf(flat, 'n', entry)?.[0]));
    }
  });

  it('of texts are those the tree reader gives', () => {
    const texts = flat.texts(flat.branch('text') as number);
    expect(texts.map((_, entry) => valuesOf(flat, 'text', entry))).toEqual(texts);
  });

  it('of vectors, strings and members of objects', () => {
    const objects = treeOf('objects_0.root');
    expect([valuesOf(objects, 'ints', 3), valuesOf(objects, 'floats', 3), valuesOf(objects, 'words', 3)]).toEqual([[-3], [], []]);
    expect([valuesOf(objects, 'word', 3), valuesOf(objects, 'word', 5)]).toEqual(['', expect.stringMatching(/^w{80}$/)]);
  });

  it('that are packed are unpacked', () => {
    const [half, range] = ['f16', 'd32'].map((name) => leafReader(flat.scan, flat.branch(name) as number));
    expect([half?.realWidth, range?.realWidth]).toEqual([8, 8]);
    expect(valuesOf(flat, 'f16', 3)).toEqual([64.6728515625]); // as TLeaf::GetValue gives it
    expect(valuesOf(flat, 'd32', 3)).toEqual([53.73268127441406]);
  });

  it('of collections in collections are nested; of other objects they are not read', () => {
    const objects = treeOf('objects_0.root');
    expect(valuesOf(objects, 'nested', 5)).toEqual([
      [5, 5],
      [5, 5],
    ]);
    expect(leafReader(objects.scan, objects.branch('whole') as number, objects.infos)).toBeUndefined();
  });

  it('that do not fit their entry are refused', () => {
    const bytes = new Uint8Array(7);
    const read = (name: string): unknown => leafReader(flat.scan, flat.branch(name) as number)?.read(bytes, 0, 7);
    expect(() => read('i')).toThrow(CorruptFileError);
    expect(() => read('list')).toThrow(CorruptFileError);
    expect(() => read('text')).toThrow(CorruptFileError);
  });
});
