/**
 * Reading FlatBuffers tables, as far as Arrow's metadata need it (flatbuffers internals: a table begins with the signed
 * distance back to its vtable; the vtable holds its own size, the table's size, then a u16 offset per field, 0 for absent).
 * Everything is checked against the end of the buffer: damage is a CorruptFileError.
 */
import { CorruptFileError } from '../../errors.ts';
import { decodeText } from '../bytes/big-endian.ts';

/** A table in a buffer of metadata. All numbers are little-endian. */
export class FlatTable {
  readonly bytes: Uint8Array;
  /** Index of the table in `bytes`. */
  readonly position: number;
  readonly #view: DataView;
  readonly #vtable: number;
  readonly #vtableBytes: number;

  constructor(bytes: Uint8Array, position: number) {
    this.bytes = bytes;
    this.position = position;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#vtable = position - this.#view.getInt32(this.#checked(position, 4), true);
    this.#vtableBytes = this.#view.getUint16(this.#checked(this.#vtable, 4), true);
    this.#checked(this.#vtable, this.#vtableBytes);
  }

  /** The table a whole buffer holds. */
  static root(bytes: Uint8Array): FlatTable {
    if (bytes.length < 8) throw new CorruptFileError('metadata are too short', { found: `${bytes.length} bytes` });
    return new FlatTable(bytes, new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true));
  }

  #checked(at: number, length: number): number {
    if (at < 0 || at + length > this.bytes.length) {
      throw new CorruptFileError('metadata point outside of themselves', { expected: `at most ${this.bytes.length - length}`, found: at });
    }
    return at;
  }

  /** Index of field `i` of `length` bytes; undefined when it has its default. */
  #field(i: number, length: number): number | undefined {
    const entry = 4 + 2 * i;
    if (entry + 2 > this.#vtableBytes) return undefined;
    const offset = this.#view.getUint16(this.#vtable + entry, true);
    return offset === 0 ? undefined : this.#checked(this.position + offset, length);
  }

  /** Index that an offset field leads to. */
  #target(i: number): number | undefined {
    const at = this.#field(i, 4);
    return at === undefined ? undefined : at + this.#view.getUint32(at, true);
  }

  u8(i: number): number {
    const at = this.#field(i, 1);
    return at === undefined ? 0 : this.#view.getUint8(at);
  }

  i16(i: number, absent = 0): number {
    const at = this.#field(i, 2);
    return at === undefined ? absent : this.#view.getInt16(at, true);
  }

  i32(i: number, absent = 0): number {
    const at = this.#field(i, 4);
    return at === undefined ? absent : this.#view.getInt32(at, true);
  }

  /** A 64-bit integer; CorruptFileError beyond 2^53. */
  i64(i: number): number {
    const at = this.#field(i, 8);
    return at === undefined ? 0 : this.#long(at);
  }

  #long(at: number): number {
    const value = Number(this.#view.getBigInt64(this.#checked(at, 8), true));
    if (!Number.isSafeInteger(value)) throw new CorruptFileError('64-bit number in metadata is out of range', { found: value });
    return value;
  }

  table(i: number): FlatTable | undefined {
    const at = this.#target(i);
    return at === undefined ? undefined : new FlatTable(this.bytes, at);
  }

  text(i: number): string | undefined {
    const at = this.#target(i);
    if (at === undefined) return undefined;
    const length = this.#view.getUint32(this.#checked(at, 4), true);
    return decodeText(this.bytes.subarray(this.#checked(at + 4, length), at + 4 + length));
  }

  /** Start and count of a vector whose elements take `size` bytes; an absent one is empty. */
  #vector(i: number, size: number): { start: number; count: number } {
    const at = this.#target(i);
    if (at === undefined) return { start: 0, count: 0 };
    const count = this.#view.getUint32(this.#checked(at, 4), true);
    return { start: this.#checked(at + 4, count * size), count };
  }

  tables(i: number): FlatTable[] {
    const { start, count } = this.#vector(i, 4);
    return Array.from({ length: count }, (_, k) => {
      const at = start + 4 * k;
      return new FlatTable(this.bytes, at + this.#view.getUint32(at, true));
    });
  }

  i32s(i: number): number[] {
    const { start, count } = this.#vector(i, 4);
    return Array.from({ length: count }, (_, k) => this.#view.getInt32(start + 4 * k, true));
  }

  i64s(i: number): number[] {
    const { start, count } = this.#vector(i, 8);
    return Array.from({ length: count }, (_, k) => this.#long(start + 8 * k));
  }

  /** Bytes of a vector of structs, each `size` bytes long; a view. */
  structs(i: number, size: number): Uint8Array {
    const { start, count } = this.#vector(i, size);
    return this.bytes.subarray(start, start + count * size);
  }
}
