/**
 * Streamer infos: how a file describes the layout of its classes.
 * Source: ROOT core/meta/src/TStreamerElement.cxx, io/io/src/TStreamerInfo.cxx.
 */
import { OFFSET_L, OFFSET_P, TypeCode, basicSize } from './type-codes.ts';

/** One member or base class of a class (TStreamerElement and what derives from it). */
export interface StreamerElement {
  /** Class of the element: `TStreamerBase`, `TStreamerBasicType`, … */
  elementClass: string;
  /** Member name; for a base class the name of that class. */
  name: string;
  /** Comment of the member; holds counters `[fN]` and ranges `[0,1,16]`. */
  title: string;
  /** fType, see type-codes.ts. */
  type: number;
  /** Bytes in memory (not in the buffer). */
  size: number;
  /** Number of values of a fixed array, all dimensions together; 0 for a single value. */
  arrayLength: number;
  arrayDim: number;
  maxIndex: number[];
  /** C++ type name, e.g. `Double_t`, `TAxis`, `TList*`, `vector<float>`. */
  typeName: string;
  /** Version of the base class (TStreamerBase only, else 0). */
  baseVersion: number;
  /** Member that counts this array (TStreamerBasicPointer, TStreamerLoop), else empty. */
  countName: string;
  /** Class that holds the counter, else empty. */
  countClass: string;
  countVersion: number;
  /** fSTLtype and fCtype of a TStreamerSTL, else 0. */
  stlType: number;
  cType: number;
  /** Bytes of one value of a basic type in the buffer; 0 for other types. */
  storedSize: number;
}

/** What elements hold that have no members beside those of TStreamerElement. */
export const NO_OWN_MEMBERS: Pick<StreamerElement, 'baseVersion' | 'countName' | 'countClass' | 'countVersion' | 'stlType' | 'cType'> = {
  baseVersion: 0,
  countName: '',
  countClass: '',
  countVersion: 0,
  stlType: 0,
  cType: 0,
};

/** Layout of one version of one class. */
export interface StreamerInfo {
  className: string;
  classVersion: number;
  /** fCheckSum: tells apart layouts that carry the same version. */
  checksum: number;
  elements: StreamerElement[];
}

/** Bit 6 of an element's fBits (kHasRange): the title holds a range for Double32_t or Float16_t. */
const HAS_RANGE = 0x40;

/** Type code of one value: that of an array, or of a pointer to one, without the offset. */
function singleType(type: number): number {
  if (type > OFFSET_P && type < OFFSET_P + OFFSET_L) return type - OFFSET_P;
  return type > OFFSET_L && type < OFFSET_P ? type - OFFSET_L : type;
}

/**
 * Bytes one value of an element's basic type takes in the buffer. Double32_t: 4, or 3 with a bit count but no
 * range; Float16_t: 3, or 4 with a range (TStreamerElement::GetRange, TBufferFile::ReadWithFactor and ReadWithNbits).
 * @param bits fBits of the element
 */
export function storedSize(type: number, title: string, bits: number): number {
  const code = singleType(type);
  if (code !== TypeCode.double32 && code !== TypeCode.float16) return basicSize(code);
  if ((bits & HAS_RANGE) === 0) return basicSize(code);
  const range = rangeParts(title, type > OFFSET_P);
  if (range === undefined) return basicSize(code);
  const [low, high, bitCount] = range;
  if (low === undefined || high === undefined) return basicSize(code);
  if (rangeLimit(low) < rangeLimit(high)) return 4;
  const nbits = bitCount === undefined ? 32 : Number.parseInt(bitCount, 10);
  return nbits >= 2 && nbits < 15 ? 3 : basicSize(code);
}

function rangeParts(title: string, counted: boolean): string[] | undefined {
  let open = title.indexOf('[');
  if (open >= 0 && counted) open = title.indexOf('[', open + 1);
  const close = title.indexOf(']', open + 1);
  if (open < 0 || close < open + 2) return undefined;
  const parts = title.slice(open + 1, close).split(',');
  return parts.length < 2 ? undefined : parts;
}

/** A limit of a range: a number, or one of the forms of pi that ROOT accepts. */
function rangeLimit(text: string): number {
  const value = text.trim().toLowerCase();
  if (!value.includes('pi')) return Number.parseFloat(value);
  const sign = value.startsWith('-') ? -1 : 1;
  if (value.includes('2pi') || value.includes('2*pi') || value.includes('twopi')) return sign * 2 * Math.PI;
  if (value.includes('pi/2')) return (sign * Math.PI) / 2;
  if (value.includes('pi/4')) return (sign * Math.PI) / 4;
  return sign * Math.PI;
}

/**
 * How a Double32_t or Float16_t is packed. With `factor` above 0: u32, value = u32 / factor + low. Else with `bits` above 0: u8
 * exponent and u16 mantissa of a float, of which `bits` + 1 bits and the sign above them count. Else a float as it is.
 */
export interface Packing {
  low: number;
  factor: number;
  bits: number;
}

/** Mantissa bits of a Float16_t without a range. */
const FLOAT16_BITS = 12;
/** Below this many bits a range without limits is a number of mantissa bits. */
const MANTISSA_LIMIT = 15;

/**
 * The packing that the title of a member or leaf asks for: `[low,high,bits]` in the first bracket, or in the second one when
 * the first is a dimension (TStreamerElement.cxx, GetRange; TBufferFile::ReadFastArrayDouble32, ReadFastArrayFloat16).
 */
export function packingOf(title: string, type: number): Packing {
  const plain = { low: 0, factor: 0, bits: type === TypeCode.float16 ? FLOAT16_BITS : 0 };
  const brackets = [...title.matchAll(/\[([^\]]*)\]/g)].slice(0, 2).map(([, text]) => (text ?? '').split(','));
  const [low, high, count] = brackets.find((parts) => parts.length > 1) ?? [];
  if (low === undefined || high === undefined) return plain;
  const parsed = count === undefined ? 32 : Number.parseInt(count, 10);
  const bits = parsed >= 2 && parsed <= 32 ? parsed : 32;
  const [from, to] = [rangeLimit(low), rangeLimit(high)];
  if (from < to) return { low: from, factor: (bits < 32 ? 2 ** bits : 0xffff_ffff) / (to - from), bits: 0 };
  return bits < MANTISSA_LIMIT ? { low: 0, factor: 0, bits } : plain;
}
