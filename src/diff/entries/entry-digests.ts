/**
 * Digests of 128 bits over entries, branch by branch, and entries of two sides joined by equal digests. They tell
 * entries apart, not forgers: the mixing is that of MurmurHash3 (x86, 128 bits; A. Appleby, public domain).
 */

/** Words of 32 bits in a digest. */
const WORDS = 4;
const [C1, C2, C3, C4] = [0x239b961b, 0xab0e9789, 0x38b34ae5, 0xa1e38b93];

/** The digest of each of some entries, in their order. */
export class EntryDigests {
  /** Numbers of the entries; undefined: entry i is the i-th. */
  readonly entries: Uint32Array | undefined;
  readonly count: number;
  readonly words: Uint32Array;

  /** `entries`: their numbers, or how many there are from 0 on. */
  constructor(entries: Uint32Array | number) {
    this.entries = typeof entries === 'number' ? undefined : entries;
    this.count = typeof entries === 'number' ? entries : entries.length;
    this.words = new Uint32Array(this.count * WORDS);
  }

  /** Number of the i-th entry. */
  entry(i: number): number {
    return this.entries === undefined ? i : (this.entries[i] as number);
  }

  /** Takes further bytes into the digest of the i-th entry, with their length. */
  add(i: number, data: Uint8Array, start: number, end: number): void {
    const { words } = this;
    const at = i * WORDS;
    let [h1, h2, h3, h4] = [words[at] as number, words[at + 1] as number, words[at + 2] as number, words[at + 3] as number];
    const word = (from: number): number => (from + 4 <= end ? wordAt(data, from) : lastWord(data, from, end));
    const length = end - start;
    for (let from = start; from < end || from === start; from += 16) {
      h1 = Math.imul(rotated(h1 ^ Math.imul(rotated(Math.imul(word(from), C1), 15), C2), 19) + h2, 5) + 0x561ccd1b;
      h2 = Math.imul(rotated(h2 ^ Math.imul(rotated(Math.imul(word(from + 4), C2), 16), C3), 17) + h3, 5) + 0x0bcaa747;
      h3 = Math.imul(rotated(h3 ^ Math.imul(rotated(Math.imul(word(from + 8), C3), 17), C4), 15) + h4, 5) + 0x96cd1c35;
      h4 = Math.imul(rotated(h4 ^ Math.imul(rotated(Math.imul(word(from + 12), C4), 18), C1), 13) + h1, 5) + 0x32ac3b17;
    }
    h1 ^= length;
    h2 ^= length;
    h3 ^= length;
    h4 ^= length;
    h1 = (h1 + h2 + h3 + h4) | 0;
    [h2, h3, h4] = [finished(h2 + h1), finished(h3 + h1), finished(h4 + h1)];
    h1 = finished(h1);
    h1 = (h1 + h2 + h3 + h4) | 0;
    words[at] = h1;
    words[at + 1] = h2 + h1;
    words[at + 2] = h3 + h1;
    words[at + 3] = h4 + h1;
  }

  /** Takes the digest of an entry of others into that of the i-th. */
  addDigest(i: number, others: EntryDigests, j: number): void {
    const bytes = new Uint8Array(others.words.buffer, j * WORDS * 4, WORDS * 4);
    this.add(i, bytes, 0, bytes.length);
  }
}

function wordAt(data: Uint8Array, at: number): number {
  return (data[at] as number) | ((data[at + 1] as number) << 8) | ((data[at + 2] as number) << 16) | ((data[at + 3] as number) << 24);
}

/** A word of fewer than four bytes, or none. */
function lastWord(data: Uint8Array, at: number, end: number): number {
  let word = 0;
  for (let i = 0; at + i < end; i++) word |= (data[at + i] as number) << (8 * i);
  return word;
}

function rotated(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}

function finished(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** Entries of two sides that have equal digests. */
export interface DigestJoin {
  /** Numbers of entries: the i-th of one belongs to the i-th of the other. */
  left: Uint32Array;
  right: Uint32Array;
  /** Places in the digests of those without partner. */
  leftOnly: number[];
  rightOnly: number[];
  /** Places in the digests of those whose digest occurs more than once on either side. */
  leftRepeated: number[];
  rightRepeated: number[];
}

/** Joins entries by equal digests; of equal ones the first belongs to the first, the second to the second. */
export function joinDigests(left: EntryDigests, right: EntryDigests): DigestJoin {
  const table = new DigestTable(right);
  const [pairsLeft, pairsRight] = [new Uint32Array(left.count), new Uint32Array(left.count)];
  const join: DigestJoin = { left: pairsLeft, right: pairsRight, leftOnly: [], rightOnly: [], leftRepeated: [], rightRepeated: [] };
  const slots = new Int32Array(left.count);
  let count = 0;
  for (let i = 0; i < left.count; i++) {
    slots[i] = table.slot(left, i);
    const j = table.take(slots[i] as number);
    if (j < 0) {
      join.leftOnly.push(i);
      continue;
    }
    pairsLeft[count] = left.entry(i);
    pairsRight[count++] = right.entry(j);
  }
  for (let i = 0; i < left.count; i++) if (table.isRepeated(slots[i] as number)) join.leftRepeated.push(i);
  for (let j = 0; j < right.count; j++) {
    if (!table.isTaken(j)) join.rightOnly.push(j);
    if (table.isRepeated(table.slot(right, j))) join.rightRepeated.push(j);
  }
  return { ...join, left: pairsLeft.subarray(0, count), right: pairsRight.subarray(0, count) };
}

/** Digests by value: open addressing, equal ones in a chain. */
class DigestTable {
  readonly #digests: EntryDigests;
  readonly #mask: number;
  /** By slot: 1 + the place of the digest that owns it, 1 + the next to take, and how many are and were asked for. */
  readonly #owner: Int32Array;
  readonly #head: Int32Array;
  readonly #stored: Int32Array;
  readonly #asked: Int32Array;
  readonly #next: Int32Array;
  readonly #taken: Uint8Array;

  constructor(digests: EntryDigests) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(2, digests.count * 2)));
    this.#digests = digests;
    this.#mask = size - 1;
    this.#owner = new Int32Array(size);
    this.#head = new Int32Array(size);
    this.#stored = new Int32Array(size);
    this.#asked = new Int32Array(size);
    this.#next = new Int32Array(digests.count);
    this.#taken = new Uint8Array(digests.count);
    for (let i = digests.count - 1; i >= 0; i--) {
      const slot = this.slot(digests, i);
      this.#owner[slot] ||= i + 1;
      this.#next[i] = this.#head[slot] as number;
      this.#head[slot] = i + 1;
      this.#stored[slot] = (this.#stored[slot] as number) + 1;
    }
  }

  /** The slot of a digest, or the free one where it would stand. */
  slot({ words }: EntryDigests, i: number): number {
    const own = this.#digests.words;
    for (let slot = (words[i * WORDS] as number) & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const owner = (this.#owner[slot] as number) - 1;
      if (owner < 0) return slot;
      let k = 0;
      while (k < WORDS && own[owner * WORDS + k] === words[i * WORDS + k]) k++;
      if (k === WORDS) return slot;
    }
  }

  /** Place of the first digest in a slot that is not taken, which it then is; -1 when there is none. */
  take(slot: number): number {
    this.#asked[slot] = (this.#asked[slot] as number) + (this.#owner[slot] === 0 ? 0 : 1);
    const i = (this.#head[slot] as number) - 1;
    if (i < 0) return -1;
    this.#head[slot] = this.#next[i] as number;
    this.#taken[i] = 1;
    return i;
  }

  isTaken(i: number): boolean {
    return this.#taken[i] === 1;
  }

  /** True for a digest that is stored, and occurs more than once among the stored ones or those asked for. */
  isRepeated(slot: number): boolean {
    return (this.#stored[slot] as number) > 0 && ((this.#stored[slot] as number) > 1 || (this.#asked[slot] as number) > 1);
  }
}
