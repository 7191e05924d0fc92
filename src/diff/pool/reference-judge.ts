/**
 * Holds references of a POOL file against those they come from: each must lead to the row that belongs to the row the
 * other leads to. References to files that are not compared must say the same.
 */
import { TECHNOLOGY, type Reference } from '../../io/pool/token.ts';
import type { Resolution } from '../../io/pool/resolve.ts';
import type { DifferenceList } from '../object/difference.ts';
import type { PoolSide, PoolSides } from './pool-sides.ts';

/** Storage whose references name their container. */
const RELOCATABLE: ReadonlySet<number> = new Set([TECHNOLOGY.treeIndex, TECHNOLOGY.rntuple]);

/** How many references are how. */
export interface ReferenceVerdicts {
  right: number;
  /** Lead nowhere. */
  lost: number;
  /** Lead elsewhere. */
  altered: number;
  added: number;
  /** Lead nowhere on both sides. */
  danglingBefore: number;
  /** To a file that was merged before: they lead into the merged file now, whether to the right row is not known. */
  followed: number;
  /** Rows that cannot be read where they come from. */
  unread: number;
}

/** What is said of each, in this order. */
const VERDICTS: readonly (readonly [verdict: keyof ReferenceVerdicts, text: string])[] = [
  ['right', 'right'],
  ['lost', 'lost'],
  ['altered', 'altered'],
  ['added', 'added'],
  ['danglingBefore', 'leading nowhere on both sides'],
  ['followed', 'following a file merged before, rows unknown'],
  ['unread', 'rows that cannot be read on the other side'],
];

/** Judges references and adds what is wrong to a list. */
export class ReferenceJudge {
  readonly counts: ReferenceVerdicts = { right: 0, lost: 0, altered: 0, added: 0, danglingBefore: 0, followed: 0, unread: 0 };
  readonly #sides: PoolSides;
  readonly #differences: DifferenceList;

  constructor(sides: PoolSides, differences: DifferenceList) {
    this.#sides = sides;
    this.#differences = differences;
  }

  /**
   * Judges one reference of the left side; `theirs` is that of file `source` on the right. `isRowKnown`: false where
   * any row of the container may be meant.
   */
  judge(at: string, ours: Reference, theirs: Reference, source: number, isRowKnown = true): void {
    const side = this.#sides.right[source];
    if (side === undefined) return;
    const [have, want] = [this.#sides.left.resolver.resolve(ours), side.resolver.resolve(theirs)];
    if (want.status === 'resolved') this.#judgeRow(at, { ours, theirs, side }, have, want, isRowKnown);
    else if (want.status === 'foreign') this.#judgeForeign(at, ours, have, theirs);
    else if (have.status === 'dangling') this.counts.danglingBefore++;
    else this.#wrong('altered', at, ours, have, `nowhere: ${want.reason}`);
  }

  /** A difference beside what references lead to: another number of them, another key. */
  altered(at: string, left: unknown, right: unknown): void {
    this.counts.altered++;
    this.#differences.add(at, left, right);
  }

  /** Another number of references. */
  otherCount(at: string, left: number, right: number): void {
    this.counts[left > right ? 'added' : 'lost'] += Math.abs(left - right);
    this.#differences.add(at, left, right);
  }

  /** References that cannot even be decoded, or a row of them. */
  lost(at: string, count: number, reason: string): void {
    this.counts.lost += count;
    this.#differences.add(at, `lost: ${reason}`, count === 1 ? 'a row that can be read' : `${count} references`);
  }

  #judgeRow(
    at: string,
    { ours, theirs, side }: { ours: Reference; theirs: Reference; side: PoolSide },
    have: Resolution,
    want: Extract<Resolution, { status: 'resolved' }>,
    isRowKnown: boolean,
  ): void {
    const { right, left } = this.#sides;
    const source = side.contents === want.contents ? right.indexOf(side) : right.findIndex(({ contents }) => contents === want.contents);
    const row = this.#sides.rowOf({ source, row: want.row }, want.container.name);
    const place = placeText(want.container.name, row);
    const isByName = RELOCATABLE.has(theirs.technology) && isNamedByLink(side, theirs);
    if (have.status !== 'resolved') this.#wrong('lost', at, ours, have, place);
    else if (have.container.name !== want.container.name || (isRowKnown && have.row !== row)) this.#wrong('altered', at, ours, have, place);
    else if (isByName && !isNamedByLink(left, ours)) {
      this.#wrong('altered', at, ours, have, `${place}, by the link id of ${ours.container}`);
    } else if (theirs.technology !== ours.technology) {
      this.#wrong('altered', at, ours, have, `${place}, by technology ${theirs.technology.toString(16)}`);
    } else this.counts.right++;
  }

  /** References to files that are not here stay as they are, or follow a file that was merged into one of these. */
  #judgeForeign(at: string, ours: Reference, have: Resolution, theirs: Reference): void {
    if (referenceText(ours) === referenceText(theirs)) this.counts.right++;
    else if (have.status === 'resolved' && have.container.name === theirs.container) this.counts.followed++;
    else this.#wrong(have.status === 'dangling' ? 'lost' : 'altered', at, ours, have, referenceText(theirs));
  }

  #wrong(verdict: 'lost' | 'altered', at: string, ours: Reference, have: Resolution, expected: string): void {
    this.counts[verdict]++;
    this.#differences.add(at, `${verdict}: ${resolutionText(have)}, by ${referenceText(ours)}`, expected);
  }

  /** What was found, as one line; undefined when there were no references. */
  note(): string | undefined {
    const found = VERDICTS.filter(([verdict]) => this.counts[verdict] > 0);
    const parts = found.map(([verdict, what]) => `${this.counts[verdict]} ${what}`);
    return parts.length === 0 ? undefined : `references: ${parts.join(', ')}`;
  }
}

function resolutionText(resolution: Resolution): string {
  if (resolution.status === 'resolved') return placeText(resolution.container.name, resolution.row);
  return resolution.status === 'dangling' ? `nowhere: ${resolution.reason}` : 'a file that is not here';
}

function placeText(container: string, row: number): string {
  return `${container}[${row}]`;
}

/**
 * True when the link id of a reference is that of the container it names: readers of relocatable storage go by the
 * name, others by the id.
 */
function isNamedByLink({ contents: { bookkeeping } }: PoolSide, { oid1, container }: Reference): boolean {
  return bookkeeping.linkById.get(oid1)?.token.container === container;
}

/** What a reference says, short; equal texts are equal references. */
function referenceText({ db, container, classId, technology, oid1, oid2 }: Reference): string {
  const hex = (value: bigint): string => BigInt.asUintN(64, value).toString(16).toUpperCase();
  return `[OID=${hex(oid1)}-${hex(oid2)}][CNT=${container}][DB=${db.toUpperCase()}][CLID=${classId.toUpperCase()}][TECH=${technology.toString(16)}]`;
}
