/** Whether a list has an element equal to a given one, among up to 10^5: each is not compared with each. */
import { UnsupportedError } from '../../errors.ts';
import { encodeGraph } from '../../io/root/streamer/encode.ts';
import { textOf } from '../../io/root/streamer/member.ts';
import { graphOfPart, type PointerNode } from '../../io/root/streamer/span-graph.ts';
import { compareNodes } from '../object/compare-graphs.ts';
import { DifferenceList } from '../object/difference.ts';

/** Elements of a list: mostly the equal one has equal bytes, else it has the same class and name. */
export class ElementSearch {
  readonly #texts = new Set<string>();
  readonly #byName = new Map<string, PointerNode[]>();

  constructor(slots: readonly PointerNode[]) {
    for (const slot of slots) {
      const text = bytesOf(slot);
      if (text !== undefined) this.#texts.add(text);
      const name = nameIn(slot);
      const known = this.#byName.get(name);
      if (known === undefined) this.#byName.set(name, [slot]);
      else known.push(slot);
    }
  }

  /** True when an element is equal to `slot`; bits that say something of memory only do not count (compareNodes). */
  has(slot: PointerNode): boolean {
    const text = bytesOf(slot);
    if (text !== undefined && this.#texts.has(text)) return true;
    return this.#byName.get(nameIn(slot))?.some((each) => isEqual(each, slot)) === true;
  }
}

/** Class and name of an element. */
export function nameIn({ className, target }: PointerNode): string {
  return `${className}\0${target === null ? '' : textOf(target, 'fName', '')}`;
}

/** Class and bytes as the object would stand in a key of its own, a character per byte; undefined where some of it is not understood. */
function bytesOf({ className, target }: PointerNode): string | undefined {
  if (target?.kind !== 'object') return undefined;
  try {
    return `${className}\0${Buffer.from(encodeGraph(graphOfPart(target), { keylen: 0 })).toString('latin1')}`;
  } catch (err) {
    if (err instanceof UnsupportedError) return undefined;
    throw err;
  }
}

function isEqual(a: PointerNode, b: PointerNode): boolean {
  if (a.className !== b.className || a.target === null || b.target === null) return a.target === b.target;
  const found = new DifferenceList(0);
  compareNodes(a.target, b.target, '', { tolerance: {} }, found);
  return found.count === 0;
}
