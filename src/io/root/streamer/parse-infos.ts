/**
 * Reads the StreamerInfo record of a file: a TList of TStreamerInfo, and last (since ROOT 5) a TList named `listOfRules`
 * of TObjString with schema-evolution rules.
 */
import { CorruptFileError } from '../../../errors.ts';
import { builtinInfos } from './builtin-infos.ts';
import { InfoSet } from './info-set.ts';
import { member, numberOf, textOf } from './member.ts';
import { listItems } from './member-list.ts';
import type { ObjectNode, PointerNode, SpanGraph, SpanNode } from './span-graph.ts';
import { storedSize } from './streamer-info.ts';
import type { StreamerElement, StreamerInfo } from './streamer-info.ts';
import { walkObject } from './walk.ts';

/** A parsed StreamerInfo record. */
export interface InfoRecord {
  /** The list as a graph: what info-union.ts unites. */
  graph: SpanGraph;
  infos: StreamerInfo[];
  /** Slot of each info in the graph, by index as in `infos`. */
  slots: PointerNode[];
  /** Slot of the list of rules, or null. */
  ruleList: PointerNode | null;
  /** Texts of the rules. */
  rules: string[];
}

/**
 * Parses the payload of a StreamerInfo record.
 * @param keylen bytes of its key header: 64, or 72 in the big form
 */
export function parseInfoRecord(payload: Uint8Array, keylen: number): InfoRecord {
  const graph = walkObject(payload, keylen, 'TList', bootstrapInfos());
  const record: InfoRecord = { graph, infos: [], slots: [], ruleList: null, rules: [] };
  for (const slot of listItems(graph.root)) {
    if (slot.className === 'TStreamerInfo' && slot.target?.kind === 'object') {
      record.infos.push(toInfo(slot.target));
      record.slots.push(slot);
    } else if (slot.className === 'TList' && slot.target !== null) {
      record.ruleList = slot;
      for (const rule of listItems(slot.target)) record.rules.push(textOf(rule, 'fString'));
    } else throw new CorruptFileError(`unexpected ${slot.className || 'null'} in the list of streamer infos`, { offset: slot.start });
  }
  return record;
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

function toInfo(node: ObjectNode): StreamerInfo {
  const elements = member(node, 'fElements');
  return {
    className: textOf(node, 'fName'),
    classVersion: numberOf(node, 'fClassVersion'),
    checksum: numberOf(node, 'fCheckSum'),
    elements: elements?.kind === 'pointer' && elements.target !== null ? listItems(elements.target).map(toElement) : [],
  };
}

function toElement(slot: PointerNode): StreamerElement {
  const node: SpanNode | null = slot.target;
  if (node?.kind !== 'object') throw new CorruptFileError('streamer element is missing', { offset: slot.start });
  const title = textOf(node, 'fTitle');
  const type = numberOf(node, 'fType');
  const maxIndex = member(node, 'fMaxIndex') === null ? [] : [0, 1, 2, 3, 4].map((i) => numberOf(node, 'fMaxIndex', i));
  return {
    elementClass: slot.className,
    name: textOf(node, 'fName'),
    title,
    type,
    size: numberOf(node, 'fSize'),
    arrayLength: numberOf(node, 'fArrayLength'),
    arrayDim: numberOf(node, 'fArrayDim'),
    maxIndex,
    typeName: textOf(node, 'fTypeName'),
    baseVersion: numberOf(node, 'fBaseVersion', 0, 0),
    countName: textOf(node, 'fCountName', ''),
    countClass: textOf(node, 'fCountClass', ''),
    countVersion: numberOf(node, 'fCountVersion', 0, 0),
    stlType: numberOf(node, 'fSTLtype', 0, 0),
    cType: numberOf(node, 'fCtype', 0, 0),
    storedSize: storedSize(type, title, numberOf(node, 'fBits', 0, 0)),
  };
}
