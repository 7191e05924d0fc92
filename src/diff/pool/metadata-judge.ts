/**
 * Metadata of several rows that became one: what adds up must be the sum of all rows, everything else stays what the row
 * that is left says. What that row says of the containers that add up is judged here, member by member.
 */
import { isPoolMergeError } from '../../errors.ts';
import { INDEX_NAME } from '../../io/pool/containers.ts';
import type { RowColumns } from '../../io/pool/row-columns.ts';
import { branchName } from '../../io/root/tree/basket-table.ts';
import { BranchCursor, type EntryBytes } from '../../io/root/tree/branch-cursor.ts';
import { ABSENT } from '../../io/root/tree/member-table.ts';
import { BRANCH } from '../../io/root/tree/scan-layout.ts';
import { branchesByPath } from '../../io/root/tree/branch-paths.ts';
import type { TreeReader } from '../../io/root/tree/tree-reader.ts';
import { branchType, isSameType, typeText } from '../entries/branch-type.ts';
import type { DifferenceList } from '../object/difference.ts';
import { METADATA, type KeptRows } from './kept-rows.ts';
import { summedClass, type RowContents, type SummedClass } from './metadata-classes.ts';
import {
  bytesIn,
  containerClass,
  columnsOf,
  isSameRest,
  isSameRow,
  containerNames,
  metadataTree,
  type MetadataRow,
} from './metadata-row.ts';
import { judgeValues } from './metadata-values.ts';
import type { PoolSides } from './pool-sides.ts';

/** A container that adds up, in the row that is left. */
interface SummedContainer {
  name: string;
  summed: SummedClass;
  expected: RowContents;
  own: RowColumns;
}

/** Judges one row of metadata against all that were there. */
export class MetadataJudge {
  readonly #left: TreeReader;
  readonly #own: MetadataRow;
  readonly #rows: readonly MetadataRow[];
  readonly #containers: readonly SummedContainer[];
  /** Containers that are as the row that is left has them, and why nothing was summed. */
  readonly #kept = new Map<string, string>();

  /** Throws CorruptFileError, UnsupportedError where rows of the right side cannot be read. */
  constructor({ left, right }: PoolSides, { source }: KeptRows) {
    const trees = right.flatMap(({ contents }, i) =>
      contents.containers.tree(METADATA) === undefined ? [] : [{ tree: metadataTree(contents), isOwn: i === source }],
    );
    const rows = trees.flatMap(({ tree, isOwn }) =>
      Array.from({ length: tree.entryCount }, (_, row) => ({ tree, row, isOwn: isOwn && row === 0 })),
    );
    const own = rows.find(({ isOwn }) => isOwn);
    if (own === undefined) throw new RangeError('no row of metadata is left');
    this.#left = metadataTree(left.contents);
    this.#own = own;
    this.#rows = [own, ...rows.filter((each) => each !== own)];
    this.#containers = own.tree.children(-1).flatMap((branch) => this.#container(branch) ?? []);
    for (const { tree } of this.#rows) {
      for (const name of containerNames(tree)) {
        if (own.tree.branch(name) === undefined) this.#kept.set(name, 'the row that is left lacks it');
      }
    }
  }

  /** True where one row holds the sum of something, so that it cannot be what is left of a loss. */
  get hasSums(): boolean {
    return this.#containers.length > 0;
  }

  /** True where rows differ in what is not summed. */
  get leavesOut(): boolean {
    return this.#kept.size > 0;
  }

  /** The container a branch belongs to, if it adds up; by the path of the branch. */
  containerOf(path: string): string | undefined {
    return this.#containers.find(({ name }) => path === name || path.startsWith(`${name}/`))?.name;
  }

  /** Judges the containers `accepts` takes; returns notes. */
  judge(accepts: (path: string) => boolean, differences: DifferenceList): string[] {
    const taken = this.#containers.filter(({ name }) => accepts(name));
    for (const container of taken) this.#judgeContainer(container, differences);
    const file = this.#own.tree.file.path;
    return [
      `one row of metadata for ${this.#rows.length}, that of ${file}; summed: ${taken.map(({ name }) => name).join(', ') || 'nothing'}`,
      ...[...this.#kept]
        .filter(([name]) => accepts(name))
        .map(([name, reason]) => `${name}: not summed (${reason}), expected as in ${file}`),
    ];
  }

  /** undefined for one that does not add up. */
  #container(branch: number): SummedContainer | undefined {
    const { tree } = this.#own;
    const name = branchName(tree.scan, branch);
    if (name === INDEX_NAME) return undefined;
    const present = this.#rows.filter((each) => each.tree.branch(name) !== undefined);
    const className = containerClass(tree, name);
    const summed = summedClass(name, className);
    if (present.some((each) => containerClass(each.tree, name) !== className)) this.#kept.set(name, 'inputs have it in different classes');
    else if (summed !== undefined) return this.#summed(name, summed, present);
    else if (present.length < this.#rows.length || present.some((each) => !isSameRow(this.#own, each, name))) {
      this.#kept.set(name, 'inputs differ in it');
    }
    return undefined;
  }

  #summed(name: string, summed: SummedClass, present: readonly MetadataRow[]): SummedContainer | undefined {
    const found = sumOfRows(summed, () => present.map((each) => columnsOf(each, name)));
    if (typeof found !== 'string') return { name, summed, ...found };
    this.#kept.set(name, found);
    return undefined;
  }

  #judgeContainer({ name, summed, expected, own }: SummedContainer, differences: DifferenceList): void {
    if (!this.#judgeBranches(name, differences)) return;
    const read = this.#readLeft(name, summed, differences);
    if (read === undefined) return;
    const { ours, found } = read;
    for (const [member, values] of expected) {
      judgeValues(`${name}.${member}`, found.get(member) ?? [], values, this.#rows.length, differences);
    }
    for (const member of new Set([...ours.keys(), ...own.keys()])) {
      const [a, b] = [ours.get(member), own.get(member)].map(
        (column) => column && bytesIn(column, summed.summed.includes(member) ? summed.framed.includes(member) : undefined),
      );
      if (a === undefined || b === undefined || Buffer.compare(a, b) !== 0) {
        differences.add(`${name}.${member}`, a ?? 'absent', b ?? 'absent');
      }
    }
  }

  /** The container in the row that is left; a difference where it is damaged. */
  #readLeft(name: string, { read }: SummedClass, differences: DifferenceList): { ours: RowColumns; found: RowContents } | undefined {
    try {
      const ours = columnsOf({ tree: this.#left, row: 0 }, name);
      return { ours, found: read(ours) };
    } catch (err) {
      if (!isPoolMergeError(err, 'CORRUPT_FILE', 'UNSUPPORTED')) throw err;
      differences.add(name, err.reason, 'a row that can be read');
      return undefined;
    }
  }

  /** Branches of a container with their types, entries and limits; false where it cannot be read as one row. */
  #judgeBranches(name: string, differences: DifferenceList): boolean {
    const [left, right] = [this.#left, this.#own.tree];
    const [ours, theirs] = [left, right].map(
      (tree) => new Map([...branchesByPath(tree)].filter(([path]) => this.containerOf(path) === name)),
    ) as [Map<string, number>, Map<string, number>];
    let isWhole = ours.has(name);
    for (const path of new Set([...ours.keys(), ...theirs.keys()])) {
      const [row, other] = [ours.get(path), theirs.get(path)];
      if (row === undefined || other === undefined) {
        differences.add(`branch ${path}`, row === undefined ? 'absent' : 'present', other === undefined ? 'absent' : 'present');
        isWhole = false;
        continue;
      }
      const [type, otherType] = [branchType(left, row), branchType(right, other)];
      if (!isSameType(type, otherType)) isWhole = false;
      if (!isSameType(type, otherType)) differences.add(`branch ${path}`, typeText(type, otherType), typeText(otherType, type));
      const [count, expected] = [left, right].map((tree, i) =>
        Math.min(tree.baskets.entryCount[i === 0 ? row : other] ?? 0, i === 0 ? Infinity : 1),
      ) as [number, number];
      if (count !== expected) isWhole = false;
      if (count !== expected) differences.add(`entries of branch ${path}`, count, expected);
      else this.#judgeLimit(path, row, differences);
    }
    return isWhole;
  }

  /** What readers size their memory by must reach as far as a list. */
  #judgeLimit(path: string, row: number, differences: DifferenceList): void {
    const { scan, baskets } = this.#left;
    if (scan.branches.offset(row, BRANCH.fMaximum) === ABSENT || (baskets.entryCount[row] ?? 0) === 0) return;
    const { data, start, end } = new BranchCursor(this.#left, row).entry(0);
    const count =
      end - start === 4 && this.#left.children(row).length > 0 ? new DataView(data.buffer, data.byteOffset + start, 4).getInt32(0) : 0;
    const limit = scan.branches.number(scan.view, row, BRANCH.fMaximum);
    if (count > limit) differences.add(`fMaximum of branch ${path}`, limit, count);
  }
}

/**
 * What one row in place of all must say, and the row that is left; a text where nothing is summed: the reason. Damage
 * of a file is an error, which names it.
 */
function sumOfRows(summed: SummedClass, read: () => RowColumns[]): Pick<SummedContainer, 'expected' | 'own'> | string {
  try {
    const rows = read();
    const [own = new Map<string, EntryBytes>()] = rows;
    const expected = summed.needsEqualRest && !rows.every((row) => isSameRest(own, row, summed)) ? 'inputs differ in it' : summed.sum(rows);
    return typeof expected === 'string' ? expected : { expected, own };
  } catch (err) {
    const isOtherLayout = isPoolMergeError(err, 'UNSUPPORTED') || (isPoolMergeError(err, 'CORRUPT_FILE') && err.file === undefined);
    if (summed.needsEqualRest || !isOtherLayout) throw err;
    return `its members are not stored as known: ${err.reason}`;
  }
}
