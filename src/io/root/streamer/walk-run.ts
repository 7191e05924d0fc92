/** Pieces the hand-written walkers share. */
import type { ObjectNode, RawNode } from './span-graph.ts';
import { spanShape } from './span-shape.ts';
import type { Field, SpanShape } from './span-shape.ts';
import { TypeCode, basicSize } from './type-codes.ts';
import type { WalkCursor } from './walk-cursor.ts';

/** A member of fixed width at a byte offset of its run. */
export function field(name: string, type: number, offset: number): Field {
  return { name, offset, type, count: 1, width: basicSize(type) };
}

/** Neighbouring members as (name, type code). */
export type Members = readonly (readonly [string, number])[];

/** The number of values in front of an array. */
export const ARRAY_HEAD: Members = [['fN', TypeCode.int]];

const runs = new Map<Members, { shape: SpanShape; size: number }>();

/** Walks neighbouring members, given as a constant table, as one run. */
export function runOf(c: WalkCursor, members: Members): RawNode {
  let run = runs.get(members);
  if (run === undefined) {
    let size = 0;
    const fields = members.map(([name, type]) => {
      const made = field(name, type, size);
      size += made.width;
      return made;
    });
    run = { shape: spanShape({ fields }), size };
    runs.set(members, run);
  }
  return c.span(run.shape, run.size);
}

/** Appends a run whose first field is an i32 count, and returns that count. */
export function sizeRun(c: WalkCursor, node: ObjectNode, members: Members): number {
  const run = runOf(c, members);
  node.children.push(run);
  const after = c.pos;
  c.pos = run.start;
  const n = c.count(0);
  c.pos = after;
  return n;
}

/** Walks a base-class part and appends it to `node`. */
export function walkBase(c: WalkCursor, node: ObjectNode, className: string): void {
  const base = c.walkObject(c, className, className);
  if (base.kind === 'object') base.isBase = true;
  node.children.push(base);
}
