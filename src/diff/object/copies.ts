/** Copies of objects that are not joined: which cycle of a merged file is which copy of an input. */
import { createHash } from 'node:crypto';
import { compareGraphs } from './compare-graphs.ts';
import { DifferenceList } from './difference.ts';
import { graphOf, isStoredEqual, processIdsOf, storedOf, type FileObject } from './file-objects.ts';

/**
 * True when an object of a merged file is the same as one of an input: stored in the same bytes, or the same once they are read. Which is
 * which matters for references: an input need not have all process ids of the merged file. Throws CorruptFileError, UnsupportedError.
 */
export function isSameObject(merged: FileObject, copy: FileObject): boolean {
  const [a, b] = [merged, copy];
  if (a.className !== b.className) return false;
  const processIds = processIdsOf(a, b);
  if (isStoredEqual(a, b) && (processIds === undefined || processIds[0].areSame(processIds[1]))) return true;
  const differences = new DifferenceList(0);
  compareGraphs(graphOf(a), graphOf(b), { tolerance: {}, ...(processIds !== undefined && { processIds }) }, differences);
  return differences.count === 0;
}

/**
 * Finds objects among others. Thousands of inputs may each have a copy of their own, so not all are tried: first those stored in the same
 * bytes, then those around the one found last, since copies that were compressed anew stand in the order of the inputs, too.
 */
export class CopySearch {
  readonly #among: readonly FileObject[];
  #byDigest: Map<string, FileObject[]> | undefined;
  #last = 0;
  readonly #isSame: (among: FileObject, object: FileObject) => boolean;

  /**
   * @param among in the order in which they will be looked for
   * @param isSame compares one of them with what is looked for
   */
  constructor(among: readonly FileObject[], isSame: (among: FileObject, object: FileObject) => boolean) {
    this.#among = among;
    this.#isSame = isSame;
  }

  /** One that is the same object; undefined: none is. Throws CorruptFileError, UnsupportedError. */
  find(object: FileObject): FileObject | undefined {
    return this.#storedAlike(object).find((each) => this.#isSame(each, object)) ?? this.#findInOrder(object);
  }

  #storedAlike(object: FileObject): readonly FileObject[] {
    if (this.#among.length < 2) return [];
    if (this.#byDigest === undefined) {
      this.#byDigest = new Map();
      for (const each of this.#among) {
        const digest = digestOf(each);
        const alike = this.#byDigest.get(digest);
        if (alike === undefined) this.#byDigest.set(digest, [each]);
        else alike.push(each);
      }
    }
    return this.#byDigest.get(digestOf(object)) ?? [];
  }

  /** From the one found last on, in both directions: cycles of one input stand in the opposite order. */
  #findInOrder(object: FileObject): FileObject | undefined {
    const count = this.#among.length;
    for (let i = 0; i < count; i++) {
      const step = (i + 1) >> 1;
      const at = (this.#last + (i % 2 === 1 ? step : count - step)) % count;
      const each = this.#among[at];
      if (each === undefined || !this.#isSame(each, object)) continue;
      this.#last = at;
      return each;
    }
    return undefined;
  }
}

/** Of the stored bytes. */
function digestOf(object: FileObject): string {
  return createHash('sha1').update(storedOf(object)).digest('base64');
}
