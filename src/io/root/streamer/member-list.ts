/** Access to arrays and lists of a span graph, for mergers. */
import { InternalError, UnsupportedError } from '../../../errors.ts';
import { BigEndianWriter } from '../../bytes/big-endian.ts';
import { fieldOf, member, setNumber, targetOf } from './member.ts';
import { pointerNode, rawNode } from './span-graph.ts';
import type { ObjectNode, PointerNode, RawNode, SpanNode, TargetNode } from './span-graph.ts';
import { basicSize } from './type-codes.ts';

/** Where the values of an array stand: `count` big-endian values of `width` bytes from `start` on in `bytes`. */
export interface ArraySpan {
  bytes: Uint8Array;
  start: number;
  count: number;
  /** Type code of the values (type-codes.ts). */
  type: number;
  /** Bytes of one value. */
  width: number;
}

/**
 * Values of an array member, by name path: a counted array, a fixed array, a vector of basic values, or a TArray (as
 * member or, named `fArray`, as base class). Null if there is no such member; count 0 for an array that was not
 * written.
 */
export function arrayOf(node: SpanNode, path: string): ArraySpan | null {
  const raw = arrayNode(node, path);
  if (raw !== null) return spanOf(raw);
  const field = fieldOf(node, path);
  if (field === null) return null;
  const { run, offset, count, type, width } = field;
  const bytes = run.replacement ?? run.source.bytes;
  return { bytes, start: (run.replacement === null ? run.start : 0) + offset, count, type, width };
}

function spanOf(raw: RawNode): ArraySpan {
  const head = raw.flagged ? 1 : 0;
  const width = raw.width === 0 ? basicSize(raw.type) : raw.width;
  if (raw.replacement === null) return { bytes: raw.source.bytes, start: raw.start + head, count: raw.count, type: raw.type, width };
  return { bytes: raw.replacement, start: head, count: raw.count, type: raw.type, width };
}

/** The node of the values of a counted array, a TArray or a vector; null for anything else. */
function arrayNode(node: SpanNode, path: string): RawNode | null {
  const found = targetOf(member(node, path));
  const raw = found?.kind === 'object' ? member(found, isVector(found) ? 'values' : 'fArray') : found;
  return raw?.kind === 'raw' && raw.fields === null && raw.type > 0 && raw.type < 20 ? raw : null;
}

/**
 * Replaces the values of a counted array, a vector or a TArray, and sets the member that counts them. Arrays that share a counter
 * (fBasketBytes, fBasketEntry, fBasketSeek) must all be set to the same length.
 * @param values big-endian values, whole ones
 */
export function setArray(node: SpanNode, path: string, values: Uint8Array): void {
  const raw = arrayNode(node, path);
  if (raw === null) throw new UnsupportedError(`${node.className} has no array ${path}`);
  const { width } = spanOf(raw);
  raw.count = values.length / width;
  if (!Number.isInteger(raw.count)) throw new InternalError(`${values.length} bytes are no array of ${width}-byte values`);
  raw.replacement = raw.flagged ? flagged(values) : values;
  const array = targetOf(member(node, path));
  if (array?.kind === 'object' && isVector(array)) return setVectorSize(array, raw.count);
  const counter = counterOf(node, path, raw);
  if (counter !== null) setNumber(counter.holder, counter.name, raw.count);
}

function isVector({ className }: ObjectNode): boolean {
  return className.startsWith('vector<');
}

function setVectorSize(vector: ObjectNode, count: number): void {
  const size = member(vector, 'size');
  if (size?.kind !== 'raw') throw new UnsupportedError(`a ${vector.className} without a size`);
  const writer = new BigEndianWriter();
  writer.i32(count);
  size.replacement = writer.done();
}

function flagged(values: Uint8Array): Uint8Array {
  if (values.length === 0) return new Uint8Array(1);
  const bytes = new Uint8Array(1 + values.length);
  bytes[0] = 1;
  bytes.set(values, 1);
  return bytes;
}

/** Object and name of the member that counts an array. */
function counterOf(node: SpanNode, path: string, raw: RawNode): { holder: SpanNode; name: string } | null {
  const dot = path.lastIndexOf('.');
  const named = targetOf(member(node, path));
  if (named?.kind === 'object') return { holder: named, name: 'fN' };
  const holder = targetOf(dot < 0 ? node : member(node, path.slice(0, dot)));
  if (holder === null) return null;
  if (raw.countName !== '') return { holder, name: raw.countName };
  return raw.flagged ? null : { holder, name: 'fN' };
}

/** Lets a pointer member of an object (not of its bases) point to an object of this or another graph, or to nothing. */
export function setPointer(node: SpanNode, name: string, target: TargetNode | null): void {
  const object = targetOf(node);
  const slot = object === null ? null : member(object, name);
  const at = object?.kind === 'object' && slot !== null ? object.children.indexOf(slot) : -1;
  if (object?.kind !== 'object' || slot?.kind !== 'pointer' || at < 0) {
    throw new UnsupportedError(`${node.className} has no pointer ${name}`);
  }
  object.children[at] = pointerNode(name, target);
}

/** Pointer slots of a TList, TObjArray or other collection, in order. A TMap gives keys and values in turn. */
export function listItems(list: SpanNode): PointerNode[] {
  const object = targetOf(list);
  return object?.kind === 'object' ? object.children.filter((child) => child.kind === 'pointer') : [];
}

/** Replaces the items of a TList or TObjArray (slots may come from other graphs) and sets its count. Options of kept TList items stay. */
export function setListItems(list: SpanNode, items: readonly PointerNode[]): void {
  const object = targetOf(list);
  if (object?.kind !== 'object') throw new UnsupportedError('items of what is no list');
  const { children } = object;
  const firstItem = children.findIndex((child) => child.kind === 'pointer');
  const head = firstItem < 0 ? [...children] : children.slice(0, firstItem);
  const kept: SpanNode[] = [];
  for (const item of items) {
    kept.push(item);
    if (hasOptions(object)) kept.push(optionOf(children, item));
  }
  object.children = [...head, ...kept];
  setNumber(object, 'size', items.length);
}

const TLIST_CLASSES: ReadonlySet<string> = new Set(['TList', 'THashList', 'TSortedList']);

function hasOptions(list: ObjectNode): boolean {
  return TLIST_CLASSES.has(list.className) && list.version > 3;
}

function optionOf(children: readonly SpanNode[], item: PointerNode): SpanNode {
  const at = children.indexOf(item);
  const option = at < 0 ? undefined : children[at + 1];
  return option?.kind === 'raw' && option.name === 'option' ? option : rawNode('option', new Uint8Array(1));
}
