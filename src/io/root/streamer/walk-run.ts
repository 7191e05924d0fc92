/** Pieces the hand-written walkers share. */
import type { Field } from './class-plan.ts';
import type { ObjectNode, RawNode } from './span-graph.ts';
import { basicSize } from './type-codes.ts';
import type { WalkCursor } from './walk-cursor.ts';

/** A member of fixed width at a byte offset of its run. */
export function field(name: string, type: number, offset: number): Field {
  return { name, offset, type, count: 1, width: basicSize(type) };
}

const fieldTables = new Map<readonly (readonly [string, number])[], readonly Field[]>();

/** Walks neighbouring members, given as (name, type code), as one run. */
export function runOf(c: WalkCursor, members: readonly (readonly [string, number])[]): RawNode {
  let fields = fieldTables.get(members);
  if (fields === undefined) {
    let offset = 0;
    fields = members.map(([name, type]) => {
      const made = field(name, type, offset);
      offset += made.width;
      return made;
    });
    fieldTables.set(members, fields);
  }
  const last = fields.at(-1);
  const run = c.raw('', last === undefined ? 0 : last.offset + last.width);
  run.fields = fields;
  return run;
}

/** Walks a base-class part and appends it to `node`. */
export function walkBase(c: WalkCursor, node: ObjectNode, className: string): void {
  const base = c.walkObject(c, className, className);
  if (base.kind === 'object') base.isBase = true;
  node.children.push(base);
}
