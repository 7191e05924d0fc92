/** Elements of HDF5 datasets and attributes as values: each type is taken apart into leaves, members of compounds by name. */
import { textOrBytes } from '../../io/bytes/exact-text.ts';
import { halfOf } from '../../io/bytes/half-float.ts';
import type { Hdf5Type } from '../../io/hdf5/hdf5-library.ts';
import { TYPE_CLASS } from '../../io/hdf5/hdf5-types.ts';
import type { Cell } from '../table/cells.ts';

/** What values of two types must have in common to be compared. */
export type LeafFamily = 'number' | 'text' | 'bytes' | 'reference' | 'list';

/** A value in each element of a type. Values in the memory of the library are little-endian, whatever they are in the file. */
export interface Leaf {
  /** Path of the member (`a.b`); empty where the element is the value. */
  name: string;
  /** Bytes from the beginning of the element. */
  offset: number;
  family: LeafFamily;
  /** Bytes of a real; 0 for anything else. */
  width: number;
  /** Reads the value at an address. */
  read: (memory: DataView, at: number) => Cell;
}

/** What a reference leads to, as text. */
export type ReferenceName = (reference: Uint8Array) => string;

/** How numbers use their bits. */
export interface NumberBits {
  /** False where numbers do not use all of their bits, or are no IEEE floats: they are compared as bytes. */
  arePlain: boolean;
  /** True where reals of 16 bytes are extended ones, of which ten bytes count. */
  hasExtended: boolean;
}

/** Numbers that use all of their bits. */
export const PLAIN_NUMBERS: NumberBits = { arePlain: true, hasExtended: false };
/** Bytes of an extended real that count. */
const EXTENDED_BYTES = 10;

/** The leaves of a type. */
export function leavesOf(type: Hdf5Type, numbers: NumberBits, nameOf: ReferenceName): Leaf[] {
  return collect(type, { ...numbers, nameOf }, { name: '', offset: 0 });
}

interface LeafContext extends NumberBits {
  nameOf: ReferenceName;
}

interface LeafPlace {
  name: string;
  offset: number;
}

function collect(type: Hdf5Type, ctx: LeafContext, { name, offset }: LeafPlace): Leaf[] {
  if (type.type !== TYPE_CLASS.compound) return [{ name, offset, ...valueOf(type, ctx) }];
  return (type.compound_type?.members ?? []).flatMap((member) =>
    collect(member, ctx, { name: name === '' ? member.name : `${name}.${member.name}`, offset: offset + member.offset }),
  );
}

type LeafValue = Pick<Leaf, 'family' | 'width' | 'read'>;

function valueOf(type: Hdf5Type, ctx: LeafContext): LeafValue {
  const { size } = type;
  switch (type.type) {
    case TYPE_CLASS.integer:
    case TYPE_CLASS.enum:
      return (ctx.arePlain ? integer(size, type.signed) : undefined) ?? plainBytes(size);
    case TYPE_CLASS.float:
      return (ctx.arePlain ? real(size) : undefined) ?? plainBytes(ctx.hasExtended && size === 16 ? EXTENDED_BYTES : size);
    case TYPE_CLASS.string:
      return { family: 'text', width: 0, read: type.vlen ? readLongText : textReader(type) };
    case TYPE_CLASS.reference:
      return { family: 'reference', width: 0, read: (memory, at) => ctx.nameOf(bytesAt(memory, at, size)) };
    case TYPE_CLASS.vlen:
      return sequence(type, ctx);
    case TYPE_CLASS.array:
      return array(type, ctx);
    default:
      return plainBytes(size);
  }
}

function integer(size: number, signed: boolean): LeafValue | undefined {
  const read = (signed ? SIGNED : UNSIGNED)[size];
  return read && { family: 'number', width: 0, read };
}

type Read = Leaf['read'];

const SIGNED: Readonly<Record<number, Read>> = {
  1: (memory, at) => memory.getInt8(at),
  2: (memory, at) => memory.getInt16(at, true),
  4: (memory, at) => memory.getInt32(at, true),
  8: (memory, at) => memory.getBigInt64(at, true),
};
const UNSIGNED: Readonly<Record<number, Read>> = {
  1: (memory, at) => memory.getUint8(at),
  2: (memory, at) => memory.getUint16(at, true),
  4: (memory, at) => memory.getUint32(at, true),
  8: (memory, at) => memory.getBigUint64(at, true),
};
const REALS: Readonly<Record<number, Read>> = {
  2: (memory, at) => halfOf(memory.getUint16(at, true)),
  4: (memory, at) => memory.getFloat32(at, true),
  8: (memory, at) => memory.getFloat64(at, true),
};

/** A half has no width: its units in the last place are not counted. */
function real(size: number): LeafValue | undefined {
  const read = REALS[size];
  return read && { family: 'number', width: size === 2 ? 0 : size, read };
}

function plainBytes(size: number): LeafValue {
  return { family: 'bytes', width: 0, read: (memory, at) => bytesAt(memory, at, size) };
}

/** A copy: the memory moves when it grows, and is given back. */
function bytesAt({ buffer }: DataView, at: number, size: number): Uint8Array {
  return new Uint8Array(buffer, at, size).slice();
}

/** A text at the address that stands there; none of an address of nowhere, which a text never written is. */
function readLongText(memory: DataView, at: number): Cell {
  const start = memory.getUint32(at, true);
  if (start === 0) return '';
  const all = new Uint8Array(memory.buffer);
  return textOrBytes(all.subarray(start, all.indexOf(0, start)));
}

/** Texts of fixed length end with their first zero (0), or are padded with zeros (1) or spaces (2). Source: H5Tset_strpad. */
function textReader({ size, strpad }: Hdf5Type): Read {
  const padding = strpad === 2 ? 0x20 : 0;
  return ({ buffer }, at) => {
    const bytes = new Uint8Array(buffer, at, size);
    const end = strpad === 1 || strpad === 2 ? bytes.findLastIndex((byte) => byte !== padding) + 1 : bytes.indexOf(0);
    return textOrBytes(bytes.subarray(0, end < 0 ? size : end));
  };
}

/** A count and an address of 32 bits. */
function sequence({ vlen_type: base }: Hdf5Type, ctx: LeafContext): LeafValue {
  if (base === undefined) return plainBytes(8);
  const { read, width } = listOf(base, ctx);
  return { family: 'list', width, read: (memory, at) => read(memory, memory.getUint32(at + 4, true), memory.getUint32(at, true)) };
}

function array({ array_type: base, size }: Hdf5Type, ctx: LeafContext): LeafValue {
  if (base === undefined) return plainBytes(size);
  const { read, width } = listOf(base, ctx);
  return { family: 'list', width, read: (memory, at) => read(memory, at, base.total_size) };
}

/** Elements one after another; those of a compound are lists of their members. */
function listOf(base: Hdf5Type, ctx: LeafContext): { width: number; read: (memory: DataView, at: number, count: number) => Cell[] } {
  const leaves = collect(base, ctx, { name: '', offset: 0 });
  const [only] = leaves;
  const readOne: Read =
    only !== undefined && only.name === ''
      ? (memory, at) => only.read(memory, at)
      : (memory, at) => leaves.map(({ read, offset }) => read(memory, at + offset));
  return {
    width: only?.name === '' ? only.width : 0,
    read: (memory, at, count) => Array.from({ length: count }, (_, i) => readOne(memory, at + i * base.size)),
  };
}
