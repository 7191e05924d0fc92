/** Messages of Arrow's IPC formats (Message.fbs of Apache Arrow): metadata read, and framed anew where something in them must change. */
import { CorruptFileError, UnsupportedError } from '../../errors.ts';
import { LittleEndianWriter } from '../bytes/little-endian.ts';
import { FlatTable } from './flat-table.ts';

/** What a message holds. */
export type MessageKind = 'schema' | 'dictionary' | 'batch';

/** Metadata of a message. */
export interface MessageHeader {
  kind: MessageKind;
  /** MetadataVersion: 4 is V5. */
  version: number;
  /** Bytes of the body that follows, a multiple of 8. */
  bodyBytes: number;
  /** The Schema, DictionaryBatch or RecordBatch table. */
  table: FlatTable;
  /** Rows of a record batch, values of a dictionary batch. */
  rowCount: number;
  /** Only dictionary batches. */
  dictionaryId: number;
  isDelta: boolean;
}

const KINDS: readonly (MessageKind | undefined)[] = [undefined, 'schema', 'dictionary', 'batch'];
const KIND_NAMES = ['nothing', 'a schema', 'a dictionary', 'a record batch', 'a tensor', 'a sparse tensor'];
/** Four bytes before the length of the metadata since Arrow 0.15. */
const CONTINUATION = 0xffff_ffff;

/** Parses the metadata of a message. @throws CorruptFileError; UnsupportedError for tensors */
export function parseMessage(metadata: Uint8Array): MessageHeader {
  const message = FlatTable.root(metadata);
  const kind = KINDS[message.u8(1)];
  const table = message.table(2);
  if (kind === undefined || table === undefined) {
    throw new UnsupportedError(`message holds ${KIND_NAMES[message.u8(1)] ?? 'something unknown'}`);
  }
  const bodyBytes = message.i64(3);
  if (bodyBytes < 0 || bodyBytes % 8 !== 0) {
    throw new CorruptFileError('length of a message body is no multiple of 8', { found: bodyBytes });
  }
  const batch = kind === 'dictionary' ? table.table(1) : table;
  if (batch === undefined) throw new CorruptFileError('dictionary batch without values');
  const isDictionary = kind === 'dictionary';
  return {
    kind,
    version: message.i16(0),
    bodyBytes,
    table,
    rowCount: kind === 'schema' ? 0 : batch.i64(0),
    dictionaryId: isDictionary ? table.i64(0) : 0,
    isDelta: isDictionary && table.u8(2) !== 0,
  };
}

/** Layout of the values of a record or dictionary batch as text: length, nodes, buffers and compression; ids are not in it. */
export function batchLayout({ kind, table }: MessageHeader): string {
  const batch = kind === 'dictionary' ? (table.table(1) ?? table) : table;
  const compression = batch.table(3);
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  return [
    batch.i64(0),
    hex(batch.structs(1, 16)),
    hex(batch.structs(2, 16)),
    compression === undefined ? 'none' : `${compression.u8(0)}:${compression.u8(1)}`,
    batch.i64s(4).join(),
  ].join('/');
}

/** Metadata as they stand before a body: continuation, length, metadata, zeros up to a multiple of 8. */
export function frameMetadata(metadata: Uint8Array): Uint8Array {
  const padded = Math.ceil(metadata.length / 8) * 8;
  const writer = new LittleEndianWriter(8 + padded);
  writer.u32(CONTINUATION);
  writer.i32(padded);
  writer.raw(metadata);
  writer.raw(new Uint8Array(padded - metadata.length));
  return writer.done();
}

/** End of a stream: a message without metadata. */
export const END_OF_STREAM: Uint8Array = new Uint8Array([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]);

/** Where the metadata of a message lie: bytes before them (8, before Arrow 0.15 four), and their length; 0 at the end of a stream. */
export function parseFraming(begin: Uint8Array): { prefixBytes: number; metadataBytes: number } {
  const view = new DataView(begin.buffer, begin.byteOffset, begin.byteLength);
  if (view.getUint32(0, true) !== CONTINUATION) return { prefixBytes: 4, metadataBytes: checkedLength(view.getInt32(0, true)) };
  if (begin.length < 8) throw new CorruptFileError('message ends too early');
  return { prefixBytes: 8, metadataBytes: checkedLength(view.getInt32(4, true)) };
}

function checkedLength(length: number): number {
  if (length < 0) throw new CorruptFileError('length of metadata is negative', { found: length });
  return length;
}

/**
 * Metadata of a schema message around a Schema table of other metadata, which follow as they are, since all their offsets are relative.
 * @param metadata what holds the table, e.g. a footer
 */
export function encodeSchemaMetadata(metadata: Uint8Array, schema: FlatTable, version: number): Uint8Array {
  const embeddedAt = 32;
  const tableAt = 16;
  const writer = new LittleEndianWriter(embeddedAt + metadata.length);
  writer.u32(tableAt);
  for (const entry of [10, 12, 4, 6, 8]) writer.u16(entry); // vtable: its size, the table's, version, header type, header
  padTo(writer, tableAt);
  writer.i32(tableAt - 4);
  writer.u16(version);
  writer.u16(1); // Schema; the second byte is padding
  writer.u32(embeddedAt + schema.position - (tableAt + 8));
  padTo(writer, embeddedAt);
  writer.raw(metadata);
  return writer.done();
}

/** Where the tables of `encodeDictionaryMetadata` stand; the old metadata follow as they are, since all their offsets are relative. */
const MESSAGE_AT = 24;
const BATCH_VTABLE_AT = MESSAGE_AT + 24;
const BATCH_AT = 64;
const EMBEDDED_AT = BATCH_AT + 24;

/** Metadata of a dictionary batch under another id. */
export function encodeDictionaryMetadata(metadata: Uint8Array, header: MessageHeader, id: number): Uint8Array {
  const values = header.table.table(1);
  if (values === undefined) throw new CorruptFileError('dictionary batch without values');
  const writer = new LittleEndianWriter(EMBEDDED_AT + metadata.length);
  writer.u32(MESSAGE_AT);
  for (const entry of [12, 24, 4, 6, 8, 16]) writer.u16(entry); // vtable: its size, the table's, version, header type, header, body length
  padTo(writer, MESSAGE_AT);
  writer.i32(MESSAGE_AT - 4);
  writer.u16(header.version);
  writer.u16(2); // DictionaryBatch; the second byte is padding
  writer.u32(BATCH_AT - (MESSAGE_AT + 8));
  padTo(writer, MESSAGE_AT + 16);
  writer.count64(header.bodyBytes);
  for (const entry of [10, 24, 16, 8, 4]) writer.u16(entry); // vtable: its size, the table's, id, data, is delta
  padTo(writer, BATCH_AT);
  writer.i32(BATCH_AT - BATCH_VTABLE_AT);
  writer.u32(header.isDelta ? 1 : 0);
  writer.u32(EMBEDDED_AT + values.position - (BATCH_AT + 8));
  padTo(writer, BATCH_AT + 16);
  writer.count64(id);
  writer.raw(metadata);
  return writer.done();
}

/** Zeros up to a position. */
function padTo(writer: LittleEndianWriter, position: number): void {
  writer.raw(new Uint8Array(position - writer.pos));
}
