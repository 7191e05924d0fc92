/** Pieces the hand-written walkers share. */
import type { ObjectNode, RawNode } from './span-graph.ts';
import { spanShape } from './span-shape.ts';
import type { Field, SpanShape } from './span-shape.ts';
import { basicSize } from './type-codes.ts';
import type { WalkCursor } from './walk-cursor.ts';

/** A member of fixed width at a byte offset of its run. */
export function field(name: string, type: number, offset: number): Field {
  return { name, offset, type, count: 1, width: basicSize(type) };
}

const runs = new Map<readonly (readonly [string, number])[], { shape: SpanShape; size: number }>();

/** Walks neighbouring members, given as (name, type code) in a constant table, as one run. */
export function runOf(c: WalkCursor, members: readonly (readonly [string, number])[]): RawNode {
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

/** Walks a base-class part and appends it to `node`. */
export function walkBase(c: WalkCursor, node: ObjectNode, className: string): void {
  const base = c.walkObject(c, className, className);
  if (base.kind === 'object') base.isBase = true;
  node.children.push(base);
}
