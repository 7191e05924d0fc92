/**
 * Plans one tree: reads the tree object of every input, compares all schemas with the first, and
 * keeps basket tables and sums. Objects of later inputs are dropped as soon as they are scanned.
 */
import { addContext, isPoolMergeError } from '../../errors.ts';
import { buildBasketTable, ownOrder } from '../../io/root/tree/basket-table.ts';
import { BRANCH, TREE } from '../../io/root/tree/scan-layout.ts';
import type { InfoSet } from '../../io/root/streamer/info-set.ts';
import type { TreeIndex } from '../../io/root/tree/tree-index.ts';
import { TreeTemplate } from '../../io/root/tree/tree-template.ts';
import { scanTree, type TreeScan } from '../../io/root/tree/tree-scan.ts';
import type { PlanContext } from '../merger.ts';
import { contextOf, type Contribution } from '../plan/plan.ts';
import type { TreeChanges } from '../tree-changes.ts';
import { shiftedBranches } from './entry-alignment.ts';
import { indexOf, joinIndices } from './joined-index.ts';
import { appendAbsentPart, defaultRows, setFirstRowPart, setMadePart } from './made-parts.ts';
import { clustersOf, compressionOf, fillUnknownBytes, readTree } from './scan-facts.ts';
import { compareExtras } from './tree-extras.ts';
import { joinReferenceTables } from './reference-table.ts';
import { matchSchemas, schemaProblems } from './schema.ts';
import { uniteBranches } from './united-tree.ts';
import { appendPart, newTreePart, newTreeTarget, type TreePart, type TreeTarget } from './tree-target.ts';

/**
 * Plans the targets of the tree family, input by input, so that each file is read once for all its trees. Undefined for a
 * target that was refused. Conflicts of all inputs go into the plan.
 */
export function planTrees(targets: readonly number[], ctx: PlanContext): (TreeTarget | undefined)[] {
  const planners = targets.map((target) => new TreePlanner(target, ctx));
  const waiting: Contribution[][] = ctx.plan.inputs.map(() => []);
  const plannerOf = new Map<Contribution, TreePlanner>();
  targets.forEach((target, i) => {
    const planner = planners[i] as TreePlanner;
    const wanted = ctx.treeChanges?.get(target)?.inputs;
    const contributions = ctx.plan.contributions(target).filter(({ input }) => wanted === undefined || wanted.has(input.index));
    planner.prepare(contributions);
    for (const contribution of contributions) {
      plannerOf.set(contribution, planner);
      waiting[contribution.input.index]?.push(contribution);
    }
  });
  waiting.forEach((contributions, input) => {
    for (const contribution of contributions) plannerOf.get(contribution)?.add(contribution);
    for (const planner of planners) planner.addAbsent(input);
  });
  return planners.map((planner) => planner.finish());
}

/** Plans one target: prepare, then add and addAbsent for each input in turn, then finish. */
class TreePlanner {
  readonly #target: number;
  readonly #ctx: PlanContext;
  readonly #className: string;
  readonly #changes: TreeChanges | undefined;
  /** Infos of all inputs, for default rows of branches that some lack. */
  #infos: InfoSet | undefined;
  #tree: TreeTarget | undefined;
  /** The form of that tree. */
  #template: TreeTemplate | undefined;
  /** The first tree, of whatever kind: all that there is when none has branches. */
  #bare: TreeTarget | undefined;
  /** Trees without branches that count entries. */
  readonly #counting: Contribution[] = [];
  /** Where trees of that form have its branches: row by row. */
  #sameOrder: Int32Array = new Int32Array(0);
  #refused = false;

  constructor(target: number, ctx: PlanContext) {
    this.#target = target;
    this.#ctx = ctx;
    this.#className = ctx.plan.className(target);
    this.#changes = ctx.treeChanges?.get(target);
  }

  /** Where branches may be missing, the output is made from a tree that has those of all inputs. */
  prepare(contributions: readonly Contribution[]): void {
    const [first] = contributions;
    const isPadded = this.#changes?.padMissing === true && contributions.length > 1;
    if ((!isPadded && this.#changes?.absent === undefined) || first === undefined) return;
    try {
      const united = isPadded ? uniteBranches(contributions, this.#className) : undefined;
      if (united === undefined) this.#prepareForAbsent(contributions);
      else {
        this.#infos = united.infos;
        this.#tree = { ...this.#newTree(united.from, united.scan), isUnited: true };
      }
    } catch (err) {
      if (!isPoolMergeError(err, 'UNSUPPORTED')) throw addContext(err, contextOf(first));
      this.#refuse('unsupported', err.reason, first);
    }
  }

  /** The first tree with branches tells what rows of inputs before it look like. */
  #prepareForAbsent(contributions: readonly Contribution[]): void {
    if (this.#changes?.absent === undefined) return;
    for (const from of contributions) {
      const scan = readTree(from, this.#className, { relocatable: true });
      if (scan.branches.count === 0) continue;
      this.#tree = this.#firstTree(from, scan);
      return;
    }
  }

  /** Adds the rows of an input that has none, behind those it may have. */
  addAbsent(index: number): void {
    const [absent, tree] = [this.#changes?.absent?.get(index), this.#tree];
    if (absent === undefined || tree === undefined || this.#refused) return;
    try {
      appendAbsentPart(tree, this.#infos ?? tree.infos, absent);
    } catch (err) {
      if (!isPoolMergeError(err, 'UNSUPPORTED')) throw err;
      const reason = `has no row of this tree where there must be ${absent.entryCount}, and they cannot be made: ${err.reason}`;
      this.#refused = true;
      this.#ctx.plan.refuse(this.#target, 'unsupported', reason, this.#ctx.plan.inputs[index]);
    }
  }

  /** Adds the tree of an input; what cannot be merged is refused in the plan. CorruptFileError when it cannot be read. */
  add(from: Contribution): void {
    if (this.#changes?.made !== undefined && this.#tree !== undefined) return; // the first input gives the form
    const { input, directory, keyIndex } = from;
    try {
      const { key, payload } = input.file.readObject(directory, keyIndex);
      const known = input.infos === this.#tree?.infos ? this.#template?.match(payload, key.keylen) : undefined;
      if (known !== undefined) this.#addPart(this.#tree as TreeTarget, from, known, this.#sameOrder);
      else this.#addScan(from, scanTree(payload, key.keylen, this.#className, input.infos, { relocatable: this.#tree === undefined }));
    } catch (err) {
      if (isPoolMergeError(err, 'UNSUPPORTED')) this.#refuse('unsupported', err.reason, from);
      else throw addContext(err, contextOf(from));
    }
  }

  #addScan(from: Contribution, scan: TreeScan): void {
    if (scan.branches.count === 0) return this.#addBare(from, scan);
    const order = this.#orderOf(from, scan);
    const [tree, changes] = [this.#tree, this.#changes];
    if (order === undefined || tree === undefined) return;
    if (from !== tree.from) compareExtras(tree, from, scan, this.#ctx);
    if (changes?.made !== undefined) setMadePart(tree, from, changes.made);
    else if (changes?.firstRow !== undefined) {
      setFirstRowPart(tree, from, changes.firstRow, changes.rewrites.get(from.input.index)?.largestCounts);
    } else this.#addPart(tree, from, scan, order);
  }

  /** A tree without branches has nothing to merge but its count of entries. */
  #addBare(from: Contribution, scan: TreeScan): void {
    this.#bare ??= this.#newTree(from, scan);
    const entryCount = scan.tree.number(scan.view, 0, TREE.fEntries);
    if (entryCount > 0) this.#counting.push(from);
    this.#bare.entryCount += entryCount;
  }

  /** Where the branches of the first tree, which this one may be, are in this one; undefined when it does not fit and was refused. */
  #orderOf(from: Contribution, scan: TreeScan): Int32Array | undefined {
    const problems = schemaProblems(scan);
    for (const problem of problems) this.#refuse('external-file', problem, from);
    if (problems.length > 0) return undefined;
    if (this.#tree === undefined && !this.#isReadable(from, scan)) return undefined;
    const tree = (this.#tree ??= this.#firstTree(from, scan));
    if (scan === tree.scan) return this.#sameOrder;
    const { order, differences } = matchSchemas(tree, { scan, infos: from.input.infos }, this.#changes?.padMissing);
    for (const difference of differences) this.#refuse('schema-differs', difference, from);
    return differences.length > 0 ? undefined : order;
  }

  /** Refuses a first tree that readers of the output would take for something else: the others are held against it. */
  #isReadable(from: Contribution, scan: TreeScan): boolean {
    const { readerInfos } = this.#ctx;
    if (readerInfos === undefined) return true;
    const { differences } = matchSchemas({ scan, infos: readerInfos }, { scan, infos: from.input.infos });
    for (const difference of differences) this.#refuse('layout-differs', `${difference} than an earlier input describes`, from);
    return differences.length === 0;
  }

  #refuse(code: string, reason: string, from: Contribution): void {
    this.#refused = true;
    this.#ctx.plan.refuse(this.#target, code, reason, from.input);
  }

  #firstTree(from: Contribution, scan: TreeScan): TreeTarget {
    this.#template = new TreeTemplate(scan);
    this.#sameOrder = ownOrder(scan);
    return this.#newTree(from, scan);
  }

  #newTree(from: Contribution, scan: TreeScan): TreeTarget {
    return newTreeTarget(this.#target, this.#className, from, scan, this.#changes?.userInfo);
  }

  #addPart(tree: TreeTarget, from: Contribution, scan: TreeScan, order: Int32Array): void {
    const entryCount = scan.tree.number(scan.view, 0, TREE.fEntries);
    const made = order.includes(-1)
      ? defaultRows({ scan: tree.scan, infos: this.#infos ?? tree.infos }, order, { entryCount, entriesOf: () => undefined }, from)
      : undefined;
    const baskets = buildBasketTable(scan, order, made);
    fillUnknownBytes(from, baskets);
    const part = newTreePart(from, baskets);
    part.index = this.#indexOf(from, scan);
    this.#setRewrite(tree, part, order);
    if (this.#ctx.policy.compression !== 'keep' || part.rewrite !== undefined) part.compression = compressionOf(from, scan, order);
    for (let row = 0; row < order.length; row++) {
      const own = order[row] as number;
      tree.branchEntries[row]! += own < 0 ? entryCount : scan.branches.number(scan.view, own, BRANCH.fEntries);
    }
    appendPart(tree, part, entryCount, clustersOf(scan));
    tree.flushedBytes += scan.tree.number(scan.view, 0, TREE.fFlushedBytes);
    tree.limits.include(scan, order);
    if (made !== undefined) tree.limits.includeMade(made.keys());
  }

  #setRewrite(tree: TreeTarget, part: TreePart, order: Int32Array): void {
    const rewrite = this.#changes?.rewrites.get(part.from.input.index);
    if (rewrite === undefined) return;
    part.rewrite = rewrite;
    part.order = order;
    part.rewritten = Uint8Array.from(order, (row) => (rewrite.branches.has(row) ? 1 : 0));
    order.forEach((row, branch) => {
      const count = rewrite.largestCounts.get(row);
      if (count !== undefined) tree.limits.includeCount(branch, count);
    });
  }

  /** The index of a tree; that it is dropped is told. */
  #indexOf(from: Contribution, scan: TreeScan): TreeIndex | undefined {
    const { index, reason } = indexOf(scan, this.#changes?.dropIndex === true);
    if (reason !== undefined) this.#tell('tree-index-dropped', reason, from);
    return index;
  }

  #tell(code: string, message: string, from: Contribution): void {
    this.#ctx.diagnostics.add({ code, file: from.input.path, path: this.#ctx.plan.path(this.#target), message });
  }

  /** The planned tree with joined index and reference table; undefined when a part of it was refused. */
  finish(): TreeTarget | undefined {
    const tree = this.#tree ?? this.#bare;
    if (tree === undefined || this.#refused) return undefined;
    if (tree !== this.#bare) {
      for (const from of this.#counting) {
        this.#tell('tree-without-branches', 'its tree counts entries but has no branches: nothing to merge', from);
      }
    }
    const reason = tree.parts.length < 2 && this.#ctx.plan.contributionCount(this.#target) === 1 ? 'single-source' : 'mergeable';
    this.#ctx.plan.decide(this.#target, 'concat', reason);
    tree.index = this.#joinIndices(tree);
    // POOL refers to the rows of each branch by themselves.
    if (this.#ctx.treeChanges === undefined) {
      for (const { part, message } of shiftedBranches(tree)) this.#tell('entries-shifted', message, part.from);
    }
    return this.#joinReferences(tree) ? tree : undefined;
  }

  /** Unites the reference tables of all parts; false when one of them does not fit, and the tree is refused. */
  #joinReferences(tree: TreeTarget): boolean {
    if (tree.scan.refBranch < 0 || tree.parts.length < 2) return true;
    const { table, differing } = joinReferenceTables(tree.parts.map(({ from }) => from));
    tree.references = table;
    for (const { from, reason } of differing) this.#refuse('schema-differs', reason, from);
    return differing.length === 0;
  }

  #joinIndices({ parts }: TreeTarget): TreeIndex | undefined {
    const { index, reason, odd } = joinIndices(parts);
    if (reason !== undefined && odd !== undefined) this.#tell('tree-index-dropped', reason, odd.from);
    return index;
  }
}
