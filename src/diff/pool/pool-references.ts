/** Headers, forms, event tags and tokens of a POOL file against those they come from, row by row. */
import { isPoolMergeError } from '../../errors.ts';
import { FormReader, tagTokens, type StoredForm } from '../../io/pool/header-rows.ts';
import { GUID_BYTES } from '../../io/pool/guid.ts';
import { formDigestP5 } from '../../io/pool/data-header-p5.ts';
import type { HeaderElement } from '../../io/pool/data-header.ts';
import { eventTokenBranches, locateEventTokens, type EventTokenBranch } from '../../io/pool/event-tokens.ts';
import { textOf } from '../../io/pool/places.ts';
import type { RowColumns, RowReader } from '../../io/pool/row-columns.ts';
import { parseToken, tokenOfReference } from '../../io/pool/token.ts';
import { BranchCursor, type EntryBytes } from '../../io/root/tree/branch-cursor.ts';
import type { TreeReader } from '../../io/root/tree/tree-reader.ts';
import { FormJudge } from './form-judge.ts';
import { SideHeaders, orUndefined, type ReadHeader } from './pool-headers.ts';
import { containersOf, type PoolSide, type PoolSides, type SourceRow } from './pool-sides.ts';
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
const [VERSION_AT, VERSION_END] = [4, 6];
/** GUIDs of files as objects: 16 bytes behind a frame, with or without checksum. */
const FILE_GUIDS = 'm_dbRecords.fid';
const GUID_STRIDES = [26, 22];

/** What judging rows needs. */
export interface RowsContext {
  sides: PoolSides;
  judge: ReferenceJudge;
  /** Told after each row; throws to stop. */
  step: () => Promise<void>;
  /** False when rows may stand elsewhere: which form is that of a header is then told by what it says alone. */
  isInOrder: boolean;
}

/** Judges every header of a container. UnsupportedError for classes that are not known. */
export async function judgeHeaders(name: string, { sides, judge, step, isInOrder }: RowsContext): Promise<void> {
  const { left, right } = containersOf(sides, name);
  if (left === undefined) return;
  const ours = new SideHeaders(sides.left, left);
  const theirs = right.map((container, i) => container && new SideHeaders(sides.right[i] as PoolSide, container));
  const read = (headers: SideHeaders, row: number): [ReadHeader, RowMembers | undefined] => [
    headers.read(row),
    membersOf(headers.reader.rows, row),
  ];
  await forEachPair(left.rowCount, sides.sourceRows(name), theirs, step, (row, other, source) => {
    const at = `${name}[${row}]`;
    judgeRow(
      at,
      judge,
      () => read(ours, row),
      () => read(other, source.row),
      ([our, ourMembers], [their, theirMembers]) => {
        judgeMembers(at, ourMembers, theirMembers, MOVED_IN_HEADERS, judge);
        judgeHeader(at, our, their, { source: source.source, judge, isInOrder });
      },
    );
  });
}

/**
 * Calls `judge` for each of the first `rowCount` rows on the left that belongs to a row on the right. `theirs`: what is read of each file
 * on the right, undefined for one that has nothing of the kind.
 */
async function forEachPair<T>(
  rowCount: number,
  sources: readonly (SourceRow | undefined)[],
  theirs: readonly (T | undefined)[],
  step: RowsContext['step'],
  judge: (row: number, other: T, source: SourceRow) => void,
): Promise<void> {
  for (let row = 0; row < Math.min(rowCount, sources.length); row++) {
    const source = sources[row];
    const other = source && theirs[source.source];
    if (source === undefined || other === undefined) continue;
    judge(row, other, source);
    await step();
  }
}

/** Judges a row that can be read on both sides; one that cannot be read here, but there, is a difference. */
function judgeRow<T>(at: string, judge: ReferenceJudge, read: () => T, readTheirs: () => T, compare: (ours: T, theirs: T) => void): void {
  const theirs = orUndefined(readTheirs);
  if (theirs === undefined) {
    judge.counts.unread++; // nothing is known of it
    return;
  }
  const ours = readOurs(at, judge, read);
  if (ours !== undefined) compare(ours, theirs);
}

/** What is read of the left side; a difference where it is damaged. */
function readOurs<T>(at: string, judge: ReferenceJudge, read: () => T): T | undefined {
  try {
    return read();
  } catch (err) {
    if (!isPoolMergeError(err, 'CORRUPT_FILE', 'UNSUPPORTED')) throw err;
    judge.lost(at, 1, err.reason);
    return undefined;
  }
}

function judgeHeader(
  at: string,
  ours: ReadHeader,
  theirs: ReadHeader,
  { source, judge, isInOrder }: { source: number; judge: ReferenceJudge; isInOrder: boolean },
): void {
  if (theirs.form !== undefined && ours.form === undefined) {
    judge.altered(`${at} form`, 'no token', tokenOfReference(theirs.form.reference).text);
  }
  if (ours.form !== undefined && theirs.form !== undefined) {
    judge.judge(`${at} form`, ours.form.reference, theirs.form.reference, source, isInOrder);
    const [our, their] =
      ours.form.reference.isPlaced && theirs.form.reference.isPlaced
        ? [formText(ours), formText(theirs)]
        : [ours.form.reference.aux, theirs.form.reference.aux];
    if (our !== undefined && their !== undefined && our !== their) judge.altered(`${at} form`, our, their);
  }
  if (isDigestRight(theirs) === true && isDigestRight(ours) === false) {
    judge.altered(`${at} m_dhFormMdx`, 'not the digest of the form', 'the digest of the form');
  }
  if (theirs.elements === undefined) return; // nothing is known of them
  if (ours.elements === undefined) {
    judge.lost(at, theirs.elements.length, 'they cannot be decoded without their form');
    return;
  }
  judgeElements(at, ours.elements, theirs.elements, source, judge);
}

function formText({ header }: ReadHeader): string | undefined {
  return header.version === 'p3' ? undefined : header.formToken;
}

function judgeElements(
  at: string,
  ours: readonly HeaderElement[],
  theirs: readonly HeaderElement[],
  source: number,
  judge: ReferenceJudge,
): void {
  if (ours.length !== theirs.length) judge.otherCount(`${at} references`, ours.length, theirs.length);
  theirs.forEach((their, k) => {
    const our = ours[k];
    if (our === undefined) return;
    if (our.key !== their.key || our.clid !== their.clid || our.isProvenance !== their.isProvenance) {
      judge.altered(`${at} reference ${k}`, keyText(our), keyText(their));
    } else judge.judge(`${at} ${their.key || `reference ${k}`}`, our, their, source);
  });
}

function keyText({ key, clid, isProvenance }: HeaderElement): string {
  return `${key} (CLID ${clid}${isProvenance ? ', provenance' : ''})`;
}

/** undefined for headers without digest. Files of 2011 swap the bytes of its first groups: such a digest is not judged. */
function isDigestRight({ header, form }: ReadHeader): boolean | undefined {
  if (header.version !== 'p5' || form?.stored?.version !== 'p5') return undefined;
  return formDigestP5(form.stored.form) === header.formMdx;
}

/** The members of a row, and the row itself where one branch holds them all. */
interface RowMembers {
  columns: RowColumns;
  whole: EntryBytes | undefined;
}

/** There are none in RNTuples, whose fields are compared as such. */
function membersOf(rows: RowReader | undefined, row: number): RowMembers | undefined {
  return rows && { columns: rows.columns(row), whole: rows.whole(row) };
}

/** Members that merging has no reason to change, and what stands between them. */
function judgeMembers(
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

/** Judges every form of a container: which words of it say what is in `form-judge.ts`. */
export async function judgeForms(name: string, { sides, judge, step }: RowsContext): Promise<void> {
  const { left, right } = containersOf(sides, name);
  if (left === undefined) return;
  const ours = new FormReader(left);
  const theirs = right.map((container) => container && new FormReader(container));
  const forms = new FormJudge(sides, judge);
  const read = (reader: FormReader, row: number): [StoredForm, RowMembers | undefined] => [reader.form(row), membersOf(reader.rows, row)];
  await forEachPair(left.rowCount, sides.sourceRows(name), theirs, step, (row, other, source) => {
    const at = `${name}[${row}]`;
    judgeRow(
      at,
      judge,
      () => read(ours, row),
      () => read(other, source.row),
      ([our, ourMembers], [their, theirMembers]) => {
        judgeMembers(at, ourMembers, theirMembers, MOVED_IN_FORMS, judge);
        forms.judge(at, our, their, source.source);
      },
    );
  });
}

/** Judges the tokens of event tags. */
export async function judgeTags(name: string, { sides, judge, step }: RowsContext): Promise<void> {
  const { left, right } = containersOf(sides, name);
  if (left === undefined) return;
  const ours = readOurs(name, judge, () => tagTokens(left));
  if (ours === undefined) return;
  const theirs = right.map((container) => container && tagTokens(container));
  await forEachPair(ours.length, sides.sourceRows(name), theirs, step, (row, texts, source) => {
    const text = texts[source.row];
    if (text !== undefined) judgeToken(`${name}[${row}]`, ours[row] as string, text, source.source, judge);
  });
}

function judgeToken(at: string, our: string, their: string, source: number, judge: ReferenceJudge): void {
  const [a, b] = [our, their].map((text) => orUndefined(() => parseToken(text)));
  if (a === undefined || b === undefined) {
    if (our === their) judge.counts.right++;
    else judge.altered(at, our, their);
    return;
  }
  if (a.aux !== b.aux) judge.altered(`${at}, behind the token`, a.aux, b.aux);
  judge.judge(at, a, b, source);
}

type BranchPlace = readonly [tree: TreeReader, row: number];

/** Judges the token lists of a branch of event data; `rows`: the branch in each tree. */
export async function judgeEventTokens(
  path: string,
  left: TreeReader,
  row: number,
  right: readonly (BranchPlace | undefined)[],
  { sides, judge, step }: RowsContext,
): Promise<void> {
  const store = left.path.replace(/^\/|;\d+$/g, '');
  const ours = new TokenEntries(left, row);
  const theirs = right.map((each) => each && new TokenEntries(...each));
  await forEachPair(ours.entryCount, sides.sourceRows(store), theirs, step, (entry, other, source) => {
    const at = `${path}[${entry}]`;
    judgeRow(
      at,
      judge,
      () => ours.read(entry),
      () => other.read(source.row),
      (a, b) => {
        if (a.texts.length !== b.texts.length) judge.otherCount(`${at} tokens`, a.texts.length, b.texts.length);
        const isAsLong = a.texts.length === b.texts.length && a.texts.every((text, k) => text.length === b.texts[k]?.length);
        if (a.version !== b.version) judge.altered(`${at} version`, a.version, b.version);
        else if ((isAsLong || ours.isWhole) && Buffer.compare(a.rest, b.rest) !== 0) {
          judge.altered(`${at}, beside its tokens`, a.rest, b.rest);
        }
        b.texts.forEach((text, k) => {
          if (a.texts[k] !== undefined) judgeToken(`${at}[${k}]`, a.texts[k], text, source.source, judge);
        });
      },
    );
  });
}

/** What an entry with tokens says. */
interface TokenEntry {
  texts: string[];
  /** Of the column of tokens; 0 for one without bytes, and where there is more than that. */
  version: number;
  /** The bytes beside the texts. */
  rest: Uint8Array;
}

/** Entries of a branch with tokens. */
class TokenEntries {
  /** True where entries hold more than tokens. */
  readonly isWhole: boolean;
  readonly #cursor: BranchCursor;
  readonly #locate: EventTokenBranch['locate'];

  constructor(tree: TreeReader, row: number) {
    const found = eventTokenBranches(tree).find(({ branch }) => branch === row);
    this.#cursor = new BranchCursor(tree, row);
    this.#locate = found?.locate ?? locateEventTokens;
    this.isWhole = found?.isWhole ?? false;
  }

  get entryCount(): number {
    return this.#cursor.entryCount;
  }

  read(row: number): TokenEntry {
    const entry = this.#cursor.entry(row);
    const places = this.#locate(entry);
    const parts: Uint8Array[] = [];
    let from = entry.start;
    for (const { at, length } of places) {
      parts.push(entry.data.subarray(from, at));
      from = at + length;
    }
    return {
      texts: places.map(textOf),
      version: this.isWhole ? 0 : versionIn(entry),
      rest: Buffer.concat([...parts, entry.data.subarray(from, entry.end)]),
    };
  }
}

/** Version of a framed column; 0 for one without bytes. */
function versionIn({ data, start, end }: EntryBytes): number {
  return end - start < VERSION_END ? 0 : new DataView(data.buffer, data.byteOffset + start, VERSION_END).getUint16(VERSION_AT);
}
