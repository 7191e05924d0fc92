/** Rows of a table that is stored by column: collected until there are enough of them to be written. */
import { UsageError } from '../../errors.ts';
import type { NumberArray } from '../root/column-arrays.ts';
import {
  arrayValues,
  checkedText,
  isBasicType,
  numberChecker,
  refuseUnknown,
  valuesPerElement,
  type BasicColumnType,
  type Row,
} from '../root/column.ts';

/** Types of columns; int64 and uint64 take bigint, too. */
export type TableColumnType = Exclude<BasicColumnType, 'bool'> | 'string';

/** A column. */
export interface TableColumn {
  name: string;
  type: TableColumnType;
  /** Fixed array: number of values in each dimension; not of strings. */
  shape?: readonly number[];
}

const ARRAYS: Readonly<Record<Exclude<TableColumnType, 'string'>, (length: number) => NumberArray>> = {
  int8: (length) => new Int8Array(length),
  uint8: (length) => new Uint8Array(length),
  int16: (length) => new Int16Array(length),
  uint16: (length) => new Uint16Array(length),
  int32: (length) => new Int32Array(length),
  uint32: (length) => new Uint32Array(length),
  int64: (length) => new BigInt64Array(length),
  uint64: (length) => new BigUint64Array(length),
  float32: (length) => new Float32Array(length),
  float64: (length) => new Float64Array(length),
};

/** Values of some rows of one column, row after row. */
export type CollectedColumn = { column: TableColumn; numbers: NumberArray } | { column: TableColumn; texts: string[] };

interface Collector {
  /** Checks the value of a row; returns how to store it. */
  check(value: unknown): (row: number) => void;
  collected(rowCount: number): CollectedColumn;
}

/** Rows that were filled and not written yet. */
export class RowBuffer {
  readonly columns: readonly TableColumn[];
  readonly #names: ReadonlySet<string>;
  readonly #capacity: number;
  readonly #collectors: readonly { name: string; collector: Collector }[];
  #rowCount = 0;

  /** @throws UsageError for columns that cannot be written together */
  constructor(columns: readonly TableColumn[], capacity: number) {
    checkTableColumns(columns);
    this.columns = columns;
    this.#names = new Set(columns.map(({ name }) => name));
    this.#capacity = capacity;
    this.#collectors = columns.map((column) => ({
      name: column.name,
      collector: column.type === 'string' ? textCollector(column) : numberCollector(column, column.type, capacity),
    }));
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  /** True when the next row must wait until these are written. */
  get isFull(): boolean {
    return this.#rowCount === this.#capacity;
  }

  /** Takes a row: all of its values, or none and a UsageError. */
  add(row: Row): void {
    refuseUnknown('table', this.#names, row);
    const store = this.#collectors.map(({ name, collector }) => collector.check(row[name]));
    for (const each of store) each(this.#rowCount);
    this.#rowCount++;
  }

  /** The rows so far by column; valid until the next one is added. */
  collected(): CollectedColumn[] {
    return this.#collectors.map(({ collector }) => collector.collected(this.#rowCount));
  }

  clear(): void {
    this.#rowCount = 0;
  }
}

function checkTableColumns(columns: readonly TableColumn[]): void {
  const known = new Set<string>();
  for (const { name, type, shape } of columns) {
    if (name === '' || name.includes('/') || known.has(name)) {
      throw new UsageError(`column name ${JSON.stringify(name)} is empty, has a slash, or is used twice`);
    }
    if (type !== 'string' && (!isBasicType(type) || !(type in ARRAYS))) {
      throw new UsageError(`column ${name} has the unknown type ${String(type)}`);
    }
    if (type === 'string' && shape !== undefined) throw new UsageError(`column ${name}: arrays of string are not written`);
    if (shape?.some((length) => !Number.isInteger(length) || length < 1) === true) {
      throw new UsageError(`column ${name}: lengths of an array must be positive`);
    }
    known.add(name);
  }
  if (columns.length === 0) throw new UsageError('a table needs a column');
}

function textCollector(column: TableColumn): Collector {
  const texts: string[] = [];
  return {
    check(value) {
      const text = checkedText(column.name, value);
      return (row) => (texts[row] = text);
    },
    collected: (rowCount) => ({ column, texts: texts.slice(0, rowCount) }),
  };
}

function numberCollector(column: TableColumn, type: Exclude<TableColumnType, 'string'>, capacity: number): Collector {
  const count = valuesPerElement(column);
  const numbers = ARRAYS[type](capacity * count);
  const check = numberChecker(column.name, type);
  const put = (at: number, value: number | bigint): void => {
    if (numbers instanceof BigInt64Array || numbers instanceof BigUint64Array) numbers[at] = BigInt(value);
    else numbers[at] = Number(value);
  };
  return {
    check(value) {
      const values = column.shape === undefined ? [value] : Array.from(arrayValues(column.name, value, count));
      const checked = values.map(check);
      return (row) => checked.forEach((each, i) => put(row * count + i, each));
    },
    collected: (rowCount) => ({ column, numbers: numbers.subarray(0, rowCount * count) }),
  };
}
