/** Rows of containers as values: members of basic types, fixed arrays of them, strings, and vectors of both. */
import { CorruptFileError, UnsupportedError } from '../../errors.ts';
import type { ColumnValue, Row } from '../root/column.ts';
import { getNumber } from '../root/streamer/object-reader.ts';
import type { StreamerElement } from '../root/streamer/streamer-info.ts';
import { OFFSET_L, TypeCode, basicSize, basicTypeOf } from '../root/streamer/type-codes.ts';
import { leafReader, type LeafReader } from '../root/tree/leaf-values.ts';
import { BranchCursor } from '../root/tree/branch-cursor.ts';
import type { Container } from './containers.ts';
import { RowReader, framedReader } from './row-columns.ts';

/** Where the bytes of a member lie. */
export interface MemberBytes {
  data: Uint8Array;
  start: number;
  end: number;
}

/** The value of a member: number (bigint beyond 2^53), boolean, string, or an array of one of them. UnsupportedError for other types. */
export function memberValue(element: StreamerElement, bytes: MemberBytes): ColumnValue {
  const { type, typeName } = element;
  const { data, start, end } = bytes;
  if (type > 0 && type < 2 * OFFSET_L && basicSize(type % OFFSET_L) === element.storedSize && element.storedSize > 0) {
    const values = plainValues(data, start, end, type % OFFSET_L);
    return type > OFFSET_L ? values : single(values, element);
  }
  if (typeName === 'string') return single(textsOf(bytes, 1), element);
  const item = /^vector<(.*)>$/.exec(typeName)?.[1] ?? '';
  if (item === 'string') return textsOf(bytes);
  const itemType = basicTypeOf(item);
  if (itemType > 0) return vectorOf(bytes, itemType);
  throw new UnsupportedError(`member ${element.name} of type ${typeName} is not read as a value`, { offset: start });
}

function single<T>(values: readonly T[], { name }: StreamerElement): T {
  const [value] = values;
  if (value === undefined || values.length !== 1) {
    throw new CorruptFileError(`member ${name} has not one value`, { expected: 1, found: values.length });
  }
  return value;
}

function plainValues(data: Uint8Array, start: number, end: number, type: number): readonly (number | bigint | boolean)[] {
  const width = basicSize(type);
  if ((end - start) % width !== 0) {
    throw new CorruptFileError('member has a part of a value', { offset: start, expected: `a multiple of ${width}`, found: end - start });
  }
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const values = Array.from({ length: (end - start) / width }, (_, i) => getNumber(view, start + i * width, type));
  return type === TypeCode.bool ? values.map(Boolean) : values;
}

function vectorOf({ data, start, end }: MemberBytes, type: number): readonly (number | bigint | boolean)[] {
  const r = framedReader({ data, start, end });
  const count = r.i32();
  if (count * basicSize(type) !== r.remaining) {
    throw new CorruptFileError('vector does not fill its member', { offset: start, expected: count * basicSize(type), found: r.remaining });
  }
  return plainValues(data, r.pos, end, type);
}

/** Strings in a frame, `count` of them or as many as it says. */
function textsOf({ data, start, end }: MemberBytes, count?: number): string[] {
  const r = framedReader({ data, start, end });
  const length = count ?? r.i32();
  if (length < 0 || length > r.remaining) {
    throw new CorruptFileError('vector of strings has an impossible length', { offset: start, found: length });
  }
  const texts = Array.from({ length }, () => r.tstring());
  if (r.remaining > 0) throw new CorruptFileError('strings do not fill their member', { offset: r.pos, found: r.remaining });
  return texts;
}

/** Reads rows of one container of a tree. */
export class ContainerRows {
  readonly #rows: RowReader;
  /** Reader of a container of plain values, which has no members. */
  readonly #plain: LeafReader | undefined;
  readonly #cursor: BranchCursor;

  /** UnsupportedError for containers in RNTuples and whole trees. */
  constructor({ name, store }: Container) {
    if (store.kind === 'rntuple') throw new UnsupportedError(`container ${name}: rows of RNTuples are not read as values`);
    this.#rows = new RowReader(store.tree, store.branch);
    this.#plain = leafReader(store.tree.scan, store.branch);
    this.#cursor = new BranchCursor(store.tree, store.branch);
  }

  /** The members of a row by name; a container of plain values has the one member `value`. */
  row(number: number): Row {
    if (this.#plain !== undefined) return { value: this.#plainValue(this.#plain, number) };
    const { className } = this.#rows;
    const elements = new Map(this.#rows.layout().elements.map((element) => [element.name, element]));
    return this.#rows.parse(number, (columns) => {
      const row: Record<string, ColumnValue> = {};
      for (const [path, bytes] of columns) {
        const element = elements.get(path.replace(/\[.*$/, ''));
        if (element === undefined) throw new UnsupportedError(`${path} of ${className} is not read as a value`);
        row[element.name] = memberValue(element, bytes);
      }
      return row;
    });
  }

  #plainValue(reader: LeafReader, number: number): ColumnValue {
    const { data, start, end } = this.#cursor.entry(number);
    const values: unknown = reader.read(data, start, end);
    if (typeof values === 'string') return values;
    const list: readonly unknown[] = Array.isArray(values) ? values : [];
    if (list.every((value) => typeof value === 'string')) return list;
    if (!list.every((value) => typeof value === 'number' || typeof value === 'bigint')) {
      throw new UnsupportedError('collections in collections are not read as values');
    }
    const [first] = list;
    return this.#rows.className === '' && list.length === 1 && first !== undefined ? first : list;
  }
}
