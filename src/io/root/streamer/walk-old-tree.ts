/**
 * TBranch up to version 9 and TTree up to version 4, whose members were streamed by hand.
 * Source: ROOT tree/tree/src/{TBranch,TTree}.cxx, the "process old versions" parts of Streamer().
 */
import { readCounter } from './counter.ts';
import { RawNode } from './span-graph.ts';
import type { ObjectNode } from './span-graph.ts';
import { spanShape } from './span-shape.ts';
import { TypeCode } from './type-codes.ts';
import type { WalkCursor } from './walk-cursor.ts';
import { runOf, walkBase } from './walk-run.ts';

const BRANCH_COUNTS: readonly (readonly [string, number])[] = [
  ['fCompress', TypeCode.int],
  ['fBasketSize', TypeCode.int],
  ['fEntryOffsetLen', TypeCode.int],
  ['fWriteBasket', TypeCode.int],
  ['fEntryNumber', TypeCode.int],
  ['fOffset', TypeCode.int],
  ['fMaxBaskets', TypeCode.int],
];
const SPLIT_LEVEL: readonly (readonly [string, number])[] = [['fSplitLevel', TypeCode.int]];
const BRANCH_SIZES: readonly (readonly [string, number])[] = [
  ['fEntries', TypeCode.double],
  ['fTotBytes', TypeCode.double],
  ['fZipBytes', TypeCode.double],
];

/** TBranch versions 6 to 9; fBasketSeek is 64 bits wide where its flag byte is 2. */
export function walkOldBranch(c: WalkCursor, node: ObjectNode): void {
  walkBase(c, node, 'TNamed');
  if (node.version > 7) walkBase(c, node, 'TAttFill');
  node.children.push(runOf(c, BRANCH_COUNTS));
  if (node.version > 6) node.children.push(runOf(c, SPLIT_LEVEL));
  node.children.push(runOf(c, BRANCH_SIZES));
  for (const name of ['fBranches', 'fLeaves', 'fBaskets']) node.children.push(c.walkObject(c, name, 'TObjArray'));
  const n = readCounter(node, 'fMaxBaskets');
  for (const name of ['fBasketBytes', 'fBasketEntry', 'fBasketSeek']) node.children.push(walkFlagged(c, name, n));
  node.children.push(c.tstring('fFileName'));
}

function walkFlagged(c: WalkCursor, name: string, n: number): RawNode {
  const start = c.pos;
  const wide = c.u8() === 2;
  c.array(name, 0, n, wide ? 8 : 4);
  const shape = spanShape({ name, type: wide ? TypeCode.long64 : TypeCode.int, countName: 'fMaxBaskets', flagged: true });
  return new RawNode(shape, c.source, start, c.pos, n);
}

const TREE_SIZES: readonly (readonly [string, number])[] = [
  ['fScanField', TypeCode.int],
  ['fMaxEntryLoop', TypeCode.int],
  ['fMaxVirtualSize', TypeCode.int],
  ['fEntries', TypeCode.double],
  ['fTotBytes', TypeCode.double],
  ['fZipBytes', TypeCode.double],
  ['fAutoSave', TypeCode.int],
  ['fEstimate', TypeCode.int],
];

/** TTree up to version 4: attributes, sizes, branches, leaves, then what later versions of these added. */
export function walkOldTree(c: WalkCursor, node: ObjectNode): void {
  for (const base of ['TNamed', 'TAttLine', 'TAttFill', 'TAttMarker']) walkBase(c, node, base);
  node.children.push(runOf(c, TREE_SIZES));
  for (const name of ['fBranches', 'fLeaves']) node.children.push(c.walkObject(c, name, 'TObjArray'));
  if (node.version > 1) node.children.push(c.walkObject(c, 'fIndexValues', 'TArrayD'));
  if (node.version > 2) node.children.push(c.walkObject(c, 'fIndex', 'TArrayI'));
  if (node.version > 3) node.children.push(c.walkObject(c, 'infos', 'TList'));
}
