/**
 * The members of one row of a container as byte ranges, however the container is split: `m_dataHeader`,
 * `m_dataHeader.m_token`, … A branch without sub-branches holds the members one after the other, without a
 * frame of the object; a vector of objects is stored member by member:
 *
 *   width     content
 *   4         byte count 0x40000000 | n
 *   2         version word with bit 0x4000 (member by member)
 *   2, 4      version of the element class; 0: its checksum follows
 *   4         number of elements                      (the range of the vector's own name)
 *   …         one column per member of the element   (`vector.member`)
 *
 * Columns of numbers are the values; columns of texts and vectors have one frame (byte count, version) for
 * all values; objects inside have a frame each. A split container stores the same columns in branches; with split level 1
 * a vector of objects stays whole in its branch.
 * Source: measured on files of ROOT 5.22 to 6.34; ROOT io/io/src/TStreamerInfoWriteBuffer.cxx.
 */
import { CorruptFileError, UnsupportedError, addContext } from '../../errors.ts';
import { BigEndianReader } from '../bytes/big-endian.ts';
import type { InfoSet } from '../root/streamer/info-set.ts';
import type { StreamerElement, StreamerInfo } from '../root/streamer/streamer-info.ts';
import { BYTE_COUNT_MASK, MEMBER_WISE_BIT, OFFSET_L, TypeCode, basicSize, isByteCount } from '../root/streamer/type-codes.ts';
import { valueTypeOf } from '../root/streamer/value-type.ts';
import { branchName, textAt } from '../root/tree/basket-table.ts';
import { BranchCursor, type EntryBytes, type LeaveBasket } from '../root/tree/branch-cursor.ts';
import { BRANCH } from '../root/tree/scan-layout.ts';
import type { TreeReader } from '../root/tree/tree-reader.ts';

/** Byte ranges of the members of one row, by member path. */
export type RowColumns = ReadonlyMap<string, EntryBytes>;

/** Reads the rows of one container of a tree. */
export class RowReader {
  readonly tree: TreeReader;
  readonly branch: number;
  /** Class of the container's objects; empty for a branch of plain leaves. */
  readonly className: string;
  readonly rowCount: number;
  /**
   * Cursors of the branches that hold data, with the member path each holds ('' for the whole object), and the vector
   * of objects it stores whole, if it does.
   */
  readonly #cursors: { path: string; cursor: BranchCursor; vector: StreamerElement | undefined }[] = [];
  readonly #leave: LeaveBasket | undefined;

  /**
   * `leave` is told of each basket when the last of its rows was read, by `close` at the latest.
   * UnsupportedError when the container is a whole tree of several branches (`branch` -1).
   */
  constructor(tree: TreeReader, branch: number, leave?: LeaveBasket) {
    if (branch < 0) {
      throw new UnsupportedError('tree of several branches as one container', { file: tree.file.path, objectPath: tree.path });
    }
    this.tree = tree;
    this.branch = branch;
    this.#leave = leave;
    const at = tree.scan.branches.offset(branch, BRANCH.fClassName);
    this.className = tree.scan.branchClass[branch] === 'TBranchElement' ? Buffer.from(textAt(tree.scan, at)).toString('latin1') : '';
    const own = branchName(tree.scan, branch);
    const prefix = own.endsWith('.') ? own : '';
    this.#collect(branch, prefix);
    this.rowCount = tree.scan.branches.number(tree.scan.view, branch, BRANCH.fEntries);
  }

  #collect(branch: number, prefix: string): void {
    const { tree } = this;
    const children = tree.children(branch);
    const name = branch === this.branch ? '' : branchName(tree.scan, branch);
    const path = name.startsWith(prefix) ? name.slice(prefix.length) : name;
    const hasData = (tree.baskets.start[branch] as number) < (tree.baskets.start[branch + 1] as number);
    if (children.length === 0 || hasData) {
      const vector = children.length === 0 && name !== '' ? wholeVector(tree, branch) : undefined;
      this.#cursors.push({ path: path.replace(/\.$/, ''), cursor: new BranchCursor(tree, branch, this.#leave), vector });
    }
    for (const child of children) this.#collect(child, prefix);
  }

  /** Rows of the branches that hold the container's data. */
  get dataBranches(): number[] {
    return this.#cursors.map(({ cursor }) => cursor.branch);
  }

  /** Bytes of a row whose members one branch holds, unsplit; undefined where several do. */
  whole(row: number): EntryBytes | undefined {
    const [first] = this.#cursors;
    return this.#cursors.length === 1 && first?.path === '' ? first.cursor.entry(row) : undefined;
  }

  /** Leaves all baskets. */
  close(): void {
    for (const { cursor } of this.#cursors) cursor.close();
  }

  /** Members of a row. CorruptFileError (with file and path) where bytes do not fit the class. */
  columns(row: number): RowColumns {
    return this.parse(row, (columns) => columns);
  }

  /** Passes the members of a row to `parse`; errors of it get file, path and row too. */
  parse<T>(row: number, parse: (columns: RowColumns) => T): T {
    try {
      const columns = new Map<string, EntryBytes>();
      for (const { path, cursor, vector } of this.#cursors) {
        const entry = cursor.entry(row);
        if (vector !== undefined) {
          splitVector(columns, entry, new BigEndianReader(entry.data, entry.start, entry.end), vector, this.tree.infos);
        } else if (path === '') {
          for (const [name, column] of columnsOfObject(entry, this.layout(), this.tree.infos)) columns.set(name, column);
        } else columns.set(path, entry);
      }
      return parse(columns);
    } catch (err) {
      throw addContext(err, {
        file: this.tree.file.path,
        objectPath: `${this.tree.path}: ${branchName(this.tree.scan, this.branch)}: row ${row}`,
      });
    }
  }

  /** The class as the branch stores it. UnsupportedError when the file does not describe it. */
  layout(): StreamerInfo {
    const { scan, infos } = this.tree;
    const [version, checksum] = [BRANCH.fClassVersion, BRANCH.fCheckSum].map((column) =>
      scan.branches.number(scan.view, this.branch, column),
    );
    const info = infos.findByChecksum(this.className, (checksum as number) >>> 0) ?? infos.find(this.className, version as number);
    if (info === undefined) throw new UnsupportedError(`no streamer info for ${this.className}`);
    return info;
  }
}

/**
 * Divides the bytes of a whole object into its members. `infos`: of the element classes of vectors.
 * CorruptFileError (offset in the basket's data) where they do not fit; UnsupportedError without layout.
 */
export function columnsOfObject(entry: EntryBytes, info: StreamerInfo, infos: InfoSet): RowColumns {
  const columns = new Map<string, EntryBytes>();
  const r = new BigEndianReader(entry.data, entry.start, entry.end);
  for (const element of info.elements) {
    if (isObjectVector(element)) splitVector(columns, entry, r, element, infos);
    else {
      columns.set(
        element.name,
        range(entry, r, () => stepMember(r, element, 1)),
      );
    }
  }
  if (r.remaining > 0) {
    throw new CorruptFileError(`bytes left behind the members of ${info.className}`, { offset: r.pos, found: r.remaining });
  }
  return columns;
}

/** The vector of objects that a branch of a split container stores whole (split level 1); undefined for any other branch. */
function wholeVector({ scan, infos }: TreeReader, branch: number): StreamerElement | undefined {
  const number = (column: number): number => scan.branches.number(scan.view, branch, column);
  if (scan.branchClass[branch] !== 'TBranchElement' || number(BRANCH.fType) !== 0) return undefined;
  const className = Buffer.from(textAt(scan, scan.branches.offset(branch, BRANCH.fClassName))).toString('latin1');
  const info = infos.findByChecksum(className, number(BRANCH.fCheckSum) >>> 0) ?? infos.find(className, number(BRANCH.fClassVersion));
  const element = info?.elements[number(BRANCH.fID)];
  return element !== undefined && isObjectVector(element) ? element : undefined;
}

function range(entry: EntryBytes, r: BigEndianReader, step: () => void): EntryBytes {
  const start = r.pos;
  step();
  return { ...entry, start, end: r.pos };
}

function isObjectVector(element: StreamerElement): boolean {
  const { kind, inner } = valueTypeOf(element.typeName);
  return kind === 'sequence' && inner[0]?.kind === 'class';
}

function splitVector(
  columns: Map<string, EntryBytes>,
  entry: EntryBytes,
  r: BigEndianReader,
  element: StreamerElement,
  infos: InfoSet,
): void {
  const end = frameEnd(r);
  const className = valueTypeOf(element.typeName).inner[0]?.className ?? '';
  if ((r.u16() & MEMBER_WISE_BIT) === 0) throw new UnsupportedError(`vector of ${className} stored object by object`, { offset: r.pos });
  const version = r.u16();
  const info = version === 0 ? infos.findByChecksum(className, r.u32()) : infos.find(className, version);
  if (info === undefined) throw new UnsupportedError(`no streamer info for ${className}`, { offset: r.pos });
  let count = 0;
  columns.set(
    element.name,
    range(entry, r, () => (count = r.i32())),
  );
  for (const member of info.elements) {
    columns.set(
      `${element.name}.${member.name}`,
      range(entry, r, () => r.pos < end && stepMember(r, member, count)),
    );
  }
  if (r.pos !== end) {
    throw new CorruptFileError(`byte count of a vector of ${className} does not match its members`, {
      offset: r.pos,
      expected: end,
      found: r.pos,
    });
  }
}

/** Steps over `count` values of a member that is no vector of objects. */
function stepMember(r: BigEndianReader, element: StreamerElement, count: number): void {
  const { type, arrayLength } = element;
  const width = basicSize(type > OFFSET_L && type < 2 * OFFSET_L ? type - OFFSET_L : type);
  if (width > 0) {
    r.take(width * Math.max(1, arrayLength) * count);
    return;
  }
  const frames = type === TypeCode.any || type === TypeCode.object ? count : 1;
  for (let i = 0; i < frames; i++) r.pos = frameEnd(r);
}

/** Reads a byte count; returns where what it counts ends. CorruptFileError when that is behind the reader's end. */
export function frameEnd(r: BigEndianReader): number {
  const word = r.u32();
  const end = r.pos + (word - BYTE_COUNT_MASK);
  if (!isByteCount(word) || end > r.end) throw new CorruptFileError('member has no fitting byte count', { offset: r.pos - 4, found: word });
  return end;
}

/** A reader over the values of a column of texts or vectors, behind its frame (byte count, version). */
export function framedReader(column: Pick<EntryBytes, 'data' | 'start' | 'end'>): BigEndianReader {
  const r = new BigEndianReader(column.data, column.start, column.end);
  if (r.remaining === 0) return r;
  const end = frameEnd(r);
  if (end !== column.end) {
    throw new CorruptFileError('byte count of a column does not match its length', {
      offset: column.start,
      expected: column.end,
      found: end,
    });
  }
  r.u16();
  return r;
}

/** A member's range; CorruptFileError when the row lacks it. */
export function memberOf(columns: RowColumns, name: string): EntryBytes {
  const column = columns.get(name);
  if (column === undefined) throw new CorruptFileError(`row has no member ${name}`);
  return column;
}
