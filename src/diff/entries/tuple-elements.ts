/** The columns of an RNTuple as streams of elements. Ends of collections become lengths, which do not depend on clusters. */
import { decodeText } from '../../io/bytes/big-endian.ts';
import { columnTypeName } from '../../io/root/rntuple/column-types.ts';
import { ElementCounter, columnTraits } from '../../io/root/rntuple/element-counter.ts';
import { SUPPRESSED, type Cluster } from '../../io/root/rntuple/page-list.ts';
import { expandedBytes, readElements, readStoredPage } from '../../io/root/rntuple/page-reader.ts';
import { readClusters, type RNTuple } from '../../io/root/rntuple/rntuple.ts';
import { fieldPath, type Column } from '../../io/root/rntuple/schema.ts';
import { fixedEntries, type Entries, type EntryChunk, type EntryValues } from './entry-streams.ts';

/** Columns of representation 0 by name: field names from the top joined by `.`, and the number of the column where a field has several. */
export function columnsByName({ footer }: RNTuple): Map<string, number> {
  const { fields, columns } = footer.schema;
  const names = new Map<string, number>();
  columns.forEach(({ fieldId, representation }, id) => {
    if (representation !== 0) return;
    const name = fieldPath(fields, fieldId);
    names.set(names.has(name) ? `${name} (characters)` : name, id);
  });
  return names;
}

/** A cluster with what follows from those before it. */
interface CountedCluster {
  cluster: Cluster;
  /** Elements of each column in the cluster, and how many of them are not stored. */
  elements: number[];
  missing: number[];
}

/** The columns of one RNTuple; its page lists are read once. */
export class TupleColumns {
  readonly #tuple: RNTuple;
  readonly #logical: readonly number[];
  readonly #clusters: CountedCluster[] = [];

  constructor(tuple: RNTuple) {
    this.#tuple = tuple;
    const traits = columnTraits(tuple.footer.schema);
    this.#logical = traits.logical;
    const counter = new ElementCounter(traits);
    const ids = tuple.footer.schema.columns.map((_, id) => id);
    for (const cluster of readClusters(tuple.source, counter)) {
      this.#clusters.push({
        cluster,
        elements: ids.map((id) => counter.inCluster(id)),
        missing: ids.map((id) => counter.missing(cluster, id)),
      });
    }
  }

  /** The open RNTuple. */
  get tuple(): RNTuple {
    return this.#tuple;
  }

  /** Bytes of the pages of one column. */
  storedBytes(id: number): number {
    let sum = 0;
    for (const { cluster } of this.#clusters) {
      for (const [c, logical] of this.#logical.entries()) {
        if (logical !== id) continue;
        for (let p = cluster.pageStart[c] ?? 0; p < (cluster.pageStart[c + 1] ?? 0); p++) sum += cluster.storedBytes[p] ?? 0;
      }
    }
    return sum;
  }

  /** The elements of one column, page by page; where a cluster stores another representation of it, of that. */
  *chunks(id: number): Generator<EntryChunk> {
    const { columns } = this.#tuple.footer.schema;
    const alternatives = this.#logical.flatMap((logical, c) => (logical === id ? [c] : []));
    for (const { cluster, elements, missing } of this.#clusters) {
      const stored = alternatives.find((c) => c < cluster.firstElement.length && cluster.firstElement[c] !== SUPPRESSED);
      const column = columns[stored ?? id] as Column;
      const count = (stored === undefined ? elements[id] : missing[stored]) as number;
      if (count > 0) {
        yield {
          count,
          stored: undefined,
          open: () => zeros(column, count),
        };
      }
      if (stored !== undefined) yield* pageChunks(this.#tuple, cluster, stored, column);
    }
  }
}

function* pageChunks(tuple: RNTuple, cluster: Cluster, c: number, column: Column): Generator<EntryChunk> {
  const width = expandedBytes(column);
  const form = `${column.type} ${column.bits} ${column.range?.join() ?? ''}`;
  const previous = { end: 0 };
  for (let p = cluster.pageStart[c] as number; p < (cluster.pageStart[c + 1] as number); p++) {
    const count = cluster.elements[p] as number;
    const elements = (): Uint8Array => readElements(tuple.source, cluster, p, column);
    if (isIndexColumn(column)) {
      // Each length needs the end before it, so that these pages are read in their order.
      const lengths = lengthsOf(elements(), width, previous);
      yield { count, stored: undefined, open: () => numbersOf(lengths) };
    } else {
      yield {
        count,
        stored: () => ({ form, bytes: readStoredPage(tuple.source, cluster, p) }),
        open: () => elementsOf(column.type, elements(), width),
      };
    }
  }
}

/** Elements that a cluster does not store. */
function zeros(column: Column, count: number): Entries {
  if (isIndexColumn(column)) return numbersOf(new Float64Array(count));
  return elementsOf(column.type, new Uint8Array(count * expandedBytes(column)), expandedBytes(column));
}

/** True for a column of ends of collections. */
function isIndexColumn({ type }: Column): boolean {
  return columnTypeName(type).includes('Index');
}

function lengthsOf(ends: Uint8Array, width: number, previous: { end: number }): Float64Array {
  const view = new DataView(ends.buffer, ends.byteOffset, ends.byteLength);
  return Float64Array.from({ length: ends.length / width }, (_, i) => {
    const end = width === 4 ? view.getUint32(4 * i, true) : Number(view.getBigUint64(8 * i, true));
    const length = end - previous.end;
    previous.end = end;
    return length;
  });
}

function numbersOf(values: Float64Array): Entries {
  const data = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return fixedEntries(data, 8, (start, end) => Array.from(values.subarray(start / 8, end / 8)));
}

/** Element types with values of their own; the others are compared as bytes. */
const READERS: Readonly<Record<string, (view: DataView, at: number) => number | bigint>> = {
  Bit: (view, at) => view.getUint8(at),
  Byte: (view, at) => view.getUint8(at),
  Int8: (view, at) => view.getInt8(at),
  UInt8: (view, at) => view.getUint8(at),
  Int16: (view, at) => view.getInt16(at, true),
  UInt16: (view, at) => view.getUint16(at, true),
  Int32: (view, at) => view.getInt32(at, true),
  UInt32: (view, at) => view.getUint32(at, true),
  Int64: (view, at) => view.getBigInt64(at, true),
  UInt64: (view, at) => view.getBigUint64(at, true),
  Real16: (view, at) => view.getFloat32(at, true),
  Real32: (view, at) => view.getFloat32(at, true),
  Real32Trunc: (view, at) => view.getFloat32(at, true),
  Real32Quant: (view, at) => view.getFloat32(at, true),
  Real64: (view, at) => view.getFloat64(at, true),
  Switch: (view, at) => view.getUint32(at, true),
};
/** Bytes of the index in front of the tag of a switch; it counts from the start of the cluster, and follows from the tags. */
const SWITCH_INDEX_BYTES = 8;

function elementsOf(type: number, bytes: Uint8Array, width: number): Entries {
  const name = columnTypeName(type).replace('Split', '');
  const isSwitch = name === 'Switch';
  const data = isSwitch ? tagsOf(bytes, width) : bytes;
  const step = isSwitch ? width - SWITCH_INDEX_BYTES : width;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (name === 'Char') return fixedEntries(data, step, (start, end) => decodeText(data.subarray(start, end)));
  const read = READERS[name];
  const values =
    read &&
    ((start: number, end: number): EntryValues => Array.from({ length: (end - start) / step }, (_, i) => read(view, start + i * step)));
  return fixedEntries(data, step, values, realWidthOf(name));
}

/** Bytes of a real once it is read; 0 for other types. */
function realWidthOf(name: string): number {
  if (name === 'Real64') return 8;
  return name.startsWith('Real') ? 4 : 0;
}

function tagsOf(switches: Uint8Array, width: number): Uint8Array {
  const step = width - SWITCH_INDEX_BYTES;
  const tags = new Uint8Array((switches.length / width) * step);
  for (let i = 0; i * width < switches.length; i++) tags.set(switches.subarray(i * width + SWITCH_INDEX_BYTES, (i + 1) * width), i * step);
  return tags;
}
