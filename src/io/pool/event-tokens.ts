/**
 * Tokens inside event data (about 2006 to 2012): a persistent object with extensions lists the rows of
 * extension trees it needs, `m_tokenList` = vector of TPCnvToken_p1 {m_converterID u16, m_token string}. Split, the
 * texts of an entry are one framed column of a branch of class TPCnvToken_p1; an empty list has no bytes.
 * Source: ATLAS athena Database/AthenaPOOL/AthenaPoolUtilities/TPCnvTokenList_p1.h; measured on a file of 2009.
 */
import { decodeText } from '../bytes/big-endian.ts';
import type { InfoSet } from '../root/streamer/info-set.ts';
import { branchName, textAt } from '../root/tree/basket-table.ts';
import type { EntryBytes } from '../root/tree/branch-cursor.ts';
import { BRANCH } from '../root/tree/scan-layout.ts';
import type { TreeReader } from '../root/tree/tree-reader.ts';
import type { TextPlace } from './places.ts';
import { framedReader } from './row-columns.ts';

const TOKEN_CLASS = 'TPCnvToken_p1';
const TOKEN_MEMBER = '.m_token';

/** True when a file may have tokens inside event data: its streamer infos know the class. */
export function knowsEventTokens(infos: InfoSet): boolean {
  return infos.all(TOKEN_CLASS).length > 0;
}

/** Branches of a tree that hold such tokens, as rows of its scan. */
export function eventTokenBranches({ scan }: TreeReader): number[] {
  return Array.from({ length: scan.branches.count }, (_, row) => row).filter((row) => {
    if (scan.branchClass[row] !== 'TBranchElement' || !branchName(scan, row).endsWith(TOKEN_MEMBER)) return false;
    return decodeText(textAt(scan, scan.branches.offset(row, BRANCH.fClassName))) === TOKEN_CLASS;
  });
}

/**
 * Branches that store objects with such tokens whole instead of split: their tokens are not followed.
 * As rows of the scan.
 */
export function wholeTokenBranches({ scan, infos }: TreeReader): number[] {
  const parents = new Set(scan.branchParent);
  const known = new Map<string, boolean>();
  return Array.from({ length: scan.branches.count }, (_, row) => row).filter((row) => {
    if (scan.branchClass[row] !== 'TBranchElement' || parents.has(row)) return false;
    const className = decodeText(textAt(scan, scan.branches.offset(row, BRANCH.fClassName)));
    const element = scan.branches.number(scan.view, row, BRANCH.fID, -1);
    const typeName = element < 0 ? className : infos.all(className)[0]?.elements[element]?.typeName;
    return typeName !== undefined && holdsEventTokens(infos, typeName, known);
  });
}

/** True when an object of this type holds tokens, directly or in a member, base class or collection. `known` saves answers. */
export function holdsEventTokens(infos: InfoSet, typeName: string, known: Map<string, boolean> = new Map()): boolean {
  return typeName.split(/[<>,*\s]+/).some((className) => {
    if (className === TOKEN_CLASS) return true;
    if (!known.has(className)) {
      known.set(className, false); // a class that holds itself adds nothing
      const members = infos.all(className).flatMap(({ elements }) => elements.map(({ elementClass, name, typeName: type }) => (elementClass === 'TStreamerBase' ? name : type)));
      known.set(className, members.some((member) => holdsEventTokens(infos, member, known)));
    }
    return known.get(className) === true;
  });
}

/** Token texts of one entry of such a branch. */
export function locateEventTokens(column: EntryBytes): TextPlace[] {
  const r = framedReader(column);
  const places: TextPlace[] = [];
  while (r.remaining > 0) {
    const { length } = r.tstringBytes();
    places.push({ column, at: r.pos - length, length });
  }
  return places;
}
