/**
 * From columns (column.ts) to the fields and columns of an RNTuple, and functions that take the values of an entry apart.
 *
 *   basic type         field without children, one column
 *   text, string       std::string: index of the end of each text, characters
 *   shape [2, 3]       std::array<std::array<T,3>,2>: fields of repetitions, the values in the column of the innermost
 *   counter, vector    std::vector<T>: index of the end of each collection; the items are a child field `_0`
 *
 * Indexes count from the beginning of the cluster. Source: BinaryFormatSpecification.md "Mapping of C++ Types".
 */
import {
  arrayValues,
  isBasicType,
  numberChecker,
  textBytes,
  valuesPerElement,
  vectorItem,
  type BasicColumnType,
  type ColumnSpec,
} from '../column.ts';
import { ColumnPages } from './column-pages.ts';
import { FieldFlag, FieldRole, type Column, type Field } from './schema.ts';

/** C++ type, plain and split column type, bits per element, and how a value is put into a page. */
interface BasicStorage {
  typeName: string;
  plain: number;
  split: number;
  bits: number;
  put: (view: DataView, at: number, value: number | bigint) => void;
}

const put8 = (view: DataView, at: number, value: number | bigint): void => view.setInt8(at, Number(value));
const put16 = (view: DataView, at: number, value: number | bigint): void => view.setInt16(at, Number(value), true);
const put32 = (view: DataView, at: number, value: number | bigint): void => view.setInt32(at, Number(value), true);
const put64 = (view: DataView, at: number, value: number | bigint): void => view.setBigInt64(at, BigInt.asIntN(64, BigInt(value)), true);

const STORAGE: Readonly<Record<BasicColumnType, BasicStorage>> = {
  bool: { typeName: 'bool', plain: 0x00, split: 0x00, bits: 1, put: put8 },
  int8: { typeName: 'std::int8_t', plain: 0x03, split: 0x03, bits: 8, put: put8 },
  uint8: { typeName: 'std::uint8_t', plain: 0x04, split: 0x04, bits: 8, put: put8 },
  int16: { typeName: 'std::int16_t', plain: 0x05, split: 0x11, bits: 16, put: put16 },
  uint16: { typeName: 'std::uint16_t', plain: 0x06, split: 0x12, bits: 16, put: put16 },
  int32: { typeName: 'std::int32_t', plain: 0x07, split: 0x13, bits: 32, put: put32 },
  uint32: { typeName: 'std::uint32_t', plain: 0x08, split: 0x14, bits: 32, put: put32 },
  int64: { typeName: 'std::int64_t', plain: 0x09, split: 0x15, bits: 64, put: put64 },
  uint64: { typeName: 'std::uint64_t', plain: 0x0a, split: 0x16, bits: 64, put: put64 },
  float32: { typeName: 'float', plain: 0x0c, split: 0x18, bits: 32, put: (view, at, value) => view.setFloat32(at, Number(value), true) },
  float64: { typeName: 'double', plain: 0x0d, split: 0x19, bits: 64, put: (view, at, value) => view.setFloat64(at, Number(value), true) },
};
const INDEX = { plain: 0x0f, split: 0x1b, bits: 64 };
const CHAR = { plain: 0x02, split: 0x02, bits: 8 };

/** A field of vectors; `item`: the C++ type of one item, which takes `valuesPerItem` values. */
interface Collection {
  name: string;
  item: string;
  description: string;
  valuesPerItem: number;
}

/** Appends the value of one entry; `length` is that of its counter. */
export type ValueWriter = (value: unknown, length: number) => void;

/** The schema of a tuple and its columns. */
export class TupleFields {
  readonly fields: Field[] = [];
  readonly columns: Column[] = [];
  /** By column id. */
  readonly pages: ColumnPages[] = [];
  /** By the order of the specs. */
  readonly writers: ValueWriter[];
  readonly #compressed: boolean;

  /** @param compressed pages are compressed, and therefore split */
  constructor(specs: readonly ColumnSpec[], compressed: boolean) {
    this.#compressed = compressed;
    this.writers = specs.map((spec) => this.#column(spec));
  }

  #column(spec: ColumnSpec): ValueWriter {
    const { name, type, counter, shape = [], title = '' } = spec;
    const count = valuesPerElement(spec);
    const item = vectorItem(type);
    if (item !== undefined) {
      const one = (parent: number): ValueWriter => this.#item(spec, item, [], parent);
      const put = this.#collection({ name, item: typeNameOf(item, []), description: title, valuesPerItem: 1 }, one);
      return (value) => put(arrayValues(name, value));
    }
    const single = type as BasicColumnType | 'text' | 'string';
    if (counter !== undefined) {
      const one = (parent: number): ValueWriter => this.#item(spec, single, shape, parent);
      const put = this.#collection({ name, item: typeNameOf(single, shape), description: title, valuesPerItem: count }, one);
      return (value, length) => put(arrayValues(name, value, length * count));
    }
    const put = this.#item(spec, single, shape, undefined);
    return shape.length === 0 ? put : (value) => putAll(arrayValues(name, value, count), put);
  }

  /** A field named after its parent's item, or after the column at the top; returns the writer of single values. */
  #item(spec: ColumnSpec, type: BasicColumnType | 'text' | 'string', shape: readonly number[], parent: number | undefined): ValueWriter {
    const name = parent === undefined ? spec.name : '_0';
    const description = parent === undefined ? (spec.title ?? '') : '';
    const [repetitions, ...inner] = shape;
    const id = this.#field({ name, typeName: typeNameOf(type, shape), description, parent, role: FieldRole.leaf, repetitions });
    if (repetitions !== undefined) return this.#item(spec, type, inner, id);
    return isBasicType(type) ? this.#basic(spec.name, type, id) : this.#text(spec.name, id);
  }

  #basic(name: string, type: BasicColumnType, field: number): ValueWriter {
    const { plain, split, bits, put } = STORAGE[type];
    const pages = this.#pages({ plain, split, bits }, field);
    const checked = numberChecker(name, type);
    return (value) => {
      const fitting = checked(value);
      const at = pages.grow();
      put(pages.view, at, fitting);
    };
  }

  #text(name: string, field: number): ValueWriter {
    const [ends, characters] = [this.#pages(INDEX, field), this.#pages(CHAR, field)];
    return (value) => {
      characters.bytes(textBytes(name, value));
      ends.index(characters.inCluster);
    };
  }

  /** A vector: `one` makes the field of its items. Returns the writer of the values of all items of an entry. */
  #collection(
    { name, item, description, valuesPerItem }: Collection,
    one: (parent: number) => ValueWriter,
  ): (values: ArrayLike<unknown>) => void {
    const id = this.#field({
      name,
      typeName: `std::vector<${item}>`,
      description,
      parent: undefined,
      role: FieldRole.collection,
      repetitions: undefined,
    });
    const ends = this.#pages(INDEX, id);
    const put = one(id);
    return (values) => {
      putAll(values, put);
      ends.index(ends.lastIndex + values.length / valuesPerItem);
    };
  }

  #field(what: {
    name: string;
    typeName: string;
    description: string;
    parent: number | undefined;
    role: number;
    repetitions: number | undefined;
  }): number {
    const id = this.fields.length;
    const { name, typeName, description, parent = id, role, repetitions } = what;
    const flags = repetitions === undefined ? 0 : FieldFlag.repetitive;
    this.fields.push({
      fieldVersion: 0,
      typeVersion: 0,
      parentId: parent,
      role,
      flags,
      name,
      typeName,
      typeAlias: '',
      description,
      repetitions: repetitions ?? 1,
      sourceId: undefined,
      typeChecksum: undefined,
    });
    return id;
  }

  #pages({ plain, split, bits }: { plain: number; split: number; bits: number }, fieldId: number): ColumnPages {
    const type = this.#compressed ? split : plain;
    this.columns.push({ type, bits, fieldId, flags: 0, representation: 0, firstElement: 0, range: undefined });
    const pages = new ColumnPages(type, plain, bits);
    this.pages.push(pages);
    return pages;
  }
}

function putAll(values: ArrayLike<unknown>, put: ValueWriter): void {
  for (let i = 0; i < values.length; i++) put(values[i], 0);
}

/** The C++ type of a value, or of an array of that shape. */
function typeNameOf(type: BasicColumnType | 'text' | 'string', shape: readonly number[]): string {
  const single = isBasicType(type) ? STORAGE[type].typeName : 'std::string';
  return shape.toReversed().reduce((inner, length) => `std::array<${inner},${length}>`, single);
}
