/** Counters: int members that say how long another member's array is. */
import { CorruptFileError } from '../../../errors.ts';
import type { ObjectNode, RawNode, SpanNode } from './span-graph.ts';

/** The run that holds a member of fixed width, and where in it; searched in the object, then in its base classes. */
export interface FieldSpan {
  run: RawNode;
  /** Bytes from the start of the run. */
  offset: number;
  type: number;
  count: number;
  width: number;
}

/** Finds a member of fixed width by its name, or null. Works on an object that is still being walked. */
export function findField(node: ObjectNode, name: string): FieldSpan | null {
  const { plan, children } = node;
  if (plan === null) return findFieldInHand(node, name);
  const slot = plan.members.get(name);
  const run = slot === undefined ? undefined : children[slot.step];
  if (run?.kind === 'raw' && slot?.field) return { run, ...slot.field };
  for (const index of plan.bases) {
    const base = children[index];
    const found = base === undefined ? null : findInBase(base, name);
    if (found !== null) return found;
  }
  return null;
}

function findInBase(base: SpanNode, name: string): FieldSpan | null {
  if (base.kind === 'object') return findField(base, name);
  if (base.kind === 'pointer' || base.fields === null) return null;
  const field = base.fields.find((f) => f.name === name);
  return field === undefined ? null : { run: base, ...field };
}

function findFieldInHand(node: ObjectNode, name: string): FieldSpan | null {
  for (const child of node.children) {
    const isPart = child.kind === 'raw' || (child.kind === 'object' && child.isBase);
    const found = isPart ? findInBase(child, name) : null;
    if (found !== null) return found;
  }
  return null;
}

/** Value of a counter member as stored. Throws CorruptFileError if the object has none of that name. */
export function readCounter(node: ObjectNode, name: string): number {
  const field = findField(node, name);
  if (field === null || field.width > 4) {
    throw new CorruptFileError(`counter ${name} of ${node.className} is missing`, { offset: node.start });
  }
  const at = field.run.start + field.offset;
  const { view } = field.run.source;
  switch (field.width) {
    case 1:
      return view.getUint8(at);
    case 2:
      return view.getInt16(at);
    default:
      return view.getInt32(at);
  }
}
