/**
 * ROOT's own collections, which have a Streamer() written by hand; each walker appends the content of a frame to `node`,
 * whose version is known.
 * Source: the Streamer functions of ROOT core/cont/src/{TCollection,TList,TObjArray,TMap,TClonesArray,TRefArray}.cxx.
 */
import { UnsupportedError } from '../../../errors.ts';
import { tstringText } from '../../bytes/big-endian.ts';
import type { ObjectNode } from './span-graph.ts';
import { TypeCode } from './type-codes.ts';
import { bitsOf } from './walk-bare.ts';
import { walkMemberWise } from './walk-collection.ts';
import type { WalkCursor } from './walk-cursor.ts';
import { walkPointer } from './walk-pointer.ts';
import { sizeRun, walkBase, type Members } from './walk-run.ts';

/** Bit 12 of TClonesArray's fBits (kBypassStreamer): objects are stored member-wise. Version 3 had it at bit 14. */
const BYPASS_STREAMER = 0x1000;
const OLD_BYPASS_STREAMER = 0x4000;

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

/** The head all collections share: TObject from version 3 on, name from version 2 on. */
function collectionHead(c: WalkCursor, node: ObjectNode): void {
  if (node.version > 2) walkBase(c, node, 'TObject');
  if (node.version > 1) node.children.push(c.tstring('fName'));
}

/** TCollection and TList below version 4: head, i32 count, pointers. */
export function walkPlainCollection(c: WalkCursor, node: ObjectNode): void {
  collectionHead(c, node);
  walkPointers(c, node, sizeRun(c, node, SIZE));
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
export function walkTList(c: WalkCursor, node: ObjectNode): void {
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
export function walkTObjArray(c: WalkCursor, node: ObjectNode): void {
  collectionHead(c, node);
  walkPointers(c, node, sizeRun(c, node, SIZE_AND_BOUND));
}

/** TMap: head, i32 count of pairs, then key and value pointers. */
export function walkTMap(c: WalkCursor, node: ObjectNode): void {
  collectionHead(c, node);
  walkPointers(c, node, 2 * sizeRun(c, node, SIZE));
}

/** TClonesArray: head, TString "class;version", i32 count, i32 fLowerBound, objects member-wise or one by one behind a flag byte. */
export function walkTClonesArray(c: WalkCursor, node: ObjectNode): void {
  const { version } = node;
  collectionHead(c, node);
  const described = c.tstring('class');
  node.children.push(described);
  const n = sizeRun(c, node, SIZE_AND_BOUND);
  const object = node.children[0];
  const bits = version > 2 && object?.kind === 'raw' ? bitsOf(object) : 0;
  const [className = '', classVersion = ''] = tstringText(described.source.bytes.subarray(described.start, described.end)).split(';');
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

/** TRefArray: TObject, name, i32 count, i32 fLowerBound, u16 process-id index, u32 ids. */
export function walkTRefArray(c: WalkCursor, node: ObjectNode): void {
  walkBase(c, node, 'TObject');
  node.children.push(c.tstring('fName'));
  const n = sizeRun(c, node, REF_ARRAY_HEAD);
  node.children.push(c.array('fUIDs', TypeCode.uint, n, 4));
}
