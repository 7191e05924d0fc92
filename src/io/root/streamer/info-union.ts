/**
 * Union of the streamer infos of many files, keyed by (class, version, checksum), in order of first appearance; the rules of
 * all `listOfRules` united into one list behind them. No info of any input is dropped: different checksums of one
 * version are all kept. The result is encoded anew, because class and object tags of the lists count from their keys.
 */
import { encodeGraph } from './encode.ts';
import { textOf } from './member.ts';
import { listItems, setListItems } from './member-list.ts';
import { parseInfoRecord, walkInfoRecord } from './parse-infos.ts';
import type { PointerNode } from './span-graph.ts';

/** Payloads kept to recognise equal ones: files of one merge have few kinds of them. */
const MAX_REMEMBERED = 32;

/** A record that brought something new: which of its infos, by index. */
interface Contribution {
  payload: Uint8Array;
  keylen: number;
  infos: number[];
  /** True if that is all of them. */
  whole: boolean;
}

/** Collects StreamerInfo records. Equal payloads are recognised by their bytes and cost a comparison only. */
export class InfoUnion {
  /** Payloads seen last, the latest at the end. */
  readonly #payloads: { bytes: Uint8Array; keylen: number }[] = [];
  readonly #contributions: Contribution[] = [];
  readonly #keys = new Set<string>();
  readonly #rules = new Set<string>();

  /** Adds the decompressed payload of a StreamerInfo record whose key header has `keylen` bytes. */
  add(payload: Uint8Array, keylen: number): void {
    if (this.#payloads.some((old) => old.keylen === keylen && Buffer.compare(old.bytes, payload) === 0)) return;
    const { infos, rules } = parseInfoRecord(payload, keylen);
    // A copy: the caller may use the buffer again.
    const bytes = new Uint8Array(payload);
    this.#payloads.push({ bytes, keylen });
    if (this.#payloads.length > MAX_REMEMBERED) this.#payloads.shift();
    const fresh: number[] = [];
    infos.forEach((info, i) => {
      const key = `${info.className}\0${info.classVersion}\0${info.checksum}`;
      if (!this.#keys.has(key)) fresh.push(i);
      this.#keys.add(key);
    });
    const ruleCount = this.#rules.size;
    for (const rule of rules) this.#rules.add(rule);
    const isNew = fresh.length > 0 || this.#rules.size > ruleCount;
    if (isNew || this.#contributions.length === 0) {
      this.#contributions.push({ payload: bytes, keylen, infos: fresh, whole: fresh.length === infos.length });
    }
  }

  /** Number of distinct infos, the list of rules not counted. */
  get count(): number {
    return this.#keys.size;
  }

  /** The (class, version, checksum) keys, separated by NUL, in the order of the encoded list. */
  keys(): string[] {
    return [...this.#keys];
  }

  /** Texts of all rules. */
  rules(): string[] {
    return [...this.#rules];
  }

  /** See encodeInfoList. */
  encode(keylen: number): Uint8Array {
    const [first, ...others] = this.#contributions;
    if (first === undefined) return emptyList();
    const unchanged = others.length === 0 && first.whole;
    if (unchanged && first.keylen === keylen) return first.payload;
    const walked = this.#contributions.map((from) => ({ from, record: walkInfoRecord(from.payload, from.keylen) }));
    const home = walked[0]?.record.graph ?? walkInfoRecord(first.payload, first.keylen).graph;
    if (!unchanged) {
      const slots = walked.flatMap(({ from, record }) => from.infos.map((i) => record.slots[i] as PointerNode));
      setListItems(home.root, [...slots, ...uniteRules(walked.map(({ record }) => record.ruleList))]);
    }
    return encodeGraph(home, { keylen });
  }
}

/** One list of rules with every text once: the first list, filled; none if there is no list. */
function uniteRules(lists: readonly (PointerNode | null)[]): PointerNode[] {
  const present = lists.filter((list) => list !== null);
  const [first] = present;
  if (first === undefined) return [];
  const rules = new Map<string, PointerNode>();
  for (const rule of present.flatMap(listItems)) {
    const text = textOf(rule, 'fString');
    if (!rules.has(text)) rules.set(text, rule);
  }
  setListItems(first, [...rules.values()]);
  return [first];
}

/**
 * The payload of a StreamerInfo record with the united infos, for a key header of `keylen` bytes (64, or 72 beyond
 * 2 000 000 000). An empty union gives an empty TList; a single list for its own key length is given back as it is.
 */
export function encodeInfoList(union: InfoUnion, keylen: number): Uint8Array {
  return union.encode(keylen);
}

/** TList version 5: frame, TObject (version 1, fBits kNotDeleted as ROOT writes it), no name, no items. */
function emptyList(): Uint8Array {
  return new Uint8Array([0x40, 0, 0, 17, 0, 5, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0]);
}
