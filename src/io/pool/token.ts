/**
 * Token: a persistent reference of POOL as text.
 *
 *   [DB=8-4-4-4-12][CNT=container][CLID=8-4-4-4-12][TECH=%08X][OID=%016X-%016X]aux
 *
 *   DB     GUID of the file (FID); zero GUID or `<localDB>` in ##Links: this file
 *   CNT    container: `Tree(Branch)`, or a tree; may be empty in provenance
 *   CLID   GUID of the persistent class (ID of its ##Shapes row)
 *   TECH   storage type, major << 8 | minor: 202 TTree, 203 TTree with index_ref, 204 RNTuple
 *   OID    first: link id; second: row number, or the index_ref value of the row
 *   aux    free text such as [CTXT=…][PNAME=…], kept as it is
 *
 * OID halves are signed 64-bit. Files up to about 2011 write 8 digits a half, `FFFFFFFF` meaning -1.
 * Source: ATLAS athena Database/PersistentDataModel/src/Token.cxx.
 */
import { CorruptFileError } from '../../errors.ts';
import { ZERO_GUID, isGuid } from './guid.ts';

/** Storage types. Containers of keys are not read. */
export const TECHNOLOGY = { keys: 0x201, tree: 0x202, treeIndex: 0x203, rntuple: 0x204 } as const;
/** How files up to about 2011 name themselves in ##Links. */
export const LOCAL_DB = '<localDB>';

/** What of a token, or of an element of a header, says where it points to. */
export interface Reference {
  /** GUID text of the file as written (upper or lower case), or `<localDB>`. */
  db: string;
  /** Container name; empty where only the link id tells it. */
  container: string;
  /** GUID text of the persistent class. */
  classId: string;
  technology: number;
  /** Link id. */
  oid1: bigint;
  /** Row or index_ref value. */
  oid2: bigint;
}

/** A parsed token. */
export interface Token extends Reference {
  /** Digits of an OID half: 16, or 8 in legacy text. */
  oidDigits: 8 | 16;
  /** What follows the OID field. */
  aux: string;
}

/** A token with its text. */
export interface PoolToken extends Token {
  readonly text: string;
}

const PATTERN =
  /^\[DB=([^\]]*)\]\[CNT=([^\]]*)\]\[CLID=([^\]]*)\]\[TECH=([0-9A-Fa-f]{1,8})\]\[OID=([0-9A-Fa-f]{8}|[0-9A-Fa-f]{16})-([0-9A-Fa-f]{8}|[0-9A-Fa-f]{16})\]/;

/** True for a placement, which headers may hold in place of their form's token: what to make of it, `form-reference.ts` knows. */
export function isPlacement(text: string): boolean {
  return text.includes('[CONT=') && !text.includes('[OID=');
}

/** True for a text that has the fields of a token. */
export function isToken(text: string): boolean {
  return PATTERN.test(text);
}

/** Parses a token text; CorruptFileError when a field is missing or malformed. */
export function parseToken(text: string): Token {
  const match = PATTERN.exec(text);
  if (match === null) throw new CorruptFileError('not a token', { found: JSON.stringify(text) });
  const [all, db, container, classId, tech, first, second] = match as unknown as [string, string, string, string, string, string, string];
  if (first.length !== second.length) throw new CorruptFileError('the halves of an OID differ in length', { found: JSON.stringify(text) });
  if (!isGuid(db) && db !== LOCAL_DB) throw new CorruptFileError('token names no file GUID', { found: JSON.stringify(text) });
  if (!isGuid(classId)) throw new CorruptFileError('token names no class GUID', { found: JSON.stringify(text) });
  return {
    db,
    container,
    classId,
    technology: Number.parseInt(tech, 16),
    oid1: parseHalf(first),
    oid2: parseHalf(second),
    oidDigits: first.length as 8 | 16,
    aux: text.slice(all.length),
  };
}

/** Text of a token in its own OID width; CorruptFileError when a value does not fit legacy text. */
export function formatToken(token: Token): string {
  const { db, container, classId, technology, oid1, oid2, oidDigits, aux } = token;
  const tech = technology.toString(16).toUpperCase().padStart(8, '0');
  return `[DB=${db}][CNT=${container}][CLID=${classId}][TECH=${tech}][OID=${formatHalf(oid1, oidDigits)}-${formatHalf(oid2, oidDigits)}]${aux}`;
}

/** A token that says what a reference says. */
export function tokenOfReference({ db, container, classId, technology, oid1, oid2 }: Reference): PoolToken {
  const token: Token = { db, container, classId, technology, oid1, oid2, oidDigits: 16, aux: '' };
  return { ...token, text: formatToken(token) };
}

/** One OID half as text of the given width. */
export function formatHalf(value: bigint, digits: 8 | 16): string {
  const bits = digits * 4;
  if (BigInt.asIntN(bits, value) !== value && BigInt.asUintN(bits, value) !== value) {
    throw new CorruptFileError(`an OID value does not fit ${digits} digits`, { found: value.toString() });
  }
  return BigInt.asUintN(bits, value).toString(16).toUpperCase().padStart(digits, '0');
}

function parseHalf(digits: string): bigint {
  const value = BigInt(`0x${digits}`);
  if (digits.length === 16) return BigInt.asIntN(64, value);
  return value === 0xffff_ffffn ? -1n : value;
}

/** True when the token points into the file whose ##Links hold it. */
export function isLocal(token: Token, fid: string): boolean {
  return token.db === ZERO_GUID || token.db === LOCAL_DB || token.db.toUpperCase() === fid.toUpperCase();
}
