/**
 * Where the members of many objects lie in one payload, as columns: an offset and a type code per
 * object and member, no JavaScript object per TBranch or TLeaf.
 */
import { CorruptFileError, UnsupportedError } from '../../../errors.ts';
import { readI64 } from '../../bytes/big-endian.ts';
import { TypeCode } from '../streamer/type-codes.ts';

/** Offset of a member that the object's version does not have. */
export const ABSENT = -1;

/** Bit in the type of an array member: it has no values, whatever its counter says. */
export const EMPTY_ARRAY = 0x100;

/** Rows of offsets; a column is a member, see `TREE`, `BRANCH`, `LEAF` in scan-layout.ts. */
export class MemberTable {
  readonly columns: number;
  count = 0;
  /** Payload index of a member's first byte by `row * columns + column`; ABSENT where there is none. */
  at: Int32Array;
  /** Its type code. */
  type: Uint16Array;

  constructor(columns: number, rows = 8) {
    this.columns = columns;
    this.at = new Int32Array(columns * rows);
    this.type = new Uint16Array(columns * rows);
  }

  /** Adds a row without members and returns its index. */
  addRow(): number {
    const start = this.count * this.columns;
    const end = start + this.columns;
    if (end > this.at.length) {
      const [at, type] = [new Int32Array(this.at.length * 2), new Uint16Array(this.at.length * 2)];
      at.set(this.at);
      type.set(this.type);
      [this.at, this.type] = [at, type];
    }
    this.at.fill(ABSENT, start, end);
    return this.count++;
  }

  /** Remembers that a member lies at payload index `at`. */
  set(row: number, column: number, at: number, type: number): void {
    const index = row * this.columns + column;
    this.at[index] = at;
    this.type[index] = type;
  }

  offset(row: number, column: number): number {
    return this.at[row * this.columns + column] as number;
  }

  typeOf(row: number, column: number): number {
    return this.type[row * this.columns + column] as number;
  }

  /** A basic member as a number; `fallback` where the object has no such member. */
  number(view: DataView, row: number, column: number, fallback = 0): number {
    const at = this.offset(row, column);
    return at === ABSENT ? fallback : readBasic(view, at, this.typeOf(row, column));
  }
}

/** A value of a basic type at a payload index, as a number; 64-bit integers are exact up to 2^53. */
export function readBasic(view: DataView, at: number, type: number): number {
  switch (type) {
    case TypeCode.int:
    case TypeCode.counter:
      return view.getInt32(at);
    case TypeCode.long:
    case TypeCode.long64:
    case TypeCode.ulong:
    case TypeCode.ulong64:
      return readI64(view, at);
    case TypeCode.double:
      return view.getFloat64(at);
    case TypeCode.uint:
      return view.getUint32(at);
    case TypeCode.short:
      return view.getInt16(at);
    case TypeCode.ushort:
      return view.getUint16(at);
    case TypeCode.char:
      return view.getInt8(at);
    case TypeCode.uchar:
    case TypeCode.bool:
      return view.getUint8(at);
    case TypeCode.float:
      return view.getFloat32(at);
    default:
      throw new CorruptFileError(`member has the type code ${type}, which is no number`, { offset: at });
  }
}

/**
 * Writes a number in the width and type of a basic member, in place.
 * UnsupportedError when an integer member cannot hold it: entry counts of very old trees have 32 bits.
 */
export function patchBasic(view: DataView, at: number, type: number, value: number): void {
  switch (type) {
    case TypeCode.int:
    case TypeCode.counter:
      checkRange(value, 0x8000_0000);
      return view.setInt32(at, value);
    case TypeCode.long:
    case TypeCode.long64:
    case TypeCode.ulong:
    case TypeCode.ulong64:
      return view.setBigInt64(at, BigInt(value));
    case TypeCode.double:
      return view.setFloat64(at, value);
    case TypeCode.short:
      checkRange(value, 0x8000);
      return view.setInt16(at, value);
    case TypeCode.char:
      checkRange(value, 0x80);
      return view.setInt8(at, value);
    default:
      throw new UnsupportedError(`member of type code ${type} cannot be set`, { offset: at });
  }
}

function checkRange(value: number, limit: number): void {
  if (value < -limit || value >= limit) throw new UnsupportedError(`value ${value} does not fit a member of its version`);
}
