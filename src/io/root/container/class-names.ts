/** Names of the classes in a key list, each made into a string once. */
import { tstringText } from '../../bytes/big-endian.ts';

/** Interns class names; keys of one class usually follow each other, so the last one is tried first. */
export class ClassNames {
  readonly names: string[] = [];
  readonly #bytes: Uint8Array;
  readonly #byName = new Map<string, number>();
  #last = -1;
  #lastAt = 0;
  #lastLength = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Index of the TString that spans [from, to). */
  index(from: number, to: number): number {
    if (this.#last >= 0 && to - from === this.#lastLength && this.#equalsLast(from)) return this.#last;
    const name = tstringText(this.#bytes.subarray(from, to));
    let index = this.#byName.get(name);
    if (index === undefined) {
      index = this.names.push(name) - 1;
      this.#byName.set(name, index);
    }
    this.#last = index;
    this.#lastAt = from;
    this.#lastLength = to - from;
    return index;
  }

  #equalsLast(from: number): boolean {
    for (let k = 0; k < this.#lastLength; k++) {
      if (this.#bytes[from + k] !== this.#bytes[this.#lastAt + k]) return false;
    }
    return true;
  }
}
