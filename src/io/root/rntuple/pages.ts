/** Reads the elements of single columns of an RNTuple over all clusters: for columns that fit into memory. */
import { UnsupportedError, addContext } from '../../../errors.ts';
import { joinPages, parseEnds } from './cluster-columns.ts';
import { columnTypeName } from './column-types.ts';
import { ElementCounter, columnTraits, type ColumnTraits } from './element-counter.ts';
import { pageRecoder } from './page-encoding.ts';
import { SUPPRESSED, type Cluster } from './page-list.ts';
import { readPage } from './page-reader.ts';
import { readClusters, type RNTuple } from './rntuple.ts';

/**
 * Elements of one column in order. Characters and bytes: Uint8Array; 64-bit integers: BigInt64Array or
 * BigUint64Array; indexes: ends of the collections counted from the tuple's start, Float64Array like all other numbers.
 */
export type ColumnValues = Uint8Array | Float64Array | BigInt64Array | BigUint64Array;

/**
 * Reads the columns of representation 0 with the given ids; where a cluster stores another representation of
 * the same elements, that is read. CorruptFileError where pages and counts do not fit; UnsupportedError for
 * element types that are not whole bytes (bits, truncated and quantized reals).
 */
export function readColumns(tuple: RNTuple, ids: readonly number[]): ColumnValues[] {
  const { schema } = tuple.footer;
  const traits = columnTraits(schema);
  const counter = new ElementCounter(traits);
  const builders = ids.map((id) => new ColumnBuilder(tuple, traits, id));
  try {
    for (const cluster of readClusters(tuple.source, counter)) for (const builder of builders) builder.add(cluster, counter);
    return builders.map((builder) => builder.finish());
  } catch (err) {
    throw addContext(err, { file: tuple.source.file.path, objectPath: tuple.source.path });
  }
}

/** Bytes of one element by plain column type; the types missing here are not whole bytes. */
const WIDTHS: Readonly<Record<string, number>> = {
  Byte: 1,
  Char: 1,
  Int8: 1,
  UInt8: 1,
  Int16: 2,
  UInt16: 2,
  Int32: 4,
  UInt32: 4,
  Int64: 8,
  UInt64: 8,
  Real32: 4,
  Real64: 8,
  Index32: 4,
  Index64: 8,
};
/** Column types from here on are split forms of types 12 below. */
const FIRST_SPLIT = 0x11;
const SPLIT_DISTANCE = 12;

/** How the elements of a column type are read: name and number of the plain type, bytes of an element. */
interface PlainType {
  name: string;
  type: number;
  width: number;
}

function plainTypeOf(type: number): PlainType {
  const plain = type >= FIRST_SPLIT ? type - SPLIT_DISTANCE : type;
  const name = columnTypeName(plain);
  const width = WIDTHS[name];
  if (width === undefined || (plain !== type && pageRecoder(type, plain) === undefined)) {
    throw new UnsupportedError(`elements of an RNTuple column of type ${columnTypeName(type)}`);
  }
  return { name, type: plain, width };
}

/** The plain form of a column type (itself when it is not split) and the bytes of an element; UnsupportedError as `readColumns`. */
export function plainWidthOf(type: number): { plain: number; width: number } {
  const { type: plain, width } = plainTypeOf(type);
  return { plain, width };
}

class ColumnBuilder {
  readonly #tuple: RNTuple;
  /** The columns that may stand for this one, itself included. */
  readonly #alternatives: number[];
  readonly #id: number;
  readonly #parts: ColumnValues[] = [];
  /** Elements of the collection in earlier clusters: indexes count from the start of their cluster. */
  #base = 0;

  constructor(tuple: RNTuple, traits: ColumnTraits, id: number) {
    this.#tuple = tuple;
    this.#id = id;
    this.#alternatives = traits.logical.flatMap((logical, c) => (logical === id ? [c] : []));
  }

  add(cluster: Cluster, counter: ElementCounter): void {
    const stored = this.#alternatives.find((c) => c < cluster.firstElement.length && cluster.firstElement[c] !== SUPPRESSED);
    const count = counter.inCluster(this.#id);
    const plain = stored === undefined ? [] : this.#readPages(cluster, stored);
    const type = this.#typeOf(stored ?? this.#id);
    this.#parts.push(this.#valuesOf(type, joinPages(plain, count * plainTypeOf(type).width, this.#id)));
  }

  #typeOf(column: number): number {
    return this.#tuple.footer.schema.columns[column]?.type ?? -1;
  }

  #readPages(cluster: Cluster, id: number): Uint8Array[] {
    const column = this.#tuple.footer.schema.columns[id];
    if (column === undefined) return [];
    plainTypeOf(column.type); // no packed elements
    const first = cluster.pageStart[id] as number;
    return Array.from({ length: (cluster.pageStart[id + 1] as number) - first }, (_, i) =>
      readPage(this.#tuple.source, cluster, first + i, column),
    );
  }

  #valuesOf(type: number, bytes: Uint8Array): ColumnValues {
    const { name, width } = plainTypeOf(type);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const count = bytes.length / width;
    if (name.startsWith('Index')) return this.#endsInTuple(parseEnds(bytes, width, this.#id));
    switch (name) {
      case 'Int64':
        return BigInt64Array.from({ length: count }, (_, i) => view.getBigInt64(8 * i, true));
      case 'UInt64':
        return BigUint64Array.from({ length: count }, (_, i) => view.getBigUint64(8 * i, true));
      case 'Int32':
        return Float64Array.from({ length: count }, (_, i) => view.getInt32(4 * i, true));
      case 'UInt32':
        return Float64Array.from({ length: count }, (_, i) => view.getUint32(4 * i, true));
      case 'Int16':
        return Float64Array.from({ length: count }, (_, i) => view.getInt16(2 * i, true));
      case 'UInt16':
        return Float64Array.from({ length: count }, (_, i) => view.getUint16(2 * i, true));
      case 'Int8':
        return Float64Array.from({ length: count }, (_, i) => view.getInt8(i));
      case 'Real32':
        return Float64Array.from({ length: count }, (_, i) => view.getFloat32(4 * i, true));
      case 'Real64':
        return Float64Array.from({ length: count }, (_, i) => view.getFloat64(8 * i, true));
      default:
        return bytes;
    }
  }

  /** Ends counted from the start of their cluster, counted from that of the tuple. */
  #endsInTuple(ends: Float64Array): Float64Array {
    const base = this.#base;
    this.#base += ends.at(-1) ?? 0;
    return ends.map((end) => base + end);
  }

  finish(): ColumnValues {
    const [first] = this.#parts;
    if (first === undefined) return this.#valuesOf(this.#typeOf(this.#id), new Uint8Array(0));
    if (this.#parts.length === 1) return first;
    const total = this.#parts.reduce((sum, part) => sum + part.length, 0);
    if (first instanceof BigInt64Array) return joined(new BigInt64Array(total), this.#parts as BigInt64Array[]);
    if (first instanceof BigUint64Array) return joined(new BigUint64Array(total), this.#parts as BigUint64Array[]);
    if (first instanceof Uint8Array) return joined(new Uint8Array(total), this.#parts as Uint8Array[]);
    return joined(new Float64Array(total), this.#parts as Float64Array[]);
  }
}

function joined<A extends { length: number; set(part: A, at: number): void }>(out: A, parts: readonly A[]): A {
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
