/** Columns of an Arrow file, record batch by record batch, with the dictionaries that count for each. */
import { CorruptFileError, UnsupportedError, addContext } from '../../errors.ts';
import { readArray, readValues, type ArrowArray, type ArrowValue } from './array-values.ts';
import type { ArrowFile, ArrowMessage } from './arrow-file.ts';
import { BatchCursor, type ZstdInflater } from './batch-cursor.ts';
import type { ArrowField, ArrowSchema } from './schema.ts';

/** Messages of dictionaries by id: the values, then what was added to them. */
type Dictionaries = ReadonlyMap<number, readonly ArrowMessage[]>;

/** A record batch. */
interface Batch {
  message: ArrowMessage;
  dictionaries: Dictionaries;
}

/** Reads columns. */
export class TableColumns {
  readonly file: ArrowFile;
  readonly rowCount: number;
  readonly #batches: readonly Batch[];
  readonly #inflateZstd: ZstdInflater;
  /** Dictionaries of the column that is read, by id. */
  #known: { column: number; arrays: Map<number, { messages: readonly ArrowMessage[]; array: ArrowArray }> } = {
    column: -1,
    arrays: new Map(),
  };

  constructor(file: ArrowFile, inflateZstd: ZstdInflater) {
    this.file = file;
    this.#inflateZstd = inflateZstd;
    this.#batches = batchesOf(file);
    this.rowCount = this.#batches.reduce((rows, { message }) => rows + message.rowCount, 0);
  }

  /** Number of record batches. */
  get batchCount(): number {
    return this.#batches.length;
  }

  /** Reads a column (by its number in the schema) of a record batch. @throws CorruptFileError, UnsupportedError */
  read(column: number, batch: number): ArrowArray {
    const { message, dictionaries } = this.#batches[batch] as Batch;
    const { fields } = this.#readableSchema();
    if (this.#known.column !== column) this.#known = { column, arrays: new Map() };
    try {
      const cursor = new BatchCursor(this.file, message, this.#inflateZstd);
      for (const before of fields.slice(0, column)) cursor.skip(before);
      const dictionary = (id: number, field: ArrowField): ArrowArray => this.#dictionary(id, field, dictionaries);
      const array = readArray(fields[column] as ArrowField, { cursor, dictionary });
      if (array.length === message.rowCount) return array;
      throw new CorruptFileError('a column has another length than its batch', { expected: message.rowCount, found: array.length });
    } catch (err) {
      throw addContext(err, { file: this.file.path, offset: message.metadataOffset });
    }
  }

  /** All values that the dictionary of a column has anywhere in the file, in the order in which they are given; of others none. */
  dictionaryValues(column: number): ArrowValue[] {
    const field = this.#readableSchema().fields[column];
    const id = field?.dictionary?.id;
    if (field === undefined || id === undefined) return [];
    const states = new Set(this.#batches.map(({ dictionaries }) => dictionaries));
    const given = this.file.messages.filter(({ kind, dictionaryId }) => kind === 'dictionary' && dictionaryId === id);
    const [inner = new Map<number, ArrowMessage[]>()] = states;
    try {
      return given.flatMap((message) => {
        const array = this.#dictionary(id, field, new Map(inner).set(id, [message]));
        return Array.from({ length: array.length }, (_, i) => array.at(i));
      });
    } catch (err) {
      throw addContext(err, { file: this.file.path });
    }
  }

  #readableSchema(): ArrowSchema {
    const { schema, path } = this.file;
    if (schema.endianness === 0) return schema;
    throw new UnsupportedError('its numbers are big-endian, which cannot be read', { file: path });
  }

  #dictionary(id: number, field: ArrowField, dictionaries: Dictionaries): ArrowArray {
    const messages = dictionaries.get(id) ?? [];
    const known = this.#known.arrays.get(id);
    if (known?.messages === messages) return known.array;
    const arrays = messages.map((message) => {
      const cursor = new BatchCursor(this.file, message, this.#inflateZstd);
      return readValues(field, { cursor, dictionary: (inner, innerField) => this.#dictionary(inner, innerField, dictionaries) });
    });
    const array = joined(arrays);
    this.#known.arrays.set(id, { messages, array });
    return array;
  }
}

/** In a file every dictionary counts for all batches; in a stream those that stand before a batch do. */
function batchesOf({ messages, format }: ArrowFile): Batch[] {
  let dictionaries: Dictionaries = new Map();
  const batches: Batch[] = [];
  for (const message of messages) {
    if (message.kind === 'batch') batches.push({ message, dictionaries });
    else {
      const { dictionaryId: id, isDelta } = message;
      dictionaries = new Map(dictionaries).set(id, isDelta ? [...(dictionaries.get(id) ?? []), message] : [message]);
    }
  }
  return format === 'file' ? batches.map(({ message }) => ({ message, dictionaries })) : batches;
}

/** Arrays one after another. */
function joined(arrays: readonly ArrowArray[]): ArrowArray {
  const [only] = arrays;
  if (only !== undefined && arrays.length === 1) return only;
  const at = (i: number): ArrowValue => {
    let rest = i;
    for (const array of arrays) {
      if (rest < array.length) return array.at(rest);
      rest -= array.length;
    }
    return null;
  };
  return { length: arrays.reduce((sum, { length }) => sum + length, 0), at };
}
