/**
 * What is compared by rule in POOL files, because merging has to change it: bookkeeping, headers and their forms,
 * event tags, tokens in event data, index_ref. Everything else is compared by its values.
 */
import { isPoolMergeError } from '../../errors.ts';
import { BOOKKEEPING } from '../../io/pool/bookkeeping.ts';
import { INDEX_NAME, treeIndexValues, tupleIndexValues, type Container } from '../../io/pool/containers.ts';
import type { PoolContents } from '../../io/pool/pool-contents.ts';
import { branchesByPath } from '../../io/root/tree/branch-paths.ts';
import type { TreeReader } from '../../io/root/tree/tree-reader.ts';
import type { DifferenceList } from '../object/difference.ts';
import type { EntryPairs } from '../entries/entry-selection.ts';
import type { DiffFile } from '../object/file-objects.ts';
import { judgeBookkeeping } from './pool-bookkeeping.ts';
import { IndexJudge } from './index-judge.ts';
import { METADATA, keptRows } from './kept-rows.ts';
import { MetadataJudge } from './metadata-judge.ts';
import { SideHeaders } from './pool-headers.ts';
import { pairsByReferences } from './pool-pairs.ts';
import { judgeForms, judgeHeaders } from './header-judge.ts';
import type { RowsContext } from './row-pairs.ts';
import { judgeEventTokens, judgeTags } from './token-judge.ts';
import { openPoolSides, type PoolSide, type PoolSides, type UnreadablePart } from './pool-sides.ts';
import { ReferenceJudge } from './reference-judge.ts';
import { RuledParts } from './ruled-parts.ts';

/** What is judged by rule where references cannot be followed: it cannot be known from the file, names must do. */
const RULED_BY_NAME = /(^|[./])(index_ref|Token|m_token|\w*DataHeader(Form)?)([./ ]|$)/;

/** What rules said of one object. */
export interface RuleVerdict {
  /** True when references lead nowhere, and nothing else differs. */
  isLost: boolean;
  notes: string[];
}

/** How rules are applied. */
export interface RuleOptions {
  /** Told after each row; throws to stop. */
  step: () => Promise<void>;
  /** False when rows may stand elsewhere: forms are then judged by the headers that use them. */
  isInOrder: boolean;
  /** False for branches that are left out. */
  accepts: (name: string) => boolean;
}

/** How metadata were merged: `concat` has rows of all inputs, `sum` one; undefined: as it looks. */
export type MetadataRule = 'concat' | 'sum' | undefined;

/** The comparison of POOL files by rule. */
export class PoolComparison {
  /** undefined where references cannot be followed. */
  readonly #sides: PoolSides | undefined;
  /** undefined where there are sides. */
  readonly #unreadable: UnreadablePart | undefined;
  readonly #isMerge: boolean;
  readonly #ruled: RuledParts;
  /** Judges metadata that became one row; undefined where there are all rows. */
  readonly #metadata: MetadataJudge | undefined;

  private constructor(sides: PoolSides | UnreadablePart, isMerge: boolean, rule: MetadataRule) {
    const isReadable = !('reason' in sides);
    this.#sides = isReadable ? sides : undefined;
    this.#unreadable = isReadable ? undefined : sides;
    this.#isMerge = isMerge;
    this.#metadata = isReadable && isMerge && rule !== 'concat' ? openMetadata(sides, rule === 'sum') : undefined;
    this.#ruled = new RuledParts(isReadable ? [sides.left, ...sides.right].map(({ contents }) => contents) : []);
  }

  /** undefined when not all of the files are POOL files. `isMerge`: the left file was made of the others. */
  static open(left: DiffFile, right: readonly DiffFile[], isMerge: boolean, rule?: MetadataRule): PoolComparison | undefined {
    const sides = openPoolSides(left, right);
    return sides === undefined ? undefined : new PoolComparison(sides, isMerge, rule);
  }

  /** True for a tree of bookkeeping at the top of the file. */
  isBookkeeping(path: string): boolean {
    return Object.values(BOOKKEEPING).some((name) => path === `/${name}`);
  }

  /** True for a tree that not both sides need have. */
  comesAndGoes(path: string): boolean {
    return path === `/${BOOKKEEPING.sections}`;
  }

  /** True for a branch or field that is judged by rule, not by its values. */
  isRuled(path: string, name: string): boolean {
    if (this.#sides === undefined) return RULED_BY_NAME.test(name);
    const store = path.slice(1);
    if (name === INDEX_NAME || this.#ruled.has(store, name)) return true;
    return store === METADATA && this.#metadata?.containerOf(name) !== undefined;
  }

  /** Order in which objects are compared: those that references lead to, those with tokens inside, headers, event tags. */
  rank(path: string): number {
    return this.#ruled.rank(path.slice(1));
  }

  /** Which rows belong together, by what their references lead to; undefined where that stays in order, or is told otherwise. */
  pairs(path: string): EntryPairs | undefined {
    const found = this.#ruled.containersIn(path.slice(1)).find(({ kind }) => kind !== 'form');
    return this.#sides === undefined || found === undefined || found.kind === 'form'
      ? undefined
      : pairsByReferences(this.#sides, found.name, found.kind);
  }

  /** Keeps which rows of an object were found to belong together. */
  setPairs(path: string, pairs: EntryPairs | undefined): void {
    if (pairs !== undefined) this.#sides?.setPairs(path.slice(1), pairs);
  }

  /** For each file on the right: entries that a merge makes where it lacks a tree or RNTuple; 0 where it has it. */
  madeEntries(path: string): number[] {
    return this.#sides?.right.map((_, i) => this.#sides?.madeEntries(i, path.slice(1)) ?? 0) ?? [];
  }

  /** Whose rows of an object are left, where it is not all of them: number of the file on the right, and how many of its rows. */
  keptRows(path: string): { source: number; rowCount: number } | undefined {
    return this.#sides?.keptRows(path.slice(1));
  }

  /** Members of a tree that are the file's own: some mergers keep there what they joined. */
  ownMembers(path: string): string[] {
    return this.isBookkeeping(path) ? ['fUserInfo'] : [];
  }

  /** Judges bookkeeping, or what of an object is judged by rule; differences are added to a list. */
  async judge(path: string, { step, isInOrder, accepts }: RuleOptions, differences: DifferenceList): Promise<RuleVerdict> {
    if (this.#sides === undefined) return this.#judgeUnreadable(path, differences);
    if (this.isBookkeeping(path)) {
      const [left, right] = [this.#sides.left.contents.bookkeeping, this.#sides.right.map(({ contents }) => contents.bookkeeping)];
      const notes = judgeBookkeeping(path.slice(1), { left, right, isMerge: this.#isMerge, differences });
      if (path === `/${BOOKKEEPING.params}`) this.#judgeOwnId(this.#sides, differences);
      return { isLost: false, notes };
    }
    const judge = new ReferenceJudge(this.#sides, differences);
    const before = differences.count;
    const notes = await this.#judgeContainers(path, { sides: this.#sides, judge, step, isInOrder }, () => differences.count > 0);
    if (path === `/${METADATA}`) notes.push(...(this.#metadata?.judge(accepts, differences) ?? []));
    const isLost = before === 0 && judge.counts.lost > 0 && judge.counts.altered + judge.counts.added === 0;
    const afterReferences = differences.count;
    this.#judgeIndex(path.slice(1), this.#sides, isInOrder, differences);
    return { isLost: isLost && differences.count === afterReferences, notes: [...notes, judge.note() ?? ''].filter((note) => note !== '') };
  }

  /** The file must have the id its own headers call it by, unless they still speak of the files on the right. */
  #judgeOwnId({ left, right }: PoolSides, differences: DifferenceList): void {
    const known = [left, ...right]
      .flatMap(({ contents: { bookkeeping } }) => [bookkeeping.fid, ...bookkeeping.earlierFids])
      .map((fid) => fid.toUpperCase());
    for (const { container } of left.contents.headerContainers()) {
      const named = container.rowCount === 0 ? undefined : formFile(left, container);
      if (named === undefined || known.includes(named)) continue;
      differences.add('FID', left.contents.fid, `${named}, as headers say`);
      return;
    }
  }

  #judgeUnreadable(path: string, differences: DifferenceList): RuleVerdict {
    const { path: broken, reason } = this.#unreadable ?? { path: '', reason: '' };
    if (path === broken.replace(/;\d+$/, '')) differences.add('rows', reason, 'rows that can be read');
    return { isLost: false, notes: [`references cannot be followed: ${reason}`] };
  }

  async #judgeContainers(path: string, context: RowsContext, hasDifferences: () => boolean): Promise<string[]> {
    const notes: string[] = [];
    const { sides } = context;
    for (const { name, kind } of this.#ruled.containersIn(path.slice(1))) {
      try {
        if (kind === 'header') await judgeHeaders(name, context);
        else if (kind === 'tag') await judgeTags(name, context);
        else if (context.isInOrder) await judgeForms(name, context);
        else notes.push(`${name}: forms are judged by the references of the headers that use them`);
      } catch (err) {
        if (!isPoolMergeError(err, 'UNSUPPORTED') || !hasDifferences()) throw err; // not judged, if nothing else is wrong
        notes.push(err.message);
      }
    }
    for (const branch of this.#ruled.tokenBranchesIn(path.slice(1))) {
      const [left, ...right] = [sides.left, ...sides.right].map(({ contents }) => branchIn(contents, path.slice(1), branch));
      if (left !== undefined) await judgeEventTokens(branch, left[0], left[1], right, context);
    }
    return notes;
  }

  /** Which form stands where is not known in another order: their values must only be different. */
  #judgeIndex(store: string, sides: PoolSides, isInOrder: boolean, differences: DifferenceList): void {
    const isKnown = isInOrder || !this.#ruled.containersIn(store).some(({ kind }) => kind === 'form');
    const [left, ...right] = [sides.left, ...sides.right].map(({ contents }) => indexValues(contents, store)) as [bigint[], ...bigint[][]];
    const kept = sides.keptRows(store);
    if (kept !== undefined) right.forEach((values, i) => values.splice(i === kept.source ? kept.rowCount : 0));
    if (left.length > 0 || right.some(({ length }) => length > 0)) {
      new IndexJudge().judge(left, right, isKnown ? sides.sourceRows(store) : [], differences);
    }
  }
}

/**
 * Metadata that became one row; undefined where all rows must be there. Where nothing adds up, and rows differ,
 * one row is a loss, unless it was asked for. CorruptFileError, UnsupportedError when rows of the inputs cannot be read.
 */
function openMetadata(sides: PoolSides, isAskedFor: boolean): MetadataJudge | undefined {
  const kept = keptRows(
    sides.left.contents,
    sides.right.map(({ contents }) => contents),
  );
  if (kept === undefined) return undefined;
  const judge = new MetadataJudge(sides, kept);
  if (!isAskedFor && !judge.hasSums && judge.leavesOut) return undefined;
  sides.keepRows(kept);
  return judge;
}

function branchIn({ containers }: PoolContents, store: string, path: string): readonly [TreeReader, number] | undefined {
  const tree = containers.tree(store)?.reader;
  const row = tree && branchesByPath(tree).get(path);
  return tree === undefined || row === undefined ? undefined : [tree, row];
}

function indexValues({ containers }: PoolContents, store: string): bigint[] {
  const tree = containers.tree(store)?.reader;
  if (tree !== undefined) return treeIndexValues(tree);
  const tuple = containers.tuple(store);
  return tuple === undefined ? [] : tupleIndexValues(tuple);
}

/** Paths in the order in which their objects are compared. */
export function inOrderOfReferences(paths: readonly string[], pool: PoolComparison | undefined): readonly string[] {
  return pool === undefined ? paths : paths.toSorted((a, b) => pool.rank(a) - pool.rank(b));
}

/** Id of the file that the form of the first header is in; undefined where it cannot be read. */
function formFile(side: PoolSide, container: Container): string | undefined {
  try {
    return new SideHeaders(side, container).read(0).form?.reference.db.toUpperCase();
  } catch (err) {
    if (!isPoolMergeError(err, 'CORRUPT_FILE', 'UNSUPPORTED')) throw err;
    return undefined;
  }
}
