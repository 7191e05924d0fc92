/**
 * STL collections and std::string. As members and keys they stand in a frame (byte count, version). Inside:
 *   object by object: i32 n, then n values (map: key, value, key, value, …)
 *   member by member (bit 0x4000 of the version): i16 version of the value class, u32 checksum if that is <= 0,
 *     i32 n, then member 1 of all n values, member 2 of all, …
 * Collections inside collections have no frame. Member-wise base classes have none either (but TObject and TNamed).
 * TClonesArray stores its objects member-wise too. Source: ROOT io/io/src/TStreamerInfoReadBuffer.cxx (kSTL),
 * TGenCollectionStreamer.cxx, TBufferFile::ReadVersionForMemberWise.
 */
import { CorruptFileError, UnsupportedError } from '../../../errors.ts';
import type { ClassPlan, Step } from './class-plan.ts';
import { ObjectNode, RawNode } from './span-graph.ts';
import type { SpanNode, TargetNode } from './span-graph.ts';
import { spanShape } from './span-shape.ts';
import { MEMBER_WISE_BIT, TypeCode, basicSize, isByteCount } from './type-codes.ts';
import { pairPlan, valueTypeOf } from './value-type.ts';
import type { ValueType } from './value-type.ts';
import type { WalkCursor } from './walk-cursor.ts';
import { walkPointer } from './walk-pointer.ts';

/** What a member says about its collection beyond the type name. */
export interface CollectionOptions {
  /** Type code of the values (fCtype): tells the width of an enum. */
  cType: number;
  /** Collections in a fixed array: they share one frame. */
  count: number;
}

/** Walks a framed collection (or std::string) of the given type; one that cannot be understood is opaque. */
export function walkCollection(c: WalkCursor, name: string, typeName: string, options: CollectionOptions): TargetNode {
  const node = new ObjectNode(name, typeName, c.source, c.pos);
  const { depth } = c;
  const end = c.frame(node);
  try {
    const type = valueTypeOf(typeName);
    if (end >= 0 && (node.version & MEMBER_WISE_BIT) !== 0) walkMemberWiseContent(c, node, type, options.count);
    else for (let i = 0; i < options.count; i++) walkContent(c, node, withCType(type, options.cType));
    c.checkFrame(node.start, end, typeName);
    node.end = c.pos;
    return node;
  } catch (err) {
    return c.recover(err, { name, className: typeName, start: node.start, end, depth });
  }
}

/**
 * Walks a collection that is a key's object, a base class or a member of type kAny: it has no frame. Where the first word
 * has the byte-count bit it is framed all the same: no collection holds 2^30 values.
 */
export function walkBareCollection(c: WalkCursor, name: string, typeName: string): TargetNode {
  c.need(4);
  if (isByteCount(c.view.getUint32(c.pos))) return walkCollection(c, name, typeName, { cType: 0, count: 1 });
  const node = new ObjectNode(name, typeName, c.source, c.pos);
  walkContent(c, node, valueTypeOf(typeName));
  node.end = c.pos;
  return node;
}

/** An enum is a class by its name; the file's value type code says that it is stored as an int. */
function withCType(type: ValueType, cType: number): ValueType {
  const value = type.inner[0];
  if (type.kind !== 'sequence' || value?.kind !== 'class' || cType <= 0 || basicSize(cType) === 0) return type;
  return { ...type, inner: [{ ...value, kind: 'basic', type: cType, width: basicSize(cType) }] };
}

/** Walks a collection without frame and appends its size and its values to `node`. */
function walkContent(c: WalkCursor, node: ObjectNode, type: ValueType): void {
  if (type.kind === 'string') {
    node.children.push(c.tstring(''));
    return;
  }
  const [value, mapped] = type.inner;
  if (value === undefined) throw new UnsupportedError(`collection ${type.className} is not known`, { offset: c.pos });
  const sizeAt = c.pos;
  const n = c.count(mapped === undefined ? Math.max(1, value.width) : 2);
  node.children.push(sizeNode(c, sizeAt));
  if (mapped === undefined && value.kind === 'basic') {
    node.children.push(c.array('values', value.type, n, value.width));
    return;
  }
  for (let i = 0; i < n; i++) {
    node.children.push(walkValue(c, value));
    if (mapped !== undefined) node.children.push(walkValue(c, mapped));
  }
}

const SIZE = spanShape({ name: 'size', type: TypeCode.int });

function sizeNode(c: WalkCursor, at: number): RawNode {
  return new RawNode(SIZE, c.source, at, at + 4);
}

function walkValue(c: WalkCursor, value: ValueType): SpanNode {
  switch (value.kind) {
    case 'basic':
      return c.raw('', value.width, value.type);
    case 'string':
      return c.tstring('');
    case 'pointer':
      return walkPointer(c, '');
    case 'class':
      return c.walkObject(c, '', value.className);
    default: {
      const node = new ObjectNode('', value.className, c.source, c.pos);
      walkContent(c, node, value);
      node.end = c.pos;
      return node;
    }
  }
}

function walkMemberWiseContent(c: WalkCursor, node: ObjectNode, type: ValueType, count: number): void {
  const start = c.pos;
  c.need(2);
  const version = c.view.getInt16(start);
  const hasChecksum = version <= 0;
  node.children.push(c.raw('valueVersion', hasChecksum ? 6 : 2));
  const plan = valuePlan(c, type, version, hasChecksum ? c.view.getUint32(start + 2) : 0);
  for (let i = 0; i < count; i++) {
    const sizeAt = c.pos;
    const n = c.count(1);
    node.children.push(sizeNode(c, sizeAt));
    if (n > 0) node.children.push(walkMemberWise(c, plan, n));
  }
}

function valuePlan(c: WalkCursor, type: ValueType, version: number, checksum: number): ClassPlan {
  const [value, mapped] = type.inner;
  const className = mapped === undefined ? (value?.className ?? '') : `pair<${value?.className},${mapped.className}>`;
  const plan = version > 0 ? c.infos.plan(className, version) : c.infos.planByChecksum(className, checksum);
  const derived = plan ?? pairPlan(className);
  if (derived === null) throw new UnsupportedError(`no streamer info for ${className} version ${version}`, { offset: c.pos });
  return derived;
}

/** Walks `n` objects member by member; step i of the plan gives child i, which holds that member of all objects. */
export function walkMemberWise(c: WalkCursor, plan: ClassPlan, n: number): ObjectNode {
  const node = new ObjectNode('values', plan.className, c.source, c.pos);
  for (const step of plan.steps) node.children.push(walkStepOfAll(c, node, plan, step, n));
  node.end = c.pos;
  return node;
}

function walkStepOfAll(c: WalkCursor, node: ObjectNode, plan: ClassPlan, step: Step, n: number): SpanNode {
  switch (step.kind) {
    case 'run':
      return c.raw('', step.size * n);
    case 'base':
      return walkBaseOfAll(c, step, n);
    case 'tstring':
      return all(c, step, n, () => c.tstring(''));
    case 'class':
      return all(c, step, n * step.count, () => c.walkObject(c, '', step.className));
    case 'pointer':
      return all(c, step, n * step.count, () => walkPointer(c, ''));
    case 'array':
      return walkArrays(c, node, plan, step, n);
    case 'stl':
      return walkCollection(c, step.name, step.className, { cType: step.cType, count: n * step.count });
    default:
      throw new UnsupportedError(`member-wise storage of member ${step.name} (${step.kind})`, { offset: c.pos });
  }
}

function all(c: WalkCursor, step: Step, n: number, one: () => SpanNode): ObjectNode {
  const group = new ObjectNode(step.name, step.className, c.source, c.pos);
  for (let i = 0; i < n; i++) group.children.push(one());
  group.end = c.pos;
  return group;
}

/** TObject and TNamed keep their own form; any other base class is stored member-wise too, without a frame. */
function walkBaseOfAll(c: WalkCursor, step: Step, n: number): SpanNode {
  if (step.className === 'TObject' || step.className === 'TNamed') {
    return all(c, step, n, () => c.walkObject(c, '', step.className));
  }
  const plan = c.infos.plan(step.className, step.baseVersion);
  if (plan === null) throw new UnsupportedError(`no streamer info for ${step.className} version ${step.baseVersion}`, { offset: c.pos });
  const base = walkMemberWise(c, plan, n);
  base.isBase = true;
  return base;
}

function walkArrays(c: WalkCursor, node: ObjectNode, plan: ClassPlan, step: Step, n: number): ObjectNode {
  const counter = plan.members.get(step.countName);
  const run = counter === undefined ? undefined : node.children[counter.step];
  if (!counter?.field || run?.kind !== 'raw' || counter.field.width !== 4) {
    throw new UnsupportedError(`counter ${step.countName} of member-wise ${plan.className}`, { offset: c.pos });
  }
  // A member of all n objects is contiguous, so the counter of object k follows n × (its offset in the run).
  const countersAt = run.start + counter.field.offset * n;
  let k = 0;
  return all(c, step, n, () => oneArray(c, step, c.view.getInt32(countersAt + 4 * k++)));
}

function oneArray(c: WalkCursor, step: Step, count: number): RawNode {
  const start = c.pos;
  const n = c.u8() === 0 ? 0 : count * step.count;
  if (n < 0) throw new CorruptFileError(`counter ${step.countName} is negative`, { offset: start, found: n });
  c.need(n * step.width);
  c.pos += n * step.width;
  return new RawNode(step.shape, c.source, start, c.pos, n);
}
