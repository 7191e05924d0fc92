/**
 * Attributes that repeat how many rows their dataset has: NROWS of PyTables, and the NAME that netCDF-4 gives to a dimension without
 * variable. They differ from input to input, and become the number of all rows.
 */
import type { Hdf5Object } from '../../io/hdf5/hdf5-object.ts';
import type { Hdf5Extent } from '../../io/hdf5/hdf5-library.ts';
import { TYPE_CLASS, creationProblem } from '../../io/hdf5/hdf5-types.ts';

/** An attribute that says how many rows there are. */
export interface RowCountAttribute {
  name: string;
  extent: Hdf5Extent;
  /** The text before the number; undefined for a number alone. */
  text: string | undefined;
}

/** What netCDF-4 writes, then the length in ten places (its source, DIM_WITHOUT_VARIABLE). */
const DIMENSION_WITHOUT_VARIABLE = 'This is a netCDF dimension but not a netCDF variable.';
const LENGTH_PLACES = 10;

/**
 * The attribute that repeats the number of rows of a dataset, if it has one that can be written anew.
 * @param textOf the text in an attribute of the dataset
 */
export function rowCountAttribute(
  { extent, attributes }: Hdf5Object,
  textOf: (name: string) => string | undefined,
): RowCountAttribute | undefined {
  if ((extent?.shape ?? []).length === 0) return undefined;
  const [rows, name] = ['NROWS', 'NAME'].map((each) => attributes.get(each)?.extent);
  if (rows?.type === TYPE_CLASS.integer && rows.total_size === 1 && creationProblem(rows) === undefined && textOf('CLASS') === 'TABLE') {
    return { name: 'NROWS', extent: rows, text: undefined };
  }
  const isName = name !== undefined && !name.vlen && creationProblem(name) === undefined;
  return isName && textOf('NAME')?.startsWith(DIMENSION_WITHOUT_VARIABLE) === true
    ? { name: 'NAME', extent: name, text: DIMENSION_WITHOUT_VARIABLE }
    : undefined;
}

/** The value of such an attribute, little-endian. */
export function encodeRowCount({ extent, text }: RowCountAttribute, rowCount: number): Uint8Array {
  const bytes = Buffer.alloc(extent.size);
  if (text !== undefined) bytes.write(text + String(rowCount).padStart(LENGTH_PLACES), 'latin1');
  else if (extent.size === 8) bytes.writeBigInt64LE(BigInt(rowCount));
  else bytes.writeUIntLE(rowCount, 0, extent.size);
  return bytes;
}
