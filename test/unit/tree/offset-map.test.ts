/**
 * Trees with kGenerateOffsetMap: entries whose offsets are computed from a counter, or stored as sizes, in records and
 * inside the tree object.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { diffMerged } from '../../../src/diff/diff-merged.ts';
import { openRootFile } from '../../../src/io/root/root-file.ts';
import { readInfoSet } from '../../../src/io/root/root-file-infos.ts';
import { encodeBasketRecord, parseBasketHeader, parseBasketPayload, emptyBasketHeader } from '../../../src/io/root/tree/basket.ts';
import { branchName } from '../../../src/io/root/tree/basket-table.ts';
import { readBasketRows, type BasketRows } from '../../../src/io/root/tree/branch-rows.ts';
import { findTree, type TreeReader } from '../../../src/io/root/tree/tree-reader.ts';
import { merge } from '../../../src/merge/merge.ts';
import { Scratch, fixture } from '../../scratch.ts';
import { openTree, type OpenTree } from './tree-contents.ts';

const ENTRIES = 50;
const INPUTS = [0, 1].map((worker) => fixture(`offsets_${worker}.root`));
const scratch = new Scratch();
afterAll(() => scratch[Symbol.dispose]());

/** The bytes of every entry of a branch. */
function entriesOf(tree: TreeReader, branch: string): Buffer[] {
  return [...tree.rows(tree.branch(branch) as number)].flatMap(({ data, bounds, count }) =>
    Array.from({ length: count }, (_, i) => Buffer.from(data.subarray(bounds[i], bounds[i + 1]))),
  );
}

/** What the generator of the fixture wrote. */
function expected(worker: number, entry: number): { values: number[]; text: string; list: number[] } {
  const values = Array.from({ length: (entry + worker) % 7 }, (_, k) => 100 * worker + entry + 0.25 * k);
  return { values, text: `${worker}.${'x'.repeat(entry % 11)}`, list: Array.from({ length: entry % 4 }, () => entry) };
}

function read(path: string, name: string): ReturnType<typeof expected>[] {
  using file = openRootFile(path);
  const tree = findTree(file, file.root, name, readInfoSet(file));
  if (tree === undefined) throw new Error(`no tree ${name}`);
  const [values, texts, lists] = ['values', 'text', 'list'].map((branch) => entriesOf(tree, branch)) as [Buffer[], Buffer[], Buffer[]];
  return values.map((bytes, i) => {
    const list = lists[i] as Buffer;
    return {
      values: Array.from({ length: bytes.length / 4 }, (_, k) => bytes.readFloatBE(4 * k)),
      text: (texts[i] as Buffer).toString('latin1', 1),
      list: Array.from({ length: (list.length - 10) / 4 }, (_, k) => list.readInt32BE(10 + 4 * k)),
    };
  });
}

describe.each(['tree', 'embedded'])('entries of %s', (name) => {
  it('are those that were filled', () => {
    for (const worker of [0, 1]) {
      expect(read(INPUTS[worker] as string, name)).toEqual(Array.from({ length: ENTRIES }, (_, entry) => expected(worker, entry)));
    }
  });

  it('are the same in a merge, which stores embedded baskets as records', async () => {
    const output = scratch.path('merged.root');
    await merge(INPUTS, { output, force: true });
    expect(read(output, name)).toEqual([0, 1].flatMap((worker) => Array.from({ length: ENTRIES }, (_, entry) => expected(worker, entry))));
    expect((await diffMerged(output, [...INPUTS].reverse(), { order: 'any' })).objects.map(({ verdict }) => verdict)).toEqual([
      'right',
      'right',
    ]);
  });
});

it('a record with sizes has the length of each entry behind that of its key', () => {
  using file = openRootFile(INPUTS[0] as string);
  const tree = findTree(file, file.root, 'tree', readInfoSet(file)) as TreeReader;
  const { parts } = tree.rows(tree.branch('text') as number).next().value ?? {};
  if (parts === undefined) throw new Error('no basket');
  const { key, payload } = encodeBasketRecord({ ...parts, data: parts.data.slice() }); // other data: nothing of the payload is taken over
  const header = emptyBasketHeader();
  parseBasketHeader(key, new DataView(key.buffer), 0, key.length, header);
  const { offsets = [] } = parseBasketPayload(header, key, payload);
  expect([...offsets].map((offset) => offset - header.keylen)).toEqual(
    [...(parts.offsets ?? [])].map((offset) => offset - parts.header.keylen),
  );
  const view = new DataView(payload.buffer, parts.data.length);
  expect([0, 1, 2, 3].map((i) => view.getInt32(4 * i))).toEqual([header.nevBuf + 1, header.keylen, 3, 4]);
});

describe('offsets that are computed from a counter', () => {
  /** Bounds of the entries of the array, from the embedded baskets of a changed tree. */
  function boundsOf(change: (tree: OpenTree, counts: BasketRows) => void): Int32Array {
    const tree = openTree(INPUTS[0] as string, 'embedded');
    try {
      const [values, counter] = ['values', 'n'].map((name) =>
        Array.from({ length: tree.scan.branches.count }, (_, row) => row).find((row) => branchName(tree.scan, row) === name),
      ) as [number, number];
      const { table, scan, file } = tree;
      change(tree, readBasketRows(file, scan, table, table.start[counter] as number));
      return readBasketRows(file, scan, table, table.start[values] as number).bounds;
    } finally {
      tree.file.close();
    }
  }

  /** Adds to the counter's values, in the bytes of the tree. */
  function addToCounts(tree: OpenTree, rows: BasketRows, by: (count: number, entry: number) => number): void {
    const found = tree.table.embedded.find(({ basket }) => basket === rows.basket)?.where.end ?? 0;
    const view = new DataView(tree.payload.buffer, tree.payload.byteOffset + found - rows.data.length, rows.data.length);
    for (let i = 0; i < rows.count; i++) view.setInt32(4 * i, view.getInt32(4 * i) + by(view.getInt32(4 * i), i));
  }

  it('are the sums of its values', () => {
    let end = 0;
    const ends = Array.from({ length: ENTRIES }, (_, entry) => (end += 4 * expected(0, entry).values.length));
    expect([...boundsOf(() => undefined)]).toEqual([0, ...ends].slice(0, ends.length + 1));
  });

  it('must be those of the data', () => {
    const message = /values of a basket are not as many as their counter says: expected \d+, found \d+/;
    expect(() => boundsOf((tree, rows) => addToCounts(tree, rows, (_, i) => (i === 3 ? 1 : 0)))).toThrow(message);
    expect(() => boundsOf((tree, rows) => addToCounts(tree, rows, (count) => -count))).toThrow(message);
  });

  it('need a counter that has all entries', () => {
    expect(() => boundsOf(({ table }, { basket }) => (table.firstEntry[basket] = ENTRIES))).toThrow(
      `counter of values lacks entries: expected ${ENTRIES}, found 0`,
    );
    expect(() => boundsOf(({ scan }) => scan.leafCounter.fill(-1))).toThrow('basket of branch values whose entry offsets are not stored');
  });
});
