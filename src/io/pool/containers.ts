/** The containers of one POOL file: what ##Links names, found as branches of trees or fields of RNTuples. */
import { CorruptFileError } from '../../errors.ts';
import type { RootFile } from '../root/root-file.ts';
import { RNTUPLE_CLASS } from '../root/rntuple/anchor.ts';
import { findField, readFields } from '../root/rntuple/field-values.ts';
import { openRNTuple, type RNTuple } from '../root/rntuple/rntuple.ts';
import type { InfoSet } from '../root/streamer/info-set.ts';
import { branchClassName, branchName } from '../root/tree/basket-table.ts';
import { BRANCH } from '../root/tree/scan-layout.ts';
import { findTree, type TreeReader } from '../root/tree/tree-reader.ts';
import { containerPlace } from './bookkeeping.ts';
import { TECHNOLOGY } from './token.ts';

/** Branch or field that holds the value tokens use as OID.second in relocatable containers. */
export const INDEX_NAME = 'index_ref';

/** Bits of a link id or index_ref below the process id of its writer. */
export const COUNTER_BITS = 32n;

/** What `rowOf` gives for an OID that leads to no row. */
export const NO_ROW = -1;
/** What `rowOf` gives when several rows carry the same index_ref. */
export const AMBIGUOUS_ROW = -2;

/** A container that exists in the file. */
export interface Container {
  /** As ##Links and tokens write it. */
  readonly name: string;
  /** Rows: entries of its branch (of the tree when it is a whole tree), or of the RNTuple. */
  readonly rowCount: number;
  /** Where it lies. */
  readonly store: TreeStore | TupleStore;
}

/** A container in a tree. */
export interface TreeStore {
  readonly kind: 'tree';
  readonly tree: TreeReader;
  /** Row of the branch in the tree's scan; -1: the tree itself is the container. */
  readonly branch: number;
}

/** A container in an RNTuple. */
export interface TupleStore {
  readonly kind: 'rntuple';
  readonly tuple: RNTuple;
  readonly field: string;
}

/** An open tree with its top-level branches by name. */
interface NamedTree {
  reader: TreeReader;
  branches: ReadonlyMap<string, number>;
}

/** Finds containers by name; trees and tuples are opened when they are needed, once. */
export class Containers {
  readonly #file: RootFile;
  readonly #infos: InfoSet;
  readonly #trees = new Map<string, NamedTree | undefined>();
  readonly #tuples = new Map<string, RNTuple | undefined>();
  readonly #found = new Map<string, Container | undefined>();
  readonly #indexes = new Map<TreeReader | RNTuple, { values: readonly bigint[]; rows: ReadonlyMap<bigint, number> }>();

  constructor(file: RootFile, infos: InfoSet) {
    this.#file = file;
    this.#infos = infos;
  }

  /** The container of that name; undefined when the file has no such tree, branch or field. */
  find(name: string): Container | undefined {
    if (!this.#found.has(name)) this.#found.set(name, this.#locate(name));
    return this.#found.get(name);
  }

  #locate(name: string): Container | undefined {
    const { tree: treeName, branch } = containerPlace(name);
    const tree = this.tree(treeName);
    if (tree !== undefined) return inTree(name, tree, branch);
    const tuple = this.tuple(treeName);
    if (tuple === undefined || branch === undefined) return undefined;
    const field = branch.replace(/\.$/, ':');
    if (findField(tuple, [field]) === undefined) return undefined;
    return { name, rowCount: tuple.entryCount, store: { kind: 'rntuple', tuple, field } };
  }

  /** The tree of that name in the root directory. */
  tree(name: string): NamedTree | undefined {
    if (!this.#trees.has(name)) {
      const reader = findTree(this.#file, this.#file.root, name, this.#infos);
      if (reader !== undefined) checkRowCount(reader);
      this.#trees.set(name, reader && { reader, branches: new Map(reader.children(-1).map((row) => [branchName(reader.scan, row), row])) });
    }
    return this.#trees.get(name);
  }

  /** Names of the branches or fields with rows, at the top of a tree or RNTuple, whose class is one of those that `pattern` matches. */
  columnsOfClass(name: string, pattern: RegExp): string[] {
    const tree = this.tree(name);
    if (tree !== undefined) {
      const {
        reader: { scan },
        branches,
      } = tree;
      return [...branches].flatMap(([branch, row]) => {
        const className = branchClassName(scan, row);
        return className !== '' && pattern.test(className) && scan.branches.number(scan.view, row, BRANCH.fEntries) > 0 ? [branch] : [];
      });
    }
    const tuple = this.tuple(name);
    if (tuple === undefined || tuple.entryCount === 0) return [];
    return tuple.footer.schema.fields.flatMap((field, id) => (field.parentId === id && pattern.test(field.typeName) ? [field.name] : []));
  }

  /** Lets go of what trees hold in memory; it is read again when needed. */
  release(): void {
    for (const tree of this.#trees.values()) tree?.reader.release();
  }

  /** The RNTuple of that name in the root directory. */
  tuple(name: string): RNTuple | undefined {
    if (!this.#tuples.has(name)) this.#tuples.set(name, findTuple(this.#file, name));
    return this.#tuples.get(name);
  }

  /**
   * Row that an OID.second leads to, or NO_ROW or AMBIGUOUS_ROW. `technology`: how the container's references count. In trees
   * with index_ref a value without process id that no row has is a row number, as for readers.
   */
  rowOf(container: Container, technology: number, oid2: bigint): number {
    const isIndexed = technology === TECHNOLOGY.treeIndex || technology === TECHNOLOGY.rntuple;
    const found = isIndexed ? this.#index(container).rows.get(oid2) : undefined;
    if (found !== undefined) return found;
    const isRow =
      technology !== TECHNOLOGY.rntuple && oid2 >= 0n && oid2 < BigInt(container.rowCount) && (!isIndexed || oid2 >> COUNTER_BITS === 0n);
    return isRow ? Number(oid2) : NO_ROW;
  }

  /** True when a row has this index_ref. */
  hasIndex(container: Container, oid2: bigint): boolean {
    return this.#index(container).rows.has(oid2);
  }

  /** index_ref of a row; undefined where the container has none. */
  indexOf(container: Container, row: number): bigint | undefined {
    return this.#index(container).values[row];
  }

  #index({ store }: Container): { values: readonly bigint[]; rows: ReadonlyMap<bigint, number> } {
    const owner = store.kind === 'tree' ? store.tree : store.tuple;
    let index = this.#indexes.get(owner);
    if (index === undefined) {
      const values = store.kind === 'tree' ? treeIndexValues(store.tree) : tupleIndexValues(store.tuple);
      index = { values, rows: rowsByIndex(values) };
      this.#indexes.set(owner, index);
    }
    return index;
  }
}

/** Rows are entries of branches: a tree that counts more than any of its branches has would shift what references of others lead to. */
function checkRowCount({ entryCount, scan, file, path }: TreeReader): void {
  const { branches, view } = scan;
  let most = 0;
  for (let row = 0; row < branches.count; row++) most = Math.max(most, branches.number(view, row, BRANCH.fEntries));
  if (branches.count === 0 || entryCount <= most) return;
  throw new CorruptFileError('fEntries of the tree is more than any of its branches has', {
    file: file.path,
    objectPath: path,
    expected: `at most ${most}`,
    found: entryCount,
  });
}

function inTree(name: string, { reader, branches }: NamedTree, branch: string | undefined): Container | undefined {
  if (branch === undefined) {
    return { name, rowCount: reader.entryCount, store: { kind: 'tree', tree: reader, branch: onlyBranch(branches) } };
  }
  const row = branches.get(branch);
  if (row === undefined) return undefined;
  const rowCount = reader.scan.branches.number(reader.scan.view, row, BRANCH.fEntries);
  return { name, rowCount, store: { kind: 'tree', tree: reader, branch: row } };
}

/** A whole tree as container has one branch of objects. */
function onlyBranch(branches: ReadonlyMap<string, number>): number {
  const rows = [...branches].filter(([name]) => name !== INDEX_NAME).map(([, row]) => row);
  return rows.length === 1 ? (rows[0] as number) : -1;
}

function findTuple(file: RootFile, name: string): RNTuple | undefined {
  const { keys } = file.root;
  let newest = -1;
  for (let i = 0; i < keys.count; i++) {
    if (keys.className(i) !== RNTUPLE_CLASS || keys.name(i) !== name) continue;
    if (newest < 0 || keys.cycle(i) > keys.cycle(newest)) newest = i;
  }
  return newest < 0 ? undefined : openRNTuple(file, file.root, newest);
}

function rowsByIndex(values: readonly bigint[]): ReadonlyMap<bigint, number> {
  const rows = new Map<bigint, number>();
  values.forEach((value, row) => rows.set(value, rows.has(value) ? AMBIGUOUS_ROW : row));
  return rows;
}

/** All index_ref values of a tree, in the order of its entries; empty when it has none. */
export function treeIndexValues(tree: TreeReader): bigint[] {
  const branch = tree.branch(INDEX_NAME);
  const values: bigint[] = [];
  if (branch === undefined) return values;
  for (const { data, bounds, count } of tree.rows(branch)) {
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    for (let i = 0; i < count; i++) {
      const [start, end] = [bounds[i] as number, bounds[i + 1] as number];
      if (end - start !== 8) {
        throw new CorruptFileError(`${INDEX_NAME} is no 64-bit number`, {
          file: tree.file.path,
          objectPath: tree.path,
          expected: 8,
          found: end - start,
        });
      }
      values.push(view.getBigInt64(start));
    }
  }
  return values;
}

/** All index_ref values of an RNTuple as signed numbers, as tokens hold them; empty when it has none. */
export function tupleIndexValues(tuple: RNTuple): bigint[] {
  if (findField(tuple, [INDEX_NAME]) === undefined) return [];
  const [columns] = readFields(tuple, [[INDEX_NAME]]);
  const values = columns?.[0];
  if (!(values instanceof BigUint64Array || values instanceof BigInt64Array)) {
    throw new CorruptFileError(`${INDEX_NAME} is no 64-bit number`);
  }
  return Array.from(values, (value) => BigInt.asIntN(64, value));
}
