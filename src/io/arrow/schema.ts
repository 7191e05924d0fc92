/** Arrow schemas as data (Schema.fbs of Apache Arrow): what must be equal for record batches of two files to stand in one. */
import { CorruptFileError, UnsupportedError } from '../../errors.ts';
import { FlatTable } from './flat-table.ts';

/** A type as the tables of Schema.fbs describe it. */
export interface ArrowType {
  /** `Int`, `Utf8`, … */
  name: string;
  /** As texts: `bitWidth`: `32`. */
  parameters: ReadonlyMap<string, string>;
}

/** How a column's values stand in a dictionary. */
export interface DictionaryEncoding {
  id: number;
  /** Type of the indices, as text. */
  indexType: string;
  index: ArrowType;
  isOrdered: boolean;
}

/** A column, or a child of a nested one. */
export interface ArrowField {
  name: string;
  isNullable: boolean;
  /** Type of the values with its parameters, as text: `Int(bitWidth=32, is_signed=true)`. */
  type: string;
  /** The same in parts. */
  values: ArrowType;
  dictionary: DictionaryEncoding | undefined;
  children: ArrowField[];
  metadata: ReadonlyMap<string, string>;
}

/** A schema. */
export interface ArrowSchema {
  /** 0 little, 1 big. */
  endianness: number;
  fields: ArrowField[];
  metadata: ReadonlyMap<string, string>;
}

type ParameterKind = 'i16' | 'i32' | 'bool' | 'text' | 'i32s';
type Parameter = readonly [name: string, kind: ParameterKind, absent?: number];
interface TypeShape {
  name: string;
  parameters: readonly Parameter[];
}

const shape = (name: string, ...parameters: readonly Parameter[]): TypeShape => ({ name, parameters });

/** The union Type of Schema.fbs, from 1 on, with the fields of each table in order. */
const TYPES: readonly TypeShape[] = [
  shape('Null'),
  shape('Int', ['bitWidth', 'i32'], ['is_signed', 'bool']),
  shape('FloatingPoint', ['precision', 'i16']),
  shape('Binary'),
  shape('Utf8'),
  shape('Bool'),
  shape('Decimal', ['precision', 'i32'], ['scale', 'i32'], ['bitWidth', 'i32', 128]),
  shape('Date', ['unit', 'i16', 1]),
  shape('Time', ['unit', 'i16', 1], ['bitWidth', 'i32', 32]),
  shape('Timestamp', ['unit', 'i16'], ['timezone', 'text']),
  shape('Interval', ['unit', 'i16']),
  shape('List'),
  shape('Struct'),
  shape('Union', ['mode', 'i16'], ['typeIds', 'i32s']),
  shape('FixedSizeBinary', ['byteWidth', 'i32']),
  shape('FixedSizeList', ['listSize', 'i32']),
  shape('Map', ['keysSorted', 'bool']),
  shape('Duration', ['unit', 'i16', 1]),
  shape('LargeBinary'),
  shape('LargeUtf8'),
  shape('LargeList'),
  shape('RunEndEncoded'),
  shape('BinaryView'),
  shape('Utf8View'),
  shape('ListView'),
  shape('LargeListView'),
];

/** Nesting and number of columns beyond which metadata are taken for damaged. */
const MAX_DEPTH = 64;
const MAX_FIELDS = 1_000_000;

/** Parses a Schema table. @throws CorruptFileError, UnsupportedError for a type or dictionary that is not known */
export function parseSchema(table: FlatTable): ArrowSchema {
  const counter = { left: MAX_FIELDS };
  return {
    endianness: table.i16(0),
    fields: table.tables(1).map((field) => parseField(field, 0, counter)),
    metadata: parseMetadata(table.tables(2)),
  };
}

/** Pairs of key and value; of equal keys the last one counts. */
export function parseMetadata(pairs: readonly FlatTable[]): Map<string, string> {
  return new Map(pairs.map((pair) => [pair.text(0) ?? '', pair.text(1) ?? '']));
}

function parseField(field: FlatTable, depth: number, counter: { left: number }): ArrowField {
  if (depth > MAX_DEPTH || counter.left-- <= 0) throw new CorruptFileError('schema has too many columns');
  const values = typeOf(field.u8(2), field.table(3));
  return {
    name: field.text(0) ?? '',
    isNullable: field.u8(1) !== 0,
    type: typeText(values),
    values,
    dictionary: parseDictionary(field.table(4)),
    children: field.tables(5).map((child) => parseField(child, depth + 1, counter)),
    metadata: parseMetadata(field.tables(6)),
  };
}

function typeOf(kind: number, type: FlatTable | undefined): ArrowType {
  const known = TYPES[kind - 1];
  if (known === undefined || type === undefined) throw new UnsupportedError(`Arrow type ${kind} is not known`);
  const parameters = known.parameters.map(([name, how, absent], i): [string, string] => [name, parameterText(type, i, how, absent)]);
  return { name: known.name, parameters: new Map(parameters) };
}

function typeText({ name, parameters }: ArrowType): string {
  const texts = [...parameters].map(([parameter, value]) => `${parameter}=${value}`);
  return texts.length === 0 ? name : `${name}(${texts.join(', ')})`;
}

function parameterText(type: FlatTable, i: number, kind: ParameterKind, absent: number | undefined): string {
  switch (kind) {
    case 'i16':
      return String(type.i16(i, absent));
    case 'i32':
      return String(type.i32(i, absent));
    case 'bool':
      return String(type.u8(i) !== 0);
    case 'text':
      return JSON.stringify(type.text(i) ?? null);
    case 'i32s':
      return `[${type.i32s(i).join(' ')}]`;
  }
}

/** Type of indices when a dictionary does not say: signed, 32 bits. */
const DEFAULT_INDEX: ArrowType = {
  name: 'Int',
  parameters: new Map([
    ['bitWidth', '32'],
    ['is_signed', 'true'],
  ]),
};
const INT_KIND = 2;

function parseDictionary(encoding: FlatTable | undefined): DictionaryEncoding | undefined {
  if (encoding === undefined) return undefined;
  if (encoding.i16(3) !== 0) throw new UnsupportedError(`Arrow dictionary of kind ${encoding.i16(3)} is not known`);
  const table = encoding.table(1);
  const index = table === undefined ? DEFAULT_INDEX : typeOf(INT_KIND, table);
  return {
    id: encoding.i64(0),
    indexType: typeText(index),
    index,
    isOrdered: encoding.u8(2) !== 0,
  };
}

/** Every column and child with its path (`a.b`), parents first. */
export function* eachField(fields: readonly ArrowField[], parent = ''): Generator<{ path: string; field: ArrowField }> {
  for (const field of fields) {
    const path = parent === '' ? field.name : `${parent}.${field.name}`;
    yield { path, field };
    yield* eachField(field.children, path);
  }
}
