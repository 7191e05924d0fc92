/**
 * The bookkeeping trees of a POOL file. Each has one branch `db_string` with one text per entry.
 *
 *   ##Params    [NAME=n][VALUE=v]                       FID, PFN, POOL_VSN, FORMAT_VSN, …
 *   ##Shapes    {ID=guid}{CL=class}{NCOL=1}…            one per persistent class layout
 *   ##Links     a token with OID.second -1              one per container; row r has link id r + 2
 *   ##Sections  [CNT=..][OFF=..][START=..][LEN=..]      only in files joined by mergePOOL
 *
 * Links 0 and 1 are ##Shapes and ##Links themselves and are never stored. In files with index_ref
 * the link id carries the process id of the writer in its upper 32 bits.
 * Source: ATLAS athena Database/APR/StorageSvc/src/DbDatabaseObj.cpp, RootStorageSvc/src/RootDatabase.cpp.
 */
import { CorruptFileError } from '../../errors.ts';
import { isGuid } from './guid.ts';
import { parseToken, type Token } from './token.ts';

/** Names of the bookkeeping trees. */
export const BOOKKEEPING = { params: '##Params', shapes: '##Shapes', links: '##Links', sections: '##Sections' } as const;
/** Their only branch. */
export const BOOKKEEPING_BRANCH = 'db_string';
/** Link ids below this are implicit: ##Shapes and ##Links. */
export const FIRST_STORED_LINK = 2n;
/** Parameter names that hold the identity of a file. */
export const FID_PARAM = 'FID';
/** Parameter name that holds the physical file name. */
export const PFN_PARAM = 'PFN';

/** One row of ##Params. */
export interface Param {
  name: string;
  value: string;
}

const PARAM = /^\[NAME=([^\]]*)\]\[VALUE=([^\]]*)\]$/;

/** Parses a ##Params row. */
export function parseParam(text: string): Param {
  const match = PARAM.exec(text);
  if (match === null) throw new CorruptFileError('not a ##Params row', { found: JSON.stringify(text) });
  return { name: match[1] as string, value: match[2] as string };
}

/** Text of a ##Params row. */
export function formatParam({ name, value }: Param): string {
  return `[NAME=${name}][VALUE=${value}]`;
}

/** All FIDs in order; the last is the file's own, earlier ones belong to files it was joined from. */
export function fidsOf(params: readonly Param[]): string[] {
  const fids = params.filter((p) => p.name === FID_PARAM).map((p) => p.value);
  const bad = fids.find((fid) => !isGuid(fid));
  if (bad !== undefined) throw new CorruptFileError('FID is no GUID', { found: bad });
  if (fids.length === 0) throw new CorruptFileError('##Params has no FID');
  return fids;
}

/** One row of ##Shapes; `text` is the whole row. */
export interface Shape {
  id: string;
  className: string;
  text: string;
}

const SHAPE = /^\{ID=([^}]*)\}\{CL=([^}]*)\}/;

/** Parses a ##Shapes row. */
export function parseShape(text: string): Shape {
  const match = SHAPE.exec(text);
  if (match === null || !isGuid(match[1] as string)) throw new CorruptFileError('not a ##Shapes row', { found: JSON.stringify(text) });
  return { id: match[1] as string, className: match[2] as string, text };
}

/** One row of ##Links: a container and its link id. */
export interface Link {
  /** The id tokens use as OID.first. */
  id: bigint;
  token: Token;
}

/** Parses a ##Links row; `row` is its position in the tree. */
export function parseLink(text: string, row: number): Link {
  const token = parseToken(text);
  const implied = BigInt(row) + FIRST_STORED_LINK;
  // The first row's OID is 2 in every file seen; a stored id of another row may carry a process id above bit 32.
  const id = token.oid1 === -1n ? implied : token.oid1;
  return { id, token };
}

/** What makes two links the same: file, container and class, not the technology. */
export function linkIdentity(token: Token): string {
  return `${token.db.toUpperCase()}\0${token.container}\0${token.classId.toUpperCase()}`;
}

/** Row of ##Links with the given text width, for a container that is the `row`-th stored link. */
export function linkToken(token: Token, id: bigint): Token {
  return { ...token, oid1: id, oid2: -1n };
}

/** One row of ##Sections: rows [start, start + length) of a container came from one input. */
export interface Section {
  container: string;
  /** Rows of ##Links before those of this input. */
  offset: number;
  start: number;
  length: number;
}

const SECTION = /^\[CNT=([^\]]*)\]\[OFF=(\d+)\]\[START=(\d+)\]\[LEN=(\d+)\]$/;

/** Parses a ##Sections row. */
export function parseSection(text: string): Section {
  const match = SECTION.exec(text);
  if (match === null) throw new CorruptFileError('not a ##Sections row', { found: JSON.stringify(text) });
  return { container: match[1] as string, offset: Number(match[2]), start: Number(match[3]), length: Number(match[4]) };
}

/** A container name as tree and branch; both parts as they are named in the ROOT file (`/` becomes `_`). */
export interface ContainerPlace {
  tree: string;
  /** Undefined: the whole tree is the container. */
  branch: string | undefined;
}

const CONTAINER = /^([^(]*)\((.*)\)$/;

/** Splits `Tree(Branch)`; see RootTreeContainer.cpp for the mangling. */
export function containerPlace(container: string): ContainerPlace {
  const match = CONTAINER.exec(container);
  if (match === null) return { tree: container.replaceAll('/', '_'), branch: undefined };
  return { tree: (match[1] as string).replaceAll('/', '_'), branch: (match[2] as string).replaceAll('/', '_') };
}
