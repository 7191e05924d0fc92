/** Plans one merged RNTuple: reads all metadata of all inputs, compares schemas, adds up sizes. Writes nothing. */
import { addContext, isPoolMergeError } from '../../errors.ts';
import type { ColumnValues } from '../../io/root/rntuple/pages.ts';
import { openRNTuple, type RNTuple } from '../../io/root/rntuple/rntuple.ts';
import { ColumnFlag } from '../../io/root/rntuple/schema.ts';
import { columnTraits } from '../../io/root/rntuple/element-counter.ts';
import type { PlanContext } from '../merger.ts';
import { contextOf, type Contribution } from '../plan/plan.ts';
import type { TupleChanges } from '../tuple-changes.ts';
import { AttributeSets } from './attribute-sets.ts';
import { JobBuilder, type BuilderOptions, type Refuse } from './job-builder.ts';
import type { TupleJob } from './tuple-job.ts';

/** Plans a target; undefined when it was refused (all its conflicts are in the plan then). */
export function planTuple(target: number, ctx: PlanContext): TupleJob | undefined {
  const planner = new TuplePlanner(target, ctx);
  return planner.run(ctx.plan.contributions(target));
}

class TuplePlanner {
  readonly #target: number;
  readonly #ctx: PlanContext;
  readonly #changes: TupleChanges | undefined;
  readonly #builder: JobBuilder;
  readonly #attributes: AttributeSets;
  #refused = false;

  constructor(target: number, ctx: PlanContext) {
    this.#target = target;
    this.#ctx = ctx;
    this.#changes = ctx.tupleChanges?.get(target);
    const refuse: Refuse = (code, reason, input) => {
      this.#refused = true;
      ctx.plan.refuse(target, code, reason, input);
    };
    const options: BuilderOptions = { target, compression: ctx.policy.compression, mayLack: this.#changes?.padMissing === true, refuse };
    this.#builder = new JobBuilder(options);
    this.#attributes = new AttributeSets(options);
  }

  run(contributions: readonly Contribution[]): TupleJob | undefined {
    this.#chooseSchema(contributions);
    for (const { index } of this.#ctx.plan.inputs) {
      for (const contribution of contributions) if (contribution.input.index === index) this.#add(contribution);
      this.#addAbsent(index);
    }
    const job = this.#builder.finish();
    const attributeSets = this.#attributes.finish();
    if (this.#refused || job === undefined) return undefined;
    job.attributeSets = attributeSets;
    const { plan } = this.#ctx;
    plan.entries.set(this.#target, this.#builder.entryCount);
    if (attributeSets.length > 0) {
      plan.attributeEntries.set(this.#target, new Map(attributeSets.map(({ name, entryCount }) => [name, entryCount])));
    }
    const single = contributions.length === 1 && job.parts.length === 1;
    plan.decideSlots(this.#target, single ? 'copy' : 'concat', single ? 'single-source' : 'mergeable', 1);
    return job;
  }

  /**
   * Where fields may be missing, the output has the schema of the first input with the most fields; the ones with
   * columns added late can be no model for others.
   */
  #chooseSchema(contributions: readonly Contribution[]): void {
    if (this.#changes?.padMissing !== true || (contributions.length < 2 && this.#changes.absent === undefined)) return;
    let [most, model]: [number, RNTuple | undefined] = [0, undefined];
    for (const [i, { input, directory, keyIndex }] of contributions.entries()) {
      const tuple = openRNTuple(input.file, directory, keyIndex, model);
      const { fields, columns } = tuple.footer.schema;
      const count = fields.filter(({ parentId }, id) => parentId === id).length;
      if (count <= most || (i > 0 && columns.some(({ flags }) => (flags & ColumnFlag.deferred) !== 0))) continue;
      [most, model] = [count, tuple];
    }
    if (model !== undefined) this.#builder.setModel(model);
  }

  /** Reads one input's metadata; features of other versions are conflicts, damage is an error. */
  #add(contribution: Contribution): void {
    const { input, directory, keyIndex } = contribution;
    try {
      const tuple = openRNTuple(input.file, directory, keyIndex, this.#builder.first);
      const firstEntry = this.#builder.entryCount;
      this.#builder.add(tuple, input, this.#changes?.values.get(input.index));
      this.#attributes.add(tuple, input, firstEntry);
    } catch (err) {
      if (!isPoolMergeError(err, 'UNSUPPORTED')) throw addContext(err, contextOf(contribution));
      this.#refused = true;
      this.#ctx.plan.refuse(this.#target, 'unsupported', err.reason, input);
    }
  }

  /** Adds the entries of an input that has none, behind those it may have. */
  #addAbsent(index: number): void {
    const absent = this.#changes?.absent?.get(index);
    const schema = this.#builder.first?.footer.schema;
    if (absent === undefined || schema === undefined) return;
    const { perEntry } = columnTraits(schema);
    const values = new Map<number, ColumnValues>();
    schema.columns.forEach(({ fieldId, representation }, id) => {
      const field = schema.fields[fieldId];
      const isFirst = field?.parentId === fieldId && perEntry[id] === 1 && representation === 0;
      const own = isFirst ? absent.valuesOf(field.name) : undefined;
      if (own !== undefined) values.set(id, own);
    });
    this.#builder.addAbsent({ entryCount: absent.entryCount, values });
  }
}
