/**
 * Walks the members of an object along a class plan: step i gives child i.
 * Source: ROOT io/io/src/TStreamerInfoReadBuffer.cxx.
 */
import { CorruptFileError, UnsupportedError } from '../../../errors.ts';
import type { ClassPlan, Step } from './class-plan.ts';
import { readCounter } from './counter.ts';
import { ObjectNode, RawNode } from './span-graph.ts';
import type { SpanNode } from './span-graph.ts';
import { IS_REFERENCED } from './type-codes.ts';
import { walkCollection } from './walk-collection.ts';
import type { WalkCursor } from './walk-cursor.ts';
import { walkPointer } from './walk-pointer.ts';

/** Walks all members of `plan` at the cursor and appends one child per step to `node`. */
export function walkMembers(c: WalkCursor, node: ObjectNode, plan: ClassPlan): void {
  node.plan = plan;
  const { steps } = plan;
  const { children } = node;
  // The length is set at once: growing by push would reserve room for 17 children.
  children.length = steps.length;
  for (let i = 0; i < steps.length; i++) children[i] = walkStep(c, node, steps[i] as Step);
}

function walkStep(c: WalkCursor, node: ObjectNode, step: Step): SpanNode {
  switch (step.kind) {
    case 'run':
      return c.span(step.shape, step.size);
    case 'tstring':
      return c.tstringOf(step.shape);
    case 'base': {
      const base = c.walkObject(c, step.name, step.className);
      if (base.kind === 'object') base.isBase = true;
      return base;
    }
    case 'class':
      return step.count === 1
        ? c.walkObject(c, step.name, step.className)
        : repeat(c, step, (name) => c.walkObject(c, name, step.className));
    case 'pointer':
      return step.count === 1 ? walkPointer(c, step.name) : repeat(c, step, (name) => walkPointer(c, name));
    case 'array':
      return walkArray(c, node, step);
    case 'stl':
      return walkCollection(c, step.name, step.className, { cType: step.cType, count: step.count });
    case 'loop':
      return walkLoop(c, node, step);
    case 'framed-array':
      return walkFramedArray(c, step);
    case 'char-star':
      return walkCharStar(c, step);
    case 'bits':
      return walkBits(c, step);
    case 'custom':
      return walkCustom(c, step);
    default:
      throw new UnsupportedError(`member ${step.name} has type code ${step.type}`, { offset: c.pos });
  }
}

/** A fixed array of objects or pointers: a node without frame around them. */
function repeat(c: WalkCursor, step: Step, one: (name: string) => SpanNode): ObjectNode {
  const group = new ObjectNode(step.name, step.className, c.source, c.pos);
  c.need(step.count); // every object takes a byte at least
  for (let i = 0; i < step.count; i++) group.children.push(one(''));
  group.end = c.pos;
  return group;
}

/** Flag byte (0: no array), then counter × fixed length values. The node's `count` is the number of values. */
function walkArray(c: WalkCursor, node: ObjectNode, step: Step): RawNode {
  const start = c.pos;
  const present = c.u8();
  const n = present === 0 ? 0 : readCounter(node, step.countName) * step.count;
  if (n < 0) throw new CorruptFileError(`counter ${step.countName} is negative`, { offset: start, found: n });
  c.need(n * step.width);
  c.pos += n * step.width;
  return new RawNode(step.shape, c.source, start, c.pos, n);
}

function walkLoop(c: WalkCursor, node: ObjectNode, step: Step): ObjectNode {
  const loop = new ObjectNode(step.name, step.className, c.source, c.pos);
  const frameEnd = c.frame(loop);
  const n = readCounter(node, step.countName) * step.count;
  c.need(Math.max(0, n));
  for (let i = 0; i < n; i++) loop.children.push(step.ofPointers ? walkPointer(c, '') : c.walkObject(c, '', step.className));
  return closed(c, loop, frameEnd);
}

function walkFramedArray(c: WalkCursor, step: Step): ObjectNode {
  const node = new ObjectNode(step.name, step.className, c.source, c.pos);
  const frameEnd = c.frame(node);
  c.need(step.count);
  for (let i = 0; i < step.count; i++) node.children.push(c.walkObject(c, '', step.className));
  return closed(c, node, frameEnd);
}

function closed(c: WalkCursor, node: ObjectNode, frameEnd: number): ObjectNode {
  c.checkFrame(node.start, frameEnd, node.className);
  node.end = c.pos;
  return node;
}

function walkCharStar(c: WalkCursor, step: Step): RawNode {
  const start = c.pos;
  const length = c.count(1);
  c.pos += length;
  return new RawNode(step.shape, c.source, start, c.pos);
}

function walkBits(c: WalkCursor, step: Step): RawNode {
  c.need(4);
  const referenced = (c.view.getUint32(c.pos) & IS_REFERENCED) !== 0;
  return c.span(step.shape, referenced ? 6 : 4);
}

/** A member that only its class's own code can read: opaque, bounded by its byte count. */
function walkCustom(c: WalkCursor, step: Step): RawNode {
  const start = c.pos;
  const frameEnd = c.frame(new ObjectNode(step.name, step.className, c.source, start));
  if (frameEnd < 0) throw new UnsupportedError(`member ${step.name} is streamed by its class's own code`, { offset: start });
  return c.makeOpaque(step.name, step.className, start, frameEnd, 'streamed by its class’s own code');
}
