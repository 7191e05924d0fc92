/** What both kinds of comparison share: options with defaults, paths that are looked at, progress. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AbortedError, UsageError } from '../errors.ts';
import { pathFilter, type PathFilter } from '../path-filter.ts';
import { BranchFilter, type BranchChoice } from './branch-choice.ts';
import type { CompatibilityOptions } from './histogram/compare-distributions.ts';
import { COMPATIBILITY_TESTS } from './histogram/compatibility-tests.ts';
import { parseEntryRanges, rangesText, type EntryPairs, type EntrySelection } from './entries/entry-selection.ts';
import type { StreamOptions } from './entries/compare-trees.ts';
import { StreamTeam, type SharedObject } from './entries/stream-team.ts';
import { DEFAULT_MAX_DIFFS, DEFAULT_THRESHOLD, type DiffOptions } from './diff-report.ts';
import { DifferenceList } from './object/difference.ts';
import { Distributions, type DistributionBudget } from './object/distribution.ts';
import { contentKind } from './object/file-objects.ts';
import type { Tolerance } from './object/tolerance.ts';

/** Milliseconds between two turns of the event loop. */
const TURN_MS = 40;

/** One run; its threads end when it is disposed of. */
export class DiffRun implements Disposable {
  readonly tolerance: Tolerance;
  readonly cycles: boolean;
  /** The test of histograms that need not be equal; undefined: all must be. */
  readonly compatibility: CompatibilityOptions | undefined;
  readonly #filter: PathFilter;
  readonly #branches: BranchFilter;
  readonly #selection: EntrySelection;
  readonly #maxDiffs: number;
  /** undefined: none are asked for. */
  readonly #distributions: DistributionBudget | undefined;
  /** Threads; undefined: one. */
  readonly #team: StreamTeam | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #onProgress: DiffOptions['onProgress'];
  #isJoined = false;
  /** Objects with entries that were compared, and whether the ranges asked for cover entries of any. */
  #streams = 0;
  #isInRanges = false;
  #done = 0;
  #total = 0;
  #lastTurn = performance.now();

  /** UsageError for options that make no sense. */
  constructor(options: DiffOptions) {
    const { rel = 0, abs = 0, ulp = 0, maxDiffs = DEFAULT_MAX_DIFFS, distributions = 0 } = options;
    for (const [name, value] of Object.entries({ rel, abs, ulp, maxDiffs, distributions })) {
      if (!Number.isFinite(value) || value < 0) throw new UsageError(`${name} must be a number of 0 or more, not ${value}`);
    }
    this.tolerance = { rel, abs, ulp };
    this.cycles = options.cycles === true;
    this.compatibility = compatibilityOf(options);
    this.#filter = pathFilter(options.include ?? [], options.exclude ?? []);
    this.#branches = new BranchFilter(options);
    this.#selection = {
      order: options.order ?? 'strict',
      match: options.match ?? [],
      ranges: options.entries === undefined ? undefined : parseEntryRanges(options.entries),
      pairs: undefined,
    };
    this.#maxDiffs = maxDiffs;
    this.#distributions = distributions === 0 ? undefined : { left: distributions };
    this.#team = StreamTeam.of(options.threads);
    this.#signal = options.signal;
    this.#onProgress = options.onProgress;
  }

  [Symbol.dispose](): void {
    this.#team?.[Symbol.dispose]();
  }

  /** The paths to look at, in order, each once. */
  paths(...groups: Iterable<string>[]): string[] {
    const all = new Set<string>();
    for (const group of groups) for (const path of group) if (this.#filter.accepts(path)) all.add(path);
    return [...all];
  }

  /** An empty list for an object of a class; histograms have no distributions: they are distributions themselves. */
  differences(className?: string): DifferenceList {
    if (this.#distributions === undefined || className === undefined || contentKind(className) === 'histogram') {
      return new DifferenceList(this.#maxDiffs);
    }
    return new DifferenceList(this.#maxDiffs, new Distributions(this.#distributions));
  }

  /** Which branches of the object at a path are compared. */
  branches(path: string): BranchChoice {
    return this.#branches.in(path);
  }

  /** Entries or rows that are compared; undefined: all. */
  get ranges(): EntrySelection['ranges'] {
    return this.#selection.ranges;
  }

  /** True when entries belong together that have the same number. */
  get isInOrder(): boolean {
    const { match, order } = this.#selection;
    return match.length === 0 && order === 'strict';
  }

  /** How the branches of one object are compared. `pairs`: which entries belong together, where that is known otherwise. */
  streamOptions(choice: BranchChoice, pairs: EntryPairs | undefined, object: SharedObject): StreamOptions {
    const team = this.#team;
    return {
      tolerance: this.tolerance,
      selection: this.isInOrder ? this.#selection : { ...this.#selection, pairs },
      accepts: (name) => choice.accepts(name),
      isHarmless: (name) => choice.isHarmless(name),
      step: () => this.turn(),
      onJoined: () => (this.#isJoined = true),
      share: team && ((streams, limitsOf) => team.compare({ ...object, tolerance: this.tolerance }, streams, limitsOf, () => this.turn())),
    };
  }

  /** Told of a tree, RNTuple or table that was compared, with the entries of the longer side. */
  streamsDone(entryCount: number): void {
    this.#streams++;
    if (this.#selection.ranges?.some(({ first }) => first < entryCount) === true) this.#isInRanges = true;
  }

  /** UsageError when entries were to be joined by branches that no object has, or no object, branch or entry is among those asked for. */
  end(): void {
    const { match, ranges } = this.#selection;
    const { nothingLeft } = this.#filter.unmatched();
    if (nothingLeft !== undefined) throw new UsageError(nothingLeft);
    if (this.#streams > 0 && this.#branches.leavesNothing) {
      throw new UsageError(`no branch and no field matches ${this.#branches.only.join(', ')}`);
    }
    if (this.#streams > 0 && ranges !== undefined && !this.#isInRanges) {
      throw new UsageError(`nothing that was compared has entries ${rangesText(ranges)}`);
    }
    if (match.length > 0 && !this.#isJoined) {
      throw new UsageError(
        `no tree and no RNTuple that was compared has ${match.length === 1 ? 'a branch' : 'all of'} ${match.join(', ')} on both sides`,
      );
    }
  }

  begin(total: number): void {
    this.#total = total;
    this.#throwIfAborted();
  }

  /** Counts an object as done. */
  objectDone(): void {
    this.#done++;
  }

  /** True when it is time for `turn`. */
  get isTurnDue(): boolean {
    return performance.now() - this.#lastTurn >= TURN_MS;
  }

  /** Lets others run when it is time, reports, and stops on the caller's signal. */
  async turn(): Promise<void> {
    if (!this.isTurnDue) return;
    this.#onProgress?.({ done: this.#done, total: this.#total });
    await nextTurn();
    this.#lastTurn = performance.now();
    this.#throwIfAborted();
  }

  #throwIfAborted(): void {
    if (this.#signal?.aborted === true) throw new AbortedError(this.#signal.reason);
  }
}

function compatibilityOf({ compat, threshold, flows }: DiffOptions): CompatibilityOptions | undefined {
  if (compat === undefined) {
    if (threshold !== undefined || flows !== undefined) throw new UsageError('threshold and flows are of use with compat only');
    return undefined;
  }
  if (!COMPATIBILITY_TESTS.includes(compat)) {
    throw new UsageError(`compat must be one of ${COMPATIBILITY_TESTS.join(', ')}, not ${String(compat)}`);
  }
  if (threshold !== undefined && !(threshold >= 0 && threshold <= 1)) {
    throw new UsageError(`threshold must be a probability, not ${threshold}`);
  }
  return { test: compat, threshold: threshold ?? DEFAULT_THRESHOLD, flows: flows === true };
}
