/**
 * Trees and RNTuples with one row per event that some inputs with events lack as a whole. In the merged file their rows
 * must be those of the events, for readers that go through them side by side: rows are made for these inputs.
 *
 * A tree or RNTuple has one row per event when in every input that has rows in it they are as many as the events, and
 * headers refer to it in their own row, where they do at all. So extension trees, forms and metadata do not count;
 * neither do event tags, whose rows name their events.
 */
import { UnsupportedError, isPoolMergeError } from '../../errors.ts';
import { FormReferences } from '../../io/pool/form-reference.ts';
import { HeaderReader } from '../../io/pool/header-rows.ts';
import { INDEX_NAME, treeIndexValues, tupleIndexValues, type Container } from '../../io/pool/containers.ts';
import { newestKey } from '../../io/root/tree/tree-reader.ts';
import { findField } from '../../io/root/rntuple/field-values.ts';
import type { PoolContents } from '../../io/pool/pool-contents.ts';
import { Resolver } from '../../io/pool/resolve.ts';
import { rowsNamed, type HeaderReading } from './named-rows.ts';
import type { PoolInput } from './pool-inputs.ts';

/** Inputs that lack a tree or RNTuple, with the rows they must have in it, by its name. */
export type AbsentStores = ReadonlyMap<string, ReadonlyMap<PoolContents, number>>;

/**
 * Finds them among the given names of trees and RNTuples. A merged input may have one without rows though it has events: that
 * of a worker without events, when nothing told that it needs rows.
 */
export function findAbsentStores(inputs: readonly PoolInput[], names: Iterable<string>): AbsentStores {
  // trees are read where a name is missing only: to read those of all inputs would take as long as all the rest of planning
  const doubtful = [...names].filter((name) =>
    inputs.some(
      ({ contents, ancestors }) => newestKey(contents.file.root, name) < 0 || (ancestors.length > 0 && rowCountOf(contents, name) === 0),
    ),
  );
  const stores = new Map<string, Map<PoolContents, number>>();
  const events = doubtful.length === 0 ? [] : inputs.map(({ contents }) => eventCount(contents));
  for (const name of doubtful) {
    const rows = inputs.map(({ contents }) => rowCountOf(contents, name));
    const lacking = inputs.flatMap(({ contents }, k) =>
      rows[k] === 0 && (events[k] as number) > 0 ? [[contents, events[k] as number] as const] : [],
    );
    const holders = inputs.filter((_, k) => (rows[k] as number) > 0);
    if (lacking.length === 0 || holders.length === 0) continue;
    if (!rows.every((count, k) => count === 0 || count === events[k])) continue;
    const named = holders.map(({ contents }) => isNamedRowByRow(contents, name));
    if (named.includes(true) && !named.includes(false)) stores.set(name, new Map(lacking));
  }
  for (const { contents } of inputs) contents.containers.release();
  return stores;
}

/** Inputs with events but without event tags, where another one has some: their events have no row in the merged tags. */
export function untagged(inputs: readonly PoolInput[]): { pool: PoolInput; events: number }[] {
  const tags = inputs.map(({ contents }) => contents.tagContainers().reduce((most, { rowCount }) => Math.max(most, rowCount), 0));
  if (tags.every((rows) => rows === 0)) return [];
  return inputs.map((pool) => ({ pool, events: eventCount(pool.contents) })).filter(({ events }, i) => tags[i] === 0 && events > 0);
}

/** Containers of the headers of events. */
function eventHeaders(contents: PoolContents): Container[] {
  return contents.headerContainers().flatMap(({ container, kind }) => (kind === 'event' ? [container] : []));
}

function eventCount(contents: PoolContents): number {
  return eventHeaders(contents).reduce((most, { rowCount }) => Math.max(most, rowCount), 0);
}

/** Rows of an input in a tree or RNTuple. */
export function rowCountOf({ containers }: PoolContents, name: string): number {
  return containers.tree(name)?.reader.entryCount ?? containers.tuple(name)?.entryCount ?? 0;
}

/**
 * True when the first and the last header of a container, of those that refer to the tree or RNTuple, lead to their own row of
 * it; undefined when no header refers to it. What cannot be read names nothing here: it is a conflict when all headers are moved.
 */
function isNamedRowByRow(contents: PoolContents, name: string): boolean | undefined {
  const resolver = new Resolver();
  resolver.add(contents);
  const answers = contents.headerContainers().flatMap(({ container, kind }) => {
    if (kind === 'metadata') return [];
    try {
      const [reader, forms] = [new HeaderReader(container), new FormReferences(contents, container)];
      const rows = Array.from({ length: container.rowCount }, (_, row) => row);
      const [first, last] = [rows, [...rows].reverse()].map((order) =>
        firstAnswer(order, (row) => namesRow({ resolver, reader, forms }, row, name)),
      );
      return [first === undefined ? undefined : first && last === true];
    } catch (err) {
      if (isPoolMergeError(err, 'CORRUPT_FILE', 'UNSUPPORTED')) return [false];
      throw err;
    }
  });
  return answers.includes(true) || (answers.includes(false) ? false : undefined);
}

function firstAnswer(rows: readonly number[], ask: (row: number) => boolean | undefined): boolean | undefined {
  for (const row of rows) {
    const answer = ask(row);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

/**
 * True when a header leads to its own row of a tree or RNTuple; undefined when it leads to none of its rows, as the
 * headers of events whose rows were made.
 */
function namesRow(reading: HeaderReading, row: number, name: string): boolean | undefined {
  const rows = rowsNamed(reading, row, name);
  return rows.length === 0 ? undefined : rows.includes(row);
}

/**
 * index_ref of made rows of an input: that of the header of the event, which no other row of the same tree can have.
 * Undefined where the tree needs none; UnsupportedError where headers have none.
 */
export function absentIndexValues(contents: PoolContents, holder: PoolContents, name: string): bigint[] | undefined {
  if (!hasIndex(holder, name)) return undefined;
  for (const { store, rowCount } of eventHeaders(contents)) {
    const values = store.kind === 'tree' ? treeIndexValues(store.tree) : tupleIndexValues(store.tuple);
    if (values.length > 0 && values.length === rowCount) return values;
  }
  throw new UnsupportedError(`rows of ${name}, which is missing here, need an ${INDEX_NAME}, but headers of this file have none`);
}

function hasIndex({ containers }: PoolContents, name: string): boolean {
  const tree = containers.tree(name);
  if (tree !== undefined) return tree.branches.has(INDEX_NAME);
  const tuple = containers.tuple(name);
  return tuple !== undefined && findField(tuple, [INDEX_NAME]) !== undefined;
}
