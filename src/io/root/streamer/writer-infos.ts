/** The streamer infos of the classes the project writes, as ROOT 6 writes them: what objects are encoded with, and what files get. */
import { decompress } from '../../codec/payload.ts';
import { encodeGraph } from './encode.ts';
import { InfoUnion } from './info-union.ts';
import type { InfoSet } from './info-set.ts';
import { setListItems } from './member-list.ts';
import { parseInfoSet, walkInfoRecord } from './parse-infos.ts';
import type { StreamerInfo } from './streamer-info.ts';
import { encodeClassInfos, type ClassLayout } from './written-class.ts';
import { WRITER_INFOS, WRITER_INFOS_BYTES, WRITER_INFOS_KEYLEN } from './writer-infos-data.ts';

let payload: Uint8Array | undefined;

function infoPayload(): Uint8Array {
  payload ??= decompress(Buffer.from(WRITER_INFOS, 'base64'), WRITER_INFOS_BYTES).slice();
  return payload;
}

let infos: InfoSet | undefined;

/** One info per class: the version that is written. */
export function writerInfos(): InfoSet {
  infos ??= parseInfoSet(infoPayload(), WRITER_INFOS_KEYLEN);
  return infos;
}

/**
 * The payload of a StreamerInfo record, for a key of `keylen` bytes, that describes the given classes and all classes their
 * objects can consist of, and the declared classes; schema rules are left out, as the classes are written in their newest version.
 */
export function encodeWriterInfos(classNames: Iterable<string>, keylen: number, layouts: readonly ClassLayout[] = []): Uint8Array {
  const known = encodeKnownInfos(classNames, keylen);
  if (layouts.length === 0) return known;
  const union = new InfoUnion();
  union.add(known, keylen);
  union.add(encodeClassInfos(layouts, keylen), keylen);
  return union.encode(keylen);
}

function encodeKnownInfos(classNames: Iterable<string>, keylen: number): Uint8Array {
  const record = walkInfoRecord(infoPayload(), WRITER_INFOS_KEYLEN);
  const needed = neededClasses(classNames, record.infos);
  setListItems(
    record.graph.root,
    record.slots.filter((_, i) => needed.has(record.infos[i]?.className ?? '')),
  );
  return encodeGraph(record.graph, { keylen });
}

/** The classes, their bases and the types of their members. */
function neededClasses(classNames: Iterable<string>, all: readonly StreamerInfo[]): Set<string> {
  const byName = new Map(all.map((info) => [info.className, info]));
  const needed = new Set<string>();
  const waiting = [...classNames];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const info = byName.get(name);
    if (info === undefined || needed.has(name)) continue;
    needed.add(name);
    for (const element of info.elements) {
      waiting.push(element.elementClass === 'TStreamerBase' ? element.name : element.typeName.replace(/\*$/, ''));
    }
  }
  return needed;
}
