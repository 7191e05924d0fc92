/**
 * Element indexes of columns over the clusters of an RNTuple. They must be continuous: ROOT ends the process
 * on a gap ("TryMapPage … violated"), and only the sum over earlier clusters says what they must be.
 *
 * Two columns may stand for the same elements: alternative representations of a field, of which each
 * cluster stores one and suppresses the others. They share one count, kept by the id of the column of
 * representation 0 ("logical" column here).
 */
import { CorruptFileError } from '../../../errors.ts';
import { pageBytes } from './column-types.ts';
import { SUPPRESSED, type Cluster } from './page-list.ts';
import { ColumnFlag, FieldRole, type Schema } from './schema.ts';

/** What a schema says of each column beyond its type, by column id. */
export interface ColumnTraits {
  /** Id of the column of representation 0 for the same elements. */
  logical: number[];
  /**
   * Elements per entry where that is fixed: the first column of a field outside of collections and
   * variants. 0 where the number of elements depends on the data.
   */
  perEntry: number[];
  /** True for columns added while writing: elements before their first are not stored and read as zero. */
  deferred: boolean[];
  /** Bits per element. */
  bits: number[];
}

/** Derives the traits of all columns. */
export function columnTraits(schema: Schema): ColumnTraits {
  const perEntryOfField = schema.fields.map((_, id) => elementsPerEntry(schema, id));
  const byPosition = new Map<string, number>();
  const next = new Map<string, number>();
  const traits: ColumnTraits = { logical: [], perEntry: [], deferred: [], bits: [] };
  schema.columns.forEach(({ fieldId, representation, flags, bits }, id) => {
    const counter = `${fieldId} ${representation}`;
    const position = next.get(counter) ?? 0;
    next.set(counter, position + 1);
    const place = `${fieldId} ${position}`;
    if (!byPosition.has(place)) byPosition.set(place, id);
    traits.logical.push(byPosition.get(place) as number);
    traits.perEntry.push(position === 0 ? (perEntryOfField[fieldId] as number) : 0);
    traits.deferred.push((flags & ColumnFlag.deferred) !== 0);
    traits.bits.push(bits);
  });
  return traits;
}

/** Product of the repetitions of a field and its ancestors; 0 below a collection or variant, and where a later version's role is met. */
function elementsPerEntry(schema: Schema, id: number): number {
  let product = 1;
  for (let at = id; ;) {
    const field = schema.fields[at];
    if (field === undefined) return 0;
    if (field.role > FieldRole.streamer || (at !== id && (field.role === FieldRole.collection || field.role === FieldRole.variant))) {
      return 0;
    }
    product *= field.repetitions;
    if (field.parentId === at) return product;
    at = field.parentId;
  }
}

/** Counts elements cluster by cluster and checks that indexes continue where the cluster before ended. */
export class ElementCounter {
  /** Entries and, by logical column id, elements of the clusters so far. */
  entryCount = 0;
  readonly elements: Float64Array;
  readonly #traits: ColumnTraits;
  /** Elements of the cluster at hand; -1: no column stores them. */
  readonly #inCluster: Float64Array;
  /** By logical column: the column that stores them; -1: none. */
  readonly #stored: Int32Array;

  constructor(traits: ColumnTraits) {
    this.#traits = traits;
    this.elements = new Float64Array(traits.logical.length);
    this.#inCluster = new Float64Array(traits.logical.length);
    this.#stored = new Int32Array(traits.logical.length).fill(-1);
  }

  /** Elements that column `c` has in the cluster given to `check` last. */
  inCluster(c: number): number {
    return this.#inCluster[this.#traits.logical[c] as number] as number;
  }

  /** The column whose pages hold the elements of column `c` in the cluster given to `check` last; -1 when none does. */
  storedColumn(c: number): number {
    return this.#stored[this.#traits.logical[c] as number] as number;
  }

  /** Elements that a column has without storing them: a deferred column before its first page. */
  missing(cluster: Cluster, c: number): number {
    if (c >= cluster.firstElement.length) return this.#deferredElements(cluster, c);
    if (cluster.firstElement[c] === SUPPRESSED || this.#traits.deferred[c] !== true) return 0;
    return Math.max(0, this.#deferredElements(cluster, c) - storedElements(cluster, c));
  }

  #deferredElements(cluster: Cluster, c: number): number {
    const isPrimary = this.#traits.logical[c] === c;
    return isPrimary ? (this.#traits.perEntry[c] as number) * cluster.entryCount : 0;
  }

  /** Checks one cluster against what came before; does not count it yet. */
  check(cluster: Cluster): void {
    const columnCount = this.elements.length;
    const listed = cluster.firstElement.length;
    if (cluster.firstEntry !== this.entryCount) {
      throw new CorruptFileError('RNTuple clusters are not in the order of their entries', {
        expected: `first entry ${this.entryCount}`,
        found: cluster.firstEntry,
      });
    }
    if (listed > columnCount) {
      throw new CorruptFileError('RNTuple cluster lists more columns than the schema has', { expected: columnCount, found: listed });
    }
    this.#inCluster.fill(-1);
    this.#stored.fill(-1);
    for (let c = 0; c < listed; c++) if (cluster.firstElement[c] !== SUPPRESSED) this.#checkColumn(cluster, c);
    for (let c = 0; c < columnCount; c++) {
      if (this.inCluster(c) >= 0) continue;
      if (c < listed && this.#traits.logical[c] === c) {
        throw new CorruptFileError(
          `RNTuple column ${c} is suppressed in the cluster of entry ${cluster.firstEntry}, but no other representation replaces it`,
        );
      }
      this.#inCluster[this.#traits.logical[c] as number] = this.#deferredElements(cluster, c);
    }
  }

  #checkColumn(cluster: Cluster, c: number): void {
    const logical = this.#traits.logical[c] as number;
    const where = `RNTuple column ${c}, cluster of entry ${cluster.firstEntry}`;
    if ((this.#inCluster[logical] as number) >= 0) throw new CorruptFileError(`${where}: two representations are stored`);
    const missing = this.missing(cluster, c);
    const elements = storedElements(cluster, c) + missing;
    const [start, first] = [this.elements[logical] as number, cluster.firstElement[c] as number];
    if (first !== start && first !== start + missing) {
      throw new CorruptFileError(`${where}: element indexes have a gap`, { expected: start, found: first });
    }
    const wanted = (this.#traits.perEntry[c] as number) * cluster.entryCount;
    if (wanted > 0 && elements !== wanted) {
      throw new CorruptFileError(`${where}: wrong number of elements`, { expected: wanted, found: elements });
    }
    this.#checkPages(cluster, c, where);
    this.#inCluster[logical] = elements;
    this.#stored[logical] = c;
  }

  /** A page is stored compressed only where that makes it smaller: one that is larger than its elements has other elements. */
  #checkPages(cluster: Cluster, c: number, where: string): void {
    for (let p = cluster.pageStart[c] as number; p < (cluster.pageStart[c + 1] as number); p++) {
      const bytes = pageBytes(cluster.elements[p] as number, this.#traits.bits[c] as number);
      if ((cluster.storedBytes[p] as number) > bytes) {
        throw new CorruptFileError(`${where}: page is larger than its ${cluster.elements[p]} elements`, {
          offset: cluster.offset[p] as number,
          expected: `at most ${bytes} bytes`,
          found: `${cluster.storedBytes[p]} bytes`,
        });
      }
    }
  }

  /** Counts the cluster that was checked. */
  advance(cluster: Cluster): void {
    this.entryCount += cluster.entryCount;
    for (let c = 0; c < this.elements.length; c++) {
      if (this.#traits.logical[c] === c) this.elements[c] = (this.elements[c] as number) + (this.#inCluster[c] as number);
    }
  }
}

function storedElements(cluster: Cluster, c: number): number {
  let sum = 0;
  for (let p = cluster.pageStart[c] as number; p < (cluster.pageStart[c + 1] as number); p++) sum += cluster.elements[p] as number;
  return sum;
}
