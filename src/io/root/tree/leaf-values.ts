/**
 * Values of the entries of a branch, where leaf classes or the type of the member tell how they are stored: basic
 * types, fixed and counted arrays, leaf lists, texts, and branches of a vector of basic values or of strings.
 *
 *   TLeafB S I L F D O     1 2 4 8 4 8 1 bytes, big-endian       (source: ROOT tree/tree/src/TLeaf?.cxx)
 *   TLeafC, std::string    TString                               (TLeafC.cxx, TStreamerSTLstring)
 *   member, basic type T   values; OFFSET_P + T: a flag byte in front   (TBranchElement.cxx, TBufferFile.cxx)
 *   vector<T>              byte count and version (6 bytes), u32 size, values or strings
 *
 * Packed reals (Float16_t, Double32_t) and other objects have no values here; their bytes can be compared.
 */
import { CorruptFileError } from '../../../errors.ts';
import { BigEndianReader, decodeText } from '../../bytes/big-endian.ts';
import { OFFSET_L, OFFSET_P, TypeCode, basicSize, basicTypeOf } from '../streamer/type-codes.ts';
import { textAt } from './basket-table.ts';
import { ABSENT, readBasic } from './member-table.ts';
import { BRANCH, LEAF } from './scan-layout.ts';
import type { TreeScan } from './tree-scan.ts';

/** Values of one entry: an array, or the text of a single string. 64-bit integers beyond 2^53 are bigint. */
export type LeafValues = (number | bigint | string)[] | string;

/** How the entries of a branch are read. */
export interface LeafReader {
  /** Bytes of each value where all are reals: 4 or 8; else 0. */
  realWidth: number;
  /** Values of the entry in [start, end) of a basket's data. CorruptFileError where it does not fit. */
  read: (data: Uint8Array, start: number, end: number) => LeafValues;
}

const LEAF_TYPES: Readonly<Record<string, readonly [signed: number, unsigned: number]>> = {
  TLeafB: [TypeCode.char, TypeCode.uchar],
  TLeafS: [TypeCode.short, TypeCode.ushort],
  TLeafI: [TypeCode.int, TypeCode.uint],
  TLeafL: [TypeCode.long64, TypeCode.ulong64],
  TLeafG: [TypeCode.long, TypeCode.ulong],
  TLeafF: [TypeCode.float, TypeCode.float],
  TLeafD: [TypeCode.double, TypeCode.double],
  TLeafO: [TypeCode.bool, TypeCode.bool],
};
/** fType of TBranchElement: a plain member or object; a member of the elements of a TClonesArray or of an STL collection. */
const PLAIN = 0;
const MEMBER_OF_ELEMENTS: ReadonlySet<number> = new Set([31, 41]);
/** Bytes of byte count and version in front of a collection. */
const FRAME_BYTES = 6;
const VECTOR = /^(?:std::)?vector<\s*([\w :]+?)\s*>$/;

/** The reader for branch `row`; undefined where its type is not known here. */
export function leafReader(scan: TreeScan, row: number): LeafReader | undefined {
  return scan.branchClass[row] === 'TBranch' ? plainReader(scan, row) : scan.branchClass[row] === 'TBranchElement' ? elementReader(scan, row) : undefined;
}

function plainReader(scan: TreeScan, row: number): LeafReader | undefined {
  const first = scan.leafStart[row] as number;
  const leaves = scan.leafList.slice(first, first + (scan.leafCount[row] as number));
  const [only] = leaves;
  if (only !== undefined && leaves.length === 1 && scan.leafClass[only] === 'TLeafC') return TEXT_READER;
  const types = leaves.map((leaf) => leafType(scan, leaf));
  if (types.includes(0) || only === undefined) return undefined;
  if (leaves.length === 1) return arrayReader(types[0] as number, 0);
  if (leaves.some((leaf) => (scan.leafCounter[leaf] as number) >= 0)) return undefined;
  return listReader(leaves.map((leaf, i) => [types[i] as number, scan.leaves.number(scan.view, leaf, LEAF.fLen, 1)]));
}

function leafType(scan: TreeScan, leaf: number): number {
  return LEAF_TYPES[scan.leafClass[leaf] ?? '']?.[scan.leaves.number(scan.view, leaf, LEAF.fIsUnsigned) === 0 ? 0 : 1] ?? 0;
}

/** A leaf list: the values of one leaf after those of another. */
function listReader(leaves: readonly (readonly [type: number, count: number])[]): LeafReader {
  const size = leaves.reduce((sum, [type, count]) => sum + basicSize(type) * count, 0);
  const widths = new Set(leaves.map(([type]) => realWidthOf(type)));
  const read = (data: Uint8Array, start: number, end: number): LeafValues => {
    if (end - start !== size) throw new CorruptFileError('entry has another size than its leaves', { offset: start, expected: size, found: end - start });
    let at = start;
    return leaves.flatMap(([type, count]) => {
      const values = valuesOfType(data, at, at + count * basicSize(type), type);
      at += count * basicSize(type);
      return values;
    });
  };
  return { realWidth: widths.size === 1 ? ([...widths][0] as number) : 0, read };
}

function elementReader(scan: TreeScan, row: number): LeafReader | undefined {
  const [streamerType, type, id] = [BRANCH.fStreamerType, BRANCH.fType, BRANCH.fID].map((column) => scan.branches.number(scan.view, row, column)) as [number, number, number];
  if (MEMBER_OF_ELEMENTS.has(type)) return hasValues(streamerType % OFFSET_L) && streamerType < OFFSET_P ? arrayReader(streamerType % OFFSET_L, 0) : undefined;
  const at = scan.branches.offset(row, BRANCH.fClassName);
  const className = id >= 0 || at === ABSENT ? '' : decodeText(textAt(scan, at));
  if (isString(className)) return TEXT_READER;
  if (type > PLAIN) return undefined;
  if (streamerType > 0 && streamerType < OFFSET_P + OFFSET_L && hasValues(streamerType % OFFSET_L)) return arrayReader(streamerType % OFFSET_L, streamerType > OFFSET_P ? 1 : 0);
  if (id >= 0 && streamerType === TypeCode.tstring) return TEXT_READER;
  const item = VECTOR.exec(className)?.[1];
  return item === undefined ? undefined : vectorReader(item);
}

function hasValues(type: number): boolean {
  return basicSize(type) > 0 && type !== TypeCode.double32 && type !== TypeCode.float16 && type !== TypeCode.legacyChar && type !== TypeCode.bits;
}

/** Values of one type that fill the entry behind `skip` bytes. */
function arrayReader(type: number, skip: number): LeafReader {
  return { realWidth: realWidthOf(type), read: (data, start, end) => valuesOfType(data, Math.min(end, start + skip), end, type) };
}

function vectorReader(item: string): LeafReader | undefined {
  const type = basicTypeOf(item);
  const isText = isString(item);
  if (!isText && !hasValues(type)) return undefined;
  const read = (data: Uint8Array, start: number, end: number): LeafValues => {
    const reader = new BigEndianReader(data, start, end);
    reader.raw(FRAME_BYTES);
    const size = reader.u32();
    if (!isText) {
      if (size * basicSize(type) !== reader.remaining) throw new CorruptFileError('vector does not fill its entry', { offset: start, expected: reader.remaining, found: size * basicSize(type) });
      return valuesOfType(data, reader.pos, end, type);
    }
    if (size > reader.remaining) throw new CorruptFileError('vector does not fit its entry', { offset: start, expected: reader.remaining, found: size });
    const texts = Array.from({ length: size }, () => reader.tstring());
    if (reader.remaining > 0) throw new CorruptFileError('vector does not fill its entry', { offset: reader.pos, found: reader.remaining });
    return texts;
  };
  return { realWidth: isText ? 0 : realWidthOf(type), read };
}

function isString(className: string): boolean {
  return className === 'string' || className === 'std::string';
}

/** One entry of text; one without bytes is the empty text (TLeafC::ReadBasket). */
function readText(data: Uint8Array, start: number, end: number): string {
  if (start === end) return '';
  const reader = new BigEndianReader(data, start, end);
  const text = reader.tstring();
  if (reader.remaining > 0) throw new CorruptFileError('text does not fill its entry', { offset: reader.pos, found: reader.remaining });
  return text;
}

const TEXT_READER: LeafReader = { realWidth: 0, read: readText };

/** The values of one basic type that fill [start, end); 64-bit integers beyond 2^53 are bigint. CorruptFileError for a part of one. */
export function valuesOfType(data: Uint8Array, start: number, end: number, type: number): (number | bigint)[] {
  const width = basicSize(type);
  if ((end - start) % width !== 0) throw new CorruptFileError('entry has a part of a value', { offset: start, expected: `a multiple of ${width}`, found: end - start });
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const isLong = width === 8 && type !== TypeCode.double;
  return Array.from({ length: (end - start) / width }, (_, i) => (isLong ? longAt(view, start + i * width, type) : readBasic(view, start + i * width, type)));
}

function longAt(view: DataView, at: number, type: number): number | bigint {
  const value = type === TypeCode.ulong || type === TypeCode.ulong64 ? view.getBigUint64(at) : view.getBigInt64(at);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function realWidthOf(type: number): number {
  return type === TypeCode.float ? 4 : type === TypeCode.double ? 8 : 0;
}
