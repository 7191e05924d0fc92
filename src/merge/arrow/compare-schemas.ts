/** Whether record batches written under one schema can stand under another one. */
import type { ArrowField, ArrowSchema } from '../../io/arrow/schema.ts';

/** A column that does not fit. */
export interface SchemaDifference {
  /** Path of the column, `a.b` for a child; empty for the schema as a whole. */
  column: string;
  reason: string;
}

/**
 * All differences of `found` from `expected`, besides ids of dictionaries and metadata, which do not concern record
 * batches, but for those of extension types.
 */
export function schemaDifferences(expected: ArrowSchema, found: ArrowSchema): SchemaDifference[] {
  const order = expected.endianness === found.endianness ? [] : [{ column: '', reason: 'bytes in another order (endianness)' }];
  return [...order, ...fieldDifferences(expected.fields, found.fields, '')];
}

function fieldDifferences(expected: readonly ArrowField[], found: readonly ArrowField[], parent: string): SchemaDifference[] {
  const path = (name: string): string => (parent === '' ? name : `${parent}.${name}`);
  const names = (fields: readonly ArrowField[]): string[] => fields.map(({ name }) => name);
  const [left, right] = [names(expected), names(found)];
  if (left.join('\0') === right.join('\0')) return expected.flatMap((field, i) => oneField(field, found[i], path(field.name)));
  const missing = left.filter((name) => !right.includes(name)).map((name) => ({ column: path(name), reason: 'column is missing' }));
  const extra = right
    .filter((name) => !left.includes(name))
    .map((name) => ({ column: path(name), reason: 'column that the first input does not have' }));
  if (missing.length + extra.length === 0) {
    return [{ column: parent, reason: `columns in another order: ${right.join(', ')} instead of ${left.join(', ')}` }];
  }
  const both = expected
    .filter(({ name }) => right.includes(name))
    .flatMap((field) =>
      oneField(
        field,
        found.find(({ name }) => name === field.name),
        path(field.name),
      ),
    );
  return [...missing, ...extra, ...both];
}

function oneField(expected: ArrowField, found: ArrowField | undefined, column: string): SchemaDifference[] {
  if (found === undefined) return [];
  const [left, right] = [typeText(expected), typeText(found)];
  if (left !== right) return [{ column, reason: `${right} instead of ${left}` }];
  return fieldDifferences(expected.children, found.children, column);
}

/** Metadata that say what the values are: name and parameters of an extension type (Arrow columnar format, "Extension Types"). */
const EXTENSION = 'ARROW:extension:';

/** Everything of a field but its name, children, other metadata and dictionary id. */
function typeText({ type, isNullable, dictionary, metadata }: ArrowField): string {
  const values =
    dictionary === undefined
      ? type
      : `dictionary of ${type} with indices ${dictionary.indexType}${dictionary.isOrdered ? ', ordered' : ''}`;
  const name = metadata.get(`${EXTENSION}name`);
  const extension = name === undefined ? '' : ` as ${name}${metadata.get(`${EXTENSION}metadata`) ?? ''}`;
  return `${values}${extension}${isNullable ? '' : ' not null'}`;
}
