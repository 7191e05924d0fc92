/** Plans one merged RNTuple: reads all metadata of all inputs, compares schemas, adds up sizes. Writes nothing. */
import { addContext, isPoolMergeError } from '../../errors.ts';
import { objectPath } from '../../io/root/root-file.ts';
import { ElementCounter, columnTraits } from '../../io/root/rntuple/element-counter.ts';
import { ColumnFlag, fieldPath, type ExtraTypeInfo } from '../../io/root/rntuple/schema.ts';
import { SUPPRESSED, type Cluster } from '../../io/root/rntuple/page-list.ts';
import { openRNTuple, readClusters, type RNTuple } from '../../io/root/rntuple/rntuple.ts';
import { STREAMER_INFOS, TypeInfoUnion, withStreamerInfos } from '../../io/root/rntuple/type-infos.ts';
import type { InputFile } from '../inputs.ts';
import type { PlanContext } from '../merger.ts';
import type { Contribution } from '../plan/plan.ts';
import { matchSchemas } from './match-schemas.ts';
import type { ColumnValues } from '../../io/root/rntuple/pages.ts';
import type { NewColumns } from '../tuple-changes.ts';
import { valueRecoder } from './page-values.ts';
import { MISSING_COLUMN, type TupleJob, type TuplePart } from './tuple-job.ts';
import { zeroElement } from './zero-pages.ts';

/** Plans a target; undefined when it was refused (all its conflicts are in the plan then). */
export function planTuple(target: number, ctx: PlanContext): TupleJob | undefined {
  const planner = new TuplePlanner(target, ctx);
  return planner.run(ctx.plan.contributions(target));
}

class TuplePlanner {
  readonly #target: number;
  readonly #ctx: PlanContext;
  #refused = false;
  #first: RNTuple | undefined;
  #job: TupleJob | undefined;
  #entryCount = 0;
  readonly #typeInfos = new TypeInfoUnion();

  constructor(target: number, ctx: PlanContext) {
    this.#target = target;
    this.#ctx = ctx;
  }

  run(contributions: readonly Contribution[]): TupleJob | undefined {
    this.#chooseSchema(contributions);
    for (const { index } of this.#ctx.plan.inputs) {
      for (const contribution of contributions) if (contribution.input.index === index) this.#add(contribution);
      this.#addAbsent(index);
    }
    if (this.#job !== undefined && !this.#refused) this.#uniteTypeInfos(this.#job, contributions[0]?.input);
    if (this.#refused || this.#job === undefined) return undefined;
    this.#ctx.plan.entries.set(this.#target, this.#entryCount);
    const single = contributions.length === 1 && this.#job.parts.length === 1;
    this.#ctx.plan.decideSlots(this.#target, single ? 'copy' : 'concat', single ? 'single-source' : 'mergeable', 1);
    return this.#job;
  }

  /**
   * Where fields may be missing, the output has the schema of the first input with the most fields; the ones with
   * columns added late can be no model for others.
   */
  #chooseSchema(contributions: readonly Contribution[]): void {
    const changes = this.#ctx.tupleChanges?.get(this.#target);
    if (changes?.padMissing !== true || (contributions.length < 2 && changes.absent === undefined)) return;
    let most = 0;
    for (const [i, { input, directory, keyIndex }] of contributions.entries()) {
      const tuple = openRNTuple(input.file, directory, keyIndex, this.#first);
      const { fields, columns } = tuple.footer.schema;
      const count = fields.filter(({ parentId }, id) => parentId === id).length;
      if (count <= most || (i > 0 && columns.some(({ flags }) => (flags & ColumnFlag.deferred) !== 0))) continue;
      most = count;
      this.#first = tuple;
    }
    if (this.#first !== undefined) this.#job = newJob(this.#target, this.#first, this.#ctx);
  }

  #refuse(code: string, reason: string, input: InputFile): void {
    this.#refused = true;
    this.#ctx.plan.refuse(this.#target, code, reason, input);
  }

  /** Reads one input's metadata; features of other versions are conflicts, damage is an error. */
  #add({ input, directory, keyIndex }: Contribution): void {
    try {
      const tuple = openRNTuple(input.file, directory, keyIndex, this.#first);
      if (tuple.footer.attributeSets.length > 0) {
        const names = tuple.footer.attributeSets.map(({ name }) => name).join(', ');
        this.#refuse('unsupported', `has linked attribute sets (${names}), which cannot be merged yet`, input);
      }
      const part = this.#match(tuple, input);
      if (part === undefined) return;
      this.#setValues(part, this.#ctx.tupleChanges?.get(this.#target)?.values.get(input.index));
      const job = this.#job as TupleJob;
      if (job.parts.length === 0 && tuple.footer.schema === this.#first?.footer.schema) job.extended = part;
      job.parts.push(part);
      this.#entryCount += tuple.entryCount;
      this.#typeInfos.add(tuple.footer.schema.extraTypeInfos);
      this.#measure(part, input);
    } catch (err) {
      if (!isPoolMergeError(err, 'UNSUPPORTED')) throw addContext(err, { file: input.path, objectPath: objectPath(directory, keyIndex) });
      this.#refuse('unsupported', err.reason, input);
    }
  }

  /** Readers find one list of streamer infos: what later inputs add to the first's goes into the schema extension. */
  #uniteTypeInfos(job: TupleJob, input: InputFile | undefined): void {
    const content = this.#typeInfos.content();
    const isStreamerInfo = ({ contentId }: ExtraTypeInfo): boolean => contentId === STREAMER_INFOS;
    const own = this.#first?.footer.schema.extraTypeInfos.find(isStreamerInfo)?.content;
    if (content === undefined || (own !== undefined && Buffer.compare(own, content) === 0)) return;
    if (this.#first?.header.schema.extraTypeInfos.some(isStreamerInfo) !== true) job.extensionBytes = withStreamerInfos(job.extensionBytes, content);
    else if (input !== undefined) this.#refuse('unsupported', 'has streamer infos in its header, to which those of other inputs cannot be added', input);
  }

  /** Adds the entries of an input that has none, behind those it may have. */
  #addAbsent(index: number): void {
    const absent = this.#ctx.tupleChanges?.get(this.#target)?.absent?.get(index);
    if (absent === undefined || this.#job === undefined || this.#first === undefined) return;
    const { fields } = this.#first.footer.schema;
    const values = new Map<number, ColumnValues>();
    this.#job.columns.forEach(({ fieldId, representation }, id) => {
      const field = fields[fieldId];
      const isFirst = field?.parentId === fieldId && this.#job?.traits.perEntry[id] === 1 && representation === 0;
      const own = isFirst ? absent.valuesOf(field.name) : undefined;
      if (own !== undefined) values.set(id, own);
    });
    this.#job.parts.push({ entryCount: absent.entryCount, values });
    this.#entryCount += absent.entryCount;
  }

  #match(tuple: RNTuple, input: InputFile): TuplePart | undefined {
    const { source, footer } = tuple;
    const [first, job] = [this.#first, this.#job];
    if (first === undefined || job === undefined) {
      this.#first = tuple;
      this.#job = newJob(this.#target, tuple, this.#ctx);
      return { source, traits: this.#job.traits, sourceOf: undefined, recoders: undefined };
    }
    if (footer.schema === first.footer.schema) return { source, traits: job.traits, sourceOf: undefined, recoders: undefined };
    const { differences, sourceOf, recoders } = matchSchemas(first.footer.schema, footer.schema, this.#ctx.tupleChanges?.get(this.#target)?.padMissing);
    for (const difference of differences) this.#refuse('schema-differs', difference, input);
    return differences.length > 0 ? undefined : { source, traits: columnTraits(footer.schema), sourceOf, recoders };
  }

  /** Columns that get new values, in the encoding of the output. */
  #setValues(part: TuplePart, changed: NewColumns | undefined): void {
    if (changed === undefined || changed.size === 0) return;
    part.recoders ??= [];
    for (const [id, column] of (this.#job as TupleJob).columns.entries()) {
      const source = part.sourceOf?.[id] ?? id;
      const values = changed.get(source);
      if (values !== undefined) part.recoders[source] = valueRecoder(column, values);
    }
  }

  /** Walks the page lists: checks them and adds up what will be read and written. */
  #measure(part: TuplePart, input: InputFile): void {
    const job = this.#job as TupleJob;
    const counter = new ElementCounter(part.traits);
    const withoutZero = new Set<number>();
    for (const cluster of readClusters(part.source, counter)) {
      this.#chooseCompression(job, cluster);
      job.columns.forEach((column, id) => {
        const c = part.sourceOf?.[id] ?? id;
        if (c !== MISSING_COLUMN) addColumn(job, cluster, c);
        const isMade = c === MISSING_COLUMN ? job.traits.perEntry[id] !== 0 : part !== job.extended && counter.missing(cluster, c) > 0;
        if (isMade && zeroElement(column) === undefined) withoutZero.add(column.fieldId);
      });
    }
    for (const field of withoutZero) this.#refuseZero(field, input);
  }

  /** Entries without a value read as 0; where they follow others, the zeros must be stored. */
  #refuseZero(field: number, input: InputFile): void {
    const path = fieldPath(this.#first?.footer.schema.fields ?? [], field);
    this.#refuse('unsupported', `lacks field ${path} in its first entries, which read as 0, but the quantized reals of its column have no 0`, input);
  }

  /** `first`: the setting of the first page range of the first input that has one. */
  #chooseCompression(job: TupleJob, cluster: Cluster): void {
    if (this.#ctx.policy.compression !== 'first' || job.compression !== undefined) return;
    const stored = cluster.firstElement.findIndex((first) => first !== SUPPRESSED);
    if (stored >= 0) job.compression = cluster.compression[stored];
  }
}

function newJob(target: number, tuple: RNTuple, ctx: PlanContext): TupleJob {
  const { anchor, headerStored, header, footer } = tuple;
  const { compression } = ctx.policy;
  return {
    target,
    parts: [],
    extended: undefined,
    anchor,
    headerStored,
    headerChecksum: header.checksum,
    extensionBytes: footer.extensionBytes,
    hasAttributeList: footer.hasAttributeList,
    columns: footer.schema.columns,
    traits: columnTraits(footer.schema),
    compression: typeof compression === 'number' ? compression : undefined,
    inputBytes: 0,
  };
}

function addColumn(job: TupleJob, cluster: Cluster, c: number): void {
  if (c >= cluster.firstElement.length) return;
  for (let p = cluster.pageStart[c] as number; p < (cluster.pageStart[c + 1] as number); p++) {
    job.inputBytes += (cluster.storedBytes[p] as number) + (cluster.checksumBytes[p] as number);
  }
}
