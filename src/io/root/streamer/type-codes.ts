/**
 * Type codes of streamer elements (TStreamerElement::fType) and the width of basic values in a
 * buffer. Source: ROOT core/meta/inc/TVirtualStreamerInfo.h (EReadWrite), io/io/src/TStreamerInfoReadBuffer.cxx.
 */

/** `fType` values. Add OFFSET_L for a fixed array, OFFSET_P for a pointer to a counted array. */
export const TypeCode = {
  base: 0,
  char: 1,
  short: 2,
  int: 3,
  long: 4,
  float: 5,
  /** An int that counts the elements of another member's array. */
  counter: 6,
  charStar: 7,
  double: 8,
  /** double in memory; float, 3 or 4 bytes in the buffer, see `storedSize`. */
  double32: 9,
  legacyChar: 10,
  uchar: 11,
  ushort: 12,
  uint: 13,
  ulong: 14,
  bits: 15,
  long64: 16,
  ulong64: 17,
  bool: 18,
  float16: 19,
  object: 61,
  any: 62,
  /** Pointer that is never null (`//->` in the class): the object stands inline, without a tag. */
  objectp: 63,
  objectP: 64,
  tstring: 65,
  tobject: 66,
  tnamed: 67,
  anyp: 68,
  anyP: 69,
  anyPnoVT: 70,
  stlp: 71,
  stl: 300,
  stlString: 365,
  streamer: 500,
  streamLoop: 501,
} as const;

/** Added to a type code: array of fixed length. */
export const OFFSET_L = 20;
/** Added to a basic type code: pointer to an array whose length another member counts. */
export const OFFSET_P = 40;

/** Bit of a version word: the collection is stored member by member, not object by object. */
export const MEMBER_WISE_BIT = 0x4000;
/** Bit of a TObject's version word: a byte count of four bytes stands in front of it, so that all that follows is four bytes further. */
export const COUNTED_VERSION = 0x4000;
/** Bit of the u32 in front of a version: the other 30 bits count the bytes that follow it. */
export const BYTE_COUNT_MASK = 0x4000_0000;

/** True for a word that is a byte count, not a tag or the start of something older. */
export function isByteCount(word: number): boolean {
  return word >>> 30 === 1;
}

/** Bytes that follow a word that is a byte count. */
export function countedBytes(word: number): number {
  return word & 0x3fff_ffff;
}

/** The byte count of so many bytes. */
export function byteCountWord(bytes: number): number {
  return (BYTE_COUNT_MASK | bytes) >>> 0;
}

/** Class tag that is followed by the class name. */
export const NEW_CLASS_TAG = 0xffff_ffff;
/** Bit of a tag that refers to a class, not to an object. */
export const CLASS_MASK = 0x8000_0000;
/** Tags 0 and 1 mean null and the object of the key itself, so positions are shifted by two. */
export const TAG_SHIFT = 2;
/** The tag of the object of the key itself. */
export const SELF_TAG = 1;
/** Bit 4 of TObject::fBits (kIsReferenced): a u16 process-id index follows fBits. */
export const IS_REFERENCED = 0x10;

const WIDTHS = [0, 1, 2, 4, 8, 4, 4, 0, 8, 4, 1, 1, 2, 4, 8, 4, 8, 8, 1, 3];

/**
 * Bytes one value of a basic type (codes 1..19 but charStar) takes in a buffer; Double32 and
 * Float16 in their default form (4 and 3 bytes). 0 for anything else.
 */
export function basicSize(code: number): number {
  return WIDTHS[code] ?? 0;
}

const NAMES: ReadonlyMap<string, number> = new Map<string, number>([
  ['char', TypeCode.char],
  ['Char_t', TypeCode.char],
  ['signed char', TypeCode.char],
  ['int8_t', TypeCode.char],
  ['short', TypeCode.short],
  ['Short_t', TypeCode.short],
  ['short int', TypeCode.short],
  ['int16_t', TypeCode.short],
  ['int', TypeCode.int],
  ['Int_t', TypeCode.int],
  ['int32_t', TypeCode.int],
  ['long', TypeCode.long],
  ['Long_t', TypeCode.long],
  ['long int', TypeCode.long],
  ['float', TypeCode.float],
  ['Float_t', TypeCode.float],
  ['double', TypeCode.double],
  ['Double_t', TypeCode.double],
  ['Double32_t', TypeCode.double32],
  ['unsigned char', TypeCode.uchar],
  ['UChar_t', TypeCode.uchar],
  ['Byte_t', TypeCode.uchar],
  ['uint8_t', TypeCode.uchar],
  ['unsigned short', TypeCode.ushort],
  ['UShort_t', TypeCode.ushort],
  ['uint16_t', TypeCode.ushort],
  ['unsigned', TypeCode.uint],
  ['unsigned int', TypeCode.uint],
  ['UInt_t', TypeCode.uint],
  ['uint32_t', TypeCode.uint],
  ['unsigned long', TypeCode.ulong],
  ['ULong_t', TypeCode.ulong],
  ['long long', TypeCode.long64],
  ['Long64_t', TypeCode.long64],
  ['int64_t', TypeCode.long64],
  ['unsigned long long', TypeCode.ulong64],
  ['ULong64_t', TypeCode.ulong64],
  ['uint64_t', TypeCode.ulong64],
  ['bool', TypeCode.bool],
  ['Bool_t', TypeCode.bool],
  ['Float16_t', TypeCode.float16],
  ['size_t', TypeCode.ulong],
]);

/** Type code of a basic C++ type by its name (`unsigned int`, `Double_t`), or 0 if it is no basic type. */
export function basicTypeOf(typeName: string): number {
  return NAMES.get(typeName) ?? 0;
}

const UNSIGNED: ReadonlySet<number> = new Set([
  TypeCode.uchar,
  TypeCode.ushort,
  TypeCode.uint,
  TypeCode.ulong,
  TypeCode.bits,
  TypeCode.ulong64,
]);

/** True for the types of reals, packed ones included. */
export function isReal(type: number): boolean {
  return type === TypeCode.float || type === TypeCode.double || type === TypeCode.double32 || type === TypeCode.float16;
}

/** True for the types of integers without a sign. */
export function isUnsigned(type: number): boolean {
  return UNSIGNED.has(type);
}
