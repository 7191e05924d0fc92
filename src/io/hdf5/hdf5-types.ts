/** Datatypes of HDF5: what can be said of them, and their values in the memory of the library. */
import type { Hash } from 'node:crypto';
import type { Hdf5Extent, Hdf5Filter, Hdf5Library, Hdf5Type } from './hdf5-library.ts';

/** Classes of datatypes (H5T_class_t). */
export const TYPE_CLASS = {
  integer: 0,
  float: 1,
  time: 2,
  string: 3,
  bitfield: 4,
  opaque: 5,
  compound: 6,
  reference: 7,
  enum: 8,
  vlen: 9,
  array: 10,
} as const;

/** Filters that h5wasm has: deflate, shuffle, fletcher32, nbit, scaleoffset. */
export const KNOWN_FILTERS: readonly number[] = [1, 2, 3, 5, 6];

const SCALE_OFFSET = 6;
/** First parameter of scaleoffset: integers. */
const OF_INTEGERS = 2;

/**
 * True for a filter that may change values when a chunk is written: scaleoffset of floats, which keeps so many decimals, and of integers
 * where the number of bits is given; without it (0) as many as a chunk needs are kept. Source: H5Pset_scaleoffset.
 */
export function isLossy({ id, cd_values: [kind, digits] }: Hdf5Filter): boolean {
  return id === SCALE_OFFSET && !(kind === OF_INTEGERS && digits === 0);
}

const CLASS_NAMES: readonly string[] = Object.keys(TYPE_CLASS);

/** A datatype as text: equal texts, equal types. */
export function typeText(type: Hdf5Type): string {
  const { size, signed, littleEndian, vlen } = type;
  const order = littleEndian || size === 1 ? '' : ' big-endian';
  switch (type.type) {
    case TYPE_CLASS.integer:
      return `${signed ? 'int' : 'uint'}${size * 8}${order}`;
    case TYPE_CLASS.float:
      return `float${size * 8}${order}`;
    case TYPE_CLASS.string:
      return `${type.cset === 1 ? 'utf-8' : 'ascii'} text${vlen ? '' : ` of ${size} bytes, padding ${type.strpad}`}`;
    case TYPE_CLASS.compound:
      return `{${(type.compound_type?.members ?? []).map((member) => `${member.name}@${member.offset}: ${typeText(member)}`).join(', ')}} of ${size} bytes`;
    case TYPE_CLASS.enum:
      return `enum of ${size} bytes${order} ${JSON.stringify(Object.entries(type.enum_type?.members ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1)))}`;
    case TYPE_CLASS.vlen:
      return `sequences of ${type.vlen_type === undefined ? 'unknown' : typeText(type.vlen_type)}`;
    case TYPE_CLASS.array: {
      const base = type.array_type;
      return `${base === undefined ? 'unknown' : typeText(base)} x ${base?.total_size} in ${size} bytes`;
    }
    default:
      return `${CLASS_NAMES[type.type] ?? 'unknown'} of ${size} bytes${order}`;
  }
}

/** True for a dataset of one value, or of none at all: it has no rows. */
export function isScalar({ shape }: Hdf5Extent): boolean {
  return shape === null || shape.length === 0;
}

/** Number of rows. */
export function rowsOf({ shape }: Hdf5Extent): number {
  return shape?.[0] ?? 0;
}

/** The types a type is made of, itself first. */
function* parts(type: Hdf5Type): Generator<Hdf5Type> {
  yield type;
  for (const part of [type.array_type, type.vlen_type, ...(type.compound_type?.members ?? [])]) if (part !== undefined) yield* parts(part);
}

/** True when values point to objects of their own file. */
export function hasReferences(type: Hdf5Type): boolean {
  return [...parts(type)].some((part) => part.type === TYPE_CLASS.reference);
}

/** Bytes of the references that can be told: those to objects and to regions up to HDF5 1.10. */
const REFERENCE_BYTES: readonly number[] = [8, 12];

function isUnknownReference({ type, size }: Hdf5Type): boolean {
  return type === TYPE_CLASS.reference && !REFERENCE_BYTES.includes(size);
}

/** True when values are references of the kind that HDF5 1.12 has brought: where they lead to cannot be told. */
export function hasUnknownReferences(type: Hdf5Type): boolean {
  return [...parts(type)].some(isUnknownReference);
}

/** True when values point to memory of their own, which must be given back. */
export function hasPointers(type: Hdf5Type): boolean {
  return [...parts(type)].some((part) => part.vlen || part.type === TYPE_CLASS.vlen);
}

/** Why h5wasm cannot make a dataset or attribute of this type; undefined when it can. */
export function creationProblem(type: Hdf5Type): string | undefined {
  if (type.type === TYPE_CLASS.compound) {
    const members = type.compound_type?.members ?? [];
    return members.some((member) => member.vlen)
      ? 'a compound with texts of varying length'
      : members.map(creationProblem).find((problem) => problem !== undefined);
  }
  // It gives texts of fixed length the padding of C, or, in UTF-8, that of Fortran.
  if (type.type === TYPE_CLASS.string && (type.vlen || type.strpad === (type.cset === 0 ? 0 : 2))) return undefined;
  const isNumber =
    (type.type === TYPE_CLASS.integer && [1, 2, 4, 8].includes(type.size)) ||
    (type.type === TYPE_CLASS.float && [4, 8].includes(type.size));
  return isNumber && type.littleEndian ? undefined : typeText(type);
}

/** Text of what a reference leads to, which says the same in all files. */
export type ReferenceText = (reference: Buffer) => string;

/** What is needed to tell values apart. */
export interface ValueContext {
  library: Hdf5Library;
  references: ReferenceText;
}

/** Values in the memory of the library. */
export interface ValueRange {
  at: number;
  count: number;
}

/** Feeds values into a hash: what they are, not where they lie, and what references lead to. */
export function hashValues(context: ValueContext, hash: Hash, type: Hdf5Type, { at, count }: ValueRange): void {
  if (!hasPointers(type) && !hasReferences(type)) {
    hash.update(context.library.HEAPU8.subarray(at, at + type.size * count));
    return;
  }
  for (let i = 0; i < count; i++) hashValue(context, hash, type, at + i * type.size);
}

function hashValue(context: ValueContext, hash: Hash, type: Hdf5Type, at: number): void {
  const { library, references } = context;
  const view = new DataView(library.HEAPU8.buffer, at);
  if (type.type === TYPE_CLASS.reference) {
    const isKnown = !isUnknownReference(type);
    hash.update(isKnown ? `reference to ${references(Buffer.from(library.HEAPU8.slice(at, at + type.size)))};` : 'reference');
  } else if (type.vlen) {
    const text = textAt(library, view.getUint32(0, true));
    hash.update(`${text.length}:`);
    hash.update(text);
  } else if (type.vlen_type !== undefined) {
    const count = view.getUint32(0, true);
    hash.update(`${count}:`);
    hashValues(context, hash, type.vlen_type, { at: view.getUint32(4, true), count });
  } else if (type.array_type !== undefined) {
    hashValues(context, hash, type.array_type, { at, count: type.array_type.total_size });
  } else {
    for (const member of type.compound_type?.members ?? []) hashValues(context, hash, member, { at: at + member.offset, count: 1 });
  }
}

/** The bytes of the text a pointer leads to, in whatever encoding; none of a pointer to nowhere, which a text never written is. */
export function textAt({ HEAPU8 }: Hdf5Library, pointer: number): Uint8Array {
  return pointer === 0 ? new Uint8Array() : HEAPU8.subarray(pointer, HEAPU8.indexOf(0, pointer));
}
