/** Members of headers and forms, byte by byte: those that merging has no reason to change must be equal. */
import { GUID_BYTES } from '../../io/pool/guid.ts';
import type { RowColumns, RowReader } from '../../io/pool/row-columns.ts';
import type { EntryBytes } from '../../io/root/tree/branch-cursor.ts';
import type { ReferenceJudge } from './reference-judge.ts';
import { gapsBetween } from './row-gaps.ts';

/** Members of headers that say where references lead; the others must have equal bytes. */
export const MOVED_IN_HEADERS: RegExp =
  /^(m_GuidMap|m_guidMap|.*\.(m_oid1|m_oid2|m_dbGuidIdx)|m_dhFormToken|m_dhFormMdx|m_(Input)?[dD]ataHeader\.m_token|m_commonDbIndex|m_commonOID2|m_shortElements(\._0)?|m_fullElements|m_fullElements\..*|m_provenanceSize)$/;
/** The same of forms. */
export const MOVED_IN_FORMS: RegExp = /^(m_map|m_uints|m_dbRecords(\._0)?\.fid.*|m_objRecords(\._0)?\.oid1)$/;

/**
 * Members with a byte count and a version in front of their texts; the version stays. Source: ROOT
 * io/io/src/TStreamerInfoWriteBuffer.cxx.
 */
const FRAMED = /^(m_shortElements|m_GuidMap|m_guidMap|m_map|m_uints|m_dhFormToken|m_dhFormMdx|m_(Input)?[dD]ataHeader\.m_token)$/;
/** Where a framed column has its version: behind a u32 byte count. */
export const VERSION_AT = 4;
/** End of that version. */
export const VERSION_END = 6;
/** GUIDs of files as objects: 16 bytes behind a frame, with or without checksum. */
const FILE_GUIDS = 'm_dbRecords.fid';
const GUID_STRIDES = [26, 22];

/** The members of a row, and the row itself where one branch holds them all. */
export interface RowMembers {
  columns: RowColumns;
  whole: EntryBytes | undefined;
}

/** Members of a row; undefined in RNTuples, whose fields are compared as such. */
export function membersOf(rows: RowReader | undefined, row: number): RowMembers | undefined {
  return rows && { columns: rows.columns(row), whole: rows.whole(row) };
}

/**
 * Judges members, and what stands between them. Of members whose names `moved` matches it judges only what stands around
 * their values.
 */
export function judgeMembers(
  at: string,
  ourMembers: RowMembers | undefined,
  theirMembers: RowMembers | undefined,
  moved: RegExp,
  judge: ReferenceJudge,
): void {
  if (ourMembers === undefined || theirMembers === undefined) return;
  const [{ columns: ours }, { columns: theirs }] = [ourMembers, theirMembers];
  const [a, b] = [ourMembers, theirMembers].map(betweenMembers);
  // Byte counts follow from the lengths of the members.
  if (a !== undefined && b !== undefined && lengthOf(ourMembers) === lengthOf(theirMembers) && Buffer.compare(a, b) !== 0) {
    judge.altered(`${at}, frames of its members`, a, b);
  }
  for (const name of new Set([...ours.keys(), ...theirs.keys()])) {
    const [a, b] = [ours.get(name), theirs.get(name)].map((column) => column && column.data.subarray(column.start, column.end));
    if (moved.test(name)) {
      if (a !== undefined && b !== undefined && !isSameFrame(name, a, b)) judge.altered(`${at}.${name}`, a, b);
    } else if (a === undefined || b === undefined) {
      judge.altered(`${at}.${name}`, a === undefined ? 'absent' : 'present', b === undefined ? 'absent' : 'present');
    } else if (Buffer.compare(a, b) !== 0) judge.altered(`${at}.${name}`, a, b);
  }
}

function lengthOf({ whole }: RowMembers): number {
  return whole === undefined ? 0 : whole.end - whole.start;
}

/** Byte counts and versions between the members of a row of one branch; undefined for other rows. */
function betweenMembers({ columns, whole }: RowMembers): Uint8Array | undefined {
  return whole && Buffer.concat(gapsBetween(columns, whole));
}

/** True when what stands around values that may change is equal. */
function isSameFrame(name: string, a: Uint8Array, b: Uint8Array): boolean {
  if (FRAMED.test(name)) return Buffer.compare(a.subarray(VERSION_AT, VERSION_END), b.subarray(VERSION_AT, VERSION_END)) === 0;
  const stride = GUID_STRIDES.find((bytes) => a.length % bytes === 0);
  if (name !== FILE_GUIDS || a.length !== b.length || stride === undefined) return true;
  return a.every((byte, i) => byte === b[i] || i % stride >= stride - GUID_BYTES);
}
