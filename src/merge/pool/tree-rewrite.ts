/** Baskets of one input's tree in which references change: read row by row, patched at equal size, given to the tree merger. */
import { CorruptFileError, addContext } from '../../errors.ts';
import { tstringHead } from '../../io/bytes/big-endian.ts';
import { textOf } from '../../io/pool/places.ts';
import { RowReader, type RowColumns } from '../../io/pool/row-columns.ts';
import { branchName } from '../../io/root/tree/basket-table.ts';
import type { EntryBytes } from '../../io/root/tree/branch-cursor.ts';
import type { BasketRows } from '../../io/root/tree/branch-rows.ts';
import type { TreeReader } from '../../io/root/tree/tree-reader.ts';
import { patchText } from './patch-places.ts';
import { RowInserts, type RowInsert } from './grow-row.ts';
import type { BasketRewrite, RewrittenBasket } from '../tree-changes.ts';

/** Changes the rows of one container of objects. */
export interface RowTask {
  kind: 'rows';
  /** Row of the container's branch in the scan. */
  branch: number;
  /** Changes values in place and returns what must be inserted, if anything. */
  patch: (columns: RowColumns, row: number) => readonly RowInsert[] | undefined;
  /** Does the same for an unsplit row that is like the one before; false when it is not. */
  patchLike?: (entry: EntryBytes, row: number) => boolean;
}

/** Changes the baskets of one branch. */
export interface DataTask {
  kind: 'data';
  branch: number;
  patch: (rows: BasketRows) => void;
}

/** One change of a tree. */
export type RewriteTask = RowTask | DataTask;

/** Bytes of changed baskets that are kept from planning to writing. */
const KEPT_BYTES = 64 * 1024 * 1024;

/** Baskets that planning changed already, as far as they fit: the others are read and changed again. */
export class KeptBaskets {
  readonly #byTask = new Map<RewriteTask, RewrittenBasket[]>();
  #bytes = 0;

  /** Takes all baskets of a task, or none; makes every change in any case. */
  keep(task: RewriteTask, baskets: Iterable<RewrittenBasket>): void {
    const kept: RewrittenBasket[] = [];
    let bytes = 0;
    for (const basket of baskets) {
      bytes += basket.parts.data.length;
      if (this.#bytes + bytes <= KEPT_BYTES) kept.push(basket);
      else kept.length = 0;
    }
    if (this.#bytes + bytes > KEPT_BYTES) return;
    this.#bytes += bytes;
    this.#byTask.set(task, kept);
  }

  /** The baskets of a task, which are given away; undefined when they were not kept. */
  take(task: RewriteTask): RewrittenBasket[] | undefined {
    const kept = this.#byTask.get(task);
    this.#byTask.delete(task);
    return kept;
  }
}

/** The changes of one input's tree. */
export class TreeRewrite implements BasketRewrite {
  readonly branches: ReadonlySet<number>;
  readonly largestCounts: ReadonlyMap<number, number>;
  readonly tree: TreeReader;
  readonly #tasks: readonly RewriteTask[];
  readonly #kept: KeptBaskets | undefined;

  /** CorruptFileError when two changes are of one branch: one of them would be lost. */
  constructor(tree: TreeReader, tasks: readonly RewriteTask[], largestCounts: ReadonlyMap<number, number> = new Map(), kept?: KeptBaskets) {
    this.#kept = kept;
    this.tree = tree;
    this.largestCounts = largestCounts;
    this.#tasks = tasks;
    const branches = tasks.flatMap((task) => (task.kind === 'data' ? [task.branch] : new RowReader(tree, task.branch).dataBranches));
    this.branches = new Set(branches);
    const twice = branches.find((branch, i) => branches.indexOf(branch) !== i);
    if (twice === undefined) return;
    const reason = `branch ${branchName(tree.scan, twice)} is named by links of several classes: what it holds is not clear`;
    throw new CorruptFileError(reason, { file: tree.file.path, objectPath: tree.path });
  }

  *baskets(): Generator<RewrittenBasket> {
    for (const task of this.#tasks) yield* this.#kept?.take(task) ?? this.#change(task);
  }

  /** Baskets of one task, changed; errors carry file and path. */
  *#change(task: RewriteTask): Generator<RewrittenBasket> {
    if (task.kind === 'rows') yield* this.#rewriteRows(task);
    else yield* this.#rewriteData(task);
  }

  *#rewriteRows({ branch, patch, patchLike }: RowTask): Generator<RewrittenBasket> {
    const left: RewrittenBasket[] = [];
    const inserts = new RowInserts();
    const reader = new RowReader(this.tree, branch, (of, rows) => left.push(this.#basket(of, inserts.applyTo(rows))));
    for (let row = 0; row < reader.rowCount; row++) {
      const whole = patchLike === undefined ? undefined : reader.whole(row);
      const isDone = whole !== undefined && patchLike?.(whole, row) === true;
      if (!isDone) for (const insert of reader.parse(row, (columns) => patch(columns, row)) ?? []) inserts.add(row, insert);
      while (left.length > 0) yield left.shift() as RewrittenBasket;
    }
    reader.close();
    yield* left;
  }

  *#rewriteData({ branch, patch }: DataTask): Generator<RewrittenBasket> {
    for (const rows of this.tree.rows(branch)) {
      try {
        patch(rows);
      } catch (err) {
        throw addContext(err, { file: this.tree.file.path, objectPath: `${this.tree.path}: branch ${branchName(this.tree.scan, branch)}` });
      }
      yield this.#basket(branch, rows);
    }
  }

  #basket(branch: number, { basket, parts }: BasketRows): RewrittenBasket {
    return { branch, slot: basket - (this.tree.baskets.start[branch] as number), parts };
  }
}

/** Changes rows without inserting anything. */
export function inPlace(branch: number, change: (columns: RowColumns, row: number) => void): RowTask {
  return {
    kind: 'rows',
    branch,
    patch: (columns, row) => {
      change(columns, row);
      return undefined;
    },
  };
}

/** Replaces the texts of a branch of one TLeafC, each behind its length; undefined leaves one as it is. */
export function textTask(branch: number, move: (text: string) => string | undefined): DataTask {
  return {
    kind: 'data',
    branch,
    patch: ({ data, bounds, basket, count, firstEntry }) => {
      for (let i = 0; i < count; i++) {
        const [start, end] = [bounds[i] as number, bounds[i + 1] as number];
        if (start === end) continue;
        const head = tstringHead(data[start]);
        const place = { column: { branch, basket, data, start, end }, at: start + head, length: end - start - head };
        try {
          const moved = move(textOf(place));
          if (moved !== undefined) patchText(place, moved);
        } catch (err) {
          if (err instanceof CorruptFileError) err.objectPath ??= `entry ${firstEntry + i}`;
          throw err;
        }
      }
    },
  };
}

/** Replaces the values of a branch of 64-bit numbers. */
export function longTask(branch: number, move: (value: bigint) => bigint): DataTask {
  return {
    kind: 'data',
    branch,
    patch: ({ data, bounds, count }) => {
      const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
      for (let i = 0; i < count; i++) view.setBigInt64(bounds[i] as number, move(view.getBigInt64(bounds[i] as number)));
    },
  };
}
