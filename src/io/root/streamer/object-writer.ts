/**
 * Encodes plain objects (root-object.ts) as ROOT streams them, driven by streamer infos.
 *
 *   object       u32 bytes that follow | 0x40000000, i16 version, members in the order of the info, bases first
 *   TObject      i16 1, u32 fUniqueID, u32 fBits; no frame
 *   pointer      u32 0 for null; u32 tag of an object written before; else u32 bytes that follow | 0x40000000, class tag, object
 *   class tag    0xffffffff and the name the first time, later the position of that tag | 0x80000000
 *   counted      u8 1 and the values, or u8 0 when there are none
 * Positions in tags count from the start of the key, plus 2. Source: ROOT io/io/src/TBufferFile.cxx (WriteObjectClass,
 * WriteVersion), TStreamerInfoWriteBuffer.cxx.
 */
import { UsageError } from '../../../errors.ts';
import { BigEndianWriter } from '../../bytes/big-endian.ts';
import type { InfoSet } from './info-set.ts';
import {
  ARRAY_TYPES,
  LIST_CLASSES,
  LIST_VERSION,
  OBJ_ARRAY_VERSION,
  type NumberArray,
  type RootList,
  type RootObject,
} from './root-object.ts';
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
  byteCountWord,
} from './type-codes.ts';

/** Bits of fBits that are not stored: kIsOnHeap, kNotDeleted (TObject::Streamer), and kIsReferenced, which needs a process id behind it. */
const UNSTORED_BITS = 0x0300_0000 | IS_REFERENCED;
/** Classes without ClassDef: version 0, then the checksum (TBufferFile::WriteVersion). */
const WITHOUT_VERSION: ReadonlySet<string> = new Set(['ROOT::TIOFeatures']);

/**
 * The payload of an object of class `_typename` for a key of `keylen` bytes. The newest version `infos` holds of each class is
 * written. UsageError for a member that is missing or of another type, or a class without info.
 */
export function encodeObject(object: RootObject, infos: InfoSet, keylen: number): Uint8Array {
  const writer = new ObjectWriter(infos, keylen);
  writer.object(object._typename, object);
  return writer.done();
}

class ObjectWriter {
  readonly #w: BigEndianWriter = new BigEndianWriter(4096);
  readonly #infos: InfoSet;
  /** Added to a position in the payload to make a tag. */
  readonly #tagBase: number;
  readonly #classes: Map<string, number> = new Map();
  readonly #objects: Map<RootObject, number> = new Map();
  /** The newest info by class name. */
  readonly #newest: Map<string, StreamerInfo> = new Map();

  constructor(infos: InfoSet, keylen: number) {
    this.#infos = infos;
    this.#tagBase = keylen + TAG_SHIFT;
  }

  done(): Uint8Array {
    return this.#w.done();
  }

  /** An object without pointer in front: a base class, a member by value, or the object of the key. */
  object(className: string, from: RootObject): void {
    const arrayType = ARRAY_TYPES.get(className);
    if (arrayType !== undefined) this.#array(arrayType, numbersOf(from['fArray'], `${className}::fArray`));
    else if (className === 'TObject') this.#tobject(from);
    else if (LIST_CLASSES.has(className)) this.#list(from as RootList);
    else if (className === 'TObjArray') this.#objArray(from as RootList);
    else this.#members(this.#infoOf(className), from);
  }

  #infoOf(className: string): StreamerInfo {
    let info = this.#newest.get(className);
    if (info !== undefined) return info;
    info = this.#infos
      .all(className)
      .reduce<StreamerInfo | undefined>(
        (best, other) => (best !== undefined && best.classVersion >= other.classVersion ? best : other),
        undefined,
      );
    if (info === undefined) throw new UsageError(`objects of class ${className} cannot be written: no streamer info`);
    this.#newest.set(className, info);
    return info;
  }

  #members(info: StreamerInfo, from: RootObject): void {
    const foreign = WITHOUT_VERSION.has(info.className);
    const start = this.#openFrame(foreign ? 0 : info.classVersion);
    if (foreign) this.#w.u32(info.checksum);
    for (const element of info.elements) this.#element(element, from, info.className);
    this.#closeFrame(start);
  }

  #element(element: StreamerElement, from: RootObject, className: string): void {
    const { type, name } = element;
    if (element.elementClass === 'TStreamerBase') {
      this.object(name, from);
      return;
    }
    const where = `${className}::${name}`;
    const value = from[name];
    if (value === undefined) throw new UsageError(`member ${where} is missing`);
    if (type === TypeCode.tstring) this.#text(value, where);
    else if (type > OFFSET_P && type < OFFSET_P + OFFSET_L) this.#counted(type - OFFSET_P, numbersOf(value, where));
    else if (type > OFFSET_L && type < OFFSET_P) this.#fixed(type - OFFSET_L, element.arrayLength, numbersOf(value, where), where);
    else if (type === TypeCode.objectP || type === TypeCode.anyP) this.#pointer(value as RootObject | null);
    else if (type === TypeCode.objectp || type === TypeCode.object || type === TypeCode.any) this.#inline(element.typeName, value, where);
    else if (basicSize(type) > 0) this.#number(type, value as number | bigint, where);
    else throw new UsageError(`member ${where} has a type that cannot be written (code ${type})`);
  }

  #text(value: unknown, where: string): void {
    if (typeof value !== 'string') throw new UsageError(`member ${where} is no string`);
    this.#w.tstring(value);
  }

  /** A member by value, or a pointer that is never null; TArrayX members hold their values alone. */
  #inline(typeName: string, value: unknown, where: string): void {
    const className = typeName.replace(/\*$/, '');
    const arrayType = ARRAY_TYPES.get(className);
    if (arrayType !== undefined) this.#array(arrayType, numbersOf(value, where));
    else if (value === null && LIST_CLASSES.has(className)) this.#list({ _typename: className, name: '', arr: [] });
    else if (typeof value === 'object' && value !== null) this.object(className, value as RootObject);
    else throw new UsageError(`member ${where} is no object`);
  }

  #tobject(from: RootObject): void {
    this.#w.i16(1);
    this.#w.u32(Number(from['fUniqueID'] ?? 0));
    this.#w.u32((Number(from['fBits'] ?? 0) & ~UNSTORED_BITS) >>> 0);
  }

  #list(list: RootList): void {
    const start = this.#openFrame(LIST_VERSION);
    this.#tobject(list);
    this.#w.tstring(list.name);
    this.#w.i32(list.arr.length);
    list.arr.forEach((item, i) => {
      this.#pointer(item);
      this.#w.tstring(list.opt?.[i] ?? '');
    });
    this.#closeFrame(start);
  }

  #objArray(list: RootList): void {
    const start = this.#openFrame(OBJ_ARRAY_VERSION);
    this.#tobject(list);
    this.#w.tstring(list.name);
    this.#w.i32(list.arr.length);
    this.#w.i32(0); // fLowerBound
    for (const item of list.arr) this.#pointer(item);
    this.#closeFrame(start);
  }

  #pointer(target: RootObject | null): void {
    const known = target === null ? 0 : this.#objects.get(target);
    if (target === null || known !== undefined) {
      this.#w.u32(known ?? 0);
      return;
    }
    const start = this.#w.grow(4);
    this.#classTag(target._typename);
    this.#objects.set(target, start + this.#tagBase);
    this.object(target._typename, target);
    this.#closeFrame(start);
  }

  #classTag(className: string): void {
    const known = this.#classes.get(className);
    if (known !== undefined) {
      this.#w.u32((known | CLASS_MASK) >>> 0);
      return;
    }
    this.#classes.set(className, this.#w.pos + this.#tagBase);
    this.#w.u32(NEW_CLASS_TAG);
    this.#w.raw(Buffer.from(`${className}\0`));
  }

  #openFrame(version: number): number {
    const start = this.#w.grow(4);
    this.#w.i16(version);
    return start;
  }

  #closeFrame(start: number): void {
    this.#w.view.setUint32(start, byteCountWord(this.#w.pos - start - 4));
  }

  /** TArrayX: i32 fN, then the values. */
  #array(type: number, values: NumberArray): void {
    this.#w.i32(values.length);
    this.#values(type, values);
  }

  #counted(type: number, values: NumberArray): void {
    this.#w.u8(values.length > 0 ? 1 : 0);
    this.#values(type, values);
  }

  #fixed(type: number, length: number, values: NumberArray, where: string): void {
    if (values.length !== length) throw new UsageError(`member ${where} has ${values.length} values instead of ${length}`);
    this.#values(type, values);
  }

  #values(type: number, values: NumberArray): void {
    const width = basicSize(type);
    const at = this.#w.grow(width * values.length);
    for (let i = 0; i < values.length; i++) putNumber(this.#w.view, at + i * width, type, values[i] as number | bigint);
  }

  #number(type: number, value: number | bigint | boolean, where: string): void {
    if (typeof value === 'object' || typeof value === 'string') throw new UsageError(`member ${where} is no number`);
    const at = this.#w.grow(basicSize(type));
    putNumber(this.#w.view, at, type, typeof value === 'boolean' ? Number(value) : value);
  }
}

function numbersOf(value: unknown, where: string): NumberArray {
  if (Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))) return value as unknown as NumberArray;
  throw new UsageError(`member ${where} is no array`);
}

/** Writes one value of a basic type, see type-codes.ts; integers are cut to their width as C++ does. */
function putNumber(view: DataView, at: number, type: number, value: number | bigint): void {
  switch (basicSize(type)) {
    case 1:
      view.setInt8(at, Number(value));
      return;
    case 2:
      view.setInt16(at, Number(value));
      return;
    case 4:
      if (type === TypeCode.float || type === TypeCode.double32) view.setFloat32(at, Number(value));
      else view.setInt32(at, Number(value));
      return;
    default:
      if (type === TypeCode.double) view.setFloat64(at, Number(value));
      else view.setBigInt64(at, BigInt.asIntN(64, BigInt(value)));
  }
}
