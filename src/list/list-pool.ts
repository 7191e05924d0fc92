/** What the bookkeeping of a POOL file says, for a listing. */
import type { Link } from '../io/pool/bookkeeping.ts';
import type { PoolContents } from '../io/pool/pool-contents.ts';

/** One container. */
export interface ContainerListing {
  /** Link id in hexadecimal; 64-bit numbers do not fit JSON. */
  link: string;
  name: string;
  classId: string;
  /** Persistent class as ##Shapes names it; empty when it does not. */
  className: string;
  /** Storage type in hexadecimal: 202 tree, 203 tree with index_ref, 204 RNTuple. */
  technology: string;
  /** undefined: the file has no such tree, branch or field. */
  rowCount: number | undefined;
}

/** A POOL file. */
export interface PoolListing {
  fid: string;
  /** FIDs of the files it was joined from by mergePOOL. */
  earlierFids: string[];
  params: { name: string; value: string }[];
  shapes: { id: string; className: string }[];
  /** The containers of ##Links, in its order; links to other files are none of them. */
  containers: ContainerListing[];
  linkCount: number;
  sectionCount: number;
}

/** Describes a POOL file. */
export function listPool(contents: PoolContents): PoolListing {
  const { fid, earlierFids, params, shapes, links, sections } = contents.bookkeeping;
  const classNames = new Map(shapes.map(({ id, className }) => [id.toUpperCase(), className]));
  return {
    fid,
    earlierFids,
    params,
    shapes: shapes.map(({ id, className }) => ({ id, className })),
    containers: contents.localLinks().map((link) => listContainer(contents, link, classNames)),
    linkCount: links.length,
    sectionCount: sections.length,
  };
}

function listContainer(contents: PoolContents, { id, token }: Link, classNames: ReadonlyMap<string, string>): ContainerListing {
  return {
    link: id.toString(16).toUpperCase(),
    name: token.container,
    classId: token.classId,
    className: classNames.get(token.classId.toUpperCase()) ?? '',
    technology: token.technology.toString(16),
    rowCount: contents.containers.find(token.container)?.rowCount,
  };
}
