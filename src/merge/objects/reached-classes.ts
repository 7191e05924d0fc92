/** The classes that objects of a type may consist of, as two inputs describe them. */
import type { InfoSet } from '../../io/root/streamer/info-set.ts';
import type { StreamerElement } from '../../io/root/streamer/streamer-info.ts';

/** A name of a class within a type, and the star behind it if what is held there is a pointer. */
const NAME = /([A-Za-z_][\w:]*)\s*(\*?)/g;

/** Collections whose items are pointers to TObject. */
const COLLECTIONS: ReadonlySet<string> = new Set([
  'TObjArray',
  'TClonesArray',
  'TList',
  'THashList',
  'TSortedList',
  'TOrdCollection',
  'THashTable',
  'TMap',
  'TCollection',
  'TSeqCollection',
]);

/** Grows with `add`: everything a type holds by value, by pointer, as base class or in a collection. */
export class ReachedClasses {
  /** All classes met. */
  readonly names: Set<string> = new Set<string>();
  /** Those that are items of a collection by value, and their bases: stored member by member, perhaps. */
  readonly items: Set<string> = new Set<string>();
  /** True with a TClonesArray: it stores its objects member by member. */
  hasClones = false;
  readonly #sides: readonly InfoSet[];
  /** Classes a pointer to was met. */
  readonly #pointees = new Set<string>();

  constructor(a: InfoSet, b: InfoSet) {
    this.#sides = [a, b];
  }

  /** Adds a type as it stands in a branch or streamer element. `isItem`: objects of it are items of a collection. */
  add(typeName: string, isItem: boolean): void {
    const queue: [string, boolean][] = [[typeName, isItem]];
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      for (const [name, item] of this.#parts(...next)) {
        if (this.#note(name, item)) continue;
        for (const { elementClass, name: base, typeName: type } of this.#elementsOf(name)) {
          queue.push(elementClass === 'TStreamerBase' ? [base, item] : [type, false]);
        }
      }
    }
  }

  /** True when a pointer that was met may lead to an object of that class. */
  mayPointTo(className: string): boolean {
    const seen = new Set<string>();
    const queue = [className];
    for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
      if (this.#pointees.has(name)) return true;
      if (seen.has(name)) continue;
      seen.add(name);
      for (const { elementClass, name: base } of this.#elementsOf(name)) {
        if (elementClass === 'TStreamerBase') queue.push(base);
      }
    }
    return false;
  }

  /** Members and bases of a class, in all versions that either side describes. */
  #elementsOf(className: string): StreamerElement[] {
    return this.#sides.flatMap((infos) => infos.all(className)).flatMap(({ elements }) => elements);
  }

  /** Class names in a type: the whole of a template first, then what is in it. */
  #parts(typeName: string, isItem: boolean): [string, boolean][] {
    const inTemplate = typeName.includes('<');
    const whole = typeName.replace(/[\s*]+$/, '');
    if (typeName.endsWith('*')) this.#pointees.add(whole);
    const parts: [string, boolean][] = inTemplate ? [[whole, isItem]] : [];
    for (const [, name, star] of typeName.matchAll(NAME)) {
      if (name === undefined) continue;
      if (star === '*') this.#pointees.add(name);
      if (name === 'TClonesArray') this.hasClones = true;
      if (COLLECTIONS.has(name)) this.#pointees.add('TObject');
      parts.push([name, star !== '*' && (isItem || inTemplate)]);
    }
    return parts;
  }

  /** True when nothing new. */
  #note(name: string, isItem: boolean): boolean {
    const known = this.names.has(name) && (!isItem || this.items.has(name));
    this.names.add(name);
    if (isItem) this.items.add(name);
    return known;
  }
}
