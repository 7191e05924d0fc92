/** Columns of a tree or RNTuple that a program writes: their types, and whether a value fits. */
import { UsageError } from '../../errors.ts';

/** Types of single values. int64 and uint64 take bigint, too. */
export type BasicColumnType =
  'bool' | 'int8' | 'uint8' | 'int16' | 'uint16' | 'int32' | 'uint32' | 'int64' | 'uint64' | 'float32' | 'float64';
/** In trees `text` is a character array (leaf type C) and `string` a std::string; in RNTuples both are std::string. */
export type ColumnType = BasicColumnType | 'text' | 'string' | `vector<${BasicColumnType | 'string'}>`;

/** What to write under one name. */
export interface ColumnSpec {
  name: string;
  type: ColumnType;
  title?: string;
  /** Fixed array: number of values in each dimension. */
  shape?: readonly number[];
  /** Array of varying length: the column, an integer declared before, that holds the length. */
  counter?: string;
}

/** Values of one entry of one column. */
export type ColumnValue = number | bigint | boolean | string | ArrayLike<number | bigint | boolean> | readonly string[];

/** True for types of single values. */
export function isBasicType(type: string): type is BasicColumnType {
  return /^(bool|u?int(8|16|32|64)|float(32|64))$/.test(type);
}

/** The element type of `vector<…>`, or undefined. */
export function vectorItem(type: string): BasicColumnType | 'string' | undefined {
  return /^vector<(\w+)>$/.exec(type)?.[1] as BasicColumnType | 'string' | undefined;
}

function isKnownType(type: string): boolean {
  const single = vectorItem(type) ?? type;
  return isBasicType(single) || single === 'string' || type === 'text';
}

/** UsageError for columns that cannot be written together. */
export function checkColumns(columns: readonly ColumnSpec[]): void {
  const known = new Map<string, ColumnSpec>();
  for (const column of columns) {
    const { name, type, shape, counter } = column;
    const basic = isBasicType(type);
    if (!isKnownType(type)) throw new UsageError(`column ${name} has the unknown type ${type}`);
    if (name === '' || known.has(name)) throw new UsageError(`column name ${JSON.stringify(name)} is empty or used twice`);
    if (!basic && (shape !== undefined || counter !== undefined)) throw new UsageError(`column ${name}: arrays of ${type} are not written`);
    if (shape?.some((length) => !Number.isInteger(length) || length < 1) === true) {
      throw new UsageError(`column ${name}: lengths of an array must be positive`);
    }
    if (counter !== undefined) checkCounter(name, known.get(counter), counter);
    known.set(name, column);
  }
}

function checkCounter(name: string, counter: ColumnSpec | undefined, counterName: string): void {
  if (counter === undefined) throw new UsageError(`column ${name}: its counter ${counterName} must be declared before it`);
  const single = counter.shape === undefined && counter.counter === undefined;
  if (!single || !/^u?int(8|16|32)$/.test(counter.type)) {
    throw new UsageError(`column ${name}: its counter ${counterName} must be a single integer of at most 32 bits`);
  }
}

const BOOL_LIMITS = [0n, 1n] as const;

/** Smallest and largest value of an integer type; undefined for other types. */
function integerLimits(type: string): readonly [low: bigint, high: bigint] | undefined {
  const parts = /^(u?)int(\d+)$/.exec(type);
  if (parts === null) return undefined;
  const bits = BigInt(parts[2] as string);
  return parts[1] === 'u' ? [0n, 2n ** bits - 1n] : [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n];
}

/** Says that a value does not fit a column. */
export function wrongValue(column: string, value: unknown, expected: string): UsageError {
  const found =
    Array.isArray(value) || ArrayBuffer.isView(value) ? `${(value as unknown as ArrayLike<unknown>).length} values` : String(value);
  return new UsageError(`column ${column} needs ${expected}, not ${found}`);
}

/** Returns a function that gives a value as a number or bigint that fits `type` exactly, or throws a UsageError naming the column. */
export function numberChecker(column: string, type: BasicColumnType): (value: unknown) => number | bigint {
  const limits = type === 'bool' ? BOOL_LIMITS : integerLimits(type);
  if (limits === undefined) return (value) => plainNumber(column, value);
  const [low, high] = [Number(limits[0]), Number(limits[1])];
  const isExact = Number.isSafeInteger(high);
  const expected = type === 'bool' ? 'true, false, 0 or 1' : `an integer from ${limits[0]} to ${limits[1]}`;
  return (value) => {
    const plain = plainNumber(column, value);
    // The largest 64-bit integers are no doubles: `high` was rounded up and does not fit itself.
    const fits =
      typeof plain === 'bigint'
        ? plain >= limits[0] && plain <= limits[1]
        : Number.isInteger(plain) && plain >= low && (isExact ? plain <= high : plain < high);
    if (!fits) throw wrongValue(column, value, expected);
    return plain;
  };
}

function plainNumber(column: string, value: unknown): number | bigint {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return Number(value);
  throw wrongValue(column, value, 'a number');
}

/** Half of a character, which UTF-8 has no bytes for. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** A text that has a form in UTF-8, or a UsageError naming the column. */
export function checkedText(column: string, value: unknown): string {
  if (typeof value !== 'string') throw wrongValue(column, value, 'a string');
  if (LONE_SURROGATE.test(value)) throw wrongValue(column, JSON.stringify(value), 'a text of whole characters');
  return value;
}

/** The bytes of a text, or a UsageError naming the column. */
export function textBytes(column: string, value: unknown): Uint8Array {
  return Buffer.from(checkedText(column, value));
}

/** The values of an array, `count` of them if given, or a UsageError naming the column. */
export function arrayValues(column: string, value: unknown, count?: number): ArrayLike<unknown> {
  const isList = Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value);
  const values = value as ArrayLike<unknown>;
  if (!isList || (count !== undefined && values.length !== count)) {
    throw wrongValue(column, value, count === undefined ? 'an array' : `an array of ${count} values`);
  }
  return values;
}

/** Values per element of a column: the product of its fixed dimensions. */
export function valuesPerElement({ shape }: Pick<ColumnSpec, 'shape'>): number {
  return (shape ?? []).reduce((product, length) => product * length, 1);
}

/** One entry: a value per column. The value of a counter may be left out. */
export type Row = Readonly<Record<string, ColumnValue>>;

/** UsageError, which begins with `what`, for a value that no column takes: it would be lost without a word. */
export function refuseUnknown(what: string, names: ReadonlySet<string>, row: Readonly<Record<string, unknown>>): void {
  for (const name in row) if (!names.has(name)) throw new UsageError(`${what}: no column has the name ${name}`);
}

/** The counters of a set of columns. */
export class Counters {
  /** The first column each counter counts. */
  readonly #counted: Map<string, ColumnSpec> = new Map();

  constructor(columns: readonly ColumnSpec[]) {
    for (const column of columns) {
      if (column.counter !== undefined && !this.#counted.has(column.counter)) this.#counted.set(column.counter, column);
    }
  }

  /** The value of each counter for an entry: as given, or the length of what it counts. UsageError where that is no number of elements. */
  lengths(row: Readonly<Record<string, unknown>>): ReadonlyMap<string, number> {
    const lengths = new Map<string, number>();
    for (const [counter, column] of this.#counted) {
      const found = (row[column.name] as ArrayLike<number> | undefined)?.length ?? 0;
      const length = row[counter] === undefined ? found / valuesPerElement(column) : Number(row[counter]);
      if (!Number.isInteger(length) || length < 0) throw new UsageError(`column ${counter} counts ${length} values in ${column.name}`);
      lengths.set(counter, length);
    }
    return lengths;
  }
}
