/**
 * Classes that are stored without a frame, by a Streamer() written by hand.
 * Source: ROOT core/base/src/{TObject,TString,TDatime}.cxx, core/cont/src/TArray?.cxx, core/meta/src/TRef.cxx.
 */
import { ObjectNode } from './span-graph.ts';
import type { RawNode, TargetNode } from './span-graph.ts';
import { spanShape } from './span-shape.ts';
import type { Field, SpanShape } from './span-shape.ts';
import { COUNTED_VERSION, IS_REFERENCED, TypeCode, basicSize } from './type-codes.ts';
import type { WalkCursor } from './walk-cursor.ts';
import { ARRAY_HEAD, field, runOf } from './walk-run.ts';

/** Walks a class that has no frame of its own. */
export type BareWalker = (c: WalkCursor, name: string) => TargetNode;

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
export function bitsOf(node: RawNode): number {
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
