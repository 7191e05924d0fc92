/**
 * Tokens inside event data (about 2006 to 2012): a persistent object with extensions lists the rows of
 * extension trees it needs, `m_tokenList` = vector of TPCnvToken_p1 {m_converterID u16, m_token string}. Split, the
 * texts of an entry are one framed column of a branch of class TPCnvToken_p1; an empty list has no bytes. Not split,
 * they stand inside of the object, which is walked by its streamer info; in a branch that holds a member of all elements of a
 * collection they are found as texts.
 * Source: ATLAS athena Database/AthenaPOOL/AthenaPoolUtilities/TPCnvTokenList_p1.h; measured on a file of 2009.
 */
import { CorruptFileError, UnsupportedError } from '../../errors.ts';
import { LONG_HEAD, LONG_TEXT, tstringHead } from '../bytes/big-endian.ts';
import { compilePlan, type ClassPlan } from '../root/streamer/class-plan.ts';
import type { InfoSet } from '../root/streamer/info-set.ts';
import type { StreamerInfo } from '../root/streamer/streamer-info.ts';
import type { SpanNode } from '../root/streamer/span-graph.ts';
import { TypeCode } from '../root/streamer/type-codes.ts';
import { walkUnframed } from '../root/streamer/walk.ts';
import { branchClassName, branchName } from '../root/tree/basket-table.ts';
import type { EntryBytes } from '../root/tree/branch-cursor.ts';
import { BRANCH } from '../root/tree/scan-layout.ts';
import type { TreeReader } from '../root/tree/tree-reader.ts';
import type { TextPlace } from './places.ts';
import { isToken } from './token.ts';
import { framedReader } from './row-columns.ts';

const TOKEN_CLASS = 'TPCnvToken_p1';
const TEXT_MEMBER = 'm_token';
const TOKEN_MEMBER = `.${TEXT_MEMBER}`;
/** How tokens begin. */
const TOKEN_START = '[DB=';

/** True when a file may have tokens inside event data: its streamer infos know the class. */
export function knowsEventTokens(infos: InfoSet): boolean {
  return infos.all(TOKEN_CLASS).length > 0;
}

/** A branch with tokens in its entries. */
export interface EventTokenBranch {
  /** Row of the scan. */
  branch: number;
  /** True where entries hold more than tokens. */
  isWhole: boolean;
  /** Token texts of an entry. UnsupportedError (with path) where they cannot be found. */
  locate: (entry: EntryBytes) => TextPlace[];
}

/** Branches of a tree that hold such tokens, be it alone or inside of objects that are stored whole. */
export function eventTokenBranches(tree: TreeReader): EventTokenBranch[] {
  const { scan } = tree;
  const parents = new Set(scan.branchParent);
  const known = new Map<string, boolean>();
  return Array.from({ length: scan.branches.count }, (_, row) => row).flatMap((branch): EventTokenBranch[] => {
    if (scan.branchClass[branch] !== 'TBranchElement') return [];
    const className = branchClassName(scan, branch);
    if (className === TOKEN_CLASS && branchName(scan, branch).endsWith(TOKEN_MEMBER)) {
      return [{ branch, isWhole: false, locate: locateEventTokens }];
    }
    if (parents.has(branch)) return [];
    const { typeName, info } = storedType(tree, branch, className);
    if (!holdsEventTokens(tree.infos, typeName, known)) return [];
    const plan = info === undefined ? undefined : compilePlan(info);
    if (scan.branches.number(scan.view, branch, BRANCH.fType, 0) !== 0) return [{ branch, isWhole: true, locate: locateTokenTexts }];
    return [{ branch, isWhole: true, locate: (entry) => locateWholeTokens(tree, { branch, className, plan }, entry) }];
  });
}

/**
 * What an entry of a branch without sub-branches holds: its type, and an info of its members; undefined for a
 * collection, and where there is none.
 */
function storedType({ scan, infos }: TreeReader, branch: number, className: string): { typeName: string; info: StreamerInfo | undefined } {
  const number = (column: number, absent: number): number => scan.branches.number(scan.view, branch, column, absent);
  const info =
    infos.findByChecksum(className, number(BRANCH.fCheckSum, 0) >>> 0) ??
    infos.find(className, number(BRANCH.fClassVersion, 0)) ??
    infos.all(className)[0];
  const element = number(BRANCH.fID, -1) < 0 ? undefined : info?.elements[number(BRANCH.fID, -1)];
  if (info === undefined || element === undefined) return { typeName: className, info };
  return { typeName: element.elementClass === 'TStreamerBase' ? element.name : element.typeName, info: { ...info, elements: [element] } };
}

/** A branch that stores objects or members whole. */
interface WholeBranch {
  branch: number;
  className: string;
  plan: ClassPlan | undefined;
}

/** Tokens of an object or member that is stored whole, in the order of its bytes. */
function locateWholeTokens(tree: TreeReader, { branch, className, plan }: WholeBranch, entry: EntryBytes): TextPlace[] {
  const where = { objectPath: `${tree.path}: ${branchName(tree.scan, branch)}` };
  const { root, opaque } = walkUnframed(entry.data.subarray(entry.start, entry.end), className, plan, tree.infos);
  const unknown = opaque[0];
  if (unknown !== undefined) {
    throw new UnsupportedError(`tokens may be in a ${unknown.className} that is not understood: ${unknown.reason}`, where);
  }
  const places: TextPlace[] = [];
  collectTokens(root, entry, places);
  return places;
}

function collectTokens(node: SpanNode, entry: EntryBytes, places: TextPlace[]): void {
  if (node.kind === 'pointer') {
    if (node.target !== null && node.form === 'object') collectTokens(node.target, entry, places);
    return;
  }
  if (node.kind !== 'object') return;
  for (const child of node.children) {
    if (node.className === TOKEN_CLASS && child.name === TEXT_MEMBER) addTexts(child, entry, places);
    else collectTokens(child, entry, places);
  }
}

/**
 * Tokens in an entry of any layout: each begins with its first field and stands behind its length. CorruptFileError where
 * something begins so and is no token of one of the lengths that may stand before it, or of both.
 */
export function locateTokenTexts(column: EntryBytes): TextPlace[] {
  const { data, start, end } = column;
  const bytes = Buffer.from(data.buffer, data.byteOffset + start, end - start);
  const places: TextPlace[] = [];
  for (let found = bytes.indexOf(TOKEN_START); found >= 0; found = bytes.indexOf(TOKEN_START, found + 1)) {
    const short = bytes[found - 1] ?? LONG_TEXT;
    const long = bytes[found - LONG_HEAD] === LONG_TEXT ? bytes.readUInt32BE(found - 4) : 0;
    const lengths = [...(short < LONG_TEXT ? [short] : []), ...(long >= LONG_TEXT ? [long] : [])];
    const isTokenOf = (each: number): boolean => found + each <= bytes.length && isToken(bytes.toString('latin1', found, found + each));
    const [length, ...others] = lengths.filter(isTokenOf);
    if (length === undefined || others.length > 0) throw new CorruptFileError('a token has no fitting length', { offset: start + found });
    places.push({ column, at: start + found, length });
    found += length - 1;
  }
  return places;
}

/** Texts inside a node, each behind its length. */
function addTexts(node: SpanNode, column: EntryBytes, places: TextPlace[]): void {
  if (node.kind === 'object') for (const child of node.children) addTexts(child, column, places);
  else if (node.kind === 'raw' && node.type === TypeCode.tstring) {
    const at = column.start + node.start;
    const head = tstringHead(column.data[at]);
    places.push({ column, at: at + head, length: node.end - node.start - head });
  }
}

/** True when an object of this type holds tokens, directly or in a member, base class or collection. `known` saves answers. */
export function holdsEventTokens(infos: InfoSet, typeName: string, known: Map<string, boolean> = new Map()): boolean {
  return typeName.split(/[<>,*\s]+/).some((className) => {
    if (className === TOKEN_CLASS) return true;
    if (!known.has(className)) {
      known.set(className, false); // a class that holds itself adds nothing
      const members = infos
        .all(className)
        .flatMap(({ elements }) =>
          elements.map(({ elementClass, name, typeName: type }) => (elementClass === 'TStreamerBase' ? name : type)),
        );
      known.set(
        className,
        members.some((member) => holdsEventTokens(infos, member, known)),
      );
    }
    return known.get(className) === true;
  });
}

/** Token texts of one entry of a branch of tokens alone. */
export function locateEventTokens(column: EntryBytes): TextPlace[] {
  const r = framedReader(column);
  const places: TextPlace[] = [];
  while (r.remaining > 0) {
    const { length } = r.tstringBytes();
    places.push({ column, at: r.pos - length, length });
  }
  return places;
}
