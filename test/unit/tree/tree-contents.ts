/** What a tree holds, basket by basket: for tests that compare an output with its inputs. */
import { decompress } from '../../../src/io/codec/payload.ts';
import { openRootFile, type DirectoryNode, type RootFile } from '../../../src/io/root/root-file.ts';
import type { InfoSet } from '../../../src/io/root/streamer/info-set.ts';
import { bootstrapInfos, parseInfoSet } from '../../../src/io/root/streamer/parse-infos.ts';
import { emptyBasketHeader, parseBasketHeader, parseBasketPayload, type BasketParts } from '../../../src/io/root/tree/basket.ts';
import { parseEmbeddedBasket } from '../../../src/io/root/tree/embedded-basket.ts';
import { buildBasketTable, entriesOfBasket, type BasketTable } from '../../../src/io/root/tree/basket-table.ts';
import { TREE } from '../../../src/io/root/tree/scan-layout.ts';
import { scanTree, type TreeScan } from '../../../src/io/root/tree/tree-scan.ts';
import { branchPath } from '../../../src/merge/tree/compare-branches.ts';

/** A tree of an open file. */
export interface OpenTree {
  file: RootFile;
  infos: InfoSet;
  scan: TreeScan;
  table: BasketTable;
  payload: Uint8Array;
  keylen: number;
  className: string;
}

/** Bytes and entry ends of one branch, all baskets joined. */
export interface BranchContents {
  /** Entries in its baskets. */
  entries: number;
  /** All data, in hex. */
  data: string;
  /** Bytes of the entries before each entry's end, for branches of varying size; empty for others. */
  ends: number[];
}

export interface TreeContents {
  entries: number;
  branches: Record<string, BranchContents>;
}

/** Opens the newest cycle of the tree at a path such as `sub/tree`. */
export function openTree(path: string, name: string): OpenTree {
  const file = openRootFile(path);
  const record = file.readInfos();
  const infos = record === undefined ? bootstrapInfos() : parseInfoSet(record.payload, record.key.keylen);
  const parts = name.split('/');
  const leaf = parts.pop() as string;
  const directory = file.directories.find((d) => d.path === `/${parts.join('/')}`) as DirectoryNode;
  const { keys } = directory;
  const indices = Array.from({ length: keys.count }, (_, i) => i).filter((i) => keys.name(i) === leaf);
  const newest = indices.toSorted((a, b) => keys.cycle(b) - keys.cycle(a))[0] as number;
  const { key, payload } = file.readObject(directory, newest);
  const scan = scanTree(payload, key.keylen, key.className, infos, { relocatable: true });
  const table = buildBasketTable(
    scan,
    Uint32Array.from({ length: scan.branches.count }, (_, row) => row),
  );
  return { file, infos, scan, table, payload, keylen: key.keylen, className: key.className };
}

/** A basket of an open tree, taken apart. */
export function readBasket(tree: OpenTree, basket: number): BasketParts {
  const { table, file, payload } = tree;
  const embedded = table.embedded.find((e) => e.basket === basket);
  if (embedded !== undefined) return parseEmbeddedBasket(payload, embedded.where.start, embedded.where.end);
  const record = file.source.read(table.seek[basket] as number, table.bytes[basket] as number);
  const header = emptyBasketHeader();
  parseBasketHeader(record, new DataView(record.buffer, record.byteOffset), 0, record.length, header);
  return parseBasketPayload(header, record, decompress(record.subarray(header.keylen), header.objlen));
}

export function treeContents(path: string, name: string): TreeContents {
  const tree = openTree(path, name);
  const branches: Record<string, BranchContents> = {};
  for (let row = 0; row < tree.scan.branches.count; row++) branches[branchPath(tree.scan, row)] = branchContents(tree, row);
  const entries = tree.scan.tree.number(tree.scan.view, 0, TREE.fEntries);
  tree.file.close();
  return { entries, branches };
}

function branchContents(tree: OpenTree, row: number): BranchContents {
  const all: BranchContents = { entries: 0, data: '', ends: [] };
  const { start } = tree.table;
  let bytes = 0;
  for (let i = start[row] as number; i < (start[row + 1] as number); i++) {
    const { header, data, offsets } = readBasket(tree, i);
    all.entries += entriesOfBasket(tree.table, i);
    all.data += Buffer.from(data).toString('hex');
    if (offsets !== undefined) {
      for (let k = 0; k < header.nevBuf; k++) {
        const end = k + 1 < header.nevBuf ? (offsets[k + 1] as number) : header.last;
        all.ends.push(bytes + end - header.keylen);
      }
    }
    bytes += data.length;
  }
  return all;
}

/** One tree after another. */
export function concatenation(trees: readonly TreeContents[]): TreeContents {
  const all: TreeContents = { entries: 0, branches: {} };
  for (const tree of trees) {
    all.entries += tree.entries;
    for (const [path, branch] of Object.entries(tree.branches)) {
      const joined = (all.branches[path] ??= { entries: 0, data: '', ends: [] });
      joined.ends.push(...branch.ends.map((end) => end + joined.data.length / 2));
      joined.data += branch.data;
      joined.entries += branch.entries;
    }
  }
  return all;
}
