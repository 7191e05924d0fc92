/** Values of a field of an RNTuple over a range of entries, as typed arrays. */
import { CorruptFileError, UnsupportedError, UsageError, addContext } from '../../../errors.ts';
import { decodeText } from '../../bytes/big-endian.ts';
import {
  ArrayBuilder,
  GrowingOffsets,
  valueWidth,
  type ColumnArrays,
  type EntryWindow,
  type LevelBuilder,
  type ValueType,
} from '../column-arrays.ts';
import { ClusterColumns } from './cluster-columns.ts';
import { columnTypeName } from './column-types.ts';
import { columnsOfField } from './field-values.ts';
import { ElementCounter, columnTraits } from './element-counter.ts';
import { readClusters, type RNTuple } from './rntuple.ts';
import { FieldFlag, FieldRole, fieldPath, type Field } from './schema.ts';

const TYPES: Readonly<Record<string, ValueType>> = {
  Bit: 'bool',
  Byte: 'uint8',
  Char: 'int8',
  Int8: 'int8',
  UInt8: 'uint8',
  Int16: 'int16',
  UInt16: 'uint16',
  Int32: 'int32',
  UInt32: 'uint32',
  Int64: 'int64',
  UInt64: 'uint64',
  Real16: 'float32',
  Real32: 'float32',
  Real64: 'float64',
  Real32Trunc: 'float32',
  Real32Quant: 'float32',
};

/** What leads to the values of a field. */
interface FieldShape {
  /** From the entry inwards: a number of values each, or the column of ends of collections. */
  levels: (number | { ends: number })[];
  type: ValueType;
  /** Column of the values; of a collection of records, whose lengths are the values, that of its ends. */
  column: number;
  /** `texts`: strings with these ends; `lengths`: of collections. */
  kind: 'numbers' | 'texts' | 'lengths';
  textEnds: number;
}

/**
 * Reads entries of a field, named by its path (`muons._0.pt`; `_0` of collections and `:_0` of base classes may be left
 * out). The field of a collection of records gives the lengths of the collections; optional values are collections of
 * none or one. Objects written by their streamer come as bytes. A window that reaches past the last entry ends there.
 * @throws UsageError for a field that does not exist or is a record (its fields are read one by one)
 * @throws UnsupportedError for variants, CorruptFileError, UnreadableFileError
 */
export function readField(tuple: RNTuple, path: string, { firstEntry = 0, entryCount = tuple.entryCount }: EntryWindow = {}): ColumnArrays {
  const place = { file: tuple.source.file.path, objectPath: `${tuple.source.path}: field ${path}` };
  for (const [name, value] of Object.entries({ firstEntry, entryCount })) {
    if (!Number.isSafeInteger(value) || value < 0) throw new UsageError(`${name} must be a whole number of 0 or more, not ${value}`, place);
  }
  try {
    const shape = shapeOf(tuple, fieldsOnPath(tuple, path));
    const builder = new ArrayBuilder(
      shape.type,
      shape.levels.map((level): LevelBuilder => (typeof level === 'number' ? level : new GrowingOffsets())),
    );
    const first = Math.min(firstEntry, tuple.entryCount);
    const end = Math.min(tuple.entryCount, first + entryCount);
    const { source, footer } = tuple;
    const counter = new ElementCounter(columnTraits(footer.schema));
    for (const cluster of readClusters(source, counter)) {
      const [from, to] = [Math.max(0, first - cluster.firstEntry), Math.min(cluster.entryCount, end - cluster.firstEntry)];
      if (from < to) addEntries(new ClusterColumns({ source, schema: footer.schema }, cluster, counter), shape, builder, from, to);
    }
    return builder.done(first, end - first);
  } catch (err) {
    throw addContext(err, place);
  }
}

/**
 * Paths of all fields that `readField` reads by themselves: not records or arrays of them, and what is inside of
 * collections of one field.
 */
export function fieldPaths(tuple: RNTuple): string[] {
  const { fields } = tuple.footer.schema;
  const paths = fields.map((_, id) => fieldPath(fields, id));
  return paths.filter((_, id) => {
    const field = fields[id] as Field;
    if (field.role === FieldRole.leaf && !isTransparent(tuple, id) && columnsOf(tuple, id).length === 0) return false;
    return (
      field.role !== FieldRole.record &&
      !paths.slice(0, id).some((__, parent) => isTransparent(tuple, parent) && field.parentId === parent && id !== parent)
    );
  });
}

/** Names of fields that paths may leave out: items of collections, base classes. */
const LEFT_OUT = /^(_0|:_\d+)$/;

/** Fields from the top down to the one named. */
function fieldsOnPath(tuple: RNTuple, path: string): number[] {
  const { fields } = tuple.footer.schema;
  let ids: number[] = [];
  for (const name of path.split('.')) {
    const parent = ids.at(-1);
    const below = parent === undefined ? fields.flatMap(({ parentId }, id) => (parentId === id ? [id] : [])) : childrenOf(tuple, parent);
    const found = findBelow(tuple, below, name, parent !== undefined);
    if (found === undefined) throw new UsageError('the RNTuple has no such field');
    ids = [...ids, ...found];
  }
  return ids;
}

/** The field of a name among some, or inside of those that may be left out, with those on the way. */
function findBelow(tuple: RNTuple, ids: readonly number[], name: string, isInside: boolean): number[] | undefined {
  const { fields } = tuple.footer.schema;
  const direct = ids.find((id) => fields[id]?.name === name);
  if (direct !== undefined) return [direct];
  for (const id of isInside ? ids.filter((each) => LEFT_OUT.test(fields[each]?.name ?? '')) : []) {
    const found = findBelow(tuple, childrenOf(tuple, id), name, true);
    if (found !== undefined) return [id, ...found];
  }
  return undefined;
}

function childrenOf(tuple: RNTuple, id: number): number[] {
  return tuple.footer.schema.fields.flatMap(({ parentId }, child) => (parentId === id && child !== id ? [child] : []));
}

/** True for a field whose only child holds its values: collections, arrays, enums of one thing that is no record. */
function isTransparent(tuple: RNTuple, id: number): boolean {
  const { fields } = tuple.footer.schema;
  const [child, more] = childrenOf(tuple, id);
  const role = fields[id]?.role;
  return (
    child !== undefined &&
    more === undefined &&
    fields[child]?.role !== FieldRole.record &&
    role !== FieldRole.record &&
    role !== FieldRole.variant
  );
}

function shapeOf(tuple: RNTuple, path: readonly number[]): FieldShape {
  const levels: FieldShape['levels'] = [];
  for (let i = 0; ; i++) {
    const id = path[i] as number;
    const field = tuple.footer.schema.fields[id] as Field;
    const isLast = i === path.length - 1;
    if ((field.flags & FieldFlag.repetitive) !== 0) levels.push(field.repetitions);
    const shape = enterField(tuple, id, field, isLast, levels);
    if (shape !== undefined) return { ...shape, levels };
    if (isLast) path = [...path, childrenOf(tuple, id)[0] as number];
  }
}

/** What the last field on the way says of its values. */
type FieldValues = Omit<FieldShape, 'levels'>;

function lengthsIn(column: number): FieldValues {
  return { type: 'int32', column, kind: 'lengths', textEnds: -1 };
}

/** Adds the levels of a field; returns its values where they are reached. */
function enterField(tuple: RNTuple, id: number, field: Field, isLast: boolean, levels: FieldShape['levels']): FieldValues | undefined {
  if (field.role === FieldRole.variant) throw new UnsupportedError('variants are not read as arrays');
  const isEnd = isLast && !isTransparent(tuple, id);
  const isStreamer = field.role === FieldRole.streamer;
  if (!isStreamer && field.role !== FieldRole.collection) return isEnd ? valuesOf(tuple, id) : undefined;
  const [ends, bytes] = columnsOf(tuple, id);
  if (ends === undefined) throw new CorruptFileError('RNTuple collection has no column of ends');
  if (isEnd && !isStreamer) return lengthsIn(ends);
  levels.push({ ends });
  return isStreamer && bytes !== undefined ? { type: 'bytes', column: bytes, kind: 'numbers', textEnds: -1 } : undefined;
}

/** The values of a field that is no collection. */
function valuesOf(tuple: RNTuple, id: number): FieldValues {
  const { fields, columns } = tuple.footer.schema;
  const [first, second] = columnsOf(tuple, id);
  if (first === undefined) {
    const names = childrenOf(tuple, id).map((child) => fields[child]?.name);
    throw new UsageError(`the field has no values of its own, only its fields: ${names.join(', ')}`);
  }
  if (second !== undefined) return { type: 'string', column: second, kind: 'texts', textEnds: first };
  const name = columnTypeName(columns[first]?.type ?? -1).replace('Split', '');
  if (name.startsWith('Index')) return lengthsIn(first);
  const type = TYPES[name];
  if (type === undefined) throw new UnsupportedError(`elements of an RNTuple column of type ${name}`);
  return { type, column: first, kind: 'numbers', textEnds: -1 };
}

/** Columns of a field; of a projected one those it shows. */
function columnsOf(tuple: RNTuple, id: number): number[] {
  const own = columnsOfField(tuple, id);
  return own.length > 0 ? own : tuple.footer.schema.aliases.flatMap(({ fieldId, physicalId }) => (fieldId === id ? [physicalId] : []));
}

/** Adds the entries [from, to) of a cluster. */
function addEntries(
  columns: ClusterColumns,
  { levels, type, column, kind, textEnds }: FieldShape,
  builder: ArrayBuilder,
  from: number,
  to: number,
): void {
  let [low, high] = [from, to];
  levels.forEach((level, i) => {
    if (typeof level === 'number') [low, high] = [low * level, high * level];
    else {
      const ends = columns.ends(level.ends);
      const offsets = builder.levels[i];
      if (typeof offsets === 'object') {
        for (let k = low; k < high; k++) offsets.push((ends[k] as number) - (k === 0 ? 0 : (ends[k - 1] as number)));
      }
      [low, high] = [endAt(ends, low), endAt(ends, high)];
    }
  });
  if (kind === 'numbers') return builder.bytes.raw(columns.bytes(column).subarray(low * valueWidth(type), high * valueWidth(type)));
  const ends = columns.ends(kind === 'texts' ? textEnds : column);
  if (kind === 'lengths') return addLengths(builder, ends, low, high);
  const characters = columns.bytes(column);
  for (let k = low; k < high; k++) builder.texts.push(decodeText(characters.subarray(endAt(ends, k), ends[k])));
}

function addLengths(builder: ArrayBuilder, ends: Float64Array, low: number, high: number): void {
  for (let k = low; k < high; k++) {
    const at = builder.bytes.grow(4);
    builder.bytes.view.setInt32(at, (ends[k] as number) - endAt(ends, k), true);
  }
}

/** Where list `k` begins. */
function endAt(ends: Float64Array, k: number): number {
  return k === 0 ? 0 : (ends[k - 1] as number);
}
