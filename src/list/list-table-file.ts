/** What is in an HDF5 or Arrow file. */
import { fileFormatOf } from '../io/bytes/file-format.ts';
import { openArrowFile } from '../io/arrow/arrow-file.ts';
import { openSource } from '../io/bytes/source.ts';
import { openHdf5 } from '../io/hdf5/hdf5-file.ts';
import type { Hdf5Object } from '../io/hdf5/hdf5-object.ts';
import { typeText } from '../io/hdf5/hdf5-types.ts';

/** A column of an Arrow table, or an object of an HDF5 file. */
export interface TableItem {
  /** Name of the column, or full path. */
  path: string;
  /** Type of its values, or what it is (`group`, `soft link`). */
  type: string;
  /** HDF5: lengths of all dimensions; empty for a single value. */
  shape?: readonly number[];
  /** HDF5: names of the filters its chunks go through. */
  filters?: readonly string[];
  /** HDF5: where a link leads. */
  target?: string;
}

/** Listing of a file. JSON-serialisable. */
export interface TableFileListing {
  file: string;
  format: 'HDF5' | 'Arrow file' | 'Arrow stream';
  sizeBytes: number;
  /** Arrow: rows and record batches of the table. */
  rowCount?: number;
  batchCount?: number;
  items: TableItem[];
}

/** Lists a file; undefined when it is neither HDF5 nor Arrow. @throws CorruptFileError, UnsupportedError when h5wasm is not installed */
export async function listTableFile(path: string): Promise<TableFileListing | undefined> {
  const format = fileFormatOf(path);
  if (format === 'arrow') return listArrow(path);
  return format === 'hdf5' ? listHdf5(path) : undefined;
}

function listArrow(path: string): TableFileListing {
  const file = openArrowFile(path);
  try {
    const batches = file.messages.filter(({ kind }) => kind === 'batch');
    return {
      file: path,
      format: `Arrow ${file.format}`,
      sizeBytes: file.sizeBytes,
      rowCount: batches.reduce((rows, { rowCount }) => rows + rowCount, 0),
      batchCount: batches.length,
      items: file.schema.fields.map(({ name, type, dictionary }) => ({
        path: name,
        type: dictionary === undefined ? type : `dictionary of ${type}`,
      })),
    };
  } finally {
    file.close();
  }
}

async function listHdf5(path: string): Promise<TableFileListing> {
  const source = openSource(path);
  source.close();
  const file = await openHdf5(path);
  try {
    return {
      file: path,
      format: 'HDF5',
      sizeBytes: source.sizeBytes,
      items: file
        .objects()
        .filter((object) => object.path !== '/')
        .map(itemOf),
    };
  } finally {
    file.close();
  }
}

function itemOf({ path, kind, extent, filters, target, aliasOf }: Hdf5Object): TableItem {
  if (aliasOf !== undefined) return { path, type: `${kind}, another name of`, target: aliasOf };
  if (extent === undefined) return { path, type: kind, ...(target !== '' && { target }) };
  return { path, type: typeText(extent), ...(extent.shape !== null && { shape: extent.shape }), filters: filters.map(({ name }) => name) };
}
