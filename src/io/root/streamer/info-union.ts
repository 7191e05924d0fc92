/**
 * Union of the streamer infos of many files, keyed by (class, version, checksum), in order of first appearance; the rules of
 * all `listOfRules` united into one list behind them. No info of any input is dropped: different checksums of one
 * version are all kept. The result is encoded anew, because class and object tags of the lists count from their keys.
 */
import { encodeGraph } from './encode.ts';
import { textOf } from './member.ts';
import { listItems, setListItems } from './member-list.ts';
import { parseInfoRecord, walkInfoRecord } from './parse-infos.ts';
import type { InfoRecord } from './parse-infos.ts';
import type { PointerNode, SpanGraph } from './span-graph.ts';

/** Payloads kept to recognise equal ones: files of one merge have few kinds of them. */
const MAX_REMEMBERED = 32;

/** Collects StreamerInfo records. Equal payloads are recognised by their bytes and cost a comparison only. */
export class InfoUnion {
  /** Payloads seen last, the latest at the end. */
  readonly #payloads: { bytes: Uint8Array; keylen: number }[] = [];
  #first: SpanGraph | null = null;
  /** True while all infos are those of the first record. */
  #onlyFirst = true;
  readonly #infos = new Map<string, PointerNode>();
  readonly #rules = new Map<string, PointerNode>();
  /** The first listOfRules met: its frame and options serve for the united one. */
  #ruleList: PointerNode | null = null;

  /** Adds the decompressed payload of a StreamerInfo record whose key header has `keylen` bytes. */
  add(payload: Uint8Array, keylen: number): void {
    if (this.#payloads.some((old) => old.keylen === keylen && Buffer.compare(old.bytes, payload) === 0)) return;
    this.#payloads.push({ bytes: payload, keylen });
    if (this.#payloads.length > MAX_REMEMBERED) this.#payloads.shift();
    const record = parseInfoRecord(payload, keylen);
    const before = this.#infos.size + this.#rules.size;
    record.infos.forEach((info, i) => {
      const key = `${info.className}\0${info.classVersion}\0${info.checksum}`;
      const slot = record.slots[i] as PointerNode;
      if (!this.#infos.has(key)) this.#infos.set(key, slot);
    });
    this.#addRules(record);
    if (this.#first === null) this.#first = record.graph;
    else if (this.#infos.size + this.#rules.size > before) this.#onlyFirst = false;
  }

  #addRules(record: InfoRecord): void {
    if (record.ruleList === null) return;
    this.#ruleList ??= record.ruleList;
    for (const rule of listItems(record.ruleList)) {
      const text = textOf(rule, 'fString');
      if (!this.#rules.has(text)) this.#rules.set(text, rule);
    }
  }

  /** Number of distinct infos, the list of rules not counted. */
  get count(): number {
    return this.#infos.size;
  }

  /** The (class, version, checksum) keys, separated by NUL, in the order of the encoded list. */
  keys(): string[] {
    return [...this.#infos.keys()];
  }

  /** Texts of all rules. */
  rules(): string[] {
    return [...this.#rules.keys()];
  }

  /** A list graph with all slots; null if nothing was added. */
  toGraph(): SpanGraph | null {
    const first = this.#first;
    if (first === null || this.#onlyFirst) return first;
    // A graph of its own, so that the first record stays as it was read.
    const { graph } = walkInfoRecord(first.source.bytes, first.source.keylen);
    const slots = [...this.#infos.values()];
    if (this.#ruleList !== null) slots.push(this.#unitedRules(this.#ruleList));
    setListItems(graph.root, slots);
    return graph;
  }

  #unitedRules(list: PointerNode): PointerNode {
    const { bytes, keylen } = list.source;
    const fresh = walkInfoRecord(bytes, keylen).ruleList as PointerNode;
    setListItems(fresh, [...this.#rules.values()]);
    return fresh;
  }
}

/**
 * The payload of a StreamerInfo record with the united infos, for a key header of `keylen` bytes (64, or 72 beyond
 * 2 000 000 000). An empty union gives an empty TList.
 */
export function encodeInfoList(union: InfoUnion, keylen: number): Uint8Array {
  const graph = union.toGraph();
  return graph === null ? emptyList() : encodeGraph(graph, { keylen });
}

/** TList version 5: frame, TObject (version 1, kIsOnHeap and kNotDeleted as ROOT sets them), no name, no items. */
function emptyList(): Uint8Array {
  return new Uint8Array([0x40, 0, 0, 17, 0, 5, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0]);
}
