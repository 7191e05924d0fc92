/** An Arrow file or stream that is being written: one table, in record batches. */
import { extname, resolve } from 'node:path';
import { UnsupportedError, UsageError } from '../../errors.ts';
import { parseArrowStream, type ArrowFile, type ArrowFormat } from '../arrow/arrow-file.ts';
import { ArrowWriter } from '../arrow/arrow-writer.ts';
import { createSink, type Sink } from '../bytes/sink.ts';
import { copyFileInto } from '../bytes/file-copy.ts';
import { valuesPerElement, type Row } from '../root/column.ts';
import type { ArrowOptions } from './arrow-options.ts';
import { RowBuffer, type CollectedColumn, type TableColumn } from './row-buffer.ts';

/** Stays in this file: users of the package that have no apache-arrow must not need its types. */
type ArrowLibrary = typeof import('apache-arrow');

/** Encodes columns as an IPC stream of one record batch. */
export type ArrowEncoder = (columns: readonly CollectedColumn[]) => Uint8Array;

const BATCH_ROWS = 65_536;

/** Loads apache-arrow for its encoder. @throws UnsupportedError when it is not installed */
export async function loadArrowEncoder(): Promise<ArrowEncoder> {
  try {
    const library = await import('apache-arrow');
    return (columns) => encodeColumns(library, columns);
  } catch (err) {
    throw new UnsupportedError('writing Arrow files needs the package apache-arrow, which is not installed: npm install apache-arrow', {
      cause: err,
    });
  }
}

/** A file under construction. Nothing exists under its name before `close`. A name that ends in `.arrows` gets a stream, others a file. */
export class ArrowOutput {
  readonly path: string;
  readonly #encode: ArrowEncoder;
  readonly #options: ArrowOptions;
  readonly #sink: Sink;
  #rows: RowBuffer | undefined;
  /** Schema and writer, since the first batch. */
  #begun: { schema: ArrowFile; writer: ArrowWriter } | undefined;
  #writtenCount = 0;

  constructor(encode: ArrowEncoder, path: string, options: ArrowOptions) {
    this.path = path;
    this.#encode = encode;
    this.#options = options;
    this.#sink = createSink(path, { force: options.force === true });
  }

  get #format(): ArrowFormat {
    return extname(this.path) === '.arrows' ? 'stream' : 'file';
  }

  get entryCount(): number {
    return this.#writtenCount + (this.#rows?.rowCount ?? 0);
  }

  /** Says what columns the rows of `fill` have. UsageError when that was said before, or columns do not fit together. */
  book(columns: readonly TableColumn[]): void {
    if (this.#rows !== undefined) throw new UsageError('an Arrow file has one table', { file: this.path });
    this.#rows = new RowBuffer(columns, this.#options.batchRows ?? BATCH_ROWS);
    this.#append(this.#encode(new RowBuffer(columns, 1).collected())); // the schema; a batch without rows is left out
  }

  /** Adds a row; a UsageError for a value that does not fit, and no column gets it. */
  fill(row: Row): void {
    if (this.#rows === undefined) throw new UsageError('book the columns before filling rows', { file: this.path });
    this.#rows.add(row);
    if (this.#rows.isFull) this.flush();
  }

  /** Writes the rows that wait as a record batch. */
  flush(): void {
    if (this.#rows === undefined || this.#rows.rowCount === 0) return;
    this.#append(this.#encode(this.#rows.collected()));
    this.#rows.clear();
  }

  /** Adds the record batches of an IPC stream, e.g. `tableToIPC(table, 'stream')`. UsageError for another schema or for dictionaries. */
  write(stream: Uint8Array): void {
    this.flush();
    this.#append(stream);
  }

  #append(bytes: Uint8Array): void {
    const stream = parseArrowStream(bytes, this.path);
    if (stream.messages.some(({ kind }) => kind === 'dictionary')) {
      throw new UsageError('columns with dictionaries are not written', { file: this.path });
    }
    this.#begun ??= { schema: stream, writer: new ArrowWriter(this.#sink, this.#format, stream.schemaMetadata, stream.version) };
    const { schema, writer } = this.#begun;
    if (JSON.stringify(stream.schema) !== JSON.stringify(schema.schema)) {
      throw new UsageError('the schema is another one than that of the batches before', { file: this.path });
    }
    for (const { kind, rowCount, metadataOffset, metadataBytes, bodyOffset, bodyBytes } of stream.messages) {
      if (rowCount === 0) continue;
      writer.begin(kind, bytes.subarray(metadataOffset, metadataOffset + metadataBytes), bodyBytes);
      this.#sink.append(bytes, bodyOffset, bodyBytes);
      this.#writtenCount += rowCount;
    }
  }

  /** Writes what waits and gives the file its name. UsageError when it has no schema yet. */
  close(): void {
    this.flush();
    if (this.#begun === undefined) throw new UsageError('an Arrow file without columns cannot be written', { file: this.path });
    this.#begun.writer.finish();
    this.#sink.commit();
  }

  /** Goes on in another file, see RootOutput.moveTo. */
  moveTo(path: string, keepContent: boolean): ArrowOutput {
    if (resolve(path) === resolve(this.path)) {
      if (keepContent) return this;
      throw new UsageError('a file that others write, too, must move elsewhere', { file: path });
    }
    const next = new ArrowOutput(this.#encode, path, this.#options);
    try {
      this.#moveContent(next, keepContent);
    } catch (err) {
      next.abandon();
      throw err;
    }
    this.abandon();
    return next;
  }

  #moveContent(next: ArrowOutput, keepContent: boolean): void {
    if (keepContent) this.flush();
    else this.#rows?.clear();
    next.#rows = this.#rows;
    if (this.#begun === undefined) return;
    const { schema, writer } = this.#begun;
    if (keepContent && next.#format === this.#format) {
      this.#sink.flush();
      copyFileInto(this.#sink.tempPath, next.#sink);
      writer.moveTo(next.#sink);
      [next.#begun, next.#writtenCount] = [this.#begun, this.#writtenCount];
    } else if (keepContent) {
      throw new UsageError('a file cannot become a stream while it is written, nor a stream a file', { file: next.path });
    } else {
      next.#begun = { schema, writer: new ArrowWriter(next.#sink, next.#format, schema.schemaMetadata, schema.version) };
    }
  }

  /** Gives the file up: nothing is left of it. */
  abandon(): void {
    this.#sink.abandon();
  }
}

/** Columns as an IPC stream of one record batch; no value is null, whatever the values are, so that all batches have one schema. */
function encodeColumns(arrow: ArrowLibrary, columns: readonly CollectedColumn[]): Uint8Array {
  const children = columns.map((collected) => columnData(arrow, collected));
  const schema = new arrow.Schema(children.map(({ type }, i) => new arrow.Field(columns[i]?.column.name ?? '', type, false)));
  const data = arrow.makeData({ type: new arrow.Struct(schema.fields), length: children[0]?.length ?? 0, nullCount: 0, children });
  return arrow.tableToIPC(new arrow.Table(schema, new arrow.RecordBatch(schema, data)), 'stream');
}

/** Values of a column; a fixed array is a list of fixed size, its dimensions in one. */
function columnData(arrow: ArrowLibrary, collected: CollectedColumn): InstanceType<ArrowLibrary['Data']> {
  const { column } = collected;
  const [values] = ('texts' in collected ? arrow.vectorFromArray(collected.texts, new arrow.Utf8()) : arrow.makeVector(collected.numbers))
    .data;
  if (values === undefined) throw new UsageError(`column ${column.name} cannot be written`);
  if (column.shape === undefined) return values;
  const count = valuesPerElement(column);
  return arrow.makeData({
    type: new arrow.FixedSizeList(count, new arrow.Field('item', values.type, false)),
    length: values.length / count,
    nullCount: 0,
    child: values,
  });
}
