/**
 * Values of single entries of a branch, as JavaScript values: for comparing and for messages. See branch-form.ts for how they
 * are stored, branch-values.ts for many entries at once.
 */
import { CorruptFileError } from '../../../errors.ts';
import type { ColumnArrays, ValueType } from '../column-arrays.ts';
import { InfoSet } from '../streamer/info-set.ts';
import { entryForm, leafForms, type EntryForm } from './branch-form.ts';
import { readEntry } from './branch-values.ts';
import { ItemReader, arrayBuilder, formBytes, type ItemForm } from './item-form.ts';
import type { TreeScan } from './tree-scan.ts';

/** A value, or a collection inside of another one. 64-bit integers beyond 2^53 are bigint. */
export type LeafValue = number | bigint | string | readonly LeafValue[];
/** Values of one entry: an array (dimensions of fixed arrays are not told apart), or the text of a single string. */
export type LeafValues = readonly LeafValue[] | string;

/** How the entries of a branch are read. */
export interface LeafReader {
  /** Bytes of each value where all are reals: 4 or 8; else 0. */
  realWidth: number;
  /** Values of the entry in [start, end) of a basket's data. CorruptFileError where it does not fit. */
  read: (data: Uint8Array, start: number, end: number) => LeafValues;
}

const NO_INFOS = new InfoSet();

/**
 * The reader for branch `row`; undefined where its type is not known here. `infos` are needed for members that are
 * collections, arrays or packed.
 */
export function leafReader(scan: TreeScan, row: number, infos: InfoSet = NO_INFOS): LeafReader | undefined {
  const leaves = leafForms(scan, row) ?? [];
  if (leaves.length > 1) return listReader(leaves.map(({ form }) => form));
  const entry = entryForm(scan, infos, row);
  return entry && { realWidth: realWidthOf(entry.form), read: readerOf(entry) };
}

/** A leaf list: the values of one leaf after those of another. */
function listReader(forms: readonly ItemForm[]): LeafReader {
  const size = forms.reduce((sum, form) => sum + formBytes(form), 0);
  const widths = new Set(forms.map(realWidthOf));
  const readers = forms.map((form) => readerOf({ form, skip: 0, hasTail: false }));
  const read = (data: Uint8Array, start: number, end: number): LeafValues => {
    if (end - start !== size) {
      throw new CorruptFileError('entry has another size than its leaves', { offset: start, expected: size, found: end - start });
    }
    let at = start;
    return forms.flatMap((form, i) => {
      const values = readers[i]?.(data, at, at + formBytes(form)) ?? [];
      at += formBytes(form);
      return values;
    });
  };
  return { realWidth: widths.size === 1 ? ([...widths][0] as number) : 0, read };
}

function readerOf(entry: EntryForm): LeafReader['read'] {
  const type = plainType(entry.form);
  if (type !== undefined && !entry.hasTail) return (data, start, end) => numbersAt(data, Math.min(end, start + entry.skip), end, type);
  return (data, start, end) => {
    const builder = arrayBuilder(entry.form);
    readEntry(new ItemReader(entry.form, builder), entry, data, start, end);
    return nestedValues(builder.done(0, 1));
  };
}

/** The type of values that fill an entry; undefined for other forms. */
function plainType(form: ItemForm): ValueType | undefined {
  if (form.kind === 'basic') return form.type;
  const isArray = form.kind === 'fixed' || form.kind === 'rest';
  return isArray && form.item.kind !== 'list' ? plainType(form.item) : undefined;
}

/** One entry: the outermost level is the array itself, dimensions are joined. */
function nestedValues({ levels, values, type }: ColumnArrays): LeafValues {
  let items: readonly LeafValue[] = Array.from(values as ArrayLike<number | bigint | string>, plainNumber);
  const lists = levels.filter((level) => typeof level !== 'number');
  for (const offsets of lists.slice(1).toReversed()) {
    const inner = items;
    items = Array.from({ length: offsets.length - 1 }, (_, i) => inner.slice(offsets[i], offsets[i + 1]));
  }
  const [only] = items;
  return type === 'string' && levels.length === 0 && typeof only === 'string' ? only : items;
}

const WIDTHS: Partial<Record<ValueType, number>> = {
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  float32: 4,
  int64: 8,
  uint64: 8,
  float64: 8,
};
const REAL_WIDTHS: Partial<Record<ValueType, number>> = { float32: 4, float64: 8 };
const GETTERS: Partial<Record<ValueType, (view: DataView, at: number) => number | bigint>> = {
  int8: (view, at) => view.getInt8(at),
  int16: (view, at) => view.getInt16(at),
  uint16: (view, at) => view.getUint16(at),
  int32: (view, at) => view.getInt32(at),
  uint32: (view, at) => view.getUint32(at),
  int64: (view, at) => plainNumber(view.getBigInt64(at)),
  uint64: (view, at) => plainNumber(view.getBigUint64(at)),
  float32: (view, at) => view.getFloat32(at),
  float64: (view, at) => view.getFloat64(at),
};

function numbersAt(data: Uint8Array, start: number, end: number, type: ValueType): (number | bigint)[] {
  const width = WIDTHS[type] ?? 1;
  if ((end - start) % width !== 0) {
    throw new CorruptFileError('entry has a part of a value', { offset: start, expected: `a multiple of ${width}`, found: end - start });
  }
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const get = GETTERS[type] ?? ((bytes, at): number => bytes.getUint8(at));
  return Array.from({ length: (end - start) / width }, (_, i) => get(view, start + i * width));
}

/** 64-bit integers as numbers where these are exact. */
function plainNumber<T extends number | bigint | string>(value: T): T | number {
  return typeof value === 'bigint' && value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

function realWidthOf(form: ItemForm): number {
  if (form.kind === 'packed') return form.packing.factor === 0 ? 4 : 8;
  if (form.kind === 'basic') return REAL_WIDTHS[form.type] ?? 0;
  return form.kind === 'text' || form.kind === 'bits' ? 0 : realWidthOf(form.item);
}
