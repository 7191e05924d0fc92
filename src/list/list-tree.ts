/** What a tree or an RNTuple holds, for a listing: entries, branches or fields, clusters, sizes. */
import { isRNTupleClass } from '../io/root/rntuple/anchor.ts';
import { columnTraits, ElementCounter } from '../io/root/rntuple/element-counter.ts';
import { openRNTuple, readClusters } from '../io/root/rntuple/rntuple.ts';
import type { DirectoryNode, RootFile } from '../io/root/root-file.ts';
import type { InfoSet } from '../io/root/streamer/info-set.ts';
import { decodeText, readI64 } from '../io/bytes/big-endian.ts';
import { branchClassName, branchName, textAt } from '../io/root/tree/basket-table.ts';
import { ABSENT, EMPTY_ARRAY } from '../io/root/tree/member-table.ts';
import { BRANCH, TREE } from '../io/root/tree/scan-layout.ts';
import { TreeReader } from '../io/root/tree/tree-reader.ts';
import type { TreeScan } from '../io/root/tree/tree-scan.ts';

/** One branch of a tree. */
export interface BranchListing {
  /** Names of the branches above it and its own. */
  path: string[];
  title: string;
  /** Class of a branch of objects; empty for plain leaves. */
  className: string;
  entryCount: number;
  basketCount: number;
  /** Bytes of the baskets, keys included: uncompressed (fTotBytes) and as stored (fZipBytes). */
  bytes: number;
  storedBytes: number;
  /** fCompress: 100 × algorithm + level. */
  compression: number;
}

/** A tree. */
export interface TreeListing {
  entryCount: number;
  branchCount: number;
  /** undefined: the tree does not say (clusters by bytes). */
  clusterCount: number | undefined;
  bytes: number;
  storedBytes: number;
  branches: BranchListing[];
}

/** An RNTuple. */
export interface TupleListing {
  entryCount: number;
  fieldCount: number;
  columnCount: number;
  clusterCount: number;
  /** Bytes of all pages as stored, checksums included. */
  storedBytes: number;
  description: string;
  writer: string;
  /** Top-level fields. */
  fields: { name: string; typeName: string }[];
  /** Names of linked attribute sets. */
  attributeSets: string[];
}

/** True for the classes `listTree` knows. */
export function isTreeClass(className: string): boolean {
  return className === 'TTree' || className === 'TNtuple' || className === 'TNtupleD';
}

/** True for the classes `listTuple` knows. */
export function isTupleClass(className: string): boolean {
  return isRNTupleClass(className);
}

/** Describes the tree of a key. Throws what opening it throws. */
export function listTree(file: RootFile, directory: DirectoryNode, key: number, infos: InfoSet): TreeListing {
  const tree = new TreeReader(file, directory, key, infos);
  const { scan } = tree;
  const rows = Array.from({ length: scan.branches.count }, (_, row) => row).filter((row) => row !== scan.refBranch);
  const member = (column: number): number => scan.tree.number(scan.view, 0, column);
  return {
    entryCount: tree.entryCount,
    branchCount: rows.length,
    clusterCount: clusterCountOf(scan, tree.entryCount),
    bytes: member(TREE.fTotBytes),
    storedBytes: member(TREE.fZipBytes),
    branches: rows.map((row) => listBranch(tree, row)),
  };
}

function listBranch({ scan, baskets }: TreeReader, row: number): BranchListing {
  const { branches, view } = scan;
  const member = (column: number): number => branches.number(view, row, column);
  const text = (column: number): string =>
    branches.offset(row, column) === ABSENT ? '' : decodeText(textAt(scan, branches.offset(row, column)));
  const path: string[] = [];
  for (let at = row; at >= 0; at = scan.branchParent[at] as number) path.unshift(branchName(scan, at));
  return {
    path,
    title: text(BRANCH.fTitle),
    className: branchClassName(scan, row),
    entryCount: member(BRANCH.fEntries),
    basketCount: (baskets.start[row + 1] as number) - (baskets.start[row] as number),
    bytes: member(BRANCH.fTotBytes),
    storedBytes: member(BRANCH.fZipBytes),
    compression: member(BRANCH.fCompress),
  };
}

/** Clusters: up to fClusterRangeEnd[i] of fClusterSize[i] entries, behind the last range of fAutoFlush entries. */
function clusterCountOf(scan: TreeScan, entryCount: number): number | undefined {
  const [ends, sizes] = [longsAt(scan, TREE.fClusterRangeEnd), longsAt(scan, TREE.fClusterSize)];
  const ranges = ends.map((end, i) => ({ end: end + 1, size: sizes[i] as number }));
  ranges.push({ end: entryCount, size: scan.tree.number(scan.view, 0, TREE.fAutoFlush) });
  let [clusters, start] = [0, 0];
  for (const { end, size } of ranges) {
    if (end <= start) continue;
    if (size <= 0) return undefined;
    clusters += Math.ceil((end - start) / size);
    start = end;
  }
  return clusters;
}

function longsAt(scan: TreeScan, column: number): number[] {
  const at = scan.tree.offset(0, column);
  if (at === ABSENT || (scan.tree.typeOf(0, column) & EMPTY_ARRAY) !== 0) return [];
  const count = scan.tree.number(scan.view, 0, TREE.fNClusterRange);
  return Array.from({ length: count }, (_, i) => readI64(scan.view, at + 1 + 8 * i));
}

/** Describes the RNTuple of a key. Throws what opening it throws. */
export function listTuple(file: RootFile, directory: DirectoryNode, key: number): TupleListing {
  const tuple = openRNTuple(file, directory, key);
  const { schema } = tuple.footer;
  let [clusterCount, storedBytes] = [0, 0];
  for (const cluster of readClusters(tuple.source, new ElementCounter(columnTraits(schema)))) {
    clusterCount++;
    cluster.storedBytes.forEach((bytes, page) => (storedBytes += bytes + (cluster.checksumBytes[page] as number)));
  }
  return {
    entryCount: tuple.entryCount,
    fieldCount: schema.fields.length,
    columnCount: schema.columns.length,
    clusterCount,
    storedBytes,
    description: tuple.header.description,
    writer: tuple.header.writer,
    fields: schema.fields.filter((field, id) => field.parentId === id).map(({ name, typeName }) => ({ name, typeName })),
    attributeSets: tuple.footer.attributeSets.map(({ name }) => name),
  };
}
