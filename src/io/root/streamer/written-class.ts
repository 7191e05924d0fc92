/**
 * Classes a program declares itself, for objects it writes: their checksum and their streamer info, as ROOT makes them from a
 * dictionary. Sources: ROOT core/meta/src/TClass.cxx (GetCheckSum), core/meta/src/TStreamerElement.cxx.
 */
import { encodeObject } from './object-writer.ts';
import { bootstrapInfos, parseInfoSet } from './parse-infos.ts';
import type { InfoSet } from './info-set.ts';
import type { RootList, RootObject } from './root-object.ts';
import { OFFSET_L, TypeCode, basicSize, basicTypeOf } from './type-codes.ts';

/** A member. */
export interface MemberLayout {
  name: string;
  /** C++ type as ROOT spells it: `unsigned int`, `ULong64_t`, `string`, `vector<float>`, or a class. */
  typeName: string;
  /** Lengths of a fixed array of a basic type. */
  shape?: readonly number[];
}

/** A class without base classes. */
export interface ClassLayout {
  className: string;
  classVersion: number;
  members: readonly MemberLayout[];
}

/** Bytes of a std::string and of a std::vector in memory (fSize). */
const STRING_BYTES = 32;
const VECTOR_BYTES = 24;
/** fSTLtype of a std::vector (ROOT::kSTLvector); fCtype of a collection of objects. */
const STL_VECTOR = 1;
const OBJECT_ITEM = 61;
/** Collections and strings are written with this type in every streamer info (TStreamerSTL::Streamer). */
const STORED_STL = TypeCode.streamer;
/** fBits of a TStreamerInfo as ROOT stores it (TVirtualStreamerInfo::kIsCompiled). */
const INFO_BITS = 0x1_0000;
/** Payloads made here count tags from a key header of this size. */
const KEYLEN = 64;
const MAX_DIMENSIONS = 5;

/** The checksum of a class: its name, then name and type of each member, characters and dimensions as digits of base 3. */
export function classChecksum({ className, members }: ClassLayout): number {
  let sum = 0;
  const add = (digit: number): void => {
    sum = (Math.imul(sum, 3) + digit) >>> 0;
  };
  const addText = (text: string): void => Buffer.from(text).forEach(add);
  addText(className);
  for (const { name, typeName, shape = [] } of members) {
    addText(name);
    addText(typeName);
    shape.forEach(add);
  }
  return sum;
}

/** The payload of a StreamerInfo record of these classes, for a key of `keylen` bytes. */
export function encodeClassInfos(layouts: readonly ClassLayout[], keylen: number): Uint8Array {
  const list: RootList = { _typename: 'TList', fUniqueID: 0, fBits: 0, name: '', arr: layouts.map(infoObject), opt: layouts.map(() => '') };
  return encodeObject(list, bootstrapInfos(), keylen);
}

/** The infos of these classes, to read their objects by. */
export function classInfos(layouts: readonly ClassLayout[]): InfoSet {
  return parseInfoSet(encodeClassInfos(layouts, KEYLEN), KEYLEN);
}

function infoObject(layout: ClassLayout): RootObject {
  const fElements: RootList = { _typename: 'TObjArray', fUniqueID: 0, fBits: 0, name: '', arr: layout.members.map(elementObject) };
  return {
    _typename: 'TStreamerInfo',
    fUniqueID: 0,
    fBits: INFO_BITS,
    fName: layout.className,
    fTitle: '',
    fCheckSum: classChecksum(layout),
    fClassVersion: layout.classVersion,
    fElements,
  };
}

function elementObject({ name, typeName, shape = [] }: MemberLayout): RootObject {
  const item = /^vector<\s*(.*?)\s*>$/.exec(typeName)?.[1];
  const type = basicTypeOf(typeName);
  const fArrayLength = shape.reduce((product, length) => product * length, shape.length === 0 ? 0 : 1);
  const common = {
    fUniqueID: 0,
    fBits: 0,
    fName: name,
    fTitle: '',
    fTypeName: typeName,
    fArrayLength,
    fArrayDim: shape.length,
    fMaxIndex: Array.from({ length: MAX_DIMENSIONS }, (_, i) => shape[i] ?? 0),
  };
  if (typeName === 'string') {
    return {
      _typename: 'TStreamerSTLstring',
      ...common,
      fType: STORED_STL,
      fSize: STRING_BYTES,
      fSTLtype: TypeCode.stlString,
      fCtype: TypeCode.stlString,
    };
  }
  if (item !== undefined) {
    return {
      _typename: 'TStreamerSTL',
      ...common,
      fType: STORED_STL,
      fSize: VECTOR_BYTES,
      fSTLtype: STL_VECTOR,
      fCtype: basicTypeOf(item) || OBJECT_ITEM,
    };
  }
  if (type === 0) return { _typename: 'TStreamerObjectAny', ...common, fType: TypeCode.any, fSize: 0 };
  const fType = shape.length === 0 ? type : type + OFFSET_L;
  return { _typename: 'TStreamerBasicType', ...common, fType, fSize: basicSize(type) * Math.max(1, fArrayLength) };
}
