/**
 * Plans the merge of POOL files: what is changed in trees and RNTuples so that every persistent reference of the
 * merged file leads where it led before. Everything that cannot be kept is a conflict, found before writing.
 */
import { BOOKKEEPING, BOOKKEEPING_BRANCH, containerPlace } from '../../io/pool/bookkeeping.ts';
import { BigEndianWriter, decodeText } from '../../io/bytes/big-endian.ts';
import type { PlanContext } from '../merger.ts';
import { INDEX_NAME } from '../../io/pool/containers.ts';
import type { AbsentRows, TreeChanges } from '../tree-changes.ts';
import type { AbsentEntries, NewColumns, TupleChanges } from '../tuple-changes.ts';
import { absentIndexValues, findAbsentStores, rowCountOf, untagged, type AbsentStores } from './absent-stores.ts';
import { derivedFid, mergeBookkeeping, type MergedBookkeeping } from './bookkeeping-rows.ts';
import { InputRewrites } from './input-rewrites.ts';
import { firstRowBaskets, metadataHeaderTrees } from './first-row.ts';
import { formatLedger } from './ledger.ts';
import { planLedger } from './plan-ledger.ts';
import { METADATA_TREE, planMetadataSum, type MetadataSum } from './metadata-sum.ts';
import { asProblem, fidsOf, readPoolInputs, type PoolInput, type PoolProblem } from './pool-inputs.ts';
import { Relocation } from './relocation.ts';
import { KeptBaskets, type TreeRewrite } from './tree-rewrite.ts';
import { TupleRewrites } from './tuple-rewrites.ts';

/** What a POOL merge changes, and who the merged file is. */
export interface PoolPlan {
  fid: string;
  treeChanges: Map<number, TreeChanges>;
  tupleChanges: Map<number, TupleChanges>;
}

/** Changes of one input by tree and by RNTuple. */
interface InputChanges {
  trees: ReadonlyMap<string, TreeRewrite>;
  tuples: ReadonlyMap<string, NewColumns>;
}

/** Plans the POOL part of a merge; undefined when no input is a POOL file. Conflicts go into the plan. */
export function planPool(ctx: PlanContext): PoolPlan | undefined {
  const { inputs, problems } = readPoolInputs(ctx.plan.inputs);
  if (inputs.length === 0) return undefined;
  const planner = new PoolPlanner(ctx, inputs);
  if (planner.isLeftOut()) return undefined;
  if (problems.length === 0) return planner.run();
  planner.refuse(BOOKKEEPING.params, problems);
  return planner.unchanged();
}

class PoolPlanner {
  readonly #ctx: PlanContext;
  readonly #inputs: readonly PoolInput[];
  readonly #kept = new KeptBaskets();
  #sum: MetadataSum | undefined;
  /** Targets of the root directory by name. */
  readonly #targets = new Map<string, number>();

  constructor(ctx: PlanContext, inputs: readonly PoolInput[]) {
    this.#ctx = ctx;
    this.#inputs = inputs;
    const { plan } = ctx;
    for (let target = 0; target < plan.targets.count; target++) {
      if (plan.targets.directory.at(target) === 0) this.#targets.set(decodeText(plan.nameText(target)), target);
    }
  }

  refuse(treeName: string, problems: readonly PoolProblem[]): void {
    const target = this.#targets.get(treeName) ?? (this.#targets.get(BOOKKEEPING.params) as number);
    for (const { code, reason, input } of problems) this.#ctx.plan.refuse(target, code, reason, input);
  }

  /** True when filters leave out all that makes POOL files of the inputs: the rest is merged like that of any file. */
  isLeftOut(): boolean {
    return [BOOKKEEPING.params, BOOKKEEPING.links, BOOKKEEPING.shapes, ...this.#treeNames()].every((name) => this.#isLeftOut(name));
  }

  #isLeftOut(name: string): boolean {
    const target = this.#targets.get(name);
    return target === undefined || this.#ctx.plan.disposition(target) === 'skip';
  }

  /** For files that do not fit together: no changes, and no conflicts of branches that a merge would not mind. */
  unchanged(): PoolPlan {
    const treeChanges = new Map<number, TreeChanges>();
    const tupleChanges = new Map<number, TupleChanges>();
    for (const name of [...Object.values(BOOKKEEPING), ...this.#treeNames()]) {
      const target = this.#targets.get(name);
      if (target === undefined) continue;
      if (this.#ctx.plan.family(target) === 'rntuple') tupleChanges.set(target, { padMissing: true, values: new Map() });
      else treeChanges.set(target, { padMissing: true, made: undefined, rewrites: new Map() });
    }
    return { fid: derivedFid(this.#inputs), treeChanges, tupleChanges };
  }

  run(): PoolPlan {
    const { pool } = this.#ctx.policy;
    const bookkeeping = mergeBookkeeping(this.#inputs, pool.fid ?? derivedFid(this.#inputs), pool.pfn);
    this.refuse(BOOKKEEPING.links, bookkeeping.problems);
    this.#refuseTakenFid();
    const treeChanges = new Map<number, TreeChanges>();
    const tupleChanges = new Map<number, TupleChanges>();
    let ledger = '';
    if (bookkeeping.problems.length === 0) {
      const all = this.#treeNames();
      const leftOut = this.#freeOf(all);
      const names = new Set([...all].filter((name) => !leftOut.has(name)));
      this.#refuseFiltered(names);
      this.#planSum(names);
      const absent = findAbsentStores(this.#inputs, names);
      const relocation = new Relocation(this.#inputs, bookkeeping, { single: new Set([...names].filter((name) => this.#isSummed(name))), absent, leftOut });
      ledger = formatLedger(planLedger(this.#inputs, relocation));
      this.#changeTrees(names, relocation, { fid: bookkeeping.fid, treeChanges, tupleChanges });
      this.#addAbsent(absent, relocation, { treeChanges, tupleChanges });
    }
    this.#makeBookkeeping(bookkeeping, treeChanges, ledger);
    this.#tellMetadata();
    for (const { pool: { input }, events } of untagged(this.#inputs.filter(({ contents }) => contents.tagContainers().every(({ name }) => !this.#isLeftOut(containerPlace(name).tree))))) {
      this.#ctx.diagnostics.add({ code: 'pool-tags-missing', file: input.path, message: `has no event tags, others have: the merged tags do not name its ${events} events` });
    }
    return { fid: bookkeeping.fid, treeChanges, tupleChanges };
  }

  /** A FID that is asked for must be free: that of an input only where the output replaces that file. */
  #refuseTakenFid(): void {
    const { pool: { fid }, neverSkipped } = this.#ctx.policy;
    const owner = fid === undefined ? undefined : this.#inputs.find((pool) => pool.input.path !== neverSkipped && fidsOf(pool).includes(fid));
    if (owner === undefined) return;
    this.refuse(BOOKKEEPING.params, [{ code: 'pool-same-fid', reason: `has the FID ${fid} that the merged file is to get, or was merged from the file that has it`, input: owner.input }]);
  }

  /** Trees and RNTuples that hold containers. */
  #treeNames(): Set<string> {
    const containers = this.#inputs.flatMap(({ contents }) => [...contents.localLinks().map(({ token }) => token.container), ...contents.tagContainers().map(({ name }) => name)]);
    const names = containers.map((container) => containerPlace(container).tree);
    return new Set(names.filter((name) => !name.startsWith('##') && this.#targets.has(name)));
  }

  /** What filters leave out and may: nothing refers to event tags; to metadata only their own headers do, so all of them can be missing. */
  #freeOf(names: ReadonlySet<string>): Set<string> {
    const leftOut = [...names].filter((name) => this.#isLeftOut(name));
    const tags = new Set(this.#inputs.flatMap(({ contents }) => contents.tagContainers().map(({ name }) => containerPlace(name).tree)));
    const hasMetadata = [...names].some((name) => name.startsWith(METADATA_TREE) && !leftOut.includes(name));
    return new Set(leftOut.filter((name) => tags.has(name) || (!hasMetadata && name.startsWith(METADATA_TREE))));
  }

  #refuseFiltered(names: Iterable<string>): void {
    for (const name of [BOOKKEEPING.params, BOOKKEEPING.links, BOOKKEEPING.shapes, ...names]) {
      const target = this.#targets.get(name);
      if (target === undefined || this.#ctx.plan.disposition(target) !== 'skip') continue;
      this.#ctx.plan.refuse(target, 'pool-filter', 'a filter leaves out a part of POOL files that references lead to');
    }
  }

  #changeTrees(names: Set<string>, relocation: Relocation, { treeChanges, tupleChanges }: PoolPlan): void {
    const changes = this.#inputs.map((pool) => ({ index: pool.input.index, ...this.#rewritesOf(pool, relocation, names) }));
    for (const name of names) {
      const target = this.#targets.get(name) as number;
      if (this.#ctx.plan.family(target) === 'rntuple') tupleChanges.set(target, { padMissing: true, values: byInput(changes, ({ tuples }) => tuples.get(name)) });
      else {
        const rewrites = byInput(changes, ({ trees }) => trees.get(name));
        treeChanges.set(target, { padMissing: this.#branchesDiffer(name), made: undefined, rewrites, dropIndex: this.#inputs.some(({ contents }) => relocation.renumbers(contents)), ...this.#summedRows(name, rewrites) });
      }
    }
  }

  /** Rows of inputs that lack a tree or RNTuple with one row per event. */
  #addAbsent(absent: AbsentStores, relocation: Relocation, { treeChanges, tupleChanges }: Pick<PoolPlan, 'treeChanges' | 'tupleChanges'>): void {
    for (const [name, lacking] of absent) {
      const target = this.#targets.get(name) as number;
      const holder = this.#inputs.find(({ contents }) => rowCountOf(contents, name) > 0) as PoolInput;
      const problems: PoolProblem[] = [];
      const rows = this.#inputs.flatMap((pool): [number, MadeStore][] => {
        const entryCount = lacking.get(pool.contents);
        if (entryCount === undefined) return [];
        let index: bigint[] | undefined;
        asProblem(pool, problems, () => (index = absentIndexValues(pool.contents, holder.contents, name)?.map((value) => relocation.indexOf(pool.contents, value))));
        const message = `lacks it, though it has a row for each event: the ${entryCount} events get default rows there`;
        this.#ctx.diagnostics.add({ code: 'pool-rows-made', file: pool.input.path, path: `/${name}`, message });
        return [[pool.input.index, { entryCount, index }]];
      });
      this.refuse(name, problems);
      const [tree, tuple] = [treeChanges.get(target), tupleChanges.get(target)];
      if (tree !== undefined) tree.absent = new Map(rows.map(([input, made]) => [input, absentRows(made)]));
      if (tuple !== undefined) tuple.absent = new Map(rows.map(([input, made]) => [input, absentEntries(made)]));
    }
  }

  /** Plans one row of metadata when that is asked for, and says what it is. */
  #planSum(names: ReadonlySet<string>): void {
    if (this.#ctx.policy.pool.metadata !== 'sum') return;
    const sum = planMetadataSum(this.#inputs);
    const path = `/${METADATA_TREE}`;
    if (typeof sum === 'string' || !names.has(METADATA_TREE)) {
      this.#ctx.diagnostics.add({ code: 'pool-metadata-not-summed', path, message: `cannot be summed: ${typeof sum === 'string' ? sum : 'no container of it is known'}` });
      return;
    }
    this.#sum = sum;
    this.#ctx.diagnostics.add({ code: 'pool-metadata-summed', path, message: `one row for ${sum.rowCount === sum.inputCount ? '' : `${sum.rowCount} rows of `}${sum.inputCount} inputs; summed: ${sum.summed.join(', ') || 'nothing'}` });
    for (const [name, reason] of sum.kept) {
      const message = `not summed (${reason}): the row holds what ${sum.base.input.path} says, that of the others is left out`;
      this.#ctx.diagnostics.add({ code: 'pool-metadata-not-summed', path: `${path}/${name}`, message });
    }
  }

  /** Trees of metadata and of their headers and forms have one input's rows when metadata are summed. */
  #isSummed(treeName: string): boolean {
    return this.#sum !== undefined && treeName.startsWith(METADATA_TREE);
  }

  /** Of such trees one input's rows are taken, or the first of them. Forms can all stay: headers tell which is theirs. */
  #summedRows(name: string, rewrites: ReadonlyMap<number, TreeRewrite>): Partial<TreeChanges> {
    if (this.#sum === undefined || !this.#isSummed(name)) return {};
    const { base: { input, contents }, isCut } = this.#sum;
    const tree = contents.containers.tree(name)?.reader;
    const inputs = new Set([input.index]);
    if (!isCut || tree === undefined || (name !== METADATA_TREE && !metadataHeaderTrees(contents).has(name))) return { inputs };
    return { inputs, firstRow: firstRowBaskets(tree, rewrites.get(input.index)) };
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

  /** Changes of one input; all of them are tried, and what fails is a conflict. */
  #rewritesOf(pool: PoolInput, relocation: Relocation, names: ReadonlySet<string>): InputChanges {
    const problems: PoolProblem[] = [];
    let changes: InputChanges = { trees: new Map(), tuples: new Map() };
    asProblem(pool, problems, () => {
      const trees = new InputRewrites(pool, relocation, names, this.#kept);
      if (this.#sum?.base === pool) trees.addSum(this.#sum);
      const tuples = new TupleRewrites(pool, relocation, trees.formsP6, names);
      for (const step of tuples.steps()) asProblem(pool, problems, step);
      for (const check of trees.checks()) asProblem(pool, problems, check);
      changes = { trees: trees.byTree(), tuples: tuples.columns };
    });
    this.refuse(BOOKKEEPING.params, problems);
    pool.contents.containers.release();
    return changes;
  }

  #makeBookkeeping({ params, links, shapes, indexWord }: MergedBookkeeping, treeChanges: Map<number, TreeChanges>, ledger: string): void {
    const rows: readonly (readonly [string, readonly string[]])[] = [[BOOKKEEPING.params, params], [BOOKKEEPING.links, links], [BOOKKEEPING.shapes, shapes]];
    for (const [name, texts] of rows) {
      const target = this.#targets.get(name);
      const made = (branch: string): Uint8Array[] => (branch === BOOKKEEPING_BRANCH ? texts.map(textEntry) : texts.map((_, row) => longEntry(indexWord | BigInt(row))));
      if (target !== undefined) treeChanges.set(target, { padMissing: false, made, rewrites: new Map(), ...(name === BOOKKEEPING.links && { userInfo: ledger }) });
    }
    const sections = this.#targets.get(BOOKKEEPING.sections);
    if (sections !== undefined) this.#ctx.plan.decideSlots(sections, 'skip', 'pool-sections', 0);
  }

  /** One row of metadata per job: readers sum them, nothing here does. */
  #tellMetadata(): void {
    const rows = this.#inputs.reduce((sum, { contents }) => sum + (contents.containers.tree(METADATA_TREE)?.reader.entryCount ?? 0), 0);
    if (rows < 2 || this.#sum !== undefined || this.#isLeftOut(METADATA_TREE)) return;
    const message = `holds ${rows} rows, those of the inputs one after the other: numbers in them are of each input, not sums`;
    this.#ctx.diagnostics.add({ code: 'pool-metadata-rows', path: `/${METADATA_TREE}`, message });
  }
}

/** What the inputs have under a name, by input index. */
function byInput<C, T>(changes: readonly (C & { index: number })[], pick: (change: C) => T | undefined): Map<number, T> {
  return new Map(changes.flatMap((change) => {
    const found = pick(change);
    return found === undefined ? [] : [[change.index, found] as const];
  }));
}

/** Rows that are made: how many, and their index_ref where the tree or RNTuple has that. */
interface MadeStore {
  entryCount: number;
  index: readonly bigint[] | undefined;
}

function absentRows({ entryCount, index }: MadeStore): AbsentRows {
  return { entryCount, entriesOf: (branch) => (branch === INDEX_NAME ? index?.map(longEntry) : undefined) };
}

function absentEntries({ entryCount, index }: MadeStore): AbsentEntries {
  return { entryCount, valuesOf: (field) => (field === INDEX_NAME && index !== undefined ? BigInt64Array.from(index) : undefined) };
}

/** A text as a TLeafC stores it: behind its length. */
function textEntry(text: string): Uint8Array {
  const w = new BigEndianWriter(text.length + 8);
  w.tstring(text);
  return w.done();
}

function longEntry(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, value);
  return bytes;
}
