/** An Arrow file or stream opened for reading: schema and place of every message; bodies are not looked into. */
import { CorruptFileError, UnsupportedError, addContext } from '../../errors.ts';
import { openSource, type Source } from '../bytes/source.ts';
import { FILE_MAGIC, parseFooter, type Block } from './footer.ts';
import { encodeSchemaMetadata, parseFraming, parseMessage, type MessageHeader } from './message.ts';
import { parseMetadata, parseSchema, type ArrowSchema } from './schema.ts';

/** `file`: with a footer, read at random; `stream`: message after message. */
export type ArrowFormat = 'file' | 'stream';

/** A dictionary or record batch in a file. */
export interface ArrowMessage extends Omit<MessageHeader, 'table' | 'kind'> {
  kind: 'dictionary' | 'batch';
  /** File offset of the metadata. */
  metadataOffset: number;
  metadataBytes: number;
  bodyOffset: number;
}

/** An open input. */
export interface ArrowFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly format: ArrowFormat;
  readonly source: Source;
  /** Metadata of the schema message as stored. */
  readonly schemaMetadata: Uint8Array;
  /** MetadataVersion of the schema message. */
  readonly version: number;
  readonly schema: ArrowSchema;
  /** Dictionary and record batches in the order in which they count. */
  readonly messages: readonly ArrowMessage[];
  /** Key-value metadata of the footer. */
  readonly footerMetadata: ReadonlyMap<string, string>;
  /** False for a stream that ends without saying so; whether it is whole cannot be told. */
  readonly hasEnd: boolean;
  close(): void;
}

/** First bytes of a file, before its schema message. */
const HEADER_BYTES = 8;

/**
 * Opens an Arrow file or stream, which is told by its first bytes.
 * @throws CorruptFileError for damage and for a file that was never closed; UnsupportedError; UnreadableFileError
 */
export function openArrowFile(path: string): ArrowFile {
  const source = openSource(path);
  try {
    const begin = Buffer.from(source.read(0, Math.min(HEADER_BYTES, source.sizeBytes))).toString('latin1');
    if (begin.startsWith(FILE_MAGIC)) return openFile(source);
    if (begin.startsWith('\xff\xff\xff\xff')) return openStream(source);
    throw new CorruptFileError('is neither an Arrow file nor an Arrow stream');
  } catch (err) {
    source.close();
    throw addContext(err, { file: path });
  }
}

/** A message found at a position; undefined at the end of a stream. */
interface Located {
  header: MessageHeader;
  metadata: Uint8Array;
  metadataOffset: number;
  bodyOffset: number;
}

function readMessage(source: Source, position: number): Located | undefined {
  const begin = source.read(position, Math.min(HEADER_BYTES, source.sizeBytes - position));
  if (begin.length < 4) throw new CorruptFileError('ends in the middle of a message', { offset: position });
  const { prefixBytes, metadataBytes } = parseFraming(begin);
  if (metadataBytes === 0) return undefined;
  const metadataOffset = position + prefixBytes;
  const bodyOffset = metadataOffset + metadataBytes;
  const metadata = Uint8Array.from(source.read(metadataOffset, metadataBytes));
  try {
    const header = parseMessage(metadata);
    if (bodyOffset + header.bodyBytes > source.sizeBytes) {
      throw new CorruptFileError('ends in the middle of a message: it was never closed, or cut');
    }
    return { header, metadata, metadataOffset, bodyOffset };
  } catch (err) {
    throw addContext(err, { offset: position });
  }
}

function readSchemaMessage(source: Source, position: number): Located {
  const first = readMessage(source, position);
  if (first?.header.kind !== 'schema') throw new CorruptFileError('does not begin with a schema', { offset: position });
  return first;
}

function messageOf({ header, metadata, metadataOffset, bodyOffset }: Located): ArrowMessage {
  const { table: _table, kind, ...rest } = header;
  if (kind === 'schema') {
    throw new CorruptFileError('has a second schema: streams were written one after the other', { offset: metadataOffset });
  }
  return { ...rest, kind, metadataOffset, metadataBytes: metadata.length, bodyOffset };
}

function arrowFile(
  source: Source,
  format: ArrowFormat,
  schemaMetadata: Uint8Array,
  rest: Pick<ArrowFile, 'messages' | 'footerMetadata' | 'hasEnd'>,
): ArrowFile {
  const { path, sizeBytes } = source;
  const { version, table } = parseMessage(schemaMetadata);
  return { path, sizeBytes, format, source, schemaMetadata, version, schema: parseSchema(table), ...rest, close: () => source.close() };
}

/**
 * A stream in memory.
 * @param name what messages call it
 */
export function parseArrowStream(bytes: Uint8Array, name: string): ArrowFile {
  const read = (position: number, length: number): Uint8Array => {
    if (position < 0 || length < 0 || position + length > bytes.length) {
      throw new CorruptFileError('data lie outside of the stream', { file: name, offset: position });
    }
    return bytes.subarray(position, position + length);
  };
  const readInto = (target: Uint8Array, start: number, length: number, position: number): void => target.set(read(position, length), start);
  return openStream({
    path: name,
    sizeBytes: bytes.length,
    read,
    readInto,
    readIntoAhead: async (...args) => readInto(...args),
    close: () => undefined,
  });
}

function openStream(source: Source): ArrowFile {
  const schema = readSchemaMessage(source, 0);
  const messages: ArrowMessage[] = [];
  let position = schema.bodyOffset + schema.header.bodyBytes;
  let hasEnd = false;
  while (position < source.sizeBytes) {
    const next = readMessage(source, position);
    if (next === undefined) {
      hasEnd = true;
      refuseTrailing(source, position);
      break;
    }
    messages.push(messageOf(next));
    position = next.bodyOffset + next.header.bodyBytes;
  }
  return arrowFile(source, 'stream', schema.metadata, { messages, footerMetadata: new Map(), hasEnd });
}

function refuseTrailing(source: Source, endPosition: number): void {
  const { prefixBytes } = parseFraming(source.read(endPosition, Math.min(HEADER_BYTES, source.sizeBytes - endPosition)));
  const left = source.sizeBytes - endPosition - prefixBytes;
  if (left > 0) {
    throw new CorruptFileError(`has ${left} bytes after the end of the stream, which readers do not see: streams cannot be joined by cat`, {
      offset: endPosition,
    });
  }
}

/** Metadata of the schema message at the beginning of a file; undefined where there is none (apache-arrow for JavaScript writes none). */
function readFileSchema(source: Source, footerAt: number): Uint8Array | undefined {
  const first = footerAt > HEADER_BYTES ? readMessage(source, HEADER_BYTES) : undefined;
  return first?.header.kind === 'schema' ? first.metadata : undefined;
}

/** Bytes after the footer: its length, then the magic. */
const TAIL_BYTES = 4 + FILE_MAGIC.length;

function openFile(source: Source): ArrowFile {
  const tailAt = source.sizeBytes - TAIL_BYTES;
  const tail = tailAt < HEADER_BYTES ? undefined : Buffer.from(source.read(tailAt, TAIL_BYTES));
  if (tail?.toString('latin1', 4) !== FILE_MAGIC) throw new CorruptFileError('has no footer: it was never closed, or cut');
  const footerBytes = tail.readInt32LE(0);
  if (footerBytes <= 0 || footerBytes > tailAt - HEADER_BYTES) {
    throw new CorruptFileError('length of the footer is wrong', { offset: tailAt, found: footerBytes });
  }
  const footerAt = tailAt - footerBytes;
  const footer = Uint8Array.from(source.read(footerAt, footerBytes));
  const { schema, version, dictionaries, batches, metadata } = parseFooter(footer);
  if (schema === undefined) throw new CorruptFileError('footer without schema', { offset: footerAt });
  const schemaMetadata = readFileSchema(source, footerAt) ?? encodeSchemaMetadata(footer, schema, version);
  const messages = [
    ...dictionaries.map((block) => readBlock(source, block, 'dictionary')),
    ...batches.map((block) => readBlock(source, block, 'batch')),
  ];
  const file = arrowFile(source, 'file', schemaMetadata, { messages, footerMetadata: parseMetadata(metadata), hasEnd: true });
  if (JSON.stringify(parseSchema(schema)) !== JSON.stringify(file.schema)) {
    throw new CorruptFileError('the schema in the footer is not the one at the beginning', { offset: footerAt });
  }
  refuseReplacements(messages);
  return file;
}

function readBlock(source: Source, { offset, metadataBytes, bodyBytes }: Block, kind: ArrowMessage['kind']): ArrowMessage {
  const found = readMessage(source, offset);
  if (found === undefined || found.header.kind !== kind) {
    throw new CorruptFileError(`the footer tells of a ${kind} here, there is none`, { offset });
  }
  if (found.bodyOffset !== offset + metadataBytes || found.header.bodyBytes !== bodyBytes) {
    throw new CorruptFileError('length of a message differs from the footer', {
      offset,
      expected: `${metadataBytes} + ${bodyBytes}`,
      found: `${found.bodyOffset - offset} + ${found.header.bodyBytes}`,
    });
  }
  return messageOf(found);
}

/** In a file every dictionary counts for all record batches, so a second one for an id would have no meaning. */
function refuseReplacements(messages: readonly ArrowMessage[]): void {
  const known = new Set<number>();
  for (const { kind, isDelta, dictionaryId, metadataOffset } of messages) {
    if (kind !== 'dictionary' || isDelta) continue;
    if (known.has(dictionaryId)) throw new UnsupportedError(`the file has two dictionaries ${dictionaryId}`, { offset: metadataOffset });
    known.add(dictionaryId);
  }
}
