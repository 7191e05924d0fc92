/** Builds the job of one merged RNTuple, input by input: compares schemas, reads page lists, adds up sizes. Writes nothing. */
import { ElementCounter, columnTraits } from '../../io/root/rntuple/element-counter.ts';
import { SUPPRESSED, type Cluster } from '../../io/root/rntuple/page-list.ts';
import { readClusters, type RNTuple } from '../../io/root/rntuple/rntuple.ts';
import { fieldPath, type ExtraTypeInfo } from '../../io/root/rntuple/schema.ts';
import { STREAMER_INFOS, TypeInfoUnion, withStreamerInfos } from '../../io/root/rntuple/type-infos.ts';
import type { InputFile } from '../inputs.ts';
import type { PlanContext } from '../merger.ts';
import type { NewColumns } from '../tuple-changes.ts';
import { matchSchemas } from './match-schemas.ts';
import { valueRecoder } from './page-values.ts';
import { MISSING_COLUMN, type AbsentPart, type TupleJob, type TuplePart } from './tuple-job.ts';
import { zeroElement } from './zero-pages.ts';

/** Takes a conflict. */
export type Refuse = (code: string, reason: string, input: InputFile) => void;

/** What holds for the RNTuple as a whole. */
export interface BuilderOptions {
  target: number;
  /** As the user wishes it. */
  compression: PlanContext['policy']['compression'];
  /** Top-level fields may be missing in inputs. */
  mayLack: boolean;
  refuse: Refuse;
}

/** The job as far as it goes. */
export class JobBuilder {
  /** Entries of the inputs so far. */
  entryCount = 0;
  readonly #options: BuilderOptions;
  readonly #typeInfos = new TypeInfoUnion();
  #first: RNTuple | undefined;
  #firstInput: InputFile | undefined;
  #job: TupleJob | undefined;

  constructor(options: BuilderOptions) {
    this.#options = options;
  }

  /** The RNTuple whose schema the output has. */
  get first(): RNTuple | undefined {
    return this.#first;
  }

  /** Sets whose schema the output has; without this, it is that of the first one added. */
  setModel(tuple: RNTuple): void {
    this.#first = tuple;
    this.#job = newJob(this.#options, tuple);
  }

  /** Adds an input's entries; all differences of its schema are refused. `changed`: new values of its columns. */
  add(tuple: RNTuple, input: InputFile, changed: NewColumns | undefined): void {
    this.#firstInput ??= input;
    if (this.#first === undefined) this.setModel(tuple);
    const [first, job] = [this.#first as RNTuple, this.#job as TupleJob];
    const part = this.#match(tuple, input, first, job);
    if (part === undefined) return;
    setValues(part, job, changed);
    if (job.parts.length === 0 && tuple.footer.schema === first.footer.schema) job.extended = part;
    job.parts.push(part);
    this.entryCount += tuple.entryCount;
    this.#typeInfos.add(tuple.footer.schema.extraTypeInfos);
    this.#measure(part, job, input);
  }

  /** Adds entries that no input has. */
  addAbsent(part: AbsentPart): void {
    this.#job?.parts.push(part);
    this.entryCount += part.entryCount;
  }

  /** The job; undefined when nothing was added. */
  finish(): TupleJob | undefined {
    if (this.#job !== undefined) this.#uniteTypeInfos(this.#job);
    return this.#job;
  }

  #match(tuple: RNTuple, input: InputFile, first: RNTuple, job: TupleJob): TuplePart | undefined {
    const { source, footer } = tuple;
    const { schema } = footer;
    if (schema === first.footer.schema) return { source, schema, traits: job.traits, sourceOf: undefined, recoders: undefined };
    const { differences, sourceOf, recoders } = matchSchemas(first.footer.schema, schema, this.#options.mayLack);
    for (const difference of differences) this.#options.refuse('schema-differs', difference, input);
    return differences.length > 0 ? undefined : { source, schema, traits: columnTraits(schema), sourceOf, recoders };
  }

  /** Walks the page lists: checks them and adds up what will be read and written. */
  #measure(part: TuplePart, job: TupleJob, input: InputFile): void {
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
    this.#options.refuse(
      'unsupported',
      `lacks field ${path} in its first entries, which read as 0, but the quantized reals of its column have no 0`,
      input,
    );
  }

  /** `first`: the setting of the first page range of the first input that has one. */
  #chooseCompression(job: TupleJob, cluster: Cluster): void {
    if (this.#options.compression !== 'first' || job.compression !== undefined) return;
    const stored = cluster.firstElement.findIndex((first) => first !== SUPPRESSED);
    if (stored >= 0) job.compression = cluster.compression[stored];
  }

  /** Readers find one list of streamer infos: what later inputs add to the first's goes into the schema extension. */
  #uniteTypeInfos(job: TupleJob): void {
    const content = this.#typeInfos.content();
    const isStreamerInfo = ({ contentId }: ExtraTypeInfo): boolean => contentId === STREAMER_INFOS;
    const own = this.#first?.footer.schema.extraTypeInfos.find(isStreamerInfo)?.content;
    if (content === undefined || (own !== undefined && Buffer.compare(own, content) === 0)) return;
    if (this.#first?.header.schema.extraTypeInfos.some(isStreamerInfo) !== true) {
      job.extensionBytes = withStreamerInfos(job.extensionBytes, content);
    } else if (this.#firstInput !== undefined) {
      this.#options.refuse(
        'unsupported',
        'has streamer infos in its header, to which those of other inputs cannot be added',
        this.#firstInput,
      );
    }
  }
}

function newJob({ target, compression }: BuilderOptions, { anchor, headerStored, header, footer }: RNTuple): TupleJob {
  return {
    target,
    parts: [],
    extended: undefined,
    anchor,
    headerStored,
    headerChecksum: header.checksum,
    extensionBytes: footer.extensionBytes,
    hasAttributeList: footer.hasAttributeList,
    attributeSets: [],
    columns: footer.schema.columns,
    traits: columnTraits(footer.schema),
    compression: typeof compression === 'number' ? compression : undefined,
    inputBytes: 0,
  };
}

/** Columns that get new values, in the encoding of the output. */
function setValues(part: TuplePart, { columns }: TupleJob, changed: NewColumns | undefined): void {
  if (changed === undefined || changed.size === 0) return;
  part.recoders ??= [];
  for (const [id, column] of columns.entries()) {
    const source = part.sourceOf?.[id] ?? id;
    const values = changed.get(source);
    if (values !== undefined) part.recoders[source] = valueRecoder(column, values);
  }
}

function addColumn(job: TupleJob, cluster: Cluster, c: number): void {
  if (c >= cluster.firstElement.length) return;
  for (let p = cluster.pageStart[c] as number; p < (cluster.pageStart[c + 1] as number); p++) {
    job.inputBytes += (cluster.storedBytes[p] as number) + (cluster.checksumBytes[p] as number);
  }
}
