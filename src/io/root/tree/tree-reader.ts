/** A tree opened for reading rows: its scan, its baskets, and its branches by name. */
import { CorruptFileError, withContext } from '../../../errors.ts';
import { BigEndianReader } from '../../bytes/big-endian.ts';
import type { InfoSet } from '../streamer/info-set.ts';
import { objectPath, type DirectoryNode, type RootFile } from '../root-file.ts';
import { branchName, buildBasketTable, ownOrder, type BasketTable } from './basket-table.ts';
import { readBranchRows, type BasketRows } from './branch-rows.ts';
import { TREE } from './scan-layout.ts';
import { scanTree, type TreeScan } from './tree-scan.ts';

/** One tree of one file. */
export class TreeReader {
  readonly file: RootFile;
  /** Full path with cycle, for messages. */
  readonly path: string;
  readonly infos: InfoSet;
  /** fEntries. */
  readonly entryCount: number;
  readonly #directory: DirectoryNode;
  readonly #keyIndex: number;
  #loaded: { scan: TreeScan; baskets: BasketTable } | undefined;

  constructor(file: RootFile, directory: DirectoryNode, keyIndex: number, infos: InfoSet) {
    this.file = file;
    this.path = objectPath(directory, keyIndex);
    this.infos = infos;
    this.#directory = directory;
    this.#keyIndex = keyIndex;
    this.entryCount = this.scan.tree.number(this.scan.view, 0, TREE.fEntries);
  }

  get scan(): TreeScan {
    return this.#load().scan;
  }

  /** Branches are numbered as the rows of the scan. */
  get baskets(): BasketTable {
    return this.#load().baskets;
  }

  #load(): { scan: TreeScan; baskets: BasketTable } {
    if (this.#loaded === undefined) {
      const { key, payload } = this.file.readObject(this.#directory, this.#keyIndex);
      this.#loaded = withContext({ file: this.file.path, objectPath: this.path }, () => {
        const scan = scanTree(payload, key.keylen, key.className, this.infos);
        return { scan, baskets: buildBasketTable(scan, ownOrder(scan)) };
      });
    }
    return this.#loaded;
  }

  /** Forgets scan and baskets, which take a few MB for thousands of branches; they are read again when asked for. */
  release(): void {
    this.#loaded = undefined;
  }

  /** Rows of the branches listed in branch `parent` (-1: in the tree itself). */
  children(parent: number): number[] {
    const rows: number[] = [];
    for (let row = 0; row < this.scan.branches.count; row++) {
      if (this.scan.branchParent[row] === parent && row !== this.scan.refBranch) rows.push(row);
    }
    return rows;
  }

  /** Row of the branch of this name in `parent`; undefined when there is none. */
  branch(name: string, parent = -1): number | undefined {
    return this.children(parent).find((row) => branchName(this.scan, row) === name);
  }

  /** Entries of one branch, basket by basket. */
  *rows(row: number): Generator<BasketRows> {
    try {
      yield* readBranchRows(this.file, this.scan, this.baskets, row);
    } catch (err) {
      withContext({ file: this.file.path, objectPath: `${this.path}: branch ${branchName(this.scan, row)}` }, () => {
        throw err;
      });
    }
  }

  /** All entries of a branch of one TLeafC: text behind its length (u8, or 255 and i32). */
  texts(row: number): string[] {
    const texts: string[] = [];
    for (const { data, bounds, count } of this.rows(row)) {
      for (let i = 0; i < count; i++) texts.push(leafText(data, bounds[i] as number, bounds[i + 1] as number));
    }
    return texts;
  }
}

/** One entry of a TLeafC; an entry without bytes is the empty text (TLeafC::ReadBasket). */
function leafText(data: Uint8Array, start: number, end: number): string {
  if (start === end) return '';
  const reader = new BigEndianReader(data, start, end);
  const text = reader.tstring();
  if (reader.pos !== end) {
    throw new CorruptFileError('text does not fill its entry', { offset: start, expected: end - start, found: reader.pos - start });
  }
  return text;
}

/** The newest cycle of the tree with this name in a directory; undefined when there is none. */
export function findTree(file: RootFile, directory: DirectoryNode, name: string, infos: InfoSet): TreeReader | undefined {
  const newest = newestKey(directory, name);
  return newest < 0 ? undefined : new TreeReader(file, directory, newest, infos);
}

/** Index of the key of the newest cycle of the tree with this name; -1 when there is none. */
export function newestKey({ keys }: DirectoryNode, name: string): number {
  let newest = -1;
  for (let i = 0; i < keys.count; i++) {
    if (keys.className(i) !== 'TTree' || keys.name(i) !== name) continue;
    if (newest < 0 || keys.cycle(i) > keys.cycle(newest)) newest = i;
  }
  return newest;
}
