/**
 * The encoder: from a span graph back to a payload. Untouched ranges are copied in as few pieces as they have gaps; only byte
 * counts, class tags and object tags are computed anew, because tags count from the first byte of the key.
 *
 * An object is written where its first slot stands, later slots get its tag. So slots may be removed, reordered and added,
 * also from other graphs. (TBufferFile::WriteObjectAny, WriteObjectClass)
 */
import { UnsupportedError } from '../../../errors.ts';
import type { ObjectNode, PointerNode, RawNode, SpanGraph, SpanNode, SpanSource, TargetNode } from './span-graph.ts';
import { BYTE_COUNT_MASK, CLASS_MASK, NEW_CLASS_TAG, SELF_TAG, TAG_SHIFT, byteCountWord } from './type-codes.ts';

/** Positions above this do not fit a tag or byte count. */
const MAX_POSITION = 0x3fff_fffe;

/** Where the payload will stand. */
export interface EncodeOptions {
  /** Length in bytes of the key header that will stand in front of the payload. */
  keylen: number;
}

/**
 * Encodes a graph for a key header of `keylen` bytes. With the original key length and nothing replaced the result equals
 * the original payload. Throws UnsupportedError if an opaque part would move: its tags cannot be relocated.
 */
export function encodeGraph(graph: SpanGraph, options: EncodeOptions): Uint8Array {
  const encoder = new Encoder(graph, options.keylen);
  encoder.node(graph.root);
  return encoder.finish();
}

class Encoder {
  readonly #home: SpanSource;
  readonly #keylen: number;
  readonly #objects = new Map<TargetNode, number>();
  readonly #classes = new Map<string, number>();
  /** (position, u32) pairs to set at the end. */
  readonly #patches: number[] = [];
  #out: Uint8Array;
  /** Bytes in #out; the pending range comes behind them. */
  #length = 0;
  #pending: SpanSource;
  #from = 0;
  #to = 0;
  /** True once a slot stands elsewhere than in the original: opaque parts may not follow. */
  #moved: boolean;

  constructor(graph: SpanGraph, keylen: number) {
    this.#home = graph.source;
    this.#keylen = keylen;
    this.#moved = keylen !== graph.source.keylen;
    this.#pending = graph.source;
    // A whole payload stays about as long; a part of one (graphOfPart) may be one of 10^5 elements: room as long as all of it
    // would be too much.
    this.#out = new Uint8Array(graph.root.start === 0 ? graph.source.bytes.length : 0);
    this.#objects.set(graph.root, SELF_TAG);
  }

  node(node: SpanNode): void {
    if (node.kind === 'object') this.#object(node);
    else if (node.kind === 'pointer') this.#pointer(node);
    else this.#raw(node);
  }

  finish(): Uint8Array {
    this.#flush();
    const view = new DataView(this.#out.buffer);
    for (let i = 0; i < this.#patches.length; i += 2) view.setUint32(this.#patches[i] as number, this.#patches[i + 1] as number);
    return this.#length === this.#out.length ? this.#out : this.#out.subarray(0, this.#length);
  }

  get #position(): number {
    return this.#length + this.#to - this.#from;
  }

  #raw(node: RawNode): void {
    if (node.replacement !== null) {
      this.#write(node.replacement);
      return;
    }
    if (node.kind === 'opaque' && (this.#moved || node.source !== this.#home || this.#position !== node.start)) {
      throw new UnsupportedError(`${node.className} was not understood and cannot be moved to another place`, { offset: node.start });
    }
    this.#copy(node.source, node.start, node.end);
  }

  #object(node: ObjectNode): void {
    const at = this.#position;
    this.#copy(node.source, node.start, node.start + node.headerBytes);
    for (const child of node.children) this.node(child);
    if (node.headerBytes > 2) this.#byteCount(at, node.source, node.start);
  }

  #pointer(node: PointerNode): void {
    const at = this.#position;
    this.#moved ||= node.source !== this.#home || at !== node.start;
    const { target } = node;
    if (target === null) {
      if (node.form === 'unresolved') this.#unresolved(node);
      else this.#word(node, 0);
      return;
    }
    const tag = this.#objects.get(target);
    if (tag !== undefined) {
      this.#word(node, tag);
      return;
    }
    this.#objects.set(target, at + this.#keylen + TAG_SHIFT);
    const copied = this.#classHeader(node, at);
    this.node(target);
    this.#byteCount(at, copied ? node.source : null, node.start);
  }

  /** A slot that refers into an opaque part keeps its tag, which is right as long as nothing moves. */
  #unresolved(node: PointerNode): void {
    if (this.#moved) throw new UnsupportedError('reference into a part that was not understood cannot be moved', { offset: node.start });
    this.#copy(node.source, node.start, node.end);
  }

  /** Byte count (patched later) and class tag; true if they were copied from the slot's own source. */
  #classHeader(node: PointerNode, at: number): boolean {
    const original = node.form === 'object';
    if (original && node.externalClass) {
      if (this.#moved) throw new UnsupportedError(`class tag of ${node.className} cannot be moved`, { offset: node.start });
      this.#copy(node.source, node.start, node.start + 8);
      return true;
    }
    const known = this.#classes.get(node.className);
    const spellOut = known === undefined || node.repeatsName;
    const tag = spellOut ? NEW_CLASS_TAG : (CLASS_MASK | known) >>> 0;
    if (spellOut) this.#classes.set(node.className, at + 4 + this.#keylen + TAG_SHIFT);
    if (original && node.source.view.getUint32(node.start + 4) === tag) {
      const nameEnd = node.source.bytes.indexOf(0, node.start + 8) + 1;
      this.#copy(node.source, node.start, spellOut ? nameEnd : node.start + 8);
      return true;
    }
    this.#write(words(0, tag));
    if (spellOut) this.#write(Buffer.from(`${node.className}\0`, 'utf8'));
    return false;
  }

  /** Writes a slot that is one word: null or the tag of an object written before. */
  #word(node: PointerNode, word: number): void {
    if (node.countedReference && word !== 0) {
      this.#write(words(BYTE_COUNT_MASK + 4, word));
      return;
    }
    const unchanged = node.end - node.start === 4 && node.source.view.getUint32(node.start) === word;
    if (unchanged) this.#copy(node.source, node.start, node.start + 4);
    else this.#write(words(word));
  }

  /** Sets the byte count at `at` to what stands behind it; `original` is the word copied there, if one was. */
  #byteCount(at: number, original: SpanSource | null, originalAt: number): void {
    const count = this.#position - at - 4;
    if (at + count > MAX_POSITION) throw new UnsupportedError('object of more than 1 GiB');
    const word = byteCountWord(count);
    if (original === null || original.view.getUint32(originalAt) !== word) this.#patches.push(at, word);
  }

  #copy(source: SpanSource, from: number, to: number): void {
    if (from === to) return;
    if (source === this.#pending && from === this.#to) {
      this.#to = to;
      return;
    }
    this.#flush();
    this.#pending = source;
    this.#from = from;
    this.#to = to;
  }

  #flush(): void {
    const size = this.#to - this.#from;
    if (size === 0) return;
    this.#reserve(size);
    this.#out.set(this.#pending.bytes.subarray(this.#from, this.#to), this.#length);
    this.#length += size;
    this.#from = this.#to;
  }

  #write(bytes: Uint8Array): void {
    this.#flush();
    this.#reserve(bytes.length);
    this.#out.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #reserve(size: number): void {
    const needed = this.#length + size;
    if (needed <= this.#out.length) return;
    const next = new Uint8Array(Math.max(needed, this.#out.length * 2, 256));
    next.set(this.#out.subarray(0, this.#length));
    this.#out = next;
  }
}

function words(first: number, second?: number): Uint8Array {
  const bytes = Buffer.alloc(second === undefined ? 4 : 8);
  bytes.writeUInt32BE(first);
  if (second !== undefined) bytes.writeUInt32BE(second, 4);
  return bytes;
}
