/**
 * Schema description: fields, columns, alias columns, extra type information. Four list frames of
 * record frames, in the header and again (what was added while writing) in the footer.
 *
 *   field    u32 field version, u32 type version, u32 parent id, u16 role, u16 flags, string name,
 *            type name, type alias, description; flag 1: u64 array size; flag 2: u32 source field id;
 *            flag 4: u32 type checksum
 *   column   u16 type, u16 bits per element, u32 field id, u16 flags, u16 representation index;
 *            flag 1: i64 first element index; flag 2: f64 min, f64 max
 *   alias    u32 physical column id, u32 field id
 *   extra    u32 content id, u32 type version, string type name, string content
 *
 * Ids are positions: the footer's continue the header's. Source: BinaryFormatSpecification.md
 * "Header Envelope", and ROOT 6.40 files for the strings of the extra type information.
 */
import { CorruptFileError } from '../../../errors.ts';
import type { LittleEndianReader } from '../../bytes/little-endian.ts';
import { columnTypeBits, columnTypeName } from './column-types.ts';
import { openList, openRecord } from './envelope.ts';

/** Structural roles of a field. */
export const FieldRole = { leaf: 0, collection: 1, record: 2, variant: 3, streamer: 4 } as const;
/** Flags of a field. */
export const FieldFlag = { repetitive: 1, projected: 2, typeChecksum: 4 } as const;
/** Flags of a column. */
export const ColumnFlag = { deferred: 1, range: 2 } as const;

/** A field of the schema tree. */
export interface Field {
  fieldVersion: number;
  typeVersion: number;
  /** Id of the parent; a top-level field names itself. */
  parentId: number;
  /** One of FieldRole, or a later one. */
  role: number;
  flags: number;
  name: string;
  typeName: string;
  typeAlias: string;
  description: string;
  /** Copies per parent element (fixed-size arrays, bitsets); 1 for others. */
  repetitions: number;
  /** The field a projected field shows. */
  sourceId: number | undefined;
  typeChecksum: number | undefined;
}

/** Names of a field from the top level down, joined by dots. */
export function fieldPath(fields: readonly Field[], id: number): string {
  const field = fields[id];
  if (field === undefined) return '';
  return field.parentId === id ? field.name : `${fieldPath(fields, field.parentId)}.${field.name}`;
}

/** A physical column: a sequence of elements stored in pages. */
export interface Column {
  type: number;
  bits: number;
  fieldId: number;
  flags: number;
  /** Which of the field's alternative representations the column belongs to. */
  representation: number;
  /** Index of the first stored element; elements before it read as zero. Above 0 only in deferred columns. */
  firstElement: number;
  /** Inclusive range of values of a quantized column. */
  range: readonly [number, number] | undefined;
}

/** A column of a projected field. */
export interface AliasColumn {
  physicalId: number;
  fieldId: number;
}

/** Extra type information; content id 0: a streamed TList of TStreamerInfo for fields written by the streamer. */
export interface ExtraTypeInfo {
  contentId: number;
  typeVersion: number;
  typeName: string;
  content: Uint8Array;
}

/** A schema, header and extension joined. */
export interface Schema {
  fields: Field[];
  columns: Column[];
  aliases: AliasColumn[];
  extraTypeInfos: ExtraTypeInfo[];
}

/** A schema without fields. */
export function emptySchema(): Schema {
  return { fields: [], columns: [], aliases: [], extraTypeInfos: [] };
}

/** Parses the four lists and appends them to `schema`. */
export function parseSchemaDescription(r: LittleEndianReader, schema: Schema): void {
  readItems(r, (item) => schema.fields.push(parseField(item)));
  readItems(r, (item) => schema.columns.push(parseColumn(item)));
  readItems(r, (item) => schema.aliases.push({ physicalId: item.u32(), fieldId: item.u32() }));
  readItems(r, (item) => schema.extraTypeInfos.push(parseExtraTypeInfo(item)));
}

function readItems(r: LittleEndianReader, parse: (item: LittleEndianReader) => void): void {
  const { count, items } = openList(r);
  for (let i = 0; i < count; i++) parse(openRecord(items));
}

function parseField(r: LittleEndianReader): Field {
  const [fieldVersion, typeVersion, parentId, role, flags] = [r.u32(), r.u32(), r.u32(), r.u16(), r.u16()];
  const [name, typeName, typeAlias, description] = [r.string(), r.string(), r.string(), r.string()];
  const repetitions = (flags & FieldFlag.repetitive) === 0 ? 1 : r.count64();
  const sourceId = (flags & FieldFlag.projected) === 0 ? undefined : r.u32();
  const typeChecksum = (flags & FieldFlag.typeChecksum) === 0 ? undefined : r.u32();
  return { fieldVersion, typeVersion, parentId, role, flags, name, typeName, typeAlias, description, repetitions, sourceId, typeChecksum };
}

function parseColumn(r: LittleEndianReader): Column {
  const [type, bits, fieldId, flags, representation] = [r.u16(), r.u16(), r.u32(), r.u16(), r.u16()];
  // the sign marks a deferred column that is suppressed as well; its position is the absolute value
  const firstElement = (flags & ColumnFlag.deferred) === 0 ? 0 : Math.abs(Number(r.i64()));
  const range = (flags & ColumnFlag.range) === 0 ? undefined : ([r.f64(), r.f64()] as const);
  return { type, bits, fieldId, flags, representation, firstElement, range };
}

function parseExtraTypeInfo(r: LittleEndianReader): ExtraTypeInfo {
  const [contentId, typeVersion, typeName] = [r.u32(), r.u32(), r.string()];
  return { contentId, typeVersion, typeName, content: r.stringBytes() };
}

/** Checks that every id in a schema names something that exists, and that elements of columns are as wide as their types are. */
export function checkSchema(schema: Schema): void {
  const { fields, columns, aliases } = schema;
  const check = (what: string, id: number, count: number): void => {
    if (id >= count) throw new CorruptFileError(`RNTuple schema: ${what} does not exist`, { expected: `below ${count}`, found: id });
  };
  fields.forEach((field, id) => {
    check(`parent of field ${field.name}`, field.parentId, id + 1);
    if (field.sourceId !== undefined) check(`source of field ${field.name}`, field.sourceId, fields.length);
  });
  columns.forEach((column, id) => {
    check(`field of column ${id}`, column.fieldId, fields.length);
    checkBits(column, id);
  });
  aliases.forEach((alias, id) => {
    check(`field of alias column ${id}`, alias.fieldId, fields.length);
    check(`physical column of alias column ${id}`, alias.physicalId, columns.length);
  });
}

function checkBits({ type, bits }: Column, id: number): void {
  const [least, most] = columnTypeBits(type) ?? [bits, bits];
  if (bits >= least && bits <= most) return;
  throw new CorruptFileError(`RNTuple schema: bits per element of column ${id} of type ${columnTypeName(type)}`, {
    expected: least === most ? least : `${least} to ${most}`,
    found: bits,
  });
}
