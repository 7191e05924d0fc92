import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InternalError } from '../../../src/errors.ts';
import { encodeGraph } from '../../../src/io/root/streamer/encode.ts';
import { walkObject } from '../../../src/io/root/streamer/walk.ts';
import { applyEdits } from '../../../src/io/root/tree/edit-graph.ts';
import { BRANCH } from '../../../src/io/root/tree/scan-layout.ts';
import { spliceTree, type SpanEdit } from '../../../src/io/root/tree/splice.ts';
import { fixture } from '../../scratch.ts';
import { openTree, type OpenTree } from './tree-contents.ts';

const TREES: [string, string][] = [
  ['flat_0.root', 'tree'],
  ['flat_2.root', 'ntuple'],
  ['objects_0.root', 'tree'],
  ['embedded_1.root', 'tree'],
  ['clusters_0.root', 'changing'],
];

/** Edits as a merge makes them: the lists and arrays of baskets of all branches, at any length. */
function editsOf({ scan }: OpenTree, sizes: readonly number[]): SpanEdit[] {
  const { branches } = scan;
  return Array.from({ length: branches.count }, (_, row) => row).flatMap((row) => {
    const size = sizes[row % sizes.length] as number;
    const range = (from: number, to: number, bytes: Uint8Array): SpanEdit => ({
      start: branches.offset(row, from),
      end: branches.offset(row, to),
      bytes,
    });
    const array = new Uint8Array(1 + 8 * size);
    return [
      range(BRANCH.fBasketSeek, BRANCH.fFileName, array),
      range(BRANCH.fBaskets, BRANCH.fBasketsEnd, new Uint8Array(8 + 4 * size)),
      range(BRANCH.fBasketEntry, BRANCH.fBasketSeek, array),
    ];
  });
}

describe.each(TREES)('%s: %s', (file, name) => {
  const tree = openTree(fixture(file), name);
  const { payload, keylen } = tree;

  it('without edits is what it was', () => {
    expect(Buffer.compare(spliceTree(tree.scan, payload, [], keylen), payload)).toBe(0);
  });

  it('with edits and another key length is what the graph gives', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 12 }),
        fc.constantFrom(0, 8, -8, 13),
        (sizes, growth) => {
          const edits = editsOf(tree, sizes);
          const graph = walkObject(payload, keylen, tree.className, tree.infos);
          applyEdits(graph, edits);
          const expected = encodeGraph(graph, { keylen: keylen + growth });
          expect(Buffer.compare(spliceTree(tree.scan, payload, edits, keylen + growth), expected)).toBe(0);
        },
      ),
      { numRuns: 30 },
    );
  });
});

it('edits that overlap are a mistake of ours', () => {
  const tree = openTree(fixture('flat_0.root'), 'tree');
  const edit = editsOf(tree, [1])[0] as SpanEdit;
  expect(() => spliceTree(tree.scan, tree.payload, [edit, edit], tree.keylen)).toThrow(InternalError);
});

it('a tree with user info has extras and needs the graph', () => {
  const tree = openTree(fixture('meta_0.root'), 'tree');
  expect(tree.scan.hasExtras).toBe(true);
  expect(() => spliceTree(tree.scan, tree.payload, [], tree.keylen)).toThrow(InternalError);
});
