/** Arrow files and streams for tests, written by apache-arrow. */
import {
  Dictionary,
  Field,
  Float64,
  Int32,
  Schema,
  Table,
  Utf8,
  makeData,
  makeVector,
  tableFromArrays,
  tableFromIPC,
  tableToIPC,
  vectorFromArray,
} from 'apache-arrow';

/** A table of `rows` rows: numbers, texts with nulls, values from a dictionary. */
export function sampleTable(rows: number, from = 0, words: readonly string[] = ['a', 'b', 'c']): Table {
  const index = Array.from({ length: rows }, (_, i) => from + i);
  return new Table({
    id: vectorFromArray(index, new Int32()),
    text: vectorFromArray(
      index.map((i) => (i % 3 === 0 ? null : `text ${i}`)),
      new Utf8(),
    ),
    word: vectorFromArray(
      index.map((i) => words[i % words.length]),
      new Dictionary(new Utf8(), new Int32()),
    ),
  });
}

/** Rows of the same schema, all words null, from a dictionary without values. */
export function nullWords(rows: number): Table {
  const type = new Dictionary(new Utf8(), new Int32());
  const word = makeData({
    type,
    length: rows,
    nullCount: rows,
    nullBitmap: new Uint8Array(rows),
    data: new Int32Array(rows),
    dictionary: vectorFromArray([], new Utf8()),
  });
  const index = Array.from({ length: rows }, (_, i) => i);
  return new Table({
    id: vectorFromArray(index, new Int32()),
    text: vectorFromArray(index.map(String), new Utf8()),
    word: makeVector(word),
  });
}

/** A table without dictionaries. */
export function plainTable(rows: number, from = 0): Table {
  return tableFromArrays({
    id: Int32Array.from({ length: rows }, (_, i) => from + i),
    x: Float64Array.from({ length: rows }, (_, i) => i / 2),
  });
}

/** The same rows under a schema with key-value metadata. */
export function withMetadata(table: Table, metadata: ReadonlyMap<string, string>): Table {
  return new Table(new Schema(table.schema.fields, new Map(metadata)), table.batches);
}

/** One column of one type, all values zero. */
export function oneColumn(name: string, type: Int32 | Float64, isNullable = false): Table {
  const data =
    type instanceof Int32
      ? makeData({ type, length: 2, data: new Int32Array(2) })
      : makeData({ type, length: 2, data: new Float64Array(2) });
  const schema = new Schema([new Field(name, type, isNullable)]);
  return new Table(schema, { [name]: new Table({ [name]: data }).getChildAt(0) ?? vectorFromArray([]) });
}

/** Bytes of a table in one of the two formats. */
export function ipcBytes(table: Table, format: 'file' | 'stream'): Uint8Array {
  return tableToIPC(table, format);
}

/** Rows of a file or stream as objects. */
export function rowsOf(bytes: Uint8Array): unknown[] {
  return tableFromIPC(bytes)
    .toArray()
    .map((row: { toJSON(): unknown }) => row.toJSON());
}
