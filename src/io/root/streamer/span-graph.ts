/**
 * The span graph: a ROOT object as nodes over byte ranges of its original payload. Nothing is converted into values.
 * Mergers read and replace spans; encode.ts copies whatever is untouched and recomputes byte counts and tags only.
 *
 * All positions are byte indices in the payload of one key (its first byte is 0). Tags inside a payload
 * count from the first byte of the *key*, so every source knows its key length.
 */
import type { ClassPlan } from './class-plan.ts';
import { spanShape } from './span-shape.ts';
import type { Field, SpanShape } from './span-shape.ts';

/** The payload a node's range refers to. */
export interface SpanSource {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Length in bytes of the key header in front of the payload. */
  readonly keylen: number;
}

/** Bytes without inner structure that matters: a run of basic members, an array, a string, a TObject. */
export class RawNode implements SpanShape {
  readonly shape: SpanShape;
  source: SpanSource;
  start: number;
  end: number;
  /** Number of values in an array node; 1 for a single value. */
  count: number;
  /** Bytes to write in place of [start, end). */
  replacement: Uint8Array | null;

  constructor(shape: SpanShape, source: SpanSource, start: number, end: number, count = 1) {
    this.shape = shape;
    this.source = source;
    this.start = start;
    this.end = end;
    this.count = count;
    this.replacement = null;
  }

  get kind(): 'raw' | 'opaque' {
    return this.shape.kind;
  }
  get name(): string {
    return this.shape.name;
  }
  get className(): string {
    return this.shape.className;
  }
  get type(): number {
    return this.shape.type;
  }
  get width(): number {
    return this.shape.width;
  }
  get countName(): string {
    return this.shape.countName;
  }
  get flagged(): boolean {
    return this.shape.flagged;
  }
  get fields(): readonly Field[] | null {
    return this.shape.fields;
  }
}

/** An object, base-class part or collection: an optional frame (byte count, version, checksum) and children. */
export class ObjectNode {
  /** Member name, or the class name for a base-class part. */
  name: string;
  className: string;
  source: SpanSource;
  start: number;
  end: number;
  /** Bytes of the frame: 0 none, 2 version only, 6 byte count and version, 10 with a checksum. */
  headerBytes: number;
  /** Version word as stored (member-wise bit included); 0 without a frame. */
  version: number;
  /** True for the part of a base class: its members are members of the object around it. */
  isBase: boolean;
  /** The layout the children follow, child by child; null where a hand-written walker made them. */
  plan: ClassPlan | null;
  children: SpanNode[];

  constructor(name: string, className: string, source: SpanSource, start: number) {
    this.name = name;
    this.className = className;
    this.source = source;
    this.start = start;
    this.end = start;
    this.headerBytes = 0;
    this.version = 0;
    this.isBase = false;
    this.plan = null;
    this.children = [];
  }

  get kind(): 'object' {
    return 'object';
  }
}

/** How a pointer slot was written. `unresolved`: it refers to an object inside an opaque part. */
export type PointerForm = 'null' | 'object' | 'reference' | 'unresolved';

/** A pointer slot: null, an object with its class tag, or a reference to an object met before. */
export class PointerNode {
  name: string;
  /** Class of the object as its class tag says; empty for null and unresolved. */
  className: string;
  source: SpanSource;
  start: number;
  end: number;
  form: PointerForm;
  /** The object; shared by all slots that refer to it. Null for null and unresolved slots. */
  target: TargetNode | null;
  /** True for a reference behind a byte count, as groot writes it: 8 bytes instead of 4. */
  countedReference: boolean;
  /** True if the class name is spelled out although an earlier slot did that already (other writers than ROOT). */
  repeatsName: boolean;
  /** True if the class tag refers to a name inside an opaque part. */
  externalClass: boolean;

  constructor(name: string, source: SpanSource, start: number) {
    this.name = name;
    this.className = '';
    this.source = source;
    this.start = start;
    this.end = start + 4;
    this.form = 'null';
    this.target = null;
    this.countedReference = false;
    this.repeatsName = false;
    this.externalClass = false;
  }

  get kind(): 'pointer' {
    return 'pointer';
  }
}

/** Any node. */
export type SpanNode = RawNode | ObjectNode | PointerNode;
/** What a pointer can point to. */
export type TargetNode = RawNode | ObjectNode;

/** A part that was not understood: its bytes may hold tags. */
export interface OpaquePart {
  className: string;
  /** Payload index of its first byte. */
  start: number;
  /** Bytes. */
  length: number;
  reason: string;
}

/** A walked payload. */
export interface SpanGraph {
  className: string;
  root: TargetNode;
  source: SpanSource;
  opaque: OpaquePart[];
}

/** An understood object inside of another one as a graph of its own. */
export function graphOfPart(root: ObjectNode): SpanGraph {
  return { className: root.className, root, source: root.source, opaque: [] };
}

/** Wraps a payload; `keylen` is the length in bytes of the key header that stood in front of it. */
export function spanSource(bytes: Uint8Array, keylen: number): SpanSource {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), keylen };
}

/** A node of new bytes, to be put among the children of an object. */
export function rawNode(name: string, bytes: Uint8Array, className = ''): RawNode {
  return new RawNode(spanShape({ name, className }), spanSource(bytes, 0), 0, bytes.length);
}

const NO_BYTES = spanSource(new Uint8Array(0), 0);

/** A new object with a frame of byte count and version around the given children. */
export function frameNode(name: string, className: string, version: number, children: SpanNode[]): ObjectNode {
  const header = new Uint8Array([0x40, 0, 0, 2, version >> 8, version]);
  const node = new ObjectNode(name, className, spanSource(header, 0), 0);
  node.headerBytes = header.length;
  node.end = header.length;
  node.version = version;
  node.children = children;
  return node;
}

/** A new pointer slot: null, or a slot that points to `target` of class `className`. */
export function pointerNode(name: string, target: TargetNode | null, className: string = target?.className ?? ''): PointerNode {
  const node = new PointerNode(name, NO_BYTES, 0);
  node.end = 0;
  node.className = target === null ? '' : className;
  // Form 'reference': nothing of a former writing can be copied.
  node.form = target === null ? 'null' : 'reference';
  node.target = target;
  return node;
}
