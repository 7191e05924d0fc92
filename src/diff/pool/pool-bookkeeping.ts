/** The trees of bookkeeping of a POOL file against those of the files it holds: what must be there, and what may not. */
import { BOOKKEEPING, FID_PARAM, FIRST_STORED_LINK, PFN_PARAM, linkIdentity, type Link } from '../../io/pool/bookkeeping.ts';
import { ZERO_GUID } from '../../io/pool/guid.ts';
import type { PoolFile } from '../../io/pool/pool-file.ts';
import { formatToken, isLocal } from '../../io/pool/token.ts';
import type { DifferenceList } from '../object/difference.ts';

/** The process id of a writer stands above this bit of a link id. */
const WORD_BITS = 32n;

/** What is judged, and whether the file was merged: two files that are compared may have the same FID. */
export interface BookkeepingContext {
  left: PoolFile;
  right: readonly PoolFile[];
  isMerge: boolean;
  differences: DifferenceList;
}

/** Judges one of the trees by its name; returns notes. */
export function judgeBookkeeping(tree: string, context: BookkeepingContext): string[] {
  if (tree === BOOKKEEPING.params) return judgeParams(context);
  if (tree === BOOKKEEPING.links) return judgeLinks(context);
  if (tree === BOOKKEEPING.shapes) return judgeShapes(context);
  return tree === BOOKKEEPING.sections ? judgeSections(context) : ['bookkeeping that is not known'];
}

/** One FID of its own; other parameters are those of the first file, the name of the file aside. */
function judgeParams({ left, right, isMerge, differences }: BookkeepingContext): string[] {
  const fids = left.params.filter(({ name }) => name === FID_PARAM);
  if (fids.length > 1 && left.sections.length === 0) differences.add('FID', `${fids.length} FIDs, and no ##Sections that say which rows are whose`, 'one FID');
  const same = right.find(({ fid }) => fid.toUpperCase() === left.fid.toUpperCase());
  if (isMerge && right.length > 1 && same !== undefined) differences.add('FID', `${left.fid}, which is that of an input`, 'a FID of its own');
  const ignored = new Set([FID_PARAM, PFN_PARAM]);
  const [ours, theirs] = [left.params, right[0]?.params ?? []].map((params) => params.filter(({ name }) => !ignored.has(name)));
  for (const { name, value } of theirs ?? []) {
    const our = ours?.find((param) => param.name === name);
    if (our?.value !== value) differences.add(name, our?.value ?? 'absent', value);
  }
  for (const { name, value } of ours ?? []) if (right.every(({ params }) => params.every((param) => param.name !== name))) differences.add(name, value, 'absent');
  if (left.params.every(({ name }) => name !== PFN_PARAM) && right[0]?.params.some(({ name }) => name === PFN_PARAM) === true) differences.add(PFN_PARAM, 'absent', 'present');
  return ['FID and PFN are the file\'s own'];
}

/** Every link once at least; link ids lead to one container each. */
function judgeLinks({ left, right, differences }: BookkeepingContext): string[] {
  const expected = new Map(right.flatMap((file) => file.links.map((link): [string, Link] => [identityIn(file, right, link), link])));
  const sections = identityIn(left, right, { id: 0n, token: { db: ZERO_GUID, container: BOOKKEEPING.sections, classId: '', technology: 0, oid1: 0n, oid2: 0n, oidDigits: 16, aux: '' } });
  const found = new Map<string, Link>();
  let repeated = 0;
  left.links.forEach((link, row) => {
    const identity = identityIn(left, [left, ...right], link);
    if (found.has(identity)) repeated++;
    found.set(identity, link);
    const their = expected.get(identity);
    if (their === undefined && !identity.startsWith(sections)) differences.add(`row ${row}`, formatToken(link.token), 'in no input');
    if (their !== undefined && !isSameLink(link, their)) differences.add(`row ${row}`, formatToken(link.token), `as ${formatToken(their.token)}`);
    const first = left.linkById.get(link.id);
    if (left.sections.length === 0 && first !== undefined && identityIn(left, [left, ...right], first) !== identity) differences.add(`row ${row}`, `id ${link.id.toString(16)}, which is that of ${first.token.container}`, 'an id of its own');
  });
  const words = new Set(right.flatMap(({ links }) => links.map(({ id }) => id >> WORD_BITS)));
  left.links.forEach(({ id }, row) => {
    if (!words.has(id >> WORD_BITS)) differences.add(`row ${row}`, `id ${id.toString(16)}`, 'the upper half of an input');
  });
  if (left.sections.length === 0 && right.every(hasPlainIds)) {
    left.links.forEach(({ id }, row) => {
      if (BigInt.asUintN(32, id) !== BigInt(row) + FIRST_STORED_LINK && left.linkById.get(id) === left.links[row]) differences.add(`row ${row}`, `id ${id.toString(16)}`, `id ${(BigInt(row) + FIRST_STORED_LINK).toString(16)}`);
    });
  }
  for (const [identity, link] of expected) if (!found.has(identity) && link.token.container !== BOOKKEEPING.sections) differences.add(`link to ${link.token.container}`, 'absent', formatToken(link.token));
  return repeated > 0 ? [`${repeated} links occur again`] : [];
}

/** A link as file, container and class; `files`: all that count as this file. */
function identityIn(file: PoolFile, files: readonly PoolFile[], { token }: Link): string {
  const isOwn = isLocal(token, file.fid) || files.some(({ fid, earlierFids }) => [fid, ...earlierFids].some((each) => each.toUpperCase() === token.db.toUpperCase()));
  return linkIdentity({ ...token, db: isOwn ? '' : token.db });
}

function isSameLink({ token: a }: Link, { token: b }: Link): boolean {
  return a.technology === b.technology && a.oid2 === b.oid2 && a.aux === b.aux;
}

/** True where the lower half of every link id follows from its row, as readers without a table of ids take it. */
function hasPlainIds({ links, sections }: PoolFile): boolean {
  return sections.length === 0 && links.every(({ id }, row) => BigInt.asUintN(32, id) === BigInt(row) + FIRST_STORED_LINK);
}

/** Every shape once at least; of equal ids readers take the first. */
function judgeShapes({ left, right, differences }: BookkeepingContext): string[] {
  const expected = new Map<string, string[]>();
  for (const { id, text } of right.flatMap(({ shapes }) => shapes)) expected.set(id.toUpperCase(), [...(expected.get(id.toUpperCase()) ?? []), text]);
  const found = new Set<string>();
  let repeated = 0;
  left.shapes.forEach(({ id, text, className }, row) => {
    const key = id.toUpperCase();
    if (found.has(key)) repeated++;
    found.add(key);
    const texts = expected.get(key);
    if (texts === undefined) differences.add(`row ${row}`, `${className} ${id}`, 'in no input');
    else if (!texts.includes(text)) differences.add(`row ${row}`, text, texts[0]);
  });
  for (const [id, [text]] of expected) if (!found.has(id)) differences.add(`shape ${id}`, 'absent', text);
  return repeated > 0 ? [`${repeated} shapes occur again`] : [];
}

/** Sections say where the rows of joined files lie; files without them have references that need none. */
function judgeSections({ left, right, differences }: BookkeepingContext): string[] {
  if (left.sections.length === 0) return right.some(({ sections }) => sections.length > 0) ? ['dissolved: references lead to their rows without them'] : [];
  const links = left.sections.filter(({ container }) => container === BOOKKEEPING.links);
  if (links.length !== left.earlierFids.length) differences.add('sections of ##Links', links.length, left.earlierFids.length);
  return ['rows are where it says when the references of the headers are right'];
}
