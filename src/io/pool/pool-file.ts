/** A ROOT file seen as a POOL file: its bookkeeping, read from the `##` trees. */
import { CorruptFileError, withContext } from '../../errors.ts';
import type { RootFile } from '../root/root-file.ts';
import type { InfoSet } from '../root/streamer/info-set.ts';
import { findTree } from '../root/tree/tree-reader.ts';
import {
  BOOKKEEPING,
  BOOKKEEPING_BRANCH,
  fidsOf,
  parseLink,
  parseParam,
  parseSection,
  parseShape,
  type Link,
  type Param,
  type Section,
  type Shape,
} from './bookkeeping.ts';

/** The bookkeeping of one file. */
export interface PoolFile {
  params: Param[];
  /** GUID of the file: the last FID of ##Params. */
  fid: string;
  /** FIDs of the files it was joined from by mergePOOL, in order. */
  earlierFids: string[];
  shapes: Shape[];
  /** In the order of their rows. */
  links: Link[];
  /** First link of each id: readers take the first of equal ids. */
  linkById: ReadonlyMap<bigint, Link>;
  sections: Section[];
}

/** True when a file has POOL's bookkeeping. */
export function isPoolFile(file: RootFile): boolean {
  const { keys } = file.root;
  if (!keys.classNames.includes('TTree')) return false;
  for (let i = 0; i < keys.count; i++) {
    // The length first: a file can have 10^6 keys, and a name is text only once it is asked for.
    if (keys.nameBytes[i] === BOOKKEEPING.params.length && keys.name(i) === BOOKKEEPING.params && keys.className(i) === 'TTree') {
      return true;
    }
  }
  return false;
}

/** Reads the bookkeeping; CorruptFileError where a row is malformed or a tree is missing. */
export function readPoolFile(file: RootFile, infos: InfoSet): PoolFile {
  const read = <T>(tree: string, parse: (text: string, row: number) => T): T[] =>
    withContext({ file: file.path, objectPath: `/${tree}` }, () => rowsOf(file, infos, tree).map(parse));
  const params = read(BOOKKEEPING.params, parseParam);
  const fids = withContext({ file: file.path, objectPath: `/${BOOKKEEPING.params}` }, () => fidsOf(params));
  const links = read(BOOKKEEPING.links, parseLink);
  const linkById = new Map<bigint, Link>();
  for (const link of links) if (!linkById.has(link.id)) linkById.set(link.id, link);
  return {
    params,
    fid: fids.at(-1) as string,
    earlierFids: fids.slice(0, -1),
    shapes: read(BOOKKEEPING.shapes, parseShape),
    links,
    linkById,
    sections: read(BOOKKEEPING.sections, parseSection),
  };
}

/**
 * Links that one of the joined files brought, in the order of their ids there: FIRST_STORED_LINK, then ascending; none
 * without ##Sections.
 */
export function linksOfSection({ sections, links }: PoolFile, section: number): Link[] {
  const rows = sections.filter(({ container }) => container === BOOKKEEPING.links)[section];
  return rows === undefined ? [] : links.slice(rows.offset, rows.offset + rows.length);
}

function rowsOf(file: RootFile, infos: InfoSet, name: string): string[] {
  const tree = findTree(file, file.root, name, infos);
  if (tree === undefined) return [];
  const branch = tree.branch(BOOKKEEPING_BRANCH);
  if (branch === undefined) throw new CorruptFileError(`bookkeeping tree has no branch ${BOOKKEEPING_BRANCH}`);
  return tree.texts(branch);
}
