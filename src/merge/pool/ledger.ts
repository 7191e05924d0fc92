/**
 * What a merged POOL file knows of the files it was made from, so that a later merge can follow references to those as
 * if all files had been merged at once. Kept as the only object, a TObjString, of the user info of ##Links; readers of
 * POOL files do not look there. One line per file:
 *
 *   [FID=guid][LINKS=first:count:to:shift,…][WORDS=from:to,…]
 *
 *   LINKS   link ids first, first + 1, … of that file are to, to + 1, … here; its row numbers grew by shift
 *   WORDS   upper halves of its index_ref values that were replaced
 */
import { CorruptFileError, withContext } from '../../errors.ts';
import { BOOKKEEPING } from '../../io/pool/bookkeeping.ts';
import { isGuid } from '../../io/pool/guid.ts';
import { listItems } from '../../io/root/streamer/member-list.ts';
import { member, textOf } from '../../io/root/streamer/member.ts';
import { walkObject } from '../../io/root/streamer/walk.ts';
import { newestKey } from '../../io/root/tree/tree-reader.ts';
import type { InputFile } from '../inputs.ts';

/** Link ids of a file that follow each other, and what became of them. */
export interface LinkRun {
  first: bigint;
  count: number;
  to: bigint;
  shift: number;
}

/** A file that went into a merged one. */
export interface Ancestor {
  fid: string;
  runs: LinkRun[];
  words: Map<bigint, bigint>;
}

/** Adds a link to runs; ids must ascend. */
export function addLink(runs: LinkRun[], id: bigint, to: bigint, shift: number): void {
  const last = runs.at(-1);
  const follows =
    last !== undefined && id === last.first + BigInt(last.count) && to === last.to + BigInt(last.count) && shift === last.shift;
  if (follows) last.count++;
  else runs.push({ first: id, count: 1, to, shift });
}

/** Text of a ledger. */
export function formatLedger(ancestors: readonly Ancestor[]): string {
  return ancestors
    .map(({ fid, runs, words }) => {
      const links = runs.map(({ first, count, to, shift }) => `${first}:${count}:${to}:${shift}`).join(',');
      const replaced = [...words].map(([from, to]) => `${from}:${to}`).join(',');
      return `[FID=${fid}][LINKS=${links}][WORDS=${replaced}]`;
    })
    .join('\n');
}

const LINE = /^\[FID=([^\]]*)\]\[LINKS=((?:-?\d+:\d+:-?\d+:\d+,?)*)\]\[WORDS=((?:-?\d+:-?\d+,?)*)\]$/;

/** Parses a ledger; CorruptFileError where it is none. */
export function parseLedger(text: string): Ancestor[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, fid = '', links = '', words = ''] = LINE.exec(line) ?? [];
      if (!isGuid(fid)) throw new CorruptFileError('the list of merged files cannot be read', { found: JSON.stringify(line.slice(0, 80)) });
      const tuples = (list: string): bigint[][] =>
        list === '' ? [] : list.split(',').map((item) => item.split(':').map((number) => BigInt(number)));
      const runs = tuples(links).map(([first = 0n, count = 0n, to = 0n, shift = 0n]) => ({
        first,
        count: Number(count),
        to,
        shift: Number(shift),
      }));
      return { fid: fid.toUpperCase(), runs, words: new Map(tuples(words).map(([from = 0n, to = 0n]) => [from, to])) };
    });
}

/** The ledger of an input; empty when it has none. */
export function readLedger({ file, infos, path }: InputFile): Ancestor[] {
  const key = newestKey(file.root, BOOKKEEPING.links);
  if (key < 0) return [];
  return withContext({ file: path, objectPath: `/${BOOKKEEPING.links}` }, () => {
    const { key: header, payload } = file.readObject(file.root, key);
    const info = member(walkObject(payload, header.keylen, header.className, infos).root, 'fUserInfo');
    const [item] = info?.kind === 'pointer' && info.target !== null ? listItems(info.target) : [];
    return item?.className === 'TObjString' && item.target !== null ? parseLedger(textOf(item.target, 'fString')) : [];
  });
}
