/**
 * Plans the merge of POOL files: what is changed in trees and RNTuples so that every persistent reference of the
 * merged file leads where it led before. Everything that cannot be kept is a conflict, found before writing.
 */
import { BOOKKEEPING, containerPlace } from '../../io/pool/bookkeeping.ts';
import type { PlanContext } from '../merger.ts';
import type { TreeChanges } from '../tree-changes.ts';
import type { NewColumns, TupleChanges } from '../tuple-changes.ts';
import { absentTreeRows, absentTupleEntries, planAbsentRows } from './absent-rows.ts';
import { findAbsentStores, untagged, type AbsentStores } from './absent-stores.ts';
import { bookkeepingEntries, derivedFid, mergeBookkeeping, type MergedBookkeeping } from './bookkeeping-rows.ts';
import { InputRewrites } from './input-rewrites.ts';
import { formatLedger, type Ancestor } from './ledger.ts';
import { MetadataRows, isMetadataTree } from './metadata-rows.ts';
import { METADATA_TREE } from './metadata-sum.ts';
import { planLedger } from './plan-ledger.ts';
import { asProblem, fidsOf, readPoolInputs, type PoolInput, type PoolProblem } from './pool-inputs.ts';
import { BOOKKEEPING_TREES, PoolTargets } from './pool-targets.ts';
import { Relocation } from './relocation.ts';
import { KeptBaskets, type TreeRewrite } from './tree-rewrite.ts';
import { TupleRewrites } from './tuple-rewrites.ts';

/** What a POOL merge changes, by target. */
export interface PoolPlan {
  /** FID of the merged file. */
  fid: string;
  treeChanges: Map<number, TreeChanges>;
  tupleChanges: Map<number, TupleChanges>;
}

/** Changes of one input by tree and by RNTuple. */
interface InputChanges {
  trees: ReadonlyMap<string, TreeRewrite>;
  tuples: ReadonlyMap<string, NewColumns>;
  /** What the merged file remembers of it. */
  ledger: readonly Ancestor[];
  /** False where something of it cannot be changed. */
  isSound: boolean;
}

/** Plans the POOL part of a merge; undefined when no input is a POOL file. Conflicts go into the plan. */
export function planPool(ctx: PlanContext): PoolPlan | undefined {
  const { inputs, problems } = readPoolInputs(ctx.plan.inputs);
  if (inputs.length === 0) return undefined;
  const planner = new PoolPlanner(ctx, inputs);
  if (planner.isAllLeftOut()) return undefined;
  return problems.length === 0 ? planner.run() : planner.refuseAll(problems);
}

/** Plans one merge; to be used once. */
class PoolPlanner {
  readonly #ctx: PlanContext;
  readonly #inputs: readonly PoolInput[];
  readonly #targets: PoolTargets;
  readonly #metadata: MetadataRows;
  /** Trees and RNTuples of the merged file that hold containers, by name. */
  readonly #names: ReadonlySet<string>;
  readonly #kept = new KeptBaskets();
  readonly #treeChanges = new Map<number, TreeChanges>();
  readonly #tupleChanges = new Map<number, TupleChanges>();

  constructor(ctx: PlanContext, inputs: readonly PoolInput[]) {
    this.#ctx = ctx;
    this.#inputs = inputs;
    this.#targets = new PoolTargets(ctx.plan);
    this.#metadata = new MetadataRows(inputs, ctx);
    this.#names = this.#storeNames();
  }

  #storeNames(): Set<string> {
    const containers = this.#inputs.flatMap(({ contents }) => [
      ...contents.localLinks().map(({ token }) => token.container),
      ...contents.tagContainers().map(({ name }) => name),
    ]);
    const names = containers.map((container) => containerPlace(container).tree);
    return new Set(names.filter((name) => !name.startsWith('##') && this.#targets.find(name) !== undefined));
  }

  /** True when filters leave out all that makes POOL files of the inputs: the rest is merged like that of any file. */
  isAllLeftOut(): boolean {
    return [...BOOKKEEPING_TREES, ...this.#names].every((name) => this.#targets.isLeftOut(name));
  }

  /**
   * For files that do not fit together: conflicts and no changes. Branches and fields that only some have are no
   * further conflict: a merge would not mind them.
   */
  refuseAll(problems: readonly PoolProblem[]): PoolPlan {
    this.#targets.refuse(BOOKKEEPING.params, problems);
    for (const name of [...Object.values(BOOKKEEPING), ...this.#names]) {
      const target = this.#targets.find(name);
      if (target === undefined) continue;
      if (this.#targets.isTuple(target)) this.#tupleChanges.set(target, { padMissing: true, values: new Map() });
      else this.#treeChanges.set(target, { padMissing: true, made: undefined, rewrites: new Map() });
    }
    return this.#planned(derivedFid(this.#inputs));
  }

  run(): PoolPlan {
    const { pool } = this.#ctx.policy;
    const bookkeeping = mergeBookkeeping(this.#inputs, pool.fid ?? derivedFid(this.#inputs), pool.pfn);
    this.#targets.refuse(BOOKKEEPING.links, bookkeeping.problems);
    this.#refuseTakenFid();
    const ledger = bookkeeping.problems.length === 0 ? this.#moveReferences(bookkeeping) : '';
    this.#makeBookkeeping(bookkeeping, ledger);
    if (!this.#targets.isLeftOut(METADATA_TREE)) this.#metadata.tellSeveral();
    this.#tellUntagged();
    return this.#planned(bookkeeping.fid);
  }

  #planned(fid: string): PoolPlan {
    return { fid, treeChanges: this.#treeChanges, tupleChanges: this.#tupleChanges };
  }

  /** A FID that is asked for must be free: that of an input only where the output replaces that file. */
  #refuseTakenFid(): void {
    const { fid } = this.#ctx.policy.pool;
    if (fid === undefined) return;
    const owner = this.#inputs.find((pool) => pool.input.path !== this.#ctx.policy.neverSkipped && fidsOf(pool).includes(fid));
    if (owner === undefined) return;
    const reason = `has the FID ${fid} that the merged file is to get, or was merged from the file that has it`;
    this.#targets.refuse(BOOKKEEPING.params, [{ code: 'pool-same-fid', reason, input: owner.input }]);
  }

  /** Plans the changes of all trees and RNTuples with containers; returns the ledger's text. */
  #moveReferences(bookkeeping: MergedBookkeeping): string {
    const leftOut = this.#spareNames();
    const names = new Set([...this.#names].filter((name) => !leftOut.has(name)));
    this.#targets.refuseLeftOut([...BOOKKEEPING_TREES, ...names]);
    if (this.#ctx.policy.pool.metadata === 'sum') this.#metadata.planSum(names);
    const single = new Set([...names].filter((name) => this.#metadata.isOfOneInput(name)));
    const absent = findAbsentStores(this.#inputs, names);
    const relocation = new Relocation(this.#inputs, bookkeeping, { single, absent, leftOut });
    const changes = this.#inputs.map((pool) => ({ index: pool.input.index, ...this.#changesIn(pool, relocation, names) }));
    this.#addChanges(names, relocation, changes);
    // how many rows is told by headers: damaged ones may name any number
    if (changes.every(({ isSound }) => isSound)) this.#addAbsent(absent, relocation);
    return formatLedger(changes.flatMap(({ ledger }) => ledger));
  }

  /** What filters leave out and may: nothing refers to event tags; to metadata only their own headers do, so all of them can be missing. */
  #spareNames(): Set<string> {
    const leftOut = [...this.#names].filter((name) => this.#targets.isLeftOut(name));
    const tags = new Set(this.#inputs.flatMap(({ contents }) => contents.tagContainers().map(({ name }) => containerPlace(name).tree)));
    const hasMetadata = [...this.#names].some((name) => isMetadataTree(name) && !leftOut.includes(name));
    return new Set(leftOut.filter((name) => tags.has(name) || (!hasMetadata && isMetadataTree(name))));
  }

  #addChanges(names: ReadonlySet<string>, relocation: Relocation, changes: readonly (InputChanges & { index: number })[]): void {
    const dropIndex = this.#inputs.some(({ contents }) => relocation.renumbers(contents));
    for (const name of names) {
      const target = this.#targets.find(name) as number;
      if (this.#targets.isTuple(target)) {
        this.#tupleChanges.set(target, { padMissing: true, values: byInput(changes, ({ tuples }) => tuples.get(name)) });
        continue;
      }
      const rewrites = byInput(changes, ({ trees }) => trees.get(name));
      const padMissing = this.#branchesDiffer(name);
      this.#treeChanges.set(target, { padMissing, made: undefined, rewrites, dropIndex, ...this.#metadata.changesOf(name, rewrites) });
    }
  }

  /** Changes of one input; all of them are tried, and what fails is a conflict. After that the trees of the input are let go of. */
  #changesIn(pool: PoolInput, relocation: Relocation, names: ReadonlySet<string>): InputChanges {
    const problems: PoolProblem[] = [];
    let changes: Pick<InputChanges, 'trees' | 'tuples'> = { trees: new Map(), tuples: new Map() };
    asProblem(pool, problems, () => {
      const trees = new InputRewrites(pool, relocation, names, this.#kept);
      const sum = this.#metadata.sumIn(pool);
      if (sum !== undefined) trees.addSum(sum);
      const tuples = new TupleRewrites(pool, relocation, trees.formsP6, names);
      for (const step of tuples.steps()) asProblem(pool, problems, step);
      for (const check of trees.checks()) asProblem(pool, problems, check);
      trees.formsP6.release();
      changes = { trees: trees.byTree(), tuples: tuples.columns };
    });
    this.#targets.refuse(BOOKKEEPING.params, problems);
    const ledger = planLedger(pool, relocation);
    pool.contents.containers.release();
    return { ...changes, ledger, isSound: problems.length === 0 };
  }

  /** True when an input with the tree lacks a branch that another one has. */
  #branchesDiffer(name: string): boolean {
    const sets = this.#inputs.flatMap(({ contents }) => {
      const branches = contents.containers.tree(name)?.branches;
      return branches === undefined || branches.size === 0 ? [] : [branches];
    });
    const [first] = sets;
    return sets.some((branches) => branches.size !== first?.size || [...branches.keys()].some((branch) => !first.has(branch)));
  }

  /** Rows for inputs that lack a tree or RNTuple with one row per event. */
  #addAbsent(absent: AbsentStores, relocation: Relocation): void {
    for (const [name, lacking] of absent) {
      const { made, problems } = planAbsentRows(name, lacking, this.#inputs, relocation);
      for (const { pool, count } of made) {
        const message = `lacks it, though it has a row for each event: the ${count} events get default rows there`;
        this.#ctx.diagnostics.add({ code: 'pool-rows-made', file: pool.input.path, path: `/${name}`, message });
      }
      this.#targets.refuse(name, problems);
      const target = this.#targets.find(name) as number;
      const [tree, tuple] = [this.#treeChanges.get(target), this.#tupleChanges.get(target)];
      if (tree !== undefined) tree.absent = absentTreeRows(made);
      if (tuple !== undefined) tuple.absent = absentTupleEntries(made);
    }
  }

  #makeBookkeeping({ params, links, shapes, indexWord }: MergedBookkeeping, ledger: string): void {
    for (const [name, texts] of [
      [BOOKKEEPING.params, params],
      [BOOKKEEPING.links, links],
      [BOOKKEEPING.shapes, shapes],
    ] as const) {
      const target = this.#targets.find(name);
      if (target === undefined) continue;
      const userInfo = name === BOOKKEEPING.links ? { userInfo: ledger } : {};
      this.#treeChanges.set(target, { padMissing: false, made: bookkeepingEntries(texts, indexWord), rewrites: new Map(), ...userInfo });
    }
    const sections = this.#targets.find(BOOKKEEPING.sections);
    if (sections !== undefined) this.#ctx.plan.decideSlots(sections, 'skip', 'pool-sections', 0);
  }

  /** Inputs without event tags, unless a filter leaves out the tags of all. */
  #tellUntagged(): void {
    const withTags = this.#inputs.filter(({ contents }) =>
      contents.tagContainers().every(({ name }) => !this.#targets.isLeftOut(containerPlace(name).tree)),
    );
    for (const { pool, events } of untagged(withTags)) {
      const message = `has no event tags, others have: the merged tags do not name its ${events} events`;
      this.#ctx.diagnostics.add({ code: 'pool-tags-missing', file: pool.input.path, message });
    }
  }
}

/** What the inputs have under a name, by input index. */
function byInput<C, T>(changes: readonly (C & { index: number })[], pick: (change: C) => T | undefined): Map<number, T> {
  return new Map(
    changes.flatMap((change) => {
      const found = pick(change);
      return found === undefined ? [] : [[change.index, found] as const];
    }),
  );
}
