/**
 * State of one walk: position in the payload, tags met so far, and the primitives the walkers share.
 * Every read is checked against the payload's end; positions in errors are payload indices.
 */
import { CorruptFileError, UnsupportedError } from '../../../errors.ts';
import { decodeText } from '../../bytes/big-endian.ts';
import type { InfoSet } from './info-set.ts';
import { RawNode, spanSource } from './span-graph.ts';
import type { ObjectNode, OpaquePart, PointerNode, SpanSource, TargetNode } from './span-graph.ts';
import { spanShape } from './span-shape.ts';
import type { SpanShape } from './span-shape.ts';
import { TypeCode, countedBytes, isByteCount } from './type-codes.ts';

/** Walks an object of a class that starts at the cursor (walk.ts); passed in because walkers call each other in a circle. */
export type ObjectWalker = (cursor: WalkCursor, name: string, className: string) => TargetNode;

const plainShapes = new Map<string, SpanShape[]>();

/** The shape of a member by name, type code and class; made once. */
function plainShape(name: string, type: number, className: string): SpanShape {
  const known = plainShapes.get(name) ?? [];
  let shape = known.find((old) => old.type === type && old.className === className);
  if (shape === undefined) {
    shape = spanShape({ name, type, className });
    plainShapes.set(name, [...known, shape]);
  }
  return shape;
}

/** Objects nested deeper than this are taken for damage: real files stay below 40. */
const MAX_DEPTH = 400;

/** See the file's head. */
export class WalkCursor {
  readonly source: SpanSource;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly infos: InfoSet;
  readonly walkObject: ObjectWalker;
  /** Payload index of the next byte. */
  pos = 0;
  /** Payload length in bytes. */
  readonly end: number;
  depth = 0;
  /** Other layouts tried so far. */
  retries = 0;
  /** One past the last byte of the innermost pointer slot: bounds objects that have no frame of their own. */
  slotEnd = 0;
  /** Slots that hold an object, by the object's tag. */
  readonly objects: Map<number, PointerNode> = new Map();
  /** References met so far with the slots they refer to (null: the key's own object). */
  readonly references: { from: PointerNode; to: PointerNode | null }[] = [];
  /** Class names by their tag (without CLASS_MASK). */
  readonly classes: Map<number, string> = new Map();
  readonly opaque: OpaquePart[] = [];

  constructor(payload: Uint8Array, keylen: number, infos: InfoSet, walkObject: ObjectWalker) {
    this.source = spanSource(payload, keylen);
    this.bytes = payload;
    this.view = this.source.view;
    this.end = payload.length;
    this.infos = infos;
    this.walkObject = walkObject;
  }

  /** Throws unless `n` bytes are left; n may come from the file. */
  need(n: number): void {
    if (n < 0 || this.pos + n > this.end) {
      throw new CorruptFileError('object data ends too early', {
        offset: this.pos,
        expected: `${n} bytes`,
        found: `${this.end - this.pos} bytes`,
      });
    }
  }

  u8(): number {
    this.need(1);
    return this.bytes[this.pos++] as number;
  }

  i32(): number {
    this.need(4);
    const value = this.view.getInt32(this.pos);
    this.pos += 4;
    return value;
  }

  /** A count of things that take at least `minBytes` bytes each. */
  count(minBytes: number): number {
    const at = this.pos;
    const n = this.i32();
    if (n < 0 || n * minBytes > this.end - this.pos) {
      throw new CorruptFileError('count out of range', {
        offset: at,
        expected: `at most ${Math.floor((this.end - this.pos) / Math.max(1, minBytes))}`,
        found: n,
      });
    }
    return n;
  }

  /** A node of the given shape over the next `n` bytes. */
  span(shape: SpanShape, n: number): RawNode {
    this.need(n);
    const start = this.pos;
    this.pos = start + n;
    return new RawNode(shape, this.source, start, start + n);
  }

  /** A node over the next `n` bytes. */
  raw(name: string, n: number, type = 0, className = ''): RawNode {
    return this.span(plainShape(name, type, className), n);
  }

  /** A node over `count` values of `width` bytes each. */
  array(name: string, type: number, count: number, width: number): RawNode {
    const node = this.raw(name, count * width, type);
    node.count = count;
    return node;
  }

  /** A node over a TString: u8 length, or 255 and i32 length, then the characters. */
  tstring(name: string): RawNode {
    return this.tstringOf(plainShape(name, TypeCode.tstring, 'TString'));
  }

  /** The same with a shape made before. */
  tstringOf(shape: SpanShape): RawNode {
    const start = this.pos;
    let length = this.u8();
    if (length === 255) length = this.i32();
    if (length < 0) throw new CorruptFileError('negative string length', { offset: start, found: length });
    this.need(length);
    this.pos += length;
    return new RawNode(shape, this.source, start, this.pos);
  }

  /** The text up to the NUL at or after `at`, at most 1000 bytes on; null if there is none. */
  cstring(at: number): string | null {
    const stop = this.bytes.indexOf(0, at);
    if (stop < 0 || stop - at > 1000) return null;
    return decodeText(this.bytes.subarray(at, stop));
  }

  /**
   * Reads a version header into `node`: byte count and version, or in very old files the version alone.
   * Returns the index one past the counted bytes, or -1 without a byte count. (TBufferFile::ReadVersion)
   */
  frame(node: ObjectNode): number {
    const start = this.pos;
    if (start + 6 <= this.end) {
      const word = this.view.getUint32(start);
      if (isByteCount(word)) return this.#countedFrame(node, start, countedBytes(word));
    }
    this.need(2);
    // The start of a byte count without room for its version is no version word: the data ends here.
    if ((this.view.getUint16(start) & 0xc000) === 0x4000) this.need(6);
    node.version = this.view.getInt16(start);
    node.headerBytes = 2;
    this.pos = start + 2;
    return -1;
  }

  #countedFrame(node: ObjectNode, start: number, count: number): number {
    const frameEnd = start + 4 + count;
    if (count < 2 || frameEnd > this.end) {
      throw new CorruptFileError('byte count reaches past the data', {
        offset: start,
        expected: `2..${this.end - start - 4}`,
        found: count,
      });
    }
    node.version = this.view.getInt16(start + 4);
    node.headerBytes = 6;
    this.pos = start + 6;
    return frameEnd;
  }

  /** Throws unless the cursor stands where a frame that began at `start` ends. */
  checkFrame(start: number, frameEnd: number, className: string): void {
    if (frameEnd >= 0 && this.pos !== frameEnd) {
      throw new CorruptFileError(`byte count of ${className} does not match its members`, {
        offset: start,
        expected: this.pos - start - 4,
        found: frameEnd - start - 4,
      });
    }
  }

  /** Counts nesting; every call is paired with `leave`. */
  enter(): void {
    if (++this.depth > MAX_DEPTH) throw new CorruptFileError('objects are nested too deep', { offset: this.pos, found: this.depth });
  }

  leave(): void {
    this.depth--;
  }

  /**
   * After an error inside a counted part: the part becomes opaque if that is allowed, else the error goes on. Missing knowledge
   * (UnsupportedError) makes any class opaque; bytes that do not fit (CorruptFileError) only classes that may have code of their own.
   * @param end one past the part's last byte, -1 if no byte count says it
   * @param depth nesting to return to
   */
  recover(err: unknown, part: { name: string; className: string; start: number; end: number; depth: number }): RawNode {
    const allowed = err instanceof UnsupportedError || (err instanceof CorruptFileError && !this.infos.isCore(part.className));
    if (part.end < 0 || !allowed) throw err;
    this.rewind(part.start, part.depth);
    return this.makeOpaque(part.name, part.className, part.start, part.end, err.reason);
  }

  /** Forgets all tags and opaque parts met from `start` on, and goes back there. */
  rewind(start: number, depth: number): void {
    const tagFrom = start + this.source.keylen;
    dropFrom(this.objects, tagFrom);
    dropFrom(this.classes, tagFrom);
    while ((this.opaque.at(-1)?.start ?? -1) >= start) this.opaque.pop();
    this.pos = start;
    this.depth = depth;
  }

  /** Turns [start, end) into an opaque part and moves behind it; nothing in it may have been remembered (see rewind). */
  makeOpaque(name: string, className: string, start: number, end: number, reason: string): RawNode {
    this.opaque.push({ className, start, length: end - start, reason });
    this.pos = end;
    return new RawNode(spanShape({ kind: 'opaque', name, className }), this.source, start, end);
  }

  /** True if a payload index lies in an opaque part. */
  inOpaque(at: number): boolean {
    return this.opaque.some((part) => at >= part.start && at < part.start + part.length);
  }
}

/** Removes the entries inserted for tags at or behind `tag`; they are the last ones. */
function dropFrom(tags: Map<number, unknown>, tag: number): void {
  const doomed = [...tags.keys()].filter((key) => key >= tag);
  for (const key of doomed) tags.delete(key);
}
