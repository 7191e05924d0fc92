/**
 * Reads the StreamerInfo record of a file: a TList of TStreamerInfo, and last (since ROOT 5) a TList named `listOfRules`
 * of TObjString with schema-evolution rules.
 */
import { CorruptFileError } from '../../../errors.ts';
import { BigEndianReader, tstringText } from '../../bytes/big-endian.ts';
import { builtinInfos } from './builtin-infos.ts';
import { readInfoList } from './info-list.ts';
import type { InfoList } from './info-list.ts';
import { InfoSet } from './info-set.ts';
import { member, textOf } from './member.ts';
import { listItems } from './member-list.ts';
import type { ObjectNode, PointerNode, SpanGraph, SpanNode } from './span-graph.ts';
import { NO_OWN_MEMBERS, storedSize } from './streamer-info.ts';
import type { StreamerElement, StreamerInfo } from './streamer-info.ts';
import { countedBytes, isByteCount } from './type-codes.ts';
import { walkObject } from './walk.ts';

/** A StreamerInfo record as a graph: what info-union.ts unites. */
export interface InfoGraph extends InfoList {
  graph: SpanGraph;
  /** Slot of each info in the graph, by index as in `infos`. */
  slots: PointerNode[];
  /** Slot of the list of rules, or null. */
  ruleList: PointerNode | null;
}

const lists = new WeakMap<Uint8Array, InfoList>();

/**
 * Parses the payload of a StreamerInfo record; the same array is parsed once.
 * @param keylen bytes of its key header: 64, or 72 in the big form
 */
export function parseInfoRecord(payload: Uint8Array, keylen: number): InfoList {
  let list = lists.get(payload);
  if (list === undefined) {
    list = readInfoList(withoutPadding(payload), keylen) ?? walkInfoRecord(payload, keylen);
    lists.set(payload, list);
  }
  return list;
}

/** The list without the zeros that uproot leaves behind it: its record has room for infos to come. ROOT does not look there. */
function withoutPadding(payload: Uint8Array): Uint8Array {
  if (payload.length < 4) return payload;
  const head = new BigEndianReader(payload).u32();
  const end = isByteCount(head) ? 4 + countedBytes(head) : payload.length;
  return payload.subarray(end).every((byte) => byte === 0) ? payload.subarray(0, end) : payload;
}

/** The same as a graph, which the caller may change. */
export function walkInfoRecord(payload: Uint8Array, keylen: number): InfoGraph {
  const graph = walkObject(withoutPadding(payload), keylen, 'TList', bootstrapInfos());
  if (graph.root.kind !== 'object') throw new CorruptFileError('streamer infos are no list', { offset: graph.root.start });
  const record: InfoGraph = { graph, infos: [], slots: [], ruleList: null, rules: [] };
  for (const slot of listItems(graph.root)) {
    if (slot.className === 'TStreamerInfo' && slot.target?.kind === 'object') {
      record.infos.push(toInfo(slot.target));
      record.slots.push(slot);
    } else if (slot.className === 'TList' && slot.target !== null) {
      record.ruleList = slot;
      for (const rule of listItems(slot.target)) record.rules.push(ruleText(rule));
    } else throw new CorruptFileError(`unexpected ${slot.className || 'null'} in the list of streamer infos`, { offset: slot.start });
  }
  return record;
}

function ruleText(slot: PointerNode): string {
  if (slot.className !== 'TObjString' || member(slot, 'fString') === null) {
    throw new CorruptFileError(`unexpected ${slot.className || 'null'} in the list of schema rules`, { offset: slot.start });
  }
  return textOf(slot, 'fString');
}

/** The infos of a StreamerInfo record, backed by the built-in ones: what the objects of that file are walked with. */
export function parseInfoSet(payload: Uint8Array, keylen: number): InfoSet {
  return new InfoSet(parseInfoRecord(payload, keylen).infos, builtinInfos);
}

let bootstrap: InfoSet | undefined;

/** The built-in infos alone: for StreamerInfo records and for files without one. */
export function bootstrapInfos(): InfoSet {
  bootstrap ??= new InfoSet([], builtinInfos);
  return bootstrap;
}

/*
 * The nodes below follow the built-in plans (builtin-infos.ts), so their children are known by position:
 *   TStreamerInfo    [TNamed, run fCheckSum fClassVersion, fElements]
 *   TStreamerElement [TNamed, run fType fSize fArrayLength fArrayDim fMaxIndex, fTypeName, …]
 *   TNamed           [TObject, fName, fTitle]
 * and every other element class begins with its base class.
 */

function toInfo(node: ObjectNode): StreamerInfo {
  const numbers = child(node, 1);
  const list = child(node, 2);
  return {
    className: stringAt(child(child(node, 0), 1)),
    classVersion: numbers.source.view.getInt32(numbers.start + 4),
    checksum: numbers.source.view.getUint32(numbers.start),
    elements: list.kind === 'pointer' && list.target !== null ? listItems(list.target).map(toElement) : [],
  };
}

function child(node: SpanNode, i: number): SpanNode {
  const found = node.kind === 'object' ? node.children[i] : undefined;
  if (found === undefined) throw new CorruptFileError('streamer info is not complete', { offset: node.start });
  return found;
}

/** Text of a TString node. */
function stringAt(node: SpanNode): string {
  return tstringText(node.source.bytes.subarray(node.start, node.end));
}

function toElement(slot: PointerNode): StreamerElement {
  if (slot.target?.kind !== 'object') throw new CorruptFileError('streamer element is missing', { offset: slot.start });
  const node = slot.target;
  let base: SpanNode = node;
  while (base.className !== 'TStreamerElement') base = child(base, 0);
  const named = child(base, 0);
  const run = child(base, 1);
  const int = (at: number): number => run.source.view.getInt32(run.start + at);
  const title = stringAt(child(named, 2));
  const object = child(named, 0);
  const element: StreamerElement = {
    ...NO_OWN_MEMBERS,
    elementClass: slot.className,
    name: stringAt(child(named, 1)),
    title,
    type: int(0),
    size: int(4),
    arrayLength: int(8),
    arrayDim: int(12),
    maxIndex: [int(16), int(20), int(24), int(28), int(32)],
    typeName: stringAt(child(base, 2)),
    storedSize: storedSize(int(0), title, object.source.view.getUint32(object.start + 6)),
  };
  addOwnMembers(element, node);
  return element;
}

/** Members that the classes derived from TStreamerElement add. */
function addOwnMembers(element: StreamerElement, node: ObjectNode): void {
  const holder = node.className === 'TStreamerSTLstring' ? child(node, 0) : node;
  const own = holder.kind === 'object' ? holder.children[1] : undefined;
  if (own === undefined || holder.className === 'TStreamerElement') return;
  const int = (at: number): number => own.source.view.getInt32(own.start + at);
  if (holder.className === 'TStreamerBase') element.baseVersion = int(0);
  else if (holder.className === 'TStreamerSTL') {
    element.stlType = int(0);
    element.cType = int(4);
  } else {
    element.countVersion = int(0);
    element.countName = stringAt(child(holder, 2));
    element.countClass = stringAt(child(holder, 3));
  }
}
