/** The columns of one cluster of an RNTuple, whole, each read once. */
import { CorruptFileError } from '../../../errors.ts';
import type { ElementCounter } from './element-counter.ts';
import { elementBytes } from './page-encoding.ts';
import { expandedBytes, readElements } from './page-reader.ts';
import type { Cluster } from './page-list.ts';
import type { ClusterSource } from './rntuple.ts';
import type { Column, Schema } from './schema.ts';

/** What pages are read from, and what is in them. */
export interface TupleData {
  readonly source: ClusterSource;
  readonly schema: Schema;
}

/** Columns by the id of their representation 0; where the cluster stores another representation, that is read. */
export class ClusterColumns {
  readonly #data: TupleData;
  readonly #cluster: Cluster;
  readonly #counter: ElementCounter;
  readonly #ends = new Map<number, Float64Array>();

  /** `counter` must have checked the cluster last. */
  constructor(data: TupleData, cluster: Cluster, counter: ElementCounter) {
    this.#data = data;
    this.#cluster = cluster;
    this.#counter = counter;
  }

  /**
   * Elements in plain little-endian form: bits as bytes, reals of 16 bits, truncated and quantized ones as floats. Elements that are
   * not stored are 0. CorruptFileError where pages and counts do not fit.
   */
  bytes(id: number): Uint8Array {
    const { stored, column } = this.#storedColumn(id);
    const pages = stored < 0 ? [] : this.#pages(stored, column);
    return joinPages(pages, this.#counter.inCluster(id) * expandedBytes(column), id);
  }

  /** The column that stands for `id` in this cluster; -1 and that column itself where none is stored. */
  #storedColumn(id: number): { stored: number; column: Column } {
    const { columns } = this.#data.schema;
    const stored = this.#counter.storedColumn(id);
    return { stored, column: columns[stored < 0 ? id : stored] as Column };
  }

  #pages(c: number, column: Column): Uint8Array[] {
    const { pageStart } = this.#cluster;
    return Array.from({ length: (pageStart[c + 1] as number) - (pageStart[c] as number) }, (_, i) =>
      readElements(this.#data.source, this.#cluster, (pageStart[c] as number) + i, column),
    );
  }

  /** An index column: ends of collections, counted from the start of the cluster. */
  ends(id: number): Float64Array {
    let ends = this.#ends.get(id);
    if (ends === undefined) {
      ends = parseEnds(this.bytes(id), elementBytes(this.#storedColumn(id).column.type), id);
      this.#ends.set(id, ends);
    }
    return ends;
  }
}

/** The elements of a column in one cluster, `bytes` in all; those a deferred column does not store come first, and read as zero. */
export function joinPages(pages: readonly Uint8Array[], bytes: number, id: number): Uint8Array {
  const joined = new Uint8Array(bytes);
  const stored = pages.reduce((sum, page) => sum + page.length, 0);
  if (stored > bytes) {
    throw new CorruptFileError(`RNTuple column ${id} has more elements than its cluster`, { expected: bytes, found: stored });
  }
  let at = bytes - stored;
  for (const page of pages) {
    joined.set(page, at);
    at += page.length;
  }
  return joined;
}

/**
 * Index elements of 4 or 8 bytes, plain: ends of collections, counted from the start of their cluster. CorruptFileError
 * where they do not ascend.
 */
export function parseEnds(bytes: Uint8Array, width: number, id: number): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const ends = Float64Array.from({ length: bytes.length / width }, (_, i) =>
    width === 4 ? view.getUint32(4 * i, true) : Number(view.getBigUint64(8 * i, true)),
  );
  for (let i = 1; i < ends.length; i++) {
    const [previous, end] = [ends[i - 1] as number, ends[i] as number];
    if (end < previous) {
      throw new CorruptFileError(`RNTuple column ${id}: ends of collections do not ascend`, {
        expected: `at least ${previous}`,
        found: end,
      });
    }
  }
  return ends;
}
