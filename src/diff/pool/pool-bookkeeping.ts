/** The trees of bookkeeping of a POOL file against those of the files it holds: what must be there, and what may not. */
import { BOOKKEEPING, FID_PARAM, FIRST_STORED_LINK, PFN_PARAM, linkIdentity, type Link } from '../../io/pool/bookkeeping.ts';
import { ZERO_GUID } from '../../io/pool/guid.ts';
import type { PoolFile } from '../../io/pool/pool-file.ts';
import { formatToken, isLocal, type Token } from '../../io/pool/token.ts';
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

/** One FID of its own; other parameters are those of all files, each as the first that has it says, the name of the file aside. */
function judgeParams({ left, right, isMerge, differences }: BookkeepingContext): string[] {
  const fids = left.params.filter(({ name }) => name === FID_PARAM);
  if (fids.length > 1 && left.sections.length === 0) {
    differences.add('FID', `${fids.length} FIDs, and no ##Sections that say which rows are whose`, 'one FID');
  }
  const same = right.find(({ fid }) => fid.toUpperCase() === left.fid.toUpperCase());
  if (isMerge && right.length > 1 && same !== undefined) {
    differences.add('FID', `${left.fid}, which is that of an input`, 'a FID of its own');
  }
  const ignored = new Set([FID_PARAM, PFN_PARAM]);
  const ours = left.params.filter(({ name }) => !ignored.has(name));
  const theirs = new Map<string, string>();
  for (const { name, value } of right.flatMap(({ params }) => params)) if (!ignored.has(name) && !theirs.has(name)) theirs.set(name, value);
  for (const [name, value] of theirs) {
    const our = ours.find((param) => param.name === name);
    if (our?.value !== value) differences.add(name, our?.value ?? 'absent', value);
  }
  const hasParam = ({ params }: PoolFile, wanted: string): boolean => params.some(({ name }) => name === wanted);
  for (const { name, value } of ours) if (!theirs.has(name)) differences.add(name, value, 'absent');
  const [first] = right;
  if (first !== undefined && hasParam(first, PFN_PARAM) && !hasParam(left, PFN_PARAM)) differences.add(PFN_PARAM, 'absent', 'present');
  return ["FID and PFN are the file's own"];
}

/** Every link once at least; link ids lead to one container each. */
function judgeLinks(context: BookkeepingContext): string[] {
  const { left, right, differences } = context;
  const expected = new Map(right.flatMap((file) => file.links.map((link): [string, Link] => [identityIn(file, right, link), link])));
  const identities = left.links.map((link) => identityIn(left, [left, ...right], link));
  const sections = identityIn(left, right, { id: 0n, token: SECTIONS_TOKEN });
  left.links.forEach(({ token }, row) => {
    const identity = identities[row] as string;
    const their = expected.get(identity)?.token;
    if (their === undefined && !identity.startsWith(sections)) differences.add(`row ${row}`, formatToken(token), 'in no input');
    if (their !== undefined && !isSameLink(token, their)) differences.add(`row ${row}`, formatToken(token), `as ${formatToken(their)}`);
  });
  judgeLinkIds(context, identities);
  const found = new Set(identities);
  for (const [identity, { token }] of expected) {
    if (!found.has(identity) && token.container !== BOOKKEEPING.sections) {
      differences.add(`link to ${token.container}`, 'absent', formatToken(token));
    }
  }
  const repeated = identities.length - found.size;
  return repeated > 0 ? [`${repeated} links occur again`] : [];
}

/** Link to ##Sections, of whatever class. */
const SECTIONS_TOKEN: Token = {
  db: ZERO_GUID,
  container: BOOKKEEPING.sections,
  classId: '',
  technology: 0,
  oid1: 0n,
  oid2: 0n,
  oidDigits: 16,
  aux: '',
};

/**
 * Link ids of the left file: each leads to one container, has the upper half of an input, and counts the rows where
 * those of the inputs do.
 */
function judgeLinkIds({ left, right, differences }: BookkeepingContext, identities: readonly string[]): void {
  const words = new Set(right.flatMap(({ links }) => links.map(({ id }) => id >> WORD_BITS)));
  const isPlain = left.sections.length === 0 && right.every(hasPlainIds);
  left.links.forEach((link, row) => {
    const at = `row ${row}`;
    const first = left.linkById.get(link.id);
    const isTaken = first !== undefined && identityIn(left, [left, ...right], first) !== identities[row];
    if (left.sections.length === 0 && isTaken) {
      differences.add(at, `id ${link.id.toString(16)}, which is that of ${first.token.container}`, 'an id of its own');
    }
    if (!words.has(link.id >> WORD_BITS)) differences.add(at, `id ${link.id.toString(16)}`, 'the upper half of an input');
    const plain = BigInt(row) + FIRST_STORED_LINK;
    if (isPlain && first === link && BigInt.asUintN(32, link.id) !== plain) {
      differences.add(at, `id ${link.id.toString(16)}`, `id ${plain.toString(16)}`);
    }
  });
}

/** A link as file, container and class; `files`: all that count as this file. */
function identityIn(file: PoolFile, files: readonly PoolFile[], { token }: Link): string {
  const isOwn =
    isLocal(token, file.fid) ||
    files.some(({ fid, earlierFids }) => [fid, ...earlierFids].some((each) => each.toUpperCase() === token.db.toUpperCase()));
  return linkIdentity({ ...token, db: isOwn ? '' : token.db });
}

function isSameLink(a: Token, b: Token): boolean {
  return a.technology === b.technology && a.oid2 === b.oid2 && a.aux === b.aux;
}

/** True where the lower half of every link id follows from its row, as readers without a table of ids take it. */
function hasPlainIds({ links, sections }: PoolFile): boolean {
  return sections.length === 0 && links.every(({ id }, row) => BigInt.asUintN(32, id) === BigInt(row) + FIRST_STORED_LINK);
}

/** Every shape once at least; of equal ids readers take the first. */
function judgeShapes({ left, right, differences }: BookkeepingContext): string[] {
  const expected = new Map<string, string[]>();
  for (const { id, text } of right.flatMap(({ shapes }) => shapes)) {
    expected.set(id.toUpperCase(), [...(expected.get(id.toUpperCase()) ?? []), text]);
  }
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
  if (left.sections.length === 0) {
    return right.some(({ sections }) => sections.length > 0) ? ['dissolved: references lead to their rows without them'] : [];
  }
  const links = left.sections.filter(({ container }) => container === BOOKKEEPING.links);
  if (links.length !== left.earlierFids.length) differences.add('sections of ##Links', links.length, left.earlierFids.length);
  return ['rows are where it says when the references of the headers are right'];
}
