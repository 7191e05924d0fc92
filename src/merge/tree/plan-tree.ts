/**
 * Plans one tree: reads the tree object of every input, compares all schemas with the first, and
 * keeps basket tables and sums. Objects of later inputs are dropped as soon as they are scanned.
 */
import { UnsupportedError, addContext, isPoolMergeError } from '../../errors.ts';
import { decodeText } from '../../io/bytes/big-endian.ts';
import { normalSetting } from '../../io/codec/registry.ts';
import { buildBasketTable, type BasketTable } from '../../io/root/tree/basket-table.ts';
import { ABSENT, EMPTY_ARRAY, readBasic } from '../../io/root/tree/member-table.ts';
import { BRANCH, TREE } from '../../io/root/tree/scan-layout.ts';
import { joinTreeIndices, parseTreeIndex, type TreeIndex } from '../../io/root/tree/tree-index.ts';
import { scanTree, type TreeScan } from '../../io/root/tree/tree-scan.ts';
import { objectPath } from '../../io/root/root-file.ts';
import type { PlanContext } from '../merger.ts';
import type { Contribution } from '../plan.ts';
import { appendClusters, type ClusterRanges } from './clusters.ts';
import { LeafLimits } from './leaf-limits.ts';
import { compareExtras } from './tree-extras.ts';
import { joinReferenceTables } from './reference-table.ts';
import { matchSchemas, schemaProblems } from './schema.ts';
import type { TreeTarget } from './tree-target.ts';

/** Plans a target of the tree family; undefined when it was refused. Conflicts of all inputs go into the plan. */
export function planTree(target: number, ctx: PlanContext): TreeTarget | undefined {
  const planner = new TreePlanner(target, ctx);
  for (const contribution of ctx.plan.contributions(target)) planner.add(contribution);
  return planner.finish();
}

class TreePlanner {
  readonly #target: number;
  readonly #ctx: PlanContext;
  readonly #className: string;
  #tree: TreeTarget | undefined;
  /** The first tree, of whatever kind: all that there is when none has branches. */
  #bare: TreeTarget | undefined;
  #refused = false;

  constructor(target: number, ctx: PlanContext) {
    this.#target = target;
    this.#ctx = ctx;
    this.#className = ctx.plan.className(target);
  }

  add(from: Contribution): void {
    const { input, directory, keyIndex } = from;
    try {
      const { key, payload } = input.file.readObject(directory, keyIndex);
      this.#addScan(from, scanTree(payload, key.keylen, this.#className, input.infos, { relocatable: this.#tree === undefined }));
    } catch (err) {
      if (isPoolMergeError(err, 'UNSUPPORTED')) this.#refuse('unsupported', (err as UnsupportedError).reason, from);
      else throw addContext(err, { file: input.path, objectPath: objectPath(directory, keyIndex) });
    }
  }

  #addScan(from: Contribution, scan: TreeScan): void {
    if (scan.branches.count === 0) {
      this.#bare ??= this.#newTree(from, scan);
      this.#bare.entryCount += scan.tree.number(scan.view, 0, TREE.fEntries);
      return;
    }
    const problems = schemaProblems(scan);
    for (const problem of problems) this.#refuse('external-file', problem, from);
    if (problems.length > 0) return;
    this.#tree ??= this.#newTree(from, scan);
    const tree = this.#tree;
    const { order, differences } = matchSchemas(tree, { scan, infos: from.input.infos });
    for (const difference of differences) this.#refuse('schema-differs', difference, from);
    if (differences.length === 0) this.#addPart(tree, from, scan, order);
  }

  #refuse(code: string, reason: string, from: Contribution): void {
    this.#refused = true;
    this.#ctx.plan.refuse(this.#target, code, reason, from.input);
  }

  #newTree(from: Contribution, scan: TreeScan): TreeTarget {
    return {
      target: this.#target,
      className: this.#className,
      scan,
      infos: from.input.infos,
      from,
      parts: [],
      entryCount: 0,
      branchEntries: new Float64Array(scan.branches.count),
      flushedBytes: 0,
      clusters: clustersOf(scan),
      limits: new LeafLimits(scan),
      index: undefined,
      processGuids: undefined,
    };
  }

  #addPart(tree: TreeTarget, from: Contribution, scan: TreeScan, order: Int32Array): void {
    const number = (column: number): number => scan.tree.number(scan.view, 0, column);
    const entryCount = number(TREE.fEntries);
    const baskets = buildBasketTable(scan, order);
    fillUnknownBytes(from, baskets);
    tree.parts.push({
      from,
      baskets,
      compression: this.#ctx.policy.compression === 'keep' ? undefined : compressionOf(from, scan, order),
      entryCount,
      firstEntry: tree.entryCount,
      index: this.#indexOf(from, scan),
    });
    for (let row = 0; row < order.length; row++) {
      tree.branchEntries[row]! += scan.branches.number(scan.view, order[row] as number, BRANCH.fEntries);
    }
    appendClusters(tree.clusters, tree.entryCount, clustersOf(scan), entryCount);
    tree.entryCount += entryCount;
    tree.flushedBytes += number(TREE.fFlushedBytes);
    tree.limits.include(scan, order);
    if (scan !== tree.scan) compareExtras(tree, from, scan, this.#ctx);
  }

  /** The tree's index; one of an unknown kind is as good as none, and said to be dropped. */
  #indexOf(from: Contribution, scan: TreeScan): TreeIndex | undefined {
    const at = scan.tree.offset(0, TREE.fTreeIndex);
    if (at === ABSENT || scan.view.getUint32(at) === 0) return undefined;
    const end = at + 4 + (scan.view.getUint32(at) & 0x3fff_ffff);
    const nameEnd = scan.bytes.indexOf(0, at + 8);
    const className = scan.view.getUint32(at + 4) === 0xffff_ffff ? decodeText(scan.bytes.subarray(at + 8, nameEnd)) : 'another class';
    if (className === 'TTreeIndex') return parseTreeIndex(scan.bytes, nameEnd + 1, end);
    this.#tell('tree-index-dropped', `its index is a ${className}, which cannot be joined`, from);
    return undefined;
  }

  #tell(code: string, message: string, from: Contribution): void {
    this.#ctx.diagnostics.add({ code, file: from.input.path, path: this.#ctx.plan.path(this.#target), message });
  }

  finish(): TreeTarget | undefined {
    const tree = this.#tree ?? this.#bare;
    if (tree === undefined || this.#refused) return undefined;
    if (tree !== this.#bare && (this.#bare?.entryCount ?? 0) > 0) {
      this.#tell('tree-without-branches', 'its tree counts entries but has no branches: nothing to merge', (this.#bare as TreeTarget).from);
    }
    const reason = this.#ctx.plan.contributionCount(this.#target) === 1 ? 'single-source' : 'mergeable';
    this.#ctx.plan.decide(this.#target, 'concat', reason);
    tree.index = this.#joinIndices(tree);
    const differing = joinReferenceTables(tree);
    for (const { part, reason: why } of differing) this.#refuse('schema-differs', why, part.from);
    return differing.length === 0 ? tree : undefined;
  }

  /** Joined index of all parts with entries; none when one of them lacks it or is indexed by something else. */
  #joinIndices(tree: TreeTarget): TreeIndex | undefined {
    const parts = tree.parts.filter((part) => part.entryCount > 0 || part.index !== undefined);
    const first = parts.find((part) => part.index !== undefined)?.index;
    if (first === undefined) return undefined;
    const odd = parts.find(({ index }) => index === undefined || index.majorName !== first.majorName || index.minorName !== first.minorName);
    if (odd !== undefined) {
      this.#tell('tree-index-dropped', 'its tree has no index, or another one: the merged tree has none (TTree::BuildIndex makes it again)', odd.from);
      return undefined;
    }
    return joinTreeIndices(parts.map((part) => part.index as TreeIndex), parts.map((part) => part.firstEntry));
  }
}

function clustersOf(scan: TreeScan): ClusterRanges {
  const count = scan.tree.number(scan.view, 0, TREE.fNClusterRange);
  const values = (column: number): number[] => {
    const at = scan.tree.offset(0, column);
    const type = scan.tree.typeOf(0, column);
    if (at === ABSENT || (type & EMPTY_ARRAY) !== 0) return [];
    return Array.from({ length: count }, (_, i) => readBasic(scan.view, at + 1 + 8 * i, type));
  };
  return { end: values(TREE.fClusterRangeEnd), size: values(TREE.fClusterSize), autoFlush: scan.tree.number(scan.view, 0, TREE.fAutoFlush) };
}

/** Old files do not say how long a basket's record is: its key does. */
function fillUnknownBytes(from: Contribution, baskets: BasketTable): void {
  for (let i = 0; i < baskets.seek.length; i++) {
    const seek = baskets.seek[i] as number;
    if (seek === 0 || baskets.bytes[i] !== 0) continue;
    const { nbytes } = from.input.file.readKey(seek);
    baskets.bytes[i] = nbytes;
    baskets.storedBytes += nbytes;
  }
}

/** fCompress by branch as 100 * algorithm + level; negative means "as the file". `order`: rows of the scan. */
export function compressionOf(from: Contribution, scan: TreeScan, order: Int32Array): Int32Array {
  return Int32Array.from(order, (row) => {
    const own = scan.branches.number(scan.view, row, BRANCH.fCompress, -1);
    return normalSetting(own < 0 ? from.input.file.header.compress : own);
  });
}
