/**
 * Follows references among a set of POOL files.
 *
 * A reference resolves when its file is in the set, its link id is in that file's ##Links, container and class
 * agree with that link, and OID.second leads to one row of the container: a row number below its rows, or in
 * relocatable storage (203, 204) an index_ref value that exactly one row carries. There, a container name in the
 * reference is taken before the link id, as current readers do; elsewhere both must agree.
 * In files joined by mergePOOL references that carry an earlier FID are moved by ##Sections: the link id by the
 * offset of the FID's section of ##Links, the row by the start of the container's section.
 * Source: ATLAS athena Database/APR/StorageSvc/src/DbDatabaseObj.cpp (2014 to 2024).
 */
import { BOOKKEEPING, FIRST_STORED_LINK, type Link } from './bookkeeping.ts';
import { AMBIGUOUS_ROW, type Container } from './containers.ts';
import type { PoolContents } from './pool-contents.ts';
import { TECHNOLOGY, isLocal, type Reference } from './token.ts';

/** Where a reference leads. */
export type Resolution =
  | { status: 'resolved'; contents: PoolContents; container: Container; row: number }
  /** To a file that is not in the set. */
  | { status: 'foreign' }
  | { status: 'dangling'; reason: string };

/** A container a link id leads to, and by how much rows are moved (sections). */
export interface Target {
  contents: PoolContents;
  container: Container;
  link: Link;
  technology: number;
  firstRow: number;
  /** Rows of the section; Infinity without sections. */
  rowCount: number;
}

/** One way into a file: its FID, or an earlier one of a file joined by mergePOOL. */
interface Entrance {
  contents: PoolContents;
  /** Number of the section; -1 for the file's own FID. */
  section: number;
  /** By link id: what references with their container and class lead to. Seldom more than one. */
  targets: Map<bigint, KnownTarget[]>;
}

/** What references of one link id, container and class lead to; a text says why nowhere. */
interface KnownTarget {
  container: string;
  classId: string;
  target: Target | string;
}

/** Resolves references among the files added to it. */
export class Resolver {
  readonly #byFid = new Map<string, Entrance>();
  readonly #findFile: (fid: string) => PoolContents | undefined;

  /** @param findFile opens files that were not added, by FID; undefined: the file is foreign */
  constructor(findFile: (fid: string) => PoolContents | undefined = () => undefined) {
    this.#findFile = findFile;
  }

  /** Adds a file under its FID and those of the files it was joined from; a FID that is known keeps its file. */
  add(contents: PoolContents): void {
    const { fid, earlierFids } = contents.bookkeeping;
    [...earlierFids, fid].forEach((name, section) => {
      const own = name.toUpperCase() === fid.toUpperCase();
      const key = name.toUpperCase();
      if (!this.#byFid.has(key)) this.#byFid.set(key, { contents, section: own ? -1 : section, targets: new Map() });
    });
  }

  /** Follows a reference. Throws where the file it leads to is damaged. */
  resolve(reference: Reference): Resolution {
    const target = this.locate(reference);
    if (target === undefined) return { status: 'foreign' };
    return typeof target === 'string' ? dangling(target) : this.follow(target, reference);
  }

  /** The container a reference leads to; undefined for a file that is not in the set, a reason when there is no such container. */
  locate(reference: Reference): Target | string | undefined {
    const entrance = this.#entrance(reference.db);
    return entrance === undefined ? undefined : this.#target(entrance, reference);
  }

  /** The row a reference to `target` leads to. */
  follow(target: Target, reference: Pick<Reference, 'oid2'>): Resolution {
    const { contents, container, technology, firstRow, rowCount } = target;
    const row = contents.containers.rowOf(container, technology, reference.oid2 + BigInt(firstRow));
    if (row === AMBIGUOUS_ROW) return dangling(`several rows of ${container.name} have index_ref ${hex(reference.oid2)}`);
    if (row < 0 || row - firstRow >= rowCount) return dangling(rowReason(container, technology, reference.oid2, rowCount));
    return { status: 'resolved', contents, container, row };
  }

  #entrance(db: string): Entrance | undefined {
    const known = this.#byFid.get(db) ?? this.#byFid.get(db.toUpperCase());
    if (known !== undefined) return known;
    const contents = this.#findFile(db.toUpperCase());
    if (contents === undefined) return undefined;
    this.add(contents);
    return this.#byFid.get(db.toUpperCase());
  }

  #target(entrance: Entrance, reference: Reference): Target | string {
    const known = entrance.targets.get(reference.oid1);
    const same = known?.find(({ container, classId }) => container === reference.container && classId === reference.classId);
    if (same !== undefined) return same.target;
    const { container, classId } = reference;
    const found = { container, classId, target: findTarget(entrance, reference) };
    if (known === undefined) entrance.targets.set(reference.oid1, [found]);
    else known.push(found);
    return found.target;
  }
}

function findTarget({ contents, section }: Entrance, reference: Reference): Target | string {
  if (section >= 0 && contents.bookkeeping.sections.length === 0) {
    return 'its FID is an earlier one of this file, which has no ##Sections that tell where the rows went';
  }
  const link = section < 0 ? ownLink(contents, reference) : sectionLink(contents, section, reference);
  if (typeof link === 'string') return link;
  const { token } = link;
  if (!isLocal(token, contents.fid)) return `link ${hex(reference.oid1)} leads to another file, ${token.db}`;
  if (reference.container !== '' && reference.container !== token.container) {
    return `link ${hex(reference.oid1)} leads to ${token.container}, the reference names ${reference.container}`;
  }
  if (reference.classId.toUpperCase() !== token.classId.toUpperCase()) {
    return `link ${hex(reference.oid1)} (${token.container}) is of class ${token.classId}, the reference of ${reference.classId}`;
  }
  const container = contents.containers.find(token.container);
  if (container === undefined) {
    return token.technology === TECHNOLOGY.keys
      ? `${token.container} is stored as keys (technology 201), which are not read`
      : `file has no container ${token.container}`;
  }
  const rows = section < 0 ? { firstRow: 0, rowCount: Infinity } : sectionRows(contents, section, token.container);
  return rows === undefined
    ? `##Sections has no section ${section} of ${token.container}`
    : { contents, container, link, technology: token.technology, ...rows };
}

function ownLink({ bookkeeping }: PoolContents, { oid1, container, classId, technology }: Reference): Link | string {
  if (container !== '' && (technology === TECHNOLOGY.treeIndex || technology === TECHNOLOGY.rntuple)) {
    const named = bookkeeping.links.filter(({ token }) => token.container === container);
    const found = named.find(({ token }) => token.classId.toUpperCase() === classId.toUpperCase()) ?? named[0];
    return found ?? `##Links has no container ${container}`;
  }
  return bookkeeping.linkById.get(oid1) ?? `##Links has no link ${hex(oid1)}`;
}

function sectionLink({ bookkeeping }: PoolContents, section: number, { oid1 }: Reference): Link | string {
  const links = bookkeeping.sections.filter(({ container }) => container === BOOKKEEPING.links)[section];
  if (links === undefined) return `##Sections has no section ${section} of ${BOOKKEEPING.links}`;
  const row = Number(oid1 - FIRST_STORED_LINK);
  return (
    (row < links.length ? bookkeeping.links[row + links.offset] : undefined) ?? `##Links has no link ${hex(oid1)} in section ${section}`
  );
}

function sectionRows({ bookkeeping }: PoolContents, section: number, container: string): Pick<Target, 'firstRow' | 'rowCount'> | undefined {
  const found = bookkeeping.sections.filter((s) => s.container === container)[section];
  return found === undefined ? undefined : { firstRow: found.start, rowCount: found.length };
}

function dangling(reason: string): Resolution {
  return { status: 'dangling', reason };
}

function rowReason(container: Container, technology: number, oid2: bigint, sectionRowCount: number): string {
  if (technology === TECHNOLOGY.treeIndex || technology === TECHNOLOGY.rntuple) {
    return `no row of ${container.name} has index_ref ${hex(oid2)}`;
  }
  return `${container.name} has ${Math.min(container.rowCount, sectionRowCount)} rows, the reference names row ${oid2}`;
}

function hex(value: bigint): string {
  return `0x${BigInt.asUintN(64, value).toString(16).toUpperCase()}`;
}
