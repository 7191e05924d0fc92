/**
 * Classes whose buffer form their streamer info does not tell: no frame, or a Streamer() written by hand.
 * Source: the Streamer functions of ROOT core/cont/src/{TList,TObjArray,TMap,TClonesArray,TRefArray,TCollection}.cxx,
 * core/base/src/{TObject,TString,TDatime}.cxx, core/cont/src/TArray?.cxx, core/meta/src/TRef.cxx,
 * tree/treeplayer/src/TTreeIndex.cxx, graf2d/gpad/src/TCanvas.cxx, graf3d/g3d/src/TPoly*3D.cxx.
 */
import { UnsupportedError } from '../../../errors.ts';
import { tstringHead } from '../../bytes/big-endian.ts';
import { findField, readCounter } from './counter.ts';
import { ObjectNode } from './span-graph.ts';
import type { RawNode, TargetNode } from './span-graph.ts';
import { spanShape } from './span-shape.ts';
import type { Field, SpanShape } from './span-shape.ts';
import { COUNTED_VERSION, IS_REFERENCED, TypeCode, basicSize } from './type-codes.ts';
import { walkMemberWise } from './walk-collection.ts';
import type { WalkCursor } from './walk-cursor.ts';
import { walkOldBranch, walkOldTree } from './walk-old-tree.ts';
import { walkPointer } from './walk-pointer.ts';
import { field, runOf, walkBase } from './walk-run.ts';

/** Walks a class that has no frame of its own. */
export type BareWalker = (c: WalkCursor, name: string) => TargetNode;
/** Walks the content of a frame and appends the children to `node`; `node.version` is known. */
type FrameWalker = (c: WalkCursor, node: ObjectNode) => void;

/** Neighbouring members as (name, type code). */
type Members = readonly (readonly [string, number])[];

/** Bit 12 of TClonesArray's fBits (kBypassStreamer): objects are stored member-wise. Version 3 had it at bit 14. */
const BYPASS_STREAMER = 0x1000;
const OLD_BYPASS_STREAMER = 0x4000;
/** Bit 2 of TRef's fBits (kHasUUID): a UUID string follows instead of the process-id index. */
const HAS_UUID = 0x4;

const OBJECT_FIELDS: readonly Field[] = [field('fUniqueID', TypeCode.uint, 2), field('fBits', TypeCode.bits, 6)];
const COUNTED_OBJECT_FIELDS: readonly Field[] = [field('fUniqueID', TypeCode.uint, 6), field('fBits', TypeCode.bits, 10)];

/** TObject: u16 version, u32 fUniqueID, u32 fBits, and u16 process-id index if kIsReferenced is set. */
function walkTObject(c: WalkCursor, name: string): RawNode {
  c.need(10);
  const counted = (c.view.getUint16(c.pos) & COUNTED_VERSION) !== 0;
  const bitsAt = c.pos + (counted ? 10 : 6);
  if (counted) c.need(14);
  const referenced = (c.view.getUint32(bitsAt) & IS_REFERENCED) !== 0;
  return c.span(objectShape(name, counted), bitsAt + 4 - c.pos + (referenced ? 2 : 0));
}

const objectShapes = new Map<string, SpanShape>();

function objectShape(name: string, counted: boolean): SpanShape {
  const known = counted ? undefined : objectShapes.get(name);
  if (known !== undefined) return known;
  const fields = counted ? COUNTED_OBJECT_FIELDS : OBJECT_FIELDS;
  const shape = spanShape({ name, className: 'TObject', type: TypeCode.tobject, fields });
  if (!counted) objectShapes.set(name, shape);
  return shape;
}

/** fBits of a TObject node. */
function bitsOf(node: RawNode): number {
  const at = node.fields === COUNTED_OBJECT_FIELDS ? 10 : 6;
  return node.source.view.getUint32(node.start + at);
}

/** TRef: TObject, then u16 process-id index, or a TString with the UUID of the object's file. */
function walkTRef(c: WalkCursor, name: string): ObjectNode {
  const node = new ObjectNode(name, 'TRef', c.source, c.pos);
  const object = walkTObject(c, 'TObject');
  node.children.push(object);
  node.children.push((bitsOf(object) & HAS_UUID) !== 0 ? c.tstring('uuid') : c.raw('pidf', 2, TypeCode.ushort));
  node.end = c.pos;
  return node;
}

const ARRAY_HEAD: Members = [['fN', TypeCode.int]];

/** TArrayX: i32 fN, then the values; no version. */
function arrayWalker(className: string, type: number): BareWalker {
  const width = basicSize(type);
  return (c, name) => {
    const node = new ObjectNode(name, className, c.source, c.pos);
    const size = runOf(c, ARRAY_HEAD);
    c.pos = size.start;
    const n = c.count(width);
    node.children.push(size, c.array('fArray', type, n, width));
    node.end = c.pos;
    return node;
  };
}

/** TBasket: key header, basket header and buffers up to the end of its pointer slot (see tree/basket.ts). */
function walkBasket(c: WalkCursor, name: string): RawNode {
  return c.raw(name, c.slotEnd - c.pos, 0, 'TBasket');
}

/** Classes without a frame. */
export const BARE_WALKERS: ReadonlyMap<string, BareWalker> = new Map<string, BareWalker>([
  ['TObject', walkTObject],
  ['TString', (c, name) => c.tstring(name)],
  ['string', (c, name) => c.tstring(name)],
  ['TDatime', (c, name) => c.raw(name, 4, TypeCode.uint, 'TDatime')],
  ['TRef', walkTRef],
  ['TQObject', (c, name) => c.raw(name, 0, 0, 'TQObject')],
  ['TBasket', walkBasket],
  ['TArrayC', arrayWalker('TArrayC', TypeCode.char)],
  ['TArrayS', arrayWalker('TArrayS', TypeCode.short)],
  ['TArrayI', arrayWalker('TArrayI', TypeCode.int)],
  ['TArrayL', arrayWalker('TArrayL', TypeCode.long)],
  ['TArrayL64', arrayWalker('TArrayL64', TypeCode.long64)],
  ['TArrayF', arrayWalker('TArrayF', TypeCode.float)],
  ['TArrayD', arrayWalker('TArrayD', TypeCode.double)],
]);

const SIZE: Members = [['size', TypeCode.int]];
const SIZE_AND_BOUND: Members = [
  ['size', TypeCode.int],
  ['fLowerBound', TypeCode.int],
];
const REF_ARRAY_HEAD: Members = [
  ['size', TypeCode.int],
  ['fLowerBound', TypeCode.int],
  ['pidf', TypeCode.ushort],
];
const INDEX_HEAD: Members = [['fN', TypeCode.long64]];

/** The head all collections share: TObject from version 3 on, name from version 2 on. */
function collectionHead(c: WalkCursor, node: ObjectNode): void {
  if (node.version > 2) walkBase(c, node, 'TObject');
  if (node.version > 1) node.children.push(c.tstring('fName'));
}

/** TCollection and TList below version 4: head, i32 count, pointers. */
function walkPlainCollection(c: WalkCursor, node: ObjectNode): void {
  collectionHead(c, node);
  walkPointers(c, node, sizeRun(c, node, SIZE));
}

/** Appends a run whose first field is an i32 count, and returns that count. */
function sizeRun(c: WalkCursor, node: ObjectNode, members: Members): number {
  const run = runOf(c, members);
  node.children.push(run);
  const after = c.pos;
  c.pos = run.start;
  const n = c.count(0);
  c.pos = after;
  return n;
}

function walkPointers(c: WalkCursor, node: ObjectNode, n: number): void {
  c.need(n * 4);
  if (n === 0) return;
  const { children } = node;
  const before = children.length;
  children.length = before + n;
  for (let i = 0; i < n; i++) children[before + i] = walkPointer(c, '');
}

/** TList from version 4 on: head, i32 count, then pointer and option string (u8 length, 255: i32) each. */
function walkTList(c: WalkCursor, node: ObjectNode): void {
  if (node.version < 4) return walkPlainCollection(c, node);
  collectionHead(c, node);
  const n = sizeRun(c, node, SIZE);
  c.need(n * 5);
  for (let i = 0; i < n; i++) {
    node.children.push(walkPointer(c, ''));
    node.children.push(node.version > 4 ? c.tstring('option') : c.raw('option', 1 + (c.bytes[c.pos] ?? 0)));
  }
}

/** TObjArray: head, i32 count, i32 fLowerBound, pointers. */
function walkTObjArray(c: WalkCursor, node: ObjectNode): void {
  collectionHead(c, node);
  walkPointers(c, node, sizeRun(c, node, SIZE_AND_BOUND));
}

/** TMap: head, i32 count of pairs, then key and value pointers. */
function walkTMap(c: WalkCursor, node: ObjectNode): void {
  collectionHead(c, node);
  walkPointers(c, node, 2 * sizeRun(c, node, SIZE));
}

/** TClonesArray: head, TString "class;version", i32 count, i32 fLowerBound, objects member-wise or one by one behind a flag byte. */
function walkTClonesArray(c: WalkCursor, node: ObjectNode): void {
  const { version } = node;
  collectionHead(c, node);
  const described = c.tstring('class');
  node.children.push(described);
  const n = sizeRun(c, node, SIZE_AND_BOUND);
  const object = node.children[0];
  const bits = version > 2 && object?.kind === 'raw' ? bitsOf(object) : 0;
  const [className = '', classVersion = ''] = textOf(described).split(';');
  if (n === 0) return;
  if ((bits & (version === 3 ? OLD_BYPASS_STREAMER : BYPASS_STREAMER)) === 0) return walkClones(c, node, className, n);
  const plan = c.infos.plan(className, Number.parseInt(classVersion, 10));
  if (plan === null) throw new UnsupportedError(`no streamer info for ${className} version ${classVersion}`, { offset: c.pos });
  node.children.push(walkMemberWise(c, plan, n));
}

function walkClones(c: WalkCursor, node: ObjectNode, className: string, n: number): void {
  c.need(n);
  for (let i = 0; i < n; i++) {
    const present = c.raw('present', 1, TypeCode.uchar);
    node.children.push(present);
    if (c.bytes[present.start] !== 0) node.children.push(c.walkObject(c, '', className));
  }
}

function textOf(node: RawNode): string {
  const head = tstringHead(node.source.bytes[node.start]);
  return Buffer.from(node.source.bytes.buffer, node.source.bytes.byteOffset + node.start + head, node.end - node.start - head).toString(
    'latin1',
  );
}

/** TRefArray: TObject, name, i32 count, i32 fLowerBound, u16 process-id index, u32 ids. */
function walkTRefArray(c: WalkCursor, node: ObjectNode): void {
  walkBase(c, node, 'TObject');
  node.children.push(c.tstring('fName'));
  const n = sizeRun(c, node, REF_ARRAY_HEAD);
  node.children.push(c.array('fUIDs', TypeCode.uint, n, 4));
}

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
