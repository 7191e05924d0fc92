/** The footer of an Arrow file (File.fbs of Apache Arrow): the schema again, and where each dictionary and record batch lies. */
import { LittleEndianWriter } from '../bytes/little-endian.ts';
import { FlatTable } from './flat-table.ts';

/** Place of a message in a file. */
export interface Block {
  /** File offset of the message's framing, a multiple of 8. */
  offset: number;
  /** Bytes from there to the body, framing and padding included. */
  metadataBytes: number;
  bodyBytes: number;
}

/** A footer. */
export interface Footer {
  version: number;
  /** The Schema table. */
  schema: FlatTable | undefined;
  dictionaries: Block[];
  batches: Block[];
  /** Pairs of key and value. */
  metadata: FlatTable[];
}

/** First and last bytes of a file; the first are followed by two zeros. */
export const FILE_MAGIC = 'ARROW1';
/** Bytes of a Block struct: offset i64, metadata length i32, four of padding, body length i64. */
const BLOCK_BYTES = 24;

/** Parses a footer. @throws CorruptFileError */
export function parseFooter(bytes: Uint8Array): Footer {
  const table = FlatTable.root(bytes);
  return {
    version: table.i16(0),
    schema: table.table(1),
    dictionaries: parseBlocks(table.structs(2, BLOCK_BYTES)),
    batches: parseBlocks(table.structs(3, BLOCK_BYTES)),
    metadata: table.tables(4),
  };
}

function parseBlocks(bytes: Uint8Array): Block[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / BLOCK_BYTES }, (_, i) => ({
    offset: Number(view.getBigInt64(i * BLOCK_BYTES, true)),
    metadataBytes: view.getInt32(i * BLOCK_BYTES + 8, true),
    bodyBytes: Number(view.getBigInt64(i * BLOCK_BYTES + 16, true)),
  }));
}

const TABLE_AT = 20;
const VECTORS_AT = 44;

/**
 * A footer, then its length and the magic that end a file. The schema is not written anew: the metadata of the schema message
 * follow as they are, since all their offsets are relative, and the footer's schema lies inside of them.
 * @param schemaMetadata metadata of the schema message
 */
export function encodeFooter(
  version: number,
  schemaMetadata: Uint8Array,
  dictionaries: readonly Block[],
  batches: readonly Block[],
): Uint8Array {
  const batchesAt = VECTORS_AT + 8 + dictionaries.length * BLOCK_BYTES;
  const schemaAt = batchesAt + 4 + batches.length * BLOCK_BYTES;
  const schema = FlatTable.root(schemaMetadata).table(2);
  const writer = new LittleEndianWriter(schemaAt + schemaMetadata.length + 16);
  writer.u32(TABLE_AT);
  for (const entry of [12, 24, 20, 4, 8, 12]) writer.u16(entry); // vtable: its size, the table's, version, schema, dictionaries, batches
  writer.raw(new Uint8Array(TABLE_AT - writer.pos));
  writer.i32(TABLE_AT - 4);
  writer.u32(schemaAt + (schema?.position ?? 0) - (TABLE_AT + 4));
  writer.u32(VECTORS_AT - (TABLE_AT + 8));
  writer.u32(batchesAt - (TABLE_AT + 12));
  writer.u32(0);
  writer.u16(version);
  writer.u16(0);
  writeBlocks(writer, dictionaries);
  writer.u32(0); // structs begin at multiples of 8
  writeBlocks(writer, batches);
  writer.raw(schemaMetadata);
  writer.i32(writer.pos);
  writer.raw(Buffer.from(FILE_MAGIC));
  return writer.done();
}

function writeBlocks(writer: LittleEndianWriter, blocks: readonly Block[]): void {
  writer.u32(blocks.length);
  for (const { offset, metadataBytes, bodyBytes } of blocks) {
    writer.count64(offset);
    writer.i32(metadataBytes);
    writer.u32(0);
    writer.count64(bodyBytes);
  }
}
