/** Tokens in event tags and in event data against those they come from. */
import { tagTokens } from '../../io/pool/header-rows.ts';
import { eventTokenBranches, locateEventTokens, type EventTokenBranch } from '../../io/pool/event-tokens.ts';
import { textOf } from '../../io/pool/places.ts';
import { parseToken } from '../../io/pool/token.ts';
import { BranchCursor, type EntryBytes } from '../../io/root/tree/branch-cursor.ts';
import type { TreeReader } from '../../io/root/tree/tree-reader.ts';
import { orUndefined } from './pool-headers.ts';
import { containersOf } from './pool-sides.ts';
import type { ReferenceJudge } from './reference-judge.ts';
import { VERSION_AT, VERSION_END } from './row-members.ts';
import { forEachPair, judgePairs, readOurs, type ReadRows, type RowsContext } from './row-pairs.ts';

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

/** Judges the token lists of a branch of event data; `right`: the tree and the branch's row in each input. */
export async function judgeEventTokens(
  path: string,
  left: TreeReader,
  row: number,
  right: readonly (readonly [tree: TreeReader, row: number] | undefined)[],
  ctx: RowsContext,
): Promise<void> {
  const { judge } = ctx;
  const store = left.path.replace(/^\/|;\d+$/g, '');
  const ours = new TokenEntries(left, row);
  const theirs = right.map((each) => each && new TokenEntries(...each));
  await judgePairs(store, path, ours, theirs, ctx, (at, a, b, source) => {
    if (a.texts.length !== b.texts.length) judge.otherCount(`${at} tokens`, a.texts.length, b.texts.length);
    const isAsLong = a.texts.length === b.texts.length && a.texts.every((text, k) => text.length === b.texts[k]?.length);
    if (a.version !== b.version) judge.altered(`${at} version`, a.version, b.version);
    else if ((isAsLong || ours.isWhole) && Buffer.compare(a.rest, b.rest) !== 0) {
      judge.altered(`${at}, beside its tokens`, a.rest, b.rest);
    }
    b.texts.forEach((text, k) => {
      if (a.texts[k] !== undefined) judgeToken(`${at}[${k}]`, a.texts[k], text, source, judge);
    });
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
class TokenEntries implements ReadRows<TokenEntry> {
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

  get rowCount(): number {
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
