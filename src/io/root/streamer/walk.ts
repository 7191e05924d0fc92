/**
 * The walker: from the payload of a key to its span graph, driven by streamer infos.
 * Bytes that break the format are a CorruptFileError with payload offset, expected and found; what cannot be
 * understood (no streamer info, a class with its own code) becomes an opaque part bounded by its byte count.
 */
import { CorruptFileError, UnsupportedError } from '../../../errors.ts';
import type { ClassPlan } from './class-plan.ts';
import type { InfoSet } from './info-set.ts';
import { ObjectNode } from './span-graph.ts';
import type { SpanGraph, TargetNode } from './span-graph.ts';
import { pairPlan, valueTypeOf } from './value-type.ts';
import { BARE_WALKERS } from './walk-bare.ts';
import { FRAME_WALKERS, walkAnchorChecksum, walkSymmetricMatrix } from './walk-by-hand.ts';
import { walkBareCollection } from './walk-collection.ts';
import { WalkCursor } from './walk-cursor.ts';
import { walkMembers } from './walk-members.ts';
import { bindReferences } from './walk-pointer.ts';

/** Other layouts tried in one walk, all objects together. */
const MAX_RETRIES = 10_000;

/**
 * Walks the (decompressed) payload of a key.
 * @param keylen bytes of the key header that stood in front of the payload
 * @param className class of the key's object
 */
export function walkObject(payload: Uint8Array, keylen: number, className: string, infos: InfoSet): SpanGraph {
  const c = new WalkCursor(payload, keylen, infos, walkAny);
  c.slotEnd = payload.length;
  let root = walkWhole(c, className);
  if (c.pos !== payload.length) {
    if (infos.isCore(className)) {
      throw new CorruptFileError(`bytes left behind the ${className}`, { offset: c.pos, expected: payload.length, found: c.pos });
    }
    c.rewind(0, 0);
    root = c.makeOpaque('', className, 0, payload.length, 'bytes left behind the object');
  }
  bindReferences(c, root, className);
  return { className, root, source: c.source, opaque: c.opaque };
}

/**
 * Walks members that stand one after the other without a frame around them, as in an entry of a branch that is not split:
 * those of `plan`, or the collection `className` names when there is no plan. Offsets count from the first byte of `entry`;
 * tags are not followed across entries.
 */
export function walkUnframed(entry: Uint8Array, className: string, plan: ClassPlan | undefined, infos: InfoSet): SpanGraph {
  const c = new WalkCursor(entry, 0, infos, walkAny);
  c.slotEnd = entry.length;
  const root = plan === undefined ? walkBareCollection(c, '', className) : new ObjectNode('', className, c.source, 0);
  if (plan !== undefined && root.kind === 'object') {
    walkMembers(c, root, plan);
    root.end = c.pos;
  }
  if (c.pos !== entry.length) {
    throw new CorruptFileError(`bytes left behind the ${className}`, { offset: c.pos, expected: entry.length, found: c.pos });
  }
  return { className, root, source: c.source, opaque: c.opaque };
}

function walkWhole(c: WalkCursor, className: string): TargetNode {
  try {
    return walkAny(c, '', className);
  } catch (err) {
    return c.recover(err, { name: '', className, start: 0, end: c.end, depth: 0 });
  }
}

/** Walks an object of any class at the cursor. */
function walkAny(c: WalkCursor, name: string, className: string): TargetNode {
  const bare = BARE_WALKERS.get(className);
  if (bare !== undefined) return bare(c, name);
  const { kind } = valueTypeOf(className);
  if (kind === 'sequence' || kind === 'map') return walkBareCollection(c, name, className);
  if (className.startsWith('TMatrixTSym<')) return walkSymmetricMatrix(c, name, className);
  return walkFramed(c, name, className);
}

function walkFramed(c: WalkCursor, name: string, className: string): TargetNode {
  const start = c.pos;
  const { depth } = c;
  const node = new ObjectNode(name, className, c.source, start);
  const frameEnd = c.frame(node);
  try {
    c.enter();
    walkFrameContent(c, node, frameEnd);
    c.checkFrame(start, frameEnd, className);
    c.depth = depth;
    node.end = c.pos;
    return withTail(c, node);
  } catch (err) {
    const otherwise = node.headerBytes === 6 && err instanceof CorruptFileError ? walkAlternatives(c, node, frameEnd, depth) : null;
    return otherwise ?? c.recover(err, { name, className, start, end: frameEnd, depth });
  }
}

/** Tries the other layouts the file has for that version; null if none fits. */
function walkAlternatives(c: WalkCursor, node: ObjectNode, frameEnd: number, depth: number): ObjectNode | null {
  for (const plan of node.plan === null ? [] : c.infos.alternatives(node.className, node.version)) {
    // Alternatives inside alternatives multiply: damage must not take for ever.
    if (++c.retries > MAX_RETRIES) return null;
    try {
      c.rewind(node.start, depth);
      c.pos = node.start + node.headerBytes;
      node.children = [];
      walkMembers(c, node, plan);
      c.checkFrame(node.start, frameEnd, node.className);
      node.end = c.pos;
      return node;
    } catch (err) {
      if (!(err instanceof CorruptFileError)) throw err;
    }
  }
  return null;
}

function walkFrameContent(c: WalkCursor, node: ObjectNode, frameEnd: number): void {
  const hand = FRAME_WALKERS.get(node.className);
  if (hand !== undefined && node.version <= hand.upTo) {
    hand.walk(c, node);
    return;
  }
  const plan = planOf(c, node, frameEnd);
  if (plan !== null) walkMembers(c, node, plan);
}

/** The plan for a frame's version or checksum; null for an empty frame, which needs none. */
function planOf(c: WalkCursor, node: ObjectNode, frameEnd: number): ClassPlan | null {
  const { className, version } = node;
  // A class without ClassDef has version 0 (or less) and its checksum behind it (TBufferFile::ReadVersion).
  if (version <= 0 && frameEnd - node.start >= 10) {
    const plan = c.infos.planByChecksum(className, c.view.getUint32(c.pos)) ?? pairPlan(className);
    if (plan !== null) {
      c.pos += 4;
      node.headerBytes = 10;
      return plan;
    }
  }
  const plan = c.infos.plan(className, version);
  if (plan !== null) return plan;
  if (c.pos === frameEnd) return null;
  throw new UnsupportedError(`no streamer info for ${className} version ${version}`, { offset: node.start });
}

function withTail(c: WalkCursor, node: ObjectNode): TargetNode {
  const tail = walkAnchorChecksum(c, node);
  if (tail === null) return node;
  const group = new ObjectNode(node.name, node.className, c.source, node.start);
  // The frame's members are found through the group, as those of a base class are.
  node.isBase = true;
  group.children.push(node, tail);
  group.end = c.pos;
  return group;
}
