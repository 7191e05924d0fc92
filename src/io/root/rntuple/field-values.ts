/** Values of fields of an RNTuple by the names on their path, e.g. `DataHeader`, `m_fullElements`, `_0`, `oid2`. */
import { CorruptFileError } from '../../../errors.ts';
import { decodeText } from '../../bytes/big-endian.ts';
import { readColumns, type ColumnValues } from './pages.ts';
import type { RNTuple } from './rntuple.ts';

/** Id of the field at a path of names from the top; undefined when there is none. */
export function findField(tuple: RNTuple, path: readonly string[]): number | undefined {
  const { fields } = tuple.footer.schema;
  let at: number | undefined;
  for (const name of path) {
    const parent = at;
    at = fields.findIndex(
      (field, id) => field.name === name && (parent === undefined ? field.parentId === id : field.parentId === parent && id !== parent),
    );
    if (at < 0) return undefined;
  }
  return at;
}

/** Columns of a field, representation 0, in order. */
export function columnsOfField(tuple: RNTuple, field: number): number[] {
  return tuple.footer.schema.columns.flatMap(({ fieldId, representation }, id) => (fieldId === field && representation === 0 ? [id] : []));
}

/** Reads the columns of several fields, named by paths; CorruptFileError when a field is missing. One list of columns per path. */
export function readFields(tuple: RNTuple, paths: readonly (readonly string[])[]): ColumnValues[][] {
  const ids = paths.map((path) => {
    const field = findField(tuple, path);
    if (field === undefined) {
      throw new CorruptFileError(`RNTuple has no field ${path.join('.')}`, { file: tuple.source.file.path, objectPath: tuple.source.path });
    }
    return columnsOfField(tuple, field);
  });
  const values = readColumns(tuple, ids.flat());
  let next = 0;
  return ids.map((columns) => columns.map(() => values[next++] as ColumnValues));
}

/** Texts of a field of std::string: its two columns are ends and characters. */
export function textsOf([ends, characters]: readonly ColumnValues[]): string[] {
  if (!(ends instanceof Float64Array) || !(characters instanceof Uint8Array)) throw new CorruptFileError('RNTuple field is no text');
  return Array.from(ends, (end, i) => decodeText(characters.subarray(i === 0 ? 0 : (ends[i - 1] as number), end)));
}
