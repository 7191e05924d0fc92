/**
 * Holds what says where things are against what is there, in one cluster of an RNTuple: ends of collections (also of strings and
 * of what the ROOT streamer wrote) against the elements of the columns below, switches of variants against those of the alternatives.
 * Neither is known without the pages. Source: BinaryFormatSpecification.md "Column Description", "Mapping of C++ Types".
 */
import { CorruptFileError } from '../../../errors.ts';
import { ClusterColumns, type TupleData } from './cluster-columns.ts';
import { columnTypeName } from './column-types.ts';
import type { ElementCounter } from './element-counter.ts';
import type { Cluster } from './page-list.ts';
import { FieldRole, fieldPath, type Schema } from './schema.ts';

/** Bytes of an element of a switch: u64 index among the elements of the alternative, u32 number of that from 1, 0 for none. */
const SWITCH_BYTES = 12;

/** A column that has a fixed number of elements per item of a field. */
interface FixedColumn {
  id: number;
  perItem: number;
}

/** Which columns depend on which, from a schema; for all clusters of an RNTuple. */
export class CollectionEnds {
  readonly #data: TupleData;
  readonly #schema: Schema;
  /** Columns of representation 0, and fields, by the field they belong to. */
  readonly #columns: readonly number[][];
  readonly #children: readonly number[][];

  constructor(data: TupleData) {
    this.#data = data;
    this.#schema = data.schema;
    const { fields, columns } = data.schema;
    this.#columns = fields.map(() => []);
    this.#children = fields.map(() => []);
    columns.forEach(({ fieldId, representation }, id) => representation === 0 && this.#columns[fieldId]?.push(id));
    fields.forEach(({ parentId }, id) => parentId !== id && this.#children[parentId]?.push(id));
  }

  /** Checks a cluster that `counter` has checked last. CorruptFileError with the path of the field. */
  check(cluster: Cluster, counter: ElementCounter): void {
    const columns = new ClusterColumns(this.#data, cluster, counter);
    for (const [field, [first, ...others]] of this.#columns.entries()) {
      if (first === undefined) continue;
      const name = columnTypeName(this.#schema.columns[first]?.type ?? -1);
      if (name.includes('Index')) this.#checkEnds(field, columns.ends(first).at(-1) ?? 0, others, counter);
      else if (name === 'Switch') this.#checkSwitches(field, columns.bytes(first), counter);
    }
  }

  /** `others`: columns of the same field with the characters or bytes that the ends count. */
  #checkEnds(field: number, end: number, others: readonly number[], counter: ElementCounter): void {
    const children = (this.#children[field] ?? []).flatMap((child) => this.#fixedColumns(child));
    for (const { id, perItem } of [...others.map((other) => ({ id: other, perItem: 1 })), ...children]) {
      const elements = counter.inCluster(id);
      if (elements === end * perItem) continue;
      const where = `RNTuple field ${fieldPath(this.#schema.fields, field)}`;
      throw new CorruptFileError(`${where}: its collections end elsewhere than the elements of column ${id}`, {
        expected: elements / perItem,
        found: end,
      });
    }
  }

  #checkSwitches(field: number, bytes: Uint8Array, counter: ElementCounter): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const counts = (this.#children[field] ?? []).map((child) => this.#itemCount(child, counter));
    for (let at = 0; at < bytes.length; at += SWITCH_BYTES) {
      const tag = view.getUint32(at + 8, true);
      const [index, count] = [Number(view.getBigUint64(at, true)), tag === 0 ? Infinity : (counts[tag - 1] ?? 0)];
      if (index < count) continue;
      const where = `RNTuple field ${fieldPath(this.#schema.fields, field)}`;
      throw new CorruptFileError(`${where}: element of alternative ${tag} that is not there`, { expected: `below ${count}`, found: index });
    }
  }

  /** Items of a field in the cluster; Infinity where no column tells. */
  #itemCount(field: number, counter: ElementCounter): number {
    return this.#fixedColumns(field).reduce((least, { id, perItem }) => Math.min(least, counter.inCluster(id) / perItem), Infinity);
  }

  /** First columns of a field and of the fields inside of it, down to collections and variants. */
  #fixedColumns(field: number, perParent = 1): FixedColumn[] {
    const { role = FieldRole.leaf, repetitions = 1 } = this.#schema.fields[field] ?? {};
    const perItem = perParent * repetitions;
    if (role > FieldRole.streamer || perItem === 0) return [];
    const own = (this.#columns[field] ?? []).slice(0, 1).map((id) => ({ id, perItem }));
    if (role === FieldRole.collection || role === FieldRole.variant) return own;
    return [...own, ...(this.#children[field] ?? []).flatMap((child) => this.#fixedColumns(child, perItem))];
  }
}
