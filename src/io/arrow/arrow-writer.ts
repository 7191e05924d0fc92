/** Writes an Arrow file or stream from messages: framing, end, and for a file header and footer. */
import type { Sink } from '../bytes/sink.ts';
import type { ArrowFormat } from './arrow-file.ts';
import { FILE_MAGIC, encodeFooter, type Block } from './footer.ts';
import { END_OF_STREAM, frameMetadata, type MessageKind } from './message.ts';

/** An Arrow file under construction. */
export class ArrowWriter {
  #sink: Sink;
  readonly #format: ArrowFormat;
  readonly #schemaMetadata: Uint8Array;
  readonly #version: number;
  readonly #dictionaries: Block[] = [];
  readonly #batches: Block[] = [];

  /**
   * Writes header and schema.
   * @param schemaMetadata metadata of the schema message
   * @param version MetadataVersion of all messages
   */
  constructor(sink: Sink, format: ArrowFormat, schemaMetadata: Uint8Array, version: number) {
    this.#sink = sink;
    this.#format = format;
    this.#schemaMetadata = schemaMetadata;
    this.#version = version;
    if (format === 'file') sink.append(Buffer.from(`${FILE_MAGIC}\0\0`));
    sink.append(frameMetadata(schemaMetadata));
  }

  /**
   * Begins a message: its metadata are written, the caller appends `bodyBytes` bytes to the sink.
   * @param bodyBytes a multiple of 8
   */
  begin(kind: Exclude<MessageKind, 'schema'>, metadata: Uint8Array, bodyBytes: number): void {
    const framed = frameMetadata(metadata);
    const block = { offset: this.#sink.position, metadataBytes: framed.length, bodyBytes };
    (kind === 'dictionary' ? this.#dictionaries : this.#batches).push(block);
    this.#sink.append(framed);
  }

  /** Goes on in another sink, which holds the same bytes so far. */
  moveTo(sink: Sink): void {
    this.#sink = sink;
  }

  /** Writes what ends the file. */
  finish(): void {
    this.#sink.append(END_OF_STREAM);
    if (this.#format === 'file') this.#sink.append(encodeFooter(this.#version, this.#schemaMetadata, this.#dictionaries, this.#batches));
  }
}
