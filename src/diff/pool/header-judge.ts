/** Headers and forms of a POOL file against those they come from. */
import type { Container } from '../../io/pool/containers.ts';
import { formDigestP5 } from '../../io/pool/data-header-p5.ts';
import type { HeaderElement } from '../../io/pool/data-header.ts';
import { FormReader, type StoredForm } from '../../io/pool/header-rows.ts';
import type { RowReader } from '../../io/pool/row-columns.ts';
import { tokenOfReference } from '../../io/pool/token.ts';
import { FormJudge } from './form-judge.ts';
import { SideHeaders, type ReadHeader } from './pool-headers.ts';
import { containersOf, type PoolSide } from './pool-sides.ts';
import type { ReferenceJudge } from './reference-judge.ts';
import { MOVED_IN_FORMS, MOVED_IN_HEADERS, judgeMembers, membersOf, type RowMembers } from './row-members.ts';
import { judgePairs, type ReadRows, type RowsContext } from './row-pairs.ts';

/** Judges every header of a container. UnsupportedError for classes that are not known. */
export async function judgeHeaders(name: string, ctx: RowsContext): Promise<void> {
  const { judge, isInOrder } = ctx;
  await judgeContainer(name, ctx, MOVED_IN_HEADERS, openHeaders, (at, ours, theirs, source) => {
    judgeHeader(at, ours, theirs, { source, judge, isInOrder });
  });
}

/** Judges every form of a container: which words of it say what is in `form-judge.ts`. */
export async function judgeForms(name: string, ctx: RowsContext): Promise<void> {
  const forms = new FormJudge(ctx.sides, ctx.judge);
  await judgeContainer(name, ctx, MOVED_IN_FORMS, openForms, (at, ours, theirs, source) => forms.judge(at, ours, theirs, source));
}

/** What reads the rows of a container, as a whole and by their members. */
interface OpenContainer<T> {
  read: (row: number) => T;
  rows: RowReader | undefined;
}

function openHeaders(container: Container, side: PoolSide): OpenContainer<ReadHeader> {
  const headers = new SideHeaders(side, container);
  return { read: (row) => headers.read(row), rows: headers.reader.rows };
}

function openForms(container: Container): OpenContainer<StoredForm> {
  const forms = new FormReader(container);
  return { read: (row) => forms.form(row), rows: forms.rows };
}

/** Judges the members of each row of a container, then the row as a whole by `judgeRow`. */
async function judgeContainer<T>(
  name: string,
  ctx: RowsContext,
  moved: RegExp,
  open: (container: Container, side: PoolSide) => OpenContainer<T>,
  judgeRow: (at: string, ours: T, theirs: T, source: number) => void,
): Promise<void> {
  const { sides, judge } = ctx;
  const { left, right } = containersOf(sides, name);
  if (left === undefined) return;
  const rowsOf = (container: Container, side: PoolSide): ReadRows<[whole: T, members: RowMembers | undefined]> => {
    const { read, rows } = open(container, side);
    return { rowCount: container.rowCount, read: (row) => [read(row), membersOf(rows, row)] };
  };
  const theirs = right.map((container, i) => container && rowsOf(container, sides.right[i] as PoolSide));
  await judgePairs(name, name, rowsOf(left, sides.left), theirs, ctx, (at, [our, ourMembers], [their, theirMembers], source) => {
    judgeMembers(at, ourMembers, theirMembers, moved, judge);
    judgeRow(at, our, their, source);
  });
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
