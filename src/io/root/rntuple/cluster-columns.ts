/** The columns of one cluster of an RNTuple, whole, each read once. */
import { CorruptFileError } from '../../../errors.ts';
import { columnTraits, type ElementCounter } from './element-counter.ts';
import { elementBytes } from './page-encoding.ts';
import { expandedBytes, readElements } from './page-reader.ts';
import { SUPPRESSED, type Cluster } from './page-list.ts';
import type { RNTuple } from './rntuple.ts';
import type { Column } from './schema.ts';

/** Columns by the id of their representation 0; where the cluster stores another representation, that is read. */
export class ClusterColumns {
  readonly #tuple: RNTuple;
  readonly #cluster: Cluster;
  readonly #counter: ElementCounter;
  readonly #ends = new Map<number, Float64Array>();

  /** `counter` must have checked the cluster last. */
  constructor(tuple: RNTuple, cluster: Cluster, counter: ElementCounter) {
    this.#tuple = tuple;
    this.#cluster = cluster;
    this.#counter = counter;
  }

  /**
   * Elements in plain little-endian form: bits as bytes, reals of 16 bits, truncated and quantized ones as floats. Elements that are
   * not stored are 0. CorruptFileError where pages and counts do not fit.
   */
  bytes(id: number): Uint8Array {
    const { columns } = this.#tuple.footer.schema;
    const { logical } = columnTraits(this.#tuple.footer.schema);
    const stored = columns.findIndex((_, c) => logical[c] === id && c < this.#cluster.firstElement.length && this.#cluster.firstElement[c] !== SUPPRESSED);
    const column = columns[stored < 0 ? id : stored] as Column;
    const pages = stored < 0 ? [] : this.#pages(stored, column);
    const joined = new Uint8Array(this.#counter.inCluster(id) * expandedBytes(column));
    const size = pages.reduce((sum, page) => sum + page.length, 0);
    if (size > joined.length) throw new CorruptFileError(`RNTuple column ${id} has more elements than its cluster`, { expected: joined.length, found: size });
    let at = joined.length - size; // those a deferred column does not store come first
    for (const page of pages) {
      joined.set(page, at);
      at += page.length;
    }
    return joined;
  }

  #pages(c: number, column: Column): Uint8Array[] {
    const { pageStart } = this.#cluster;
    return Array.from({ length: (pageStart[c + 1] as number) - (pageStart[c] as number) }, (_, i) => readElements(this.#tuple, this.#cluster, (pageStart[c] as number) + i, column));
  }

  /** An index column: ends of collections, counted from the start of the cluster. */
  ends(id: number): Float64Array {
    let ends = this.#ends.get(id);
    if (ends === undefined) {
      const bytes = this.bytes(id);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const width = elementBytes(this.#tuple.footer.schema.columns[id]?.type ?? -1);
      ends = Float64Array.from({ length: bytes.length / width }, (_, i) => (width === 4 ? view.getUint32(4 * i, true) : Number(view.getBigUint64(8 * i, true))));
      for (let i = 1; i < ends.length; i++) {
        if ((ends[i] as number) < (ends[i - 1] as number)) throw new CorruptFileError(`RNTuple column ${id}: ends of collections do not ascend`, { expected: `at least ${ends[i - 1]}`, found: ends[i] as number });
      }
      this.#ends.set(id, ends);
    }
    return ends;
  }
}
