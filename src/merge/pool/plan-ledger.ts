/** The ledger of the merged file: where the links of its inputs, and of the files these were made from, went. */
import { isPoolMergeError } from '../../errors.ts';
import { FIRST_STORED_LINK, type Link } from '../../io/pool/bookkeeping.ts';
import type { PoolContents } from '../../io/pool/pool-contents.ts';
import { linksOfSection } from '../../io/pool/pool-file.ts';
import { TECHNOLOGY } from '../../io/pool/token.ts';
import { addLink, type Ancestor, type LinkRun } from './ledger.ts';
import type { PoolInput } from './pool-inputs.ts';
import type { Move } from './move.ts';
import type { Relocation } from './relocation.ts';

/** A link by the id that references to its file use; `link` undefined: the input has none for that id. */
type NumberedLink = readonly [id: bigint, link: Link | undefined];

/** What the merged file remembers of one input: its ancestors, the files joined into it, then itself. */
export function planLedger({ contents, ancestors }: PoolInput, relocation: Relocation): Ancestor[] {
  const { fid, earlierFids, linkById } = contents.bookkeeping;
  const current = ancestors.filter((ancestor) => relocation.ancestorOf(ancestor.fid)?.ancestor === ancestor);
  return [
    ...current.map((ancestor) => remembered(relocation, ancestor.fid, linksOfAncestor(ancestor, contents))),
    ...earlierFids.map((earlier, section) =>
      remembered(
        relocation,
        earlier,
        linksOfSection(contents.bookkeeping, section).map((link, i) => [FIRST_STORED_LINK + BigInt(i), link]),
      ),
    ),
    remembered(relocation, fid, [...linkById]),
  ];
}

function linksOfAncestor({ runs }: Ancestor, { bookkeeping }: PoolContents): NumberedLink[] {
  return runs.flatMap(({ first, count, to }) =>
    Array.from({ length: count }, (_, i): NumberedLink => [first + BigInt(i), bookkeeping.linkById.get(to + BigInt(i))]),
  );
}

/** One file with its links; those that lead nowhere are left out. */
function remembered(relocation: Relocation, fid: string, links: readonly NumberedLink[]): Ancestor {
  const runs: LinkRun[] = [];
  let last: Move | undefined;
  for (const [id, link] of [...links].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const move = link === undefined ? undefined : moveOfLink(relocation, fid, id, link);
    if (move === undefined) continue;
    addLink(runs, id, move.oid1, move.byIndex ? 0 : move.shift);
    last = move;
  }
  return { fid: fid.toUpperCase(), runs, words: last === undefined ? new Map() : relocation.wordChanges(last) };
}

/** Where the references with a link id go; undefined where they lead nowhere. */
function moveOfLink(relocation: Relocation, fid: string, oid1: bigint, { token: { classId } }: Link): Move | undefined {
  try {
    return relocation.moveOf({ db: fid, container: '', classId, technology: TECHNOLOGY.tree, oid1, oid2: 0n });
  } catch (err) {
    if (isPoolMergeError(err, 'CORRUPT_FILE')) return undefined;
    throw err;
  }
}
