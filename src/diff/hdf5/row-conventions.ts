/**
 * Which datasets a merge joins row by row, and which not, as attributes tell: dimension scales of HDF5 (netCDF-4 among them), PyTables,
 * pandas, anndata. Found out from the files alone; merging has rules of its own.
 */
import type { Hdf5File } from '../../io/hdf5/hdf5-file.ts';
import type { Hdf5Object } from '../../io/hdf5/hdf5-object.ts';
import { TYPE_CLASS } from '../../io/hdf5/hdf5-types.ts';
import type { Cell } from '../table/cells.ts';
import { attributeValues, type AttributeValue } from './compare-attributes.ts';
import type { Hdf5Side } from './hdf5-side.ts';

/** An attribute that repeats how many rows its dataset has. */
export interface RowCount {
  name: string;
  /** Its value for a number of rows. */
  valueOf(rowCount: number): Cell;
}

/** What the attributes of one file say, by path. */
export interface RowConventions {
  /** Why a dataset is there once, equal in all inputs: half a sentence. */
  once: ReadonlyMap<string, string>;
  /** Why joined rows cannot be right: half a sentence. */
  doubtful: ReadonlyMap<string, string>;
  rowCounts: ReadonlyMap<string, RowCount>;
}

/** Looks at the attributes of a file. */
export function rowConventions(side: Hdf5Side, file: Hdf5File): RowConventions {
  const reader = new AttributeReader(side, file);
  const [once, doubtful, rowCounts] = [new Map<string, string>(), new Map<string, string>(), new Map<string, RowCount>()];
  const objects = [...side.objects.values()];
  const hasPandas = objects.some(({ attributes }) => attributes.has('pandas_type'));
  const isAnndata = objects.some((object) => object.path === '/' && reader.text(object, 'encoding-type') === 'anndata');
  for (const object of objects) {
    const { path } = object;
    for (const [scale, reason] of scaleReasons(object, reader)) once.set(scale, reason);
    if (isAnndata && /^\/(var|varm|varp|uns)\//.test(path)) once.set(path, 'all observations of anndata share it');
    if (hasPandas && isCategories(path)) once.set(path, 'it holds categories of pandas');
    else {
      const reason = doubt(object, reader) ?? (isAnndata && /^\/obsp\/[^/]+$/.test(path) ? 'it tells of pairs of observations' : undefined);
      if (reason !== undefined) doubtful.set(path, reason);
    }
    const rowCount = rowCountOf(object, reader);
    if (rowCount !== undefined) rowCounts.set(path, rowCount);
  }
  return { once, doubtful, rowCounts };
}

class AttributeReader {
  readonly #side: Hdf5Side;
  readonly #file: Hdf5File;

  constructor(side: Hdf5Side, file: Hdf5File) {
    this.#side = side;
    this.#file = file;
  }

  values(object: Hdf5Object, name: string): AttributeValue[] {
    const attribute = object.attributes.get(name);
    return attribute === undefined ? [] : attributeValues(name, { side: this.#side, file: this.#file, object, attribute });
  }

  /** The one text in an attribute; undefined if there is none. */
  text(object: Hdf5Object, name: string): string | undefined {
    const values = object.attributes.get(name)?.extent.type === TYPE_CLASS.string ? this.values(object, name) : [];
    const value = values.length === 1 ? values[0]?.value : undefined;
    return typeof value === 'string' ? value.replace(/\0.*$/s, '') : undefined;
  }
}

/** Below the folder in which pandas keeps what belongs to a column of a table; PyTables keeps an index there, too. */
function isCategories(path: string): boolean {
  return /\/meta\/[^/]+\/meta\/(table|_i_table(\/.*)?)$/.test(path);
}

/**
 * A scale names in REFERENCE_LIST what goes along it, and along which axis (HDF5 dimension scale specification). Other axes than the first
 * are no rows: the scale of one is there once, and so is what has it as its own rows.
 */
function scaleReasons(object: Hdf5Object, reader: AttributeReader): [path: string, reason: string][] {
  const values = reader.values(object, 'REFERENCE_LIST');
  const of = (member: string): Cell[] => values.filter((each) => each.member === member).map(({ value }) => value);
  const [users, axes] = [of('dataset').map(String), of('dimension').map(Number)];
  const column = axes.findIndex((axis) => axis > 0);
  if (column < 0) return [];
  const along = users
    .filter((_, i) => axes[i] === 0)
    .map((user): [string, string] => [user, `it goes along ${object.path}, a scale of columns`]);
  return [[object.path, `it is the scale of axis ${axes[column]} of ${users[column]}`], ...along];
}

/** Why rows of several inputs behind each other say something wrong. */
function doubt(object: Hdf5Object, reader: AttributeReader): string | undefined {
  const [kind, pandas, encoding] = ['CLASS', 'pandas_type', 'encoding-type'].map((name) => reader.text(object, name) ?? '') as [
    string,
    string,
    string,
  ];
  if (kind === 'INDEX') return 'it is an index of PyTables over rows';
  if (['frame', 'series', 'wide'].includes(pandas)) return 'it is an object of pandas in fixed format';
  return ['csr_matrix', 'csc_matrix', 'categorical'].includes(encoding) ? `it is a ${encoding} of anndata, which counts places` : undefined;
}

/** What netCDF-4 says of a dimension without variable, before its length in ten places (DIM_WITHOUT_VARIABLE in its source). */
const DIMENSION = 'This is a netCDF dimension but not a netCDF variable.';

function rowCountOf(object: Hdf5Object, reader: AttributeReader): RowCount | undefined {
  if ((object.extent?.shape ?? []).length === 0) return undefined;
  if (object.attributes.get('NROWS')?.extent.type === TYPE_CLASS.integer && reader.text(object, 'CLASS') === 'TABLE') {
    const [first] = reader.values(object, 'NROWS');
    return { name: 'NROWS', valueOf: (rowCount) => (typeof first?.value === 'bigint' ? BigInt(rowCount) : rowCount) };
  }
  return reader.text(object, 'NAME')?.startsWith(DIMENSION) === true
    ? { name: 'NAME', valueOf: (rowCount) => DIMENSION + String(rowCount).padStart(10) }
    : undefined;
}
