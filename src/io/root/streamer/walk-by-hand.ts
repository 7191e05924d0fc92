/**
 * Classes with a frame and a Streamer() written by hand, whose buffer form their streamer info does not tell.
 * Source: the Streamer functions of ROOT tree/treeplayer/src/TTreeIndex.cxx, graf2d/gpad/src/TCanvas.cxx,
 * graf3d/g3d/src/TPoly*3D.cxx.
 */
import { UnsupportedError } from '../../../errors.ts';
import { findField, readCounter } from './counter.ts';
import { ObjectNode } from './span-graph.ts';
import type { RawNode } from './span-graph.ts';
import { TypeCode, basicSize } from './type-codes.ts';
import type { WalkCursor } from './walk-cursor.ts';
import { walkOldBranch, walkOldTree } from './walk-old-tree.ts';
import { walkPlainCollection, walkTClonesArray, walkTList, walkTMap, walkTObjArray, walkTRefArray } from './walk-root-collection.ts';
import { ARRAY_HEAD, runOf, sizeRun, walkBase, type Members } from './walk-run.ts';

/** Walks the content of a frame and appends the children to `node`; `node.version` is known. */
type FrameWalker = (c: WalkCursor, node: ObjectNode) => void;

const INDEX_HEAD: Members = [['fN', TypeCode.long64]];

/** TTreeIndex: TVirtualIndex, two names, i64 fN, then i64 arrays without flag: values, minor values (version 2), indices. */
function walkTTreeIndex(c: WalkCursor, node: ObjectNode): void {
  walkBase(c, node, 'TVirtualIndex');
  node.children.push(c.tstring('fMajorName'), c.tstring('fMinorName'));
  const size = runOf(c, INDEX_HEAD);
  node.children.push(size);
  const n = Number(c.view.getBigInt64(size.start));
  for (const name of node.version > 1 ? ['fIndexValues', 'fIndexValuesMinor', 'fIndex'] : ['fIndexValues', 'fIndex']) {
    node.children.push(c.array(name, TypeCode.long64, n, 8));
  }
}

const CANVAS_SIZES: Members = [
  ['fDoubleBuffer', TypeCode.int],
  ['fRetained', TypeCode.bool],
  ['fXsizeUser', TypeCode.float],
  ['fYsizeUser', TypeCode.float],
  ['fXsizeReal', TypeCode.float],
  ['fYsizeReal', TypeCode.float],
  ['fWindowTopX', TypeCode.int],
  ['fWindowTopY', TypeCode.int],
  ['fWindowWidth', TypeCode.uint],
  ['fWindowHeight', TypeCode.uint],
  ['fCw', TypeCode.uint],
  ['fCh', TypeCode.uint],
];

/** Flags at the end of a TCanvas, a byte each: five, and one more in versions 4, 6 and 8. */
function canvasFlagBytes(version: number): number {
  return 5 + [4, 6, 8].filter((since) => version >= since).length;
}

/** TCanvas from version 3 on: TPad, display name, sizes, TAttCanvas, flags. */
function walkTCanvas(c: WalkCursor, node: ObjectNode): void {
  walkBase(c, node, 'TPad');
  node.children.push(c.tstring('fDISPLAY'), runOf(c, CANVAS_SIZES), c.walkObject(c, 'fCatt', 'TAttCanvas'));
  node.children.push(c.raw('flags', canvasFlagBytes(node.version)));
}

/** TPolyMarker3D and TPolyLine3D: TObject, attributes, i32 fN, 3 fN floats, option, and a name for markers. */
function polyWalker(attributes: string, withName: boolean): FrameWalker {
  return (c, node) => {
    walkBase(c, node, 'TObject');
    walkBase(c, node, attributes);
    const n = sizeRun(c, node, ARRAY_HEAD);
    node.children.push(c.array('fP', TypeCode.float, 3 * n, 4), c.tstring('fOption'));
    if (withName && node.version > 1) node.children.push(c.tstring('fName'));
  };
}

/** A hand-written walker and the last version it is right for. */
export interface FramedByHand {
  upTo: number;
  walk: FrameWalker;
}

const always = (walk: FrameWalker): FramedByHand => ({ upTo: 0x7fff, walk });

/** Classes with a frame and a Streamer() of their own. */
export const FRAME_WALKERS: ReadonlyMap<string, FramedByHand> = new Map<string, FramedByHand>([
  ['TList', always(walkTList)],
  ['THashList', always(walkTList)],
  ['TSortedList', always(walkTList)],
  ['TCollection', always(walkPlainCollection)],
  ['TSeqCollection', always(walkPlainCollection)],
  ['THashTable', always(walkPlainCollection)],
  ['TOrdCollection', always(walkPlainCollection)],
  ['TObjArray', always(walkTObjArray)],
  ['TMap', always(walkTMap)],
  ['TClonesArray', always(walkTClonesArray)],
  ['TRefArray', always(walkTRefArray)],
  ['TTreeIndex', always(walkTTreeIndex)],
  ['TCanvas', always(walkTCanvas)],
  ['TPolyMarker3D', always(polyWalker('TAttMarker', true))],
  ['TPolyLine3D', always(polyWalker('TAttLine', false))],
  ['TBranch', { upTo: 9, walk: walkOldBranch }],
  ['TTree', { upTo: 4, walk: walkOldTree }],
]);

/** TMatrixTSym: the frame of its base class TMatrixTBase, then the upper triangle, n (n + 1) / 2 values that no byte count covers. */
export function walkSymmetricMatrix(c: WalkCursor, name: string, className: string): ObjectNode {
  const node = new ObjectNode(name, className, c.source, c.pos);
  walkBase(c, node, className.replace('TMatrixTSym', 'TMatrixTBase'));
  if (findField(node, 'fNrows') === null) throw new UnsupportedError(`layout of ${className} is not known`, { offset: node.start });
  const n = readCounter(node, 'fNrows');
  const type = className === 'TMatrixTSym<float>' ? TypeCode.float : TypeCode.double;
  node.children.push(c.array('fElements', type, (n * (n + 1)) / 2, basicSize(type)));
  node.end = c.pos;
  return node;
}

/** The checksum behind the frame of an RNTuple anchor, which no byte count covers; null for all other classes. */
export function walkAnchorChecksum(c: WalkCursor, node: ObjectNode): RawNode | null {
  const isAnchor = node.start === 0 && node.className.endsWith('RNTuple') && node.className.startsWith('ROOT::');
  return isAnchor && c.end - c.pos === 8 ? c.raw('checksum', 8, TypeCode.ulong64) : null;
}
