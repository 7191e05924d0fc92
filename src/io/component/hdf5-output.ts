/** An HDF5 file that is being written: tables, each a group with one dataset per column. */
import { resolve } from 'node:path';
import { UsageError } from '../../errors.ts';
import { copyFileInto } from '../bytes/file-copy.ts';
import { createSink, type Sink } from '../bytes/sink.ts';
import { openHdf5With, type Hdf5File } from '../hdf5/hdf5-file.ts';
import { NO_LIMIT, type Hdf5Extent, type Hdf5Library } from '../hdf5/hdf5-library.ts';
import { TYPE_CLASS } from '../hdf5/hdf5-types.ts';
import { wrongValue, type Row } from '../root/column.ts';
import { RowBuffer, type TableColumn } from './row-buffer.ts';

/** How a file is written. */
export interface Hdf5Options {
  /** Replace an existing file. */
  force?: boolean;
  /** Level of deflate, 1 to 9; 0: chunks are not compressed. Default 4. Strings are stored apart from their chunks, uncompressed. */
  compressionLevel?: number;
  /** Rows in a chunk, and rows that wait in memory; default 4096. */
  chunkRows?: number;
}

const CHUNK_ROWS = 4096;
const COMPRESSION_LEVEL = 4;
const DEFLATE = 1;

/** What a table needs of its file. */
interface Place {
  file: Hdf5File;
  options: Hdf5Options;
}

/** A table under construction. */
export class Hdf5Table {
  readonly path: string;
  readonly #rows: RowBuffer;
  #place: Place;
  #entryCount = 0;

  /** Use `book` of the component. Makes the datasets. */
  constructor(path: string, columns: readonly TableColumn[], place: Place) {
    this.path = path;
    this.#rows = new RowBuffer(columns, place.options.chunkRows ?? CHUNK_ROWS);
    this.#place = place;
    this.#create();
  }

  get entryCount(): number {
    return this.#entryCount + this.#rows.rowCount;
  }

  /** Adds a row; a UsageError for a value that does not fit, and no column gets it. */
  fill(row: Row): void {
    const cut = Object.entries(row).find(([, value]) => typeof value === 'string' && value.includes('\0'));
    if (cut !== undefined) throw wrongValue(cut[0], JSON.stringify(cut[1]), 'a text without zeros, which end a text in HDF5');
    this.#rows.add(row);
    if (this.#rows.isFull) this.flush();
  }

  /** Writes the rows that wait. */
  flush(): void {
    const { file } = this.#place;
    const { rowCount } = this.#rows;
    if (rowCount === 0) return;
    for (const collected of this.#rows.collected()) {
      const path = `${this.path}/${collected.column.name}`;
      const extent = extentOf(collected.column);
      file.resizeRows(path, extent, this.#entryCount + rowCount);
      if ('texts' in collected) file.writeTexts(path, extent, this.#entryCount, collected.texts);
      else {
        file.writeBytes(
          path,
          extent,
          this.#entryCount,
          rowCount,
          new Uint8Array(collected.numbers.buffer, collected.numbers.byteOffset, collected.numbers.byteLength),
        );
      }
    }
    this.#entryCount += rowCount;
    this.#rows.clear();
  }

  /** Goes on in another file, which has the rows so far, or begins anew. */
  moveTo(place: Place, keepContent: boolean): void {
    this.#place = place;
    if (keepContent) return;
    this.#rows.clear();
    this.#entryCount = 0;
    this.#create();
  }

  #create(): void {
    const { file, options } = this.#place;
    const level = options.compressionLevel ?? COMPRESSION_LEVEL;
    const { library, id } = file;
    file.call(this.path, () => {
      if (this.path !== '') library.create_group(id, this.path, false);
      for (const column of this.#rows.columns) {
        const extent = extentOf(column);
        const rest = (extent.shape ?? []).slice(1).map(BigInt);
        const what = {
          ...extent,
          shape: [0n, ...rest],
          maxshape: [NO_LIMIT, ...rest],
          chunks: [BigInt(options.chunkRows ?? CHUNK_ROWS), ...rest],
          ...(level > 0 && !extent.vlen && { compression: DEFLATE, compression_opts: [level] }),
        };
        if (extent.vlen) library.create_vlen_str_dataset(id, `${this.path}/${column.name}`, [], what);
        else library.create_dataset(id, `${this.path}/${column.name}`, 0n, what);
      }
    });
  }
}

/** Type and shape of a column's dataset without rows. */
function extentOf({ type, shape = [] }: TableColumn): Hdf5Extent {
  const common = { littleEndian: true, total_size: 0, shape: [0, ...shape], maxshape: null, chunks: null };
  if (type === 'string') return { ...common, type: TYPE_CLASS.string, size: 4, signed: false, vlen: true, cset: 1, strpad: 0 };
  const isFloat = type.startsWith('float');
  return {
    ...common,
    type: isFloat ? TYPE_CLASS.float : TYPE_CLASS.integer,
    size: Number(/\d+$/.exec(type)?.[0] ?? 0) / 8,
    signed: !isFloat && !type.startsWith('u'),
    vlen: false,
  };
}

/** A file under construction. Nothing exists under its name before `close`. */
export class Hdf5Output {
  readonly path: string;
  readonly #library: Hdf5Library;
  readonly #options: Hdf5Options;
  readonly #sink: Sink;
  readonly #file: Hdf5File;
  readonly #tables: Map<string, Hdf5Table> = new Map();

  /** @param from temporary file whose content the new one begins with */
  constructor(library: Hdf5Library, path: string, options: Hdf5Options, from?: string) {
    this.path = path;
    this.#library = library;
    this.#options = options;
    this.#sink = createSink(path, { force: options.force === true });
    try {
      if (from !== undefined) copyFileInto(from, this.#sink);
      this.#file = openHdf5With(library, this.#sink.tempPath, from === undefined ? 'create' : 'write');
    } catch (err) {
      this.#sink.abandon();
      throw err;
    }
  }

  get tables(): ReadonlyMap<string, Hdf5Table> {
    return this.#tables;
  }

  /** Begins a table; groups above it are made. UsageError when the path is taken or columns do not fit together. */
  book(path: string, columns: readonly TableColumn[]): Hdf5Table {
    const parts = path.split('/').filter((part) => part !== '');
    const normal = parts.length === 0 ? '' : `/${parts.join('/')}`;
    if (this.#tables.has(normal)) throw new UsageError('the name is taken', { file: this.path, objectPath: normal });
    const { library, id } = this.#file;
    for (let i = 1; i < parts.length; i++) {
      const parent = `/${parts.slice(0, i).join('/')}`;
      this.#file.call(parent, () => library.get_type(id, parent) < 0 && library.create_group(id, parent, false));
    }
    const table = new Hdf5Table(normal, columns, this.#place());
    this.#tables.set(normal, table);
    return table;
  }

  #place(): Place {
    return { file: this.#file, options: this.#options };
  }

  /** Writes what waits and gives the file its name. */
  close(): void {
    this.#finish();
    this.#sink.adopt();
    this.#sink.commit();
  }

  #finish(): void {
    for (const table of this.#tables.values()) table.flush();
    this.#file.close();
  }

  /** Goes on in another file, see RootOutput.moveTo. */
  moveTo(path: string, keepContent: boolean): Hdf5Output {
    if (resolve(path) === resolve(this.path)) {
      if (keepContent) return this;
      throw new UsageError('a file that others write, too, must move elsewhere', { file: path });
    }
    if (keepContent) this.#finish();
    const next = new Hdf5Output(this.#library, path, this.#options, keepContent ? this.#sink.tempPath : undefined);
    for (const [name, table] of this.#tables) {
      table.moveTo(next.#place(), keepContent);
      next.#tables.set(name, table);
    }
    this.abandon();
    return next;
  }

  /** Gives the file up: nothing is left of it. */
  abandon(): void {
    this.#file.close();
    this.#sink.abandon();
  }
}
