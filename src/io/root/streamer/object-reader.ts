/**
 * Decodes objects as ROOT streams them into plain objects (root-object.ts), driven by the infos of their file. The forms are
 * those object-writer.ts writes; an object that has another one is refused.
 */
import { CorruptFileError, UnsupportedError } from '../../../errors.ts';
import { BigEndianReader } from '../../bytes/big-endian.ts';
import type { InfoSet } from './info-set.ts';
import { ARRAY_TYPES, LIST_CLASSES, LIST_VERSION, OBJ_ARRAY_VERSION, type RootList, type RootObject } from './root-object.ts';
import type { StreamerElement, StreamerInfo } from './streamer-info.ts';
import {
  CLASS_MASK,
  IS_REFERENCED,
  NEW_CLASS_TAG,
  OFFSET_L,
  OFFSET_P,
  TAG_SHIFT,
  TypeCode,
  basicSize,
  countedBytes,
  isByteCount,
  isUnsigned,
} from './type-codes.ts';
import { FRAME_WALKERS } from './walk-by-hand.ts';

/**
 * Decodes the payload of a key of `keylen` bytes as an object of `className`.
 * CorruptFileError (offset in the payload) where it does not fit its infos, UnsupportedError for forms this reader does not know.
 */
export function decodeObject(payload: Uint8Array, keylen: number, className: string, infos: InfoSet): RootObject {
  const reader = new ObjectReader(payload, keylen, infos);
  return reader.whole(className);
}

class ObjectReader {
  readonly #r: BigEndianReader;
  readonly #infos: InfoSet;
  readonly #tagBase: number;
  readonly #classes: Map<number, string> = new Map();
  readonly #objects: Map<number, RootObject> = new Map();

  constructor(payload: Uint8Array, keylen: number, infos: InfoSet) {
    this.#r = new BigEndianReader(payload);
    this.#tagBase = keylen + TAG_SHIFT;
    this.#infos = infos;
  }

  whole(className: string): RootObject {
    const object: RootObject = { _typename: className };
    this.#object(className, object);
    if (this.#r.remaining > 0) {
      throw new CorruptFileError('bytes left behind the object', { offset: this.#r.pos, found: this.#r.remaining });
    }
    return object;
  }

  /** Reads what an object of `className` consists of into `into`. */
  #object(className: string, into: RootObject): void {
    const arrayType = ARRAY_TYPES.get(className);
    if (arrayType !== undefined) {
      const values = this.#array(arrayType);
      into['fN'] = values.length;
      into['fArray'] = values;
    } else if (className === 'TObject') this.#tobject(into);
    else if (LIST_CLASSES.has(className)) this.#list(into as RootList);
    else if (className === 'TObjArray') this.#objArray(into as RootList);
    else this.#members(className, into);
  }

  #members(className: string, into: RootObject): void {
    const frame = this.#frame();
    if (frame.version <= (FRAME_WALKERS.get(className)?.upTo ?? -1)) {
      throw new UnsupportedError(`a ${className} is not decoded: its infos do not say how it is stored`, { offset: frame.start });
    }
    const info = this.#infoOf(className, frame.version);
    if (info === undefined) {
      throw new UnsupportedError(`no streamer info for version ${frame.version} of ${className}`, { offset: frame.start });
    }
    for (const element of info.elements) this.#element(element, into);
    this.#close(frame, className);
  }

  /** A class without ClassDef has version 0 and its checksum behind it; one whose ClassDef says 0 (TH1L) has no checksum. */
  #infoOf(className: string, version: number): StreamerInfo | undefined {
    if (version > 0) return this.#infos.find(className, version);
    const start = this.#r.pos;
    const info = this.#infos.findByChecksum(className, this.#r.u32());
    if (info !== undefined) return info;
    this.#r.pos = start;
    return this.#infos.find(className, version);
  }

  #element(element: StreamerElement, into: RootObject): void {
    const { type, name } = element;
    if (element.elementClass === 'TStreamerBase') this.#object(name, into);
    else into[name] = this.#value(element, type, into);
  }

  #value(element: StreamerElement, type: number, into: RootObject): unknown {
    if (type === TypeCode.tstring) return this.#r.tstring();
    if (type > OFFSET_P && type < OFFSET_P + OFFSET_L) {
      return this.#r.u8() === 0 ? [] : this.#values(type - OFFSET_P, Number(into[element.countName]));
    }
    if (type > OFFSET_L && type < OFFSET_P) return this.#values(type - OFFSET_L, element.arrayLength);
    if (type === TypeCode.objectP || type === TypeCode.anyP) return this.#pointer();
    if (type === TypeCode.objectp || type === TypeCode.object || type === TypeCode.any) return this.#inline(element.typeName);
    if (basicSize(type) > 0 && basicSize(type) === element.storedSize) return this.#number(type);
    throw new UnsupportedError(`member ${element.name} of a ${into._typename} has a type that is not read (code ${type})`, {
      offset: this.#r.pos,
    });
  }

  #inline(typeName: string): unknown {
    const className = typeName.replace(/\*$/, '');
    const arrayType = ARRAY_TYPES.get(className);
    if (arrayType !== undefined) return this.#array(arrayType);
    const object: RootObject = { _typename: className };
    this.#object(className, object);
    return object;
  }

  #tobject(into: RootObject): void {
    const version = this.#r.u16();
    if (version !== 1) throw new UnsupportedError(`TObject of version ${version} is not read`, { offset: this.#r.pos - 2 });
    into['fUniqueID'] = this.#r.u32();
    into['fBits'] = this.#r.u32();
    if ((Number(into['fBits']) & IS_REFERENCED) !== 0) {
      throw new UnsupportedError('an object that a TRef refers to is not decoded', { offset: this.#r.pos - 4 });
    }
  }

  #list(into: RootList): void {
    const frame = this.#frame();
    if (frame.version !== LIST_VERSION) {
      throw new UnsupportedError(`TList of version ${frame.version} is not read`, { offset: frame.start });
    }
    this.#tobject(into);
    into.name = this.#r.tstring();
    into.arr = [];
    into.opt = [];
    for (let n = this.#count(); n > 0; n--) {
      into.arr.push(this.#pointer());
      into.opt.push(this.#r.tstring());
    }
    this.#close(frame, 'TList');
  }

  #objArray(into: RootList): void {
    const frame = this.#frame();
    if (frame.version !== OBJ_ARRAY_VERSION) {
      throw new UnsupportedError(`TObjArray of version ${frame.version} is not read`, { offset: frame.start });
    }
    this.#tobject(into);
    into.name = this.#r.tstring();
    into.arr = [];
    const count = this.#count();
    const lowerBound = this.#r.i32();
    if (lowerBound !== 0) throw new UnsupportedError('a TObjArray that does not begin at 0 is not read', { offset: this.#r.pos - 4 });
    for (let i = 0; i < count; i++) into.arr.push(this.#pointer());
    this.#close(frame, 'TObjArray');
  }

  /** Number of objects in a list; each takes 4 bytes at least. */
  #count(): number {
    const count = this.#r.i32();
    if (count < 0 || count * 4 > this.#r.remaining) {
      throw new CorruptFileError('list is longer than its object', { offset: this.#r.pos - 4, found: count });
    }
    return count;
  }

  #pointer(): RootObject | null {
    const start = this.#r.pos;
    const word = this.#r.u32();
    if (word === 0) return null;
    if (!isByteCount(word)) {
      const known = this.#objects.get(word);
      if (known === undefined) throw new CorruptFileError('tag refers to no object read before', { offset: start, found: word });
      return known;
    }
    const className = this.#className();
    const object: RootObject = { _typename: className };
    this.#objects.set(start + this.#tagBase, object);
    this.#object(className, object);
    this.#close({ start, end: start + 4 + countedBytes(word), version: 0 }, className);
    return object;
  }

  #className(): string {
    const at = this.#r.pos;
    const tag = this.#r.u32();
    if (tag === NEW_CLASS_TAG) {
      const name = this.#r.cstring();
      this.#classes.set(at + this.#tagBase, name);
      return name;
    }
    const name = this.#classes.get((tag & ~CLASS_MASK) >>> 0);
    if (name === undefined) throw new CorruptFileError('tag refers to no class named before', { offset: at, found: tag });
    return name;
  }

  #frame(): Frame {
    const start = this.#r.pos;
    const word = this.#r.u32();
    if (!isByteCount(word)) throw new UnsupportedError('an object without byte count is not read', { offset: start });
    return { start, end: start + 4 + countedBytes(word), version: this.#r.i16() };
  }

  #close(frame: Frame, className: string): void {
    if (this.#r.pos !== frame.end) {
      throw new CorruptFileError(`${className} has another length than its byte count says`, {
        offset: frame.start,
        expected: frame.end,
        found: this.#r.pos,
      });
    }
  }

  #array(type: number): (number | bigint)[] {
    return this.#values(type, this.#r.i32());
  }

  #values(type: number, count: number): (number | bigint)[] {
    const width = basicSize(type);
    if (!(count >= 0) || count * width > this.#r.remaining) {
      throw new CorruptFileError('array is longer than its object', { offset: this.#r.pos, found: count });
    }
    return Array.from({ length: count }, () => this.#number(type));
  }

  #number(type: number): number | bigint {
    const { view } = this.#r;
    const at = this.#r.take(basicSize(type));
    return getNumber(view, at, type);
  }
}

/** A frame: index of its first byte, one past its last, and the class version. */
interface Frame {
  start: number;
  end: number;
  version: number;
}

/** Reads one value of a basic type, big-endian; 64-bit integers beyond 2^53 as bigint. */
export function getNumber(view: DataView, at: number, type: number): number | bigint {
  const unsigned = isUnsigned(type);
  switch (basicSize(type)) {
    case 1:
      return unsigned ? view.getUint8(at) : view.getInt8(at);
    case 2:
      return unsigned ? view.getUint16(at) : view.getInt16(at);
    case 4:
      if (type === TypeCode.float || type === TypeCode.double32) return view.getFloat32(at);
      return unsigned ? view.getUint32(at) : view.getInt32(at);
    default: {
      if (type === TypeCode.double) return view.getFloat64(at);
      const value = unsigned ? view.getBigUint64(at) : view.getBigInt64(at);
      return Number.isSafeInteger(Number(value)) ? Number(value) : value;
    }
  }
}
