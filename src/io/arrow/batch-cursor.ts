/** What record and dictionary batches consist of, column by column: lengths, then buffers, in the order of the schema (Message.fbs). */
import { CorruptFileError, UnsupportedError, withContext } from '../../errors.ts';
import type { ArrowFile, ArrowMessage } from './arrow-file.ts';
import { inflateLz4Frame } from './lz4-frame.ts';
import { parseMessage } from './message.ts';
import type { ArrowField } from './schema.ts';

/** Decompresses a Zstandard frame to exactly so many bytes. @throws CorruptFileError */
export type ZstdInflater = (frame: Uint8Array, outBytes: number) => Uint8Array;

/** Length of an array and how many of its values are null. */
export interface ArrayNode {
  length: number;
  nullCount: number;
}

/** CompressionType of Message.fbs. */
const CODEC = { lz4: 0, zstd: 1 } as const;
/** Bytes of a FieldNode (length and null count) and of a Buffer (offset and length), 64-bit integers both. */
const STRUCT_BYTES = 16;
/** Bytes before a compressed buffer: its size once decompressed, or -1 for one that is stored as it is. */
const SIZE_BYTES = 8;

/** Goes through nodes and buffers of one batch; only buffers that are asked for are read. */
export class BatchCursor {
  /** MetadataVersion: 4 is V5. */
  readonly version: number;
  readonly #file: ArrowFile;
  readonly #message: ArrowMessage;
  readonly #inflateZstd: ZstdInflater;
  readonly #codec: number | undefined;
  readonly #nodes: DataView;
  readonly #buffers: DataView;
  readonly #variadic: readonly number[];
  #node = 0;
  #buffer = 0;
  #list = 0;

  /** @throws CorruptFileError, UnsupportedError */
  constructor(file: ArrowFile, message: ArrowMessage, inflateZstd: ZstdInflater) {
    const metadata = Uint8Array.from(file.source.read(message.metadataOffset, message.metadataBytes));
    const { table, kind, version } = withContext({ file: file.path, offset: message.metadataOffset }, () => parseMessage(metadata));
    const batch = kind === 'dictionary' ? (table.table(1) ?? table) : table;
    const compression = batch.table(3);
    this.version = version;
    this.#file = file;
    this.#message = message;
    this.#inflateZstd = inflateZstd;
    this.#codec = compression?.u8(0);
    if (compression !== undefined && compression.u8(1) !== 0) {
      throw new UnsupportedError('compresses something else than buffers', { file: file.path });
    }
    this.#nodes = viewOf(batch.structs(1, STRUCT_BYTES));
    this.#buffers = viewOf(batch.structs(2, STRUCT_BYTES));
    this.#variadic = batch.i64s(4);
  }

  /** The next node. */
  node(): ArrayNode {
    const at = STRUCT_BYTES * this.#node++;
    if (at + STRUCT_BYTES > this.#nodes.byteLength) throw this.#damage('has too few nodes');
    return { length: Number(this.#nodes.getBigInt64(at, true)), nullCount: Number(this.#nodes.getBigInt64(at + 8, true)) };
  }

  /** Bytes of the next buffer, decompressed: a copy. */
  buffer(): Uint8Array {
    const { offset, length } = this.#place();
    const stored = Uint8Array.from(length === 0 ? [] : this.#file.source.read(this.#message.bodyOffset + offset, length));
    return this.#codec === undefined || length === 0 ? stored : this.#inflate(stored, this.#codec);
  }

  /** How many buffers of texts the next view array has. */
  variadicCount(): number {
    const count = this.#variadic[this.#list++];
    const left = this.#buffers.byteLength / STRUCT_BYTES - this.#buffer;
    if (count === undefined || count < 0 || count > left) throw this.#damage('has too few buffers of texts');
    return count;
  }

  /** Passes over a column. */
  skip(field: ArrowField): void {
    this.#node++;
    const name = field.dictionary === undefined ? field.values.name : 'Int';
    this.#buffer += this.buffersOf(name, field);
    if (name.endsWith('View') && !name.endsWith('ListView')) this.#buffer += this.variadicCount();
    if (field.dictionary === undefined) for (const child of field.children) this.skip(child);
  }

  /** Buffers of an array without those of its children (Arrow columnar format, "Buffer Listing for Each Layout"). */
  buffersOf(typeName: string, { values }: ArrowField): number {
    const fixed = BUFFERS[typeName];
    if (fixed !== undefined) return fixed;
    const own = values.parameters.get('mode') === '1' ? 2 : 1;
    return this.version < 4 ? own + 1 : own; // unions had validity before V5
  }

  #place(): { offset: number; length: number } {
    const at = STRUCT_BYTES * this.#buffer++;
    if (at + STRUCT_BYTES > this.#buffers.byteLength) throw this.#damage('has too few buffers');
    const [offset, length] = [Number(this.#buffers.getBigInt64(at, true)), Number(this.#buffers.getBigInt64(at + 8, true))];
    if (offset < 0 || length < 0 || offset + length > this.#message.bodyBytes) throw this.#damage('has a buffer outside of its body');
    return { offset, length };
  }

  #inflate(stored: Uint8Array, codec: number): Uint8Array {
    if (stored.length < SIZE_BYTES) throw this.#damage('has a compressed buffer without size');
    const size = Number(viewOf(stored).getBigInt64(0, true));
    const frame = stored.subarray(SIZE_BYTES);
    if (size === -1) return frame;
    if (size < 0 || size > MAX_BUFFER_BYTES) throw this.#damage('has a compressed buffer of an impossible size');
    if (size === 0) return new Uint8Array();
    return withContext({ file: this.#file.path, offset: this.#message.bodyOffset }, () => {
      if (codec === CODEC.lz4) return inflateLz4Frame(frame, size);
      if (codec === CODEC.zstd) return this.#inflateZstd(frame, size);
      throw new UnsupportedError(`compression ${codec} is not known`);
    });
  }

  #damage(what: string): CorruptFileError {
    return new CorruptFileError(`a batch ${what}`, { file: this.#file.path, offset: this.#message.metadataOffset });
  }
}

/** Larger buffers are not believed. */
const MAX_BUFFER_BYTES = 2 ** 32;

/** Buffers of the arrays of each type; unions depend on more. */
const BUFFERS: Readonly<Record<string, number>> = {
  Null: 0,
  RunEndEncoded: 0,
  Struct: 1,
  FixedSizeList: 1,
  Int: 2,
  FloatingPoint: 2,
  Bool: 2,
  Decimal: 2,
  Date: 2,
  Time: 2,
  Timestamp: 2,
  Interval: 2,
  Duration: 2,
  FixedSizeBinary: 2,
  List: 2,
  LargeList: 2,
  Map: 2,
  BinaryView: 2,
  Utf8View: 2,
  Binary: 3,
  Utf8: 3,
  LargeBinary: 3,
  LargeUtf8: 3,
  ListView: 3,
  LargeListView: 3,
};

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
