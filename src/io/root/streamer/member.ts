/**
 * Access to members of a span graph by name, for mergers: read a number, replace bytes, edit lists. A replacement hangs on
 * its node until the graph is encoded; reads see replacements.
 */
import { UnsupportedError } from '../../../errors.ts';
import { BigEndianWriter, tstringText } from '../../bytes/big-endian.ts';
import { findField } from './counter.ts';
import type { FieldSpan } from './counter.ts';
import type { ObjectNode, RawNode, SpanNode } from './span-graph.ts';
import { TypeCode } from './type-codes.ts';

/**
 * The node of a member, by a path of names (`fXaxis.fLabels`): own members, then those of base classes. A base class is found
 * by its own name. Members of fixed width share a node (a run): use `fieldOf` for them. Pointers on the way are followed.
 */
export function member(node: SpanNode, path: string): SpanNode | null {
  let at: SpanNode | null = node;
  for (const name of path.split('.')) {
    const object: SpanNode | null = targetOf(at);
    at = object?.kind === 'object' ? findMember(object, name) : null;
    if (at === null) return null;
  }
  return at;
}

function findMember(node: ObjectNode, name: string): SpanNode | null {
  if (node.plan !== null) {
    const slot = node.plan.members.get(name);
    if (slot !== undefined) return node.children[slot.step] ?? null;
  }
  for (const child of node.children) {
    if (node.plan === null && (child.name === name || hasField(child, name))) return child;
    if (child.kind !== 'object' || !child.isBase) continue;
    const found = findMember(child, name);
    if (found !== null) return found;
  }
  return null;
}

function hasField(node: SpanNode, name: string): boolean {
  return node.kind === 'raw' && node.fields !== null && node.fields.some((field) => field.name === name);
}

/** Where a member of fixed width stands, by a path of names; null if there is none. */
export function fieldOf(node: SpanNode, path: string): FieldSpan | null {
  const dot = path.lastIndexOf('.');
  const holder = dot < 0 ? node : member(node, path.slice(0, dot));
  const object = targetOf(holder);
  return object?.kind === 'object' ? findField(object, path.slice(dot + 1)) : null;
}

/** The object behind a node: the target of a pointer, or the node itself; null behind a null pointer. */
export function targetOf(node: SpanNode | null): ObjectNode | RawNode | null {
  return node?.kind === 'pointer' ? node.target : node;
}

/** True for a null pointer, or a member that does not exist. */
export function isNull(node: SpanNode | null): boolean {
  return targetOf(node) === null && !(node?.kind === 'pointer' && node.form === 'unresolved');
}

/** Bytes of a raw node, with the index of the first: the replacement if there is one. */
function bytesOf(node: RawNode): { view: DataView; at: number } {
  const { replacement, source, start } = node;
  if (replacement === null) return { view: source.view, at: start };
  return { view: new DataView(replacement.buffer, replacement.byteOffset, replacement.byteLength), at: 0 };
}

/** Reads one basic value; 64-bit integers come as numbers, exact up to 2^53. */
export function readValue(view: DataView, at: number, type: number, width: number): number {
  switch (type) {
    case TypeCode.float:
      return view.getFloat32(at);
    case TypeCode.double:
      return view.getFloat64(at);
    case TypeCode.double32:
      if (width === 4) return view.getFloat32(at);
      throw new UnsupportedError('packed Double32_t as a number');
    case TypeCode.float16:
      throw new UnsupportedError('Float16_t as a number');
    case TypeCode.char:
      return view.getInt8(at);
    case TypeCode.short:
      return view.getInt16(at);
    case TypeCode.int:
    case TypeCode.counter:
      return view.getInt32(at);
    case TypeCode.ushort:
      return view.getUint16(at);
    case TypeCode.uint:
    case TypeCode.bits:
      return view.getUint32(at);
    case TypeCode.long:
    case TypeCode.long64:
      return Number(view.getBigInt64(at));
    case TypeCode.ulong:
    case TypeCode.ulong64:
      return Number(view.getBigUint64(at));
    default:
      return view.getUint8(at);
  }
}

/**
 * Value of a member of fixed width (by name path), or of element `index` of a fixed array.
 * Without `otherwise` a missing member is an UnsupportedError: the streamer infos of the file describe a class without it.
 */
export function numberOf(node: SpanNode, path: string, index = 0, otherwise?: number): number {
  const field = fieldOf(node, path);
  if (field === null) {
    if (otherwise === undefined) throw noMember(node, path);
    return otherwise;
  }
  const { view, at } = bytesOf(field.run);
  return readValue(view, at + field.offset + index * field.width, field.type, field.width);
}

/** Writes one basic value; refuses what the type cannot hold exactly where it is an integer. */
function writeValue(view: DataView, at: number, type: number, width: number, value: number): void {
  switch (type) {
    case TypeCode.float:
      return view.setFloat32(at, value);
    case TypeCode.double:
      return view.setFloat64(at, value);
    case TypeCode.double32:
    case TypeCode.float16:
      if (type === TypeCode.double32 && width === 4) return view.setFloat32(at, value);
      throw new UnsupportedError('setting a packed floating-point member');
    default:
      return writeInteger(view, at, type, width, value);
  }
}

const SIGNED: ReadonlySet<number> = new Set([
  TypeCode.char,
  TypeCode.short,
  TypeCode.int,
  TypeCode.counter,
  TypeCode.long,
  TypeCode.long64,
]);

function writeInteger(view: DataView, at: number, type: number, width: number, value: number): void {
  const span = 2 ** (8 * width);
  const low = SIGNED.has(type) ? -span / 2 : 0;
  if (!Number.isSafeInteger(value) || value < low || value >= low + span) {
    throw new UnsupportedError(`value ${value} does not fit a member of ${width} bytes`);
  }
  if (width === 8) view.setBigInt64(at, BigInt(value));
  else if (width === 4) view.setUint32(at, value);
  else if (width === 2) view.setUint16(at, value);
  else view.setUint8(at, value);
}

/** Gives a node bytes of its own to change: a copy of its range, made once. */
function replacementOf(node: RawNode): Uint8Array {
  node.replacement ??= new Uint8Array(node.source.bytes.subarray(node.start, node.end));
  return node.replacement;
}

/** Sets a member of fixed width, or element `index` of a fixed array, in the member's own type. */
export function setNumber(node: SpanNode, path: string, value: number, index = 0): void {
  const field = fieldOf(node, path);
  if (field === null) throw noMember(node, path);
  const bytes = replacementOf(field.run);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  writeValue(view, field.offset + index * field.width, field.type, field.width, value);
}

/** Text of a TString or std::string member. Without `otherwise` a missing member is an UnsupportedError. */
export function textOf(node: SpanNode, path: string, otherwise?: string): string {
  const found = member(node, path);
  const string = found?.kind === 'object' && found.children.length === 1 ? found.children[0] : found;
  if (string?.kind !== 'raw') {
    if (otherwise === undefined) throw noMember(node, path);
    return otherwise;
  }
  const bytes = string.replacement ?? string.source.bytes.subarray(string.start, string.end);
  return tstringText(bytes);
}

/** Replaces the text of a TString or std::string member. */
export function setText(node: SpanNode, path: string, text: string): void {
  const found = member(node, path);
  const string = found?.kind === 'object' && found.children.length === 1 ? found.children[0] : found;
  if (string?.kind !== 'raw') throw noMember(node, path);
  const writer = new BigEndianWriter();
  writer.tstring(text);
  string.replacement = writer.done();
}

/** What members a class has is said by the file: one that lacks what is needed is of another kind, or damaged. */
function noMember(node: SpanNode, path: string): UnsupportedError {
  return new UnsupportedError(`${describe(node)} has no member ${path}`);
}

function describe(node: SpanNode): string {
  return node.className === '' ? node.name || 'object' : node.className;
}
