/** The containers of one tree that is written, and the row each has in the entry that is being made. */
import { UsageError } from '../../errors.ts';
import { refuseUnknown, type Row } from '../root/column.ts';
import type { TreeRow } from '../root/tree/branch-writer.ts';
import type { ObjectColumn } from '../root/tree/object-column.ts';
import type { HeaderPart } from './build-header.ts';
import { bookContainer, type BookedContainer, type ContainerSpec } from './container-booking.ts';
import { INDEX_NAME } from './containers.ts';
import type { PoolIdentity } from './pool-identity.ts';
import type { Token } from './token.ts';

/** Containers by key, in the order they are booked. */
export class BookedContainers {
  readonly #tree: string;
  readonly #identity: PoolIdentity;
  readonly #containers: Map<string, BookedContainer> = new Map();
  readonly #rows: Map<string, Row> = new Map();

  /** @param tree name of the tree; `identity` gets a link for each container */
  constructor(tree: string, identity: PoolIdentity) {
    this.#tree = tree;
    this.#identity = identity;
  }

  /** Books a container. UsageError for a key that is booked already, or a key or columns that cannot be. */
  book(key: string, spec: ContainerSpec): void {
    const booked = bookContainer(this.#tree, key, spec);
    const { links } = this.#identity;
    if (links.find(booked.link.container) !== undefined) throw new UsageError(`container ${key} is booked twice`);
    links.add(booked.link);
    this.#containers.set(key, booked);
  }

  /** The columns of all containers. */
  objects(): ObjectColumn[] {
    return [...this.#containers.values()].map(({ object }) => object);
  }

  /** CLID and key of all containers. */
  items(): (readonly [clid: number, key: string])[] {
    return [...this.#containers.values()].map(({ clid, key }) => [clid, key] as const);
  }

  /** The container of a key, for a row. UsageError for an unknown key, or a row with other members. */
  container(key: string, row: Row): BookedContainer {
    const container = this.#containers.get(key);
    if (container === undefined) throw new UsageError(`container ${key} is not booked`);
    refuseUnknown(`container ${key}`, new Set(container.object.layout.members.map(({ name }) => name)), row);
    return container;
  }

  /** The container a token leads to; undefined for none of these. */
  find(token: Token): BookedContainer | undefined {
    return [...this.#containers.values()].find(
      ({ link }) => link.container === token.container && link.classId === token.classId.toUpperCase(),
    );
  }

  /** Keys that have a row in this entry. */
  get writtenKeys(): readonly string[] {
    return [...this.#rows.keys()];
  }

  /** True when the container of that key has a row in this entry. */
  hasRow(key: string): boolean {
    return this.#rows.has(key);
  }

  /** Sets the row of a container in this entry; the caller may use its arrays again. */
  setRow(key: string, row: Row): void {
    this.#rows.set(
      key,
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name, typeof value === 'object' ? structuredClone(value) : value])),
    );
  }

  /** This entry of the tree; containers without a row get default values. */
  entry(oid2: bigint): TreeRow {
    return {
      [INDEX_NAME]: oid2,
      ...Object.fromEntries(
        [...this.#containers.values()].map(({ key, object, defaults }) => [object.name, this.#rows.get(key) ?? defaults]),
      ),
    };
  }

  /** References to the containers that have a row in this entry. */
  parts(oid2: bigint): HeaderPart[] {
    return [...this.#containers.values()]
      .filter(({ key }) => this.#rows.has(key))
      .map(({ link, key, clid }) => ({ token: this.#identity.reference(link, oid2), key, clid }));
  }

  /** Begins another entry. */
  clear(): void {
    this.#rows.clear();
  }
}
