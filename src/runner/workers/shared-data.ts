/**
 * Data that a module job makes once for all workers (`share`), packed for the way to them: typed arrays apart from
 * everything else, so that threads read the same memory and processes one block of a file per array.
 *
 *   file    u32 bytes of the skeleton, u32 number of blocks, f64 bytes of each block (all little-endian), skeleton, blocks
 *   skeleton    serialization of v8, in which a typed array is u32 kind, u32 block, u32 offset high and low, u32 length high and low
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { DefaultDeserializer, DefaultSerializer } from 'node:v8';
import { CorruptFileError, UsageError, invariant } from '../../errors.ts';

/** Packed data; blocks are shared between threads, not copied. */
export interface PackedData {
  skeleton: Uint8Array;
  blocks: SharedArrayBuffer[];
}

interface ArrayKind {
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): ArrayBufferView;
  readonly BYTES_PER_ELEMENT: number;
  readonly name: string;
}

const KINDS: readonly ArrayKind[] = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  BigInt64Array,
  BigUint64Array,
  Float32Array,
  Float64Array,
];
const TWO_32 = 2 ** 32;
/** Most bytes of one call of read or write. */
const PIECE_BYTES = 2 ** 30;

class Packer extends DefaultSerializer {
  readonly blocks: SharedArrayBuffer[] = [];

  /** Called by the serializer for typed arrays. */
  _writeHostObject(view: ArrayBufferView): void {
    const name = (view as { [Symbol.toStringTag]?: string })[Symbol.toStringTag];
    const kind = KINDS.findIndex((type) => type.name === name);
    if (kind < 0) throw new UsageError(`share() must return plain data and typed arrays: a ${name} is neither`);
    const [block, offset] = this.#blockOf(view);
    const length = view.byteLength / (KINDS[kind]?.BYTES_PER_ELEMENT ?? 1);
    for (const value of [kind, block, Math.floor(offset / TWO_32), offset % TWO_32, Math.floor(length / TWO_32), length % TWO_32]) {
      this.writeUint32(value);
    }
  }

  /** The block of an array and where in it the array begins: its own memory if that is shared already, else a copy. */
  #blockOf({ buffer, byteOffset, byteLength }: ArrayBufferView): [block: number, offset: number] {
    if (buffer instanceof SharedArrayBuffer) {
      const known = this.blocks.indexOf(buffer);
      return [known < 0 ? this.blocks.push(buffer) - 1 : known, byteOffset];
    }
    const copy = new SharedArrayBuffer(byteLength);
    new Uint8Array(copy).set(new Uint8Array(buffer, byteOffset, byteLength));
    return [this.blocks.push(copy) - 1, 0];
  }
}

class Unpacker extends DefaultDeserializer {
  readonly #blocks: readonly SharedArrayBuffer[];

  constructor({ skeleton, blocks }: PackedData) {
    super(skeleton);
    this.#blocks = blocks;
  }

  /** Called by the deserializer where the serializer had a typed array. */
  _readHostObject(): ArrayBufferView {
    const [kind = 0, block = 0, offsetHigh = 0, offsetLow = 0, lengthHigh = 0, lengthLow = 0] = Array.from({ length: 6 }, () =>
      this.readUint32(),
    );
    const [Type, buffer] = [KINDS[kind], this.#blocks[block]];
    invariant(Type !== undefined && buffer !== undefined, 'packed data names an unknown block');
    return new Type(buffer, offsetHigh * TWO_32 + offsetLow, lengthHigh * TWO_32 + lengthLow);
  }
}

/** Packs plain data and typed arrays (what structuredClone takes). UsageError for functions and other things that cannot be given away. */
export function packData(value: unknown): PackedData {
  const packer = new Packer();
  packer.writeHeader();
  try {
    packer.writeValue(value);
  } catch (err) {
    throw err instanceof UsageError
      ? err
      : new UsageError(`share() must return plain data and typed arrays: ${err instanceof Error ? err.message : String(err)}`);
  }
  return { skeleton: packer.releaseBuffer(), blocks: packer.blocks };
}

/** The data again; its typed arrays lie over the blocks. */
export function unpackData(packed: PackedData): unknown {
  const unpacker = new Unpacker(packed);
  unpacker.readHeader();
  return unpacker.readValue();
}

/** Writes packed data to a new file. */
export function writeData(path: string, { skeleton, blocks }: PackedData): void {
  const head = Buffer.alloc(8 + 8 * blocks.length);
  head.writeUInt32LE(skeleton.length, 0);
  head.writeUInt32LE(blocks.length, 4);
  blocks.forEach(({ byteLength }, i) => head.writeDoubleLE(byteLength, 8 + 8 * i));
  const descriptor = openSync(path, 'w');
  try {
    for (const bytes of [head, skeleton, ...blocks.map((block) => new Uint8Array(block))]) {
      inPieces(bytes, (piece) => writeSync(descriptor, piece));
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Reads what writeData wrote. CorruptFileError for a file that ends too early. */
export function readData(path: string): PackedData {
  const descriptor = openSync(path, 'r');
  const read = <T extends Uint8Array>(bytes: T): T => {
    inPieces(bytes, (piece) => {
      const count = readSync(descriptor, piece);
      if (count === 0) throw new CorruptFileError('file ends too early', { file: path });
      return count;
    });
    return bytes;
  };
  try {
    const head = read(Buffer.alloc(8));
    const sizes = read(Buffer.alloc(8 * head.readUInt32LE(4)));
    const skeleton = read(Buffer.alloc(head.readUInt32LE(0)));
    const blocks = Array.from({ length: sizes.length / 8 }, (_, i) => new SharedArrayBuffer(sizes.readDoubleLE(8 * i)));
    for (const block of blocks) read(new Uint8Array(block));
    return { skeleton, blocks };
  } finally {
    closeSync(descriptor);
  }
}

/** Calls `move` with what is left of the bytes until all are through; it returns how many it took. */
function inPieces(bytes: Uint8Array, move: (piece: Uint8Array) => number): void {
  for (let at = 0; at < bytes.length;) at += move(bytes.subarray(at, at + PIECE_BYTES));
}
