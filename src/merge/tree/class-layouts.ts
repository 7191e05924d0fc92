/**
 * Do two inputs mean the same by one version of a class? Baskets carry class versions only, so two
 * layouts under one version cannot be told apart once they stand in one branch.
 * Checksums are no proof of a difference: ROOT 5 and 6 compute them differently for one layout.
 */
import type { InfoSet } from '../../io/root/streamer/info-set.ts';
import type { StreamerElement, StreamerInfo } from '../../io/root/streamer/streamer-info.ts';

const NAME = /[A-Za-z_][\w:]*/g;
const DIFFERING = new WeakMap<InfoSet, WeakMap<InfoSet, Map<string, string>>>();

/** First class reachable from `typeName` whose layout differs between the inputs under one version; undefined: none. */
export function differingClass(a: InfoSet, b: InfoSet, typeName: string): string | undefined {
  if (a === b) return undefined;
  const differing = differingClasses(a, b);
  if (differing.size === 0) return undefined;
  const seen = new Set<string>();
  const queue = [typeName];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    for (const part of [name, ...(name.match(NAME) ?? [])]) {
      if (seen.has(part)) continue;
      seen.add(part);
      if (differing.has(part)) return differing.get(part);
      for (const info of a.all(part)) queue.push(...info.elements.map((e) => (e.elementClass === 'TStreamerBase' ? e.name : e.typeName)));
    }
  }
  return undefined;
}

/** True when both checksums stand for the same layout of a class: equal, or described alike by both inputs. */
export function sameChecksumLayout(a: InfoSet, b: InfoSet, className: string, checksumA: number, checksumB: number): boolean {
  if (checksumA === checksumB) return true;
  const [infoA, infoB] = [a.findByChecksum(className, checksumA), b.findByChecksum(className, checksumB)];
  return infoA !== undefined && infoB !== undefined && sameLayout(infoA, infoB);
}

function differingClasses(a: InfoSet, b: InfoSet): Map<string, string> {
  let byOther = DIFFERING.get(a);
  if (byOther === undefined) {
    byOther = new WeakMap();
    DIFFERING.set(a, byOther);
  }
  let known = byOther.get(b);
  if (known === undefined) {
    known = compareInfos(a, b);
    byOther.set(b, known);
  }
  return known;
}

function compareInfos(a: InfoSet, b: InfoSet): Map<string, string> {
  const versions = new Map<string, StreamerInfo[]>();
  for (const info of a.list()) {
    const key = `${info.className};${info.classVersion}`;
    versions.set(key, [...(versions.get(key) ?? []), info]);
  }
  const differing = new Map<string, string>();
  for (const info of b.list()) {
    const others = versions.get(`${info.className};${info.classVersion}`);
    if (others === undefined || others.some((other) => sameLayout(other, info))) continue;
    differing.set(info.className, `${info.className} version ${info.classVersion}`);
  }
  return differing;
}

function sameLayout(a: StreamerInfo, b: StreamerInfo): boolean {
  if (a.checksum === b.checksum && a.classVersion === b.classVersion) return true;
  return a.elements.length === b.elements.length && a.elements.every((element, i) => sameElement(element, b.elements[i] as StreamerElement));
}

function sameElement(a: StreamerElement, b: StreamerElement): boolean {
  return (
    a.name === b.name &&
    a.type === b.type &&
    a.arrayLength === b.arrayLength &&
    a.storedSize === b.storedSize &&
    a.countName === b.countName &&
    plainName(a.typeName) === plainName(b.typeName)
  );
}

/** Type names of ROOT 5 and 6 differ in blanks and in `std::`. */
function plainName(typeName: string): string {
  return typeName.replaceAll('std::', '').replaceAll(/\s+/g, '');
}
