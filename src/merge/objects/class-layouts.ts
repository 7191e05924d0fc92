/**
 * Do two inputs mean the same by one version of a class? Baskets carry class versions only, so two
 * layouts under one version cannot be told apart once they stand in one branch.
 * Checksums are no proof of a difference: ROOT 5 and 6 compute them differently for one layout.
 */
import type { InfoSet } from '../../io/root/streamer/info-set.ts';
import { packingOf, type StreamerElement, type StreamerInfo } from '../../io/root/streamer/streamer-info.ts';
import { TypeCode } from '../../io/root/streamer/type-codes.ts';
import { plainName } from '../../io/root/streamer/type-name.ts';
import { ReachedClasses } from './reached-classes.ts';

/** What two inputs describe differently; names of classes with the words for a message. */
interface LayoutDifferences {
  /** Members differ under one version. */
  layouts: Map<string, string>;
  /**
   * Equal members and version, but another version of a base class. It matters in member-wise collections only: there bases
   * stand without a version of their own (docs/format/streamer.md).
   */
  bases: Map<string, string>;
  /** Answers given, by the types asked for: thousands of branches have few classes. */
  answers: Map<string, string | undefined>;
}

const DIFFERING = new WeakMap<InfoSet, WeakMap<InfoSet, LayoutDifferences>>();

/** Names of ROOT's own classes, by its rules: they change with its releases, but are mostly elsewhere in a file (histograms, canvases). */
const ROOT_CLASS = /^T[A-Z]\w*$/;

/** The classes a branch holds. */
export interface BranchTypes {
  /** Class of the branch: fClassName. */
  className: string;
  /** Class of the objects of a split TClonesArray: fClonesName. */
  clonesName?: string;
  /** True where entries may hold an object of any derived class: TBranchObject. */
  isVirtual?: boolean;
}

/**
 * First class that may be met in a branch of these types and whose layout differs between the inputs under one version;
 * undefined: none.
 */
export function differingClass(a: InfoSet, b: InfoSet, types: BranchTypes): string | undefined {
  if (a === b) return undefined;
  const found = differences(a, b);
  if (found.layouts.size === 0 && found.bases.size === 0) return undefined;
  const key = `${types.className}\0${types.clonesName ?? ''}\0${types.isVirtual ?? false}`;
  if (!found.answers.has(key)) found.answers.set(key, search(reachedClasses(a, b, types), found));
  return found.answers.get(key);
}

function reachedClasses(a: InfoSet, b: InfoSet, { className, clonesName = '', isVirtual = false }: BranchTypes): ReachedClasses {
  const reached = new ReachedClasses(a, b);
  reached.add(isVirtual ? `${className}*` : className, false);
  if (clonesName !== '') reached.add(clonesName, true);
  return reached;
}

function search(reached: ReachedClasses, { layouts, bases }: LayoutDifferences): string | undefined {
  const certain = [...reached.names].find((name) => layouts.has(name)) ?? [...reached.items].find((name) => bases.has(name));
  if (certain !== undefined) return layouts.get(certain) ?? bases.get(certain);
  return differingBehindPointers(reached, layouts, bases);
}

/** Objects behind pointers, and in ROOT's collections, may be of any derived class that both files describe. */
function differingBehindPointers(reached: ReachedClasses, layouts: Map<string, string>, bases: Map<string, string>): string | undefined {
  const behind = ([name]: readonly [string, string]): boolean => !ROOT_CLASS.test(name) && reached.mayPointTo(name);
  return ([...layouts].find(behind) ?? (reached.hasClones ? [...bases].find(behind) : undefined))?.[1];
}

/** True when both checksums stand for the same layout of a class: equal, or described alike by both inputs. */
export function sameChecksumLayout(a: InfoSet, b: InfoSet, className: string, checksumA: number, checksumB: number): boolean {
  if (checksumA === checksumB) return true;
  const [infoA, infoB] = [a.findByChecksum(className, checksumA), b.findByChecksum(className, checksumB)];
  return infoA !== undefined && infoB !== undefined && sameLayout(infoA, infoB);
}

function differences(a: InfoSet, b: InfoSet): LayoutDifferences {
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

function compareInfos(a: InfoSet, b: InfoSet): LayoutDifferences {
  const versions = new Map<string, StreamerInfo[]>();
  for (const info of a.list()) {
    const key = `${info.className};${info.classVersion}`;
    versions.set(key, [...(versions.get(key) ?? []), info]);
  }
  const found: LayoutDifferences = { layouts: new Map(), bases: new Map(), answers: new Map() };
  for (const info of b.list()) {
    const words = `${info.className} version ${info.classVersion}`;
    const others = versions.get(`${info.className};${info.classVersion}`);
    const alike = others?.filter((other) => sameLayout(other, info));
    if (alike?.length === 0) found.layouts.set(info.className, words);
    else if (alike !== undefined && !alike.some((other) => sameBases(other, info))) {
      found.bases.set(info.className, `${words} (with another version of a base class)`);
    }
  }
  return found;
}

/** True when objects of both infos have the same members and bytes. */
export function sameLayout(a: StreamerInfo, b: StreamerInfo): boolean {
  if (a.checksum === b.checksum && a.classVersion === b.classVersion) return true;
  return (
    a.elements.length === b.elements.length && a.elements.every((element, i) => sameElement(element, b.elements[i] as StreamerElement))
  );
}

function sameBases(a: StreamerInfo, b: StreamerInfo): boolean {
  const versions = (info: StreamerInfo): string =>
    info.elements.flatMap((e) => (e.elementClass === 'TStreamerBase' ? [`${e.name};${e.baseVersion}`] : [])).join();
  return versions(a) === versions(b);
}

function sameElement(a: StreamerElement, b: StreamerElement): boolean {
  return (
    a.name === b.name &&
    a.type === b.type &&
    a.arrayLength === b.arrayLength &&
    a.storedSize === b.storedSize &&
    a.countName === b.countName &&
    plainName(a.typeName) === plainName(b.typeName) &&
    samePacking(a, b)
  );
}

/** Double32_t and Float16_t of one size may mean other numbers: their range is in the title. */
function samePacking(a: StreamerElement, b: StreamerElement): boolean {
  const code = a.type % 20;
  if (a.type >= 60 || (code !== TypeCode.double32 && code !== TypeCode.float16)) return true;
  const [x, y] = [packingOf(a.title, code), packingOf(b.title, code)];
  return x.low === y.low && x.factor === y.factor && x.bits === y.bits;
}
