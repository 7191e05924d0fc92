/**
 * Attribute sets: RNTuples with an entry per range of entries of the RNTuple they are linked from
 * (io/root/rntuple/footer.ts). Sets of one name are joined; ranges of later inputs begin behind the entries before. A
 * set that only some inputs have stays.
 */
import { UnsupportedError } from '../../errors.ts';
import { columnsOfField, findField, readFields } from '../../io/root/rntuple/field-values.ts';
import { openAttributeSets, type RNTuple } from '../../io/root/rntuple/rntuple.ts';
import type { InputFile } from '../inputs.ts';
import type { NewColumns } from '../tuple-changes.ts';
import { JobBuilder, type BuilderOptions } from './job-builder.ts';
import type { AttributeJob } from './tuple-job.ts';

/** First entry of a range, u64. */
const RANGE_START = ['_rangeStart'];
/** The schema version whose ranges are known; a minor version may add fields. */
const KNOWN_MAJOR = 1;

/** The sets of all inputs of one RNTuple. */
export class AttributeSets {
  readonly #options: BuilderOptions;
  readonly #sets = new Map<string, { builder: JobBuilder; version: readonly [number, number] }>();

  constructor(options: BuilderOptions) {
    this.#options = options;
  }

  /** Adds those of an input whose first entry has number `firstEntry` in the output. UnsupportedError for sets of later versions. */
  add(tuple: RNTuple, input: InputFile, firstEntry: number): void {
    const opened = openAttributeSets(tuple, (name) => this.#sets.get(name)?.builder.first);
    for (const { name, version } of tuple.footer.attributeSets) {
      if (version[0] !== KNOWN_MAJOR) {
        throw new UnsupportedError(`attribute set ${name} has schema version ${version.join('.')}: only ${KNOWN_MAJOR} is known`);
      }
      const set = opened.get(name);
      if (set === undefined) continue;
      if (set.footer.attributeSets.length > 0) throw new UnsupportedError(`attribute set ${name} has attribute sets of its own`);
      this.#builder(name, version).add(set, input, firstEntry === 0 ? undefined : movedRanges(set, firstEntry));
    }
  }

  #builder(name: string, version: readonly [number, number]): JobBuilder {
    const known = this.#sets.get(name);
    if (known !== undefined) return known.builder;
    const { refuse } = this.#options;
    const builder = new JobBuilder({
      ...this.#options,
      mayLack: false,
      refuse: (code, reason, input) => refuse(code, `attribute set ${name}: ${reason}`, input),
    });
    this.#sets.set(name, { builder, version });
    return builder;
  }

  /** The jobs, in the order the sets were met. */
  finish(): AttributeJob[] {
    return [...this.#sets].flatMap(([name, { builder, version }]) => {
      const job = builder.finish();
      return job === undefined ? [] : [{ name, version, job, entryCount: builder.entryCount }];
    });
  }
}

function movedRanges(set: RNTuple, firstEntry: number): NewColumns {
  const [[starts] = []] = readFields(set, [RANGE_START]);
  const [column] = columnsOfField(set, findField(set, RANGE_START) ?? -1);
  if (!(starts instanceof BigUint64Array) || column === undefined) {
    throw new UnsupportedError('attribute set whose ranges are no 64-bit numbers');
  }
  return new Map([[column, starts.map((start) => start + BigInt(firstEntry))]]);
}
