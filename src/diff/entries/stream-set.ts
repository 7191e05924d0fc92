/** The branches or columns of one comparison: compared one after the other as they come, or once all are known and entries are paired. */
import { UsageError } from '../../errors.ts';
import { judgeMade, type MadeRange } from './absent-parts.ts';
import { DifferenceList, type DifferenceLimits, type FoundDifferences } from '../object/difference.ts';
import { isPlainSelection, type EntryPairs, type EntrySelection } from './entry-selection.ts';
import { compareChunks } from './entry-streams.ts';
import { comparePaired } from './paired-entries.ts';
import type { StreamPair } from './stream-pair.ts';

/** A stream with what is said when its sides have other numbers of entries. */
export interface SizedStream extends StreamPair {
  /** True for numbers of entries (or elements) that fit together. */
  isRight: (left: number, right: number) => boolean;
  /** What is counted. */
  counted: string;
  /** Entries of the left side of which the right one knows nothing. */
  made: readonly MadeRange[];
  /** Bytes its chunks take in the files of either side. */
  storedBytes: () => { left: number; right: number };
}

/** Compares a stream entry by entry, in order. */
export function compareStream(stream: SizedStream, differences: DifferenceList): void {
  const { name, left, right, judge, isRight, counted, made } = stream;
  const counts = compareChunks(left.chunks(), right.chunks(), (entry, l, r) =>
    judge(`${name}[${entry}]`, l, r, differences, [entry, entry]),
  );
  if (!isRight(counts.left, counts.right)) differences.add(counted, counts.left, counts.right);
  else judgeMade(stream, made, differences);
}

/** What streams are compared by. */
export interface StreamSetOptions {
  selection: EntrySelection;
  /** True where differences are known to be harmless: they are noted, not counted. */
  isHarmless: (name: string) => boolean;
  /** Told after each stream; throws to stop. */
  step: () => Promise<void>;
  /** Told when entries were joined by keys. */
  onJoined: () => void;
  /** Compares streams on several threads; undefined: there is one. */
  share: ShareStreams | undefined;
}

/** Compares streams on several threads. What is not in the result by the stream's index must be compared here. */
export type ShareStreams = (
  streams: readonly SizedStream[],
  limitsOf: (name: string) => DifferenceLimits,
) => Promise<ReadonlyMap<number, FoundDifferences>>;

/** Stored bytes from which on further threads pay: about 100 ms of work. */
const SHARED_BYTES = 16e6;
/** How much faster streams are compared that are stored alike, as far as their sizes tell. */
const ALIKE = 8;

/** True when streams are worth the start of threads. */
function areWorthThreads(streams: readonly SizedStream[]): boolean {
  let bytes = 0;
  for (const { storedBytes } of streams) {
    const { left, right } = storedBytes();
    bytes += left === right ? left / ALIKE : left;
  }
  return bytes >= SHARED_BYTES;
}

/** What a comparison adds to. */
interface Result {
  left: number;
  right: number;
  notes: string[];
  pairs: EntryPairs | undefined;
}

/** Of what is not counted the first is told. */
const HARMLESS: DifferenceLimits = { max: 1, distributions: undefined };

/** Takes streams and compares them. */
export class StreamSet {
  readonly #result: Result;
  readonly #options: StreamSetOptions;
  readonly #differences: DifferenceList;
  readonly #harmless = new Map<string, DifferenceList>();
  readonly #streams: SizedStream[] = [];
  /** What is said of branches between streams: after how many of them. */
  readonly #between: { at: number; add: () => void }[] = [];
  readonly #keys: SizedStream[] = [];

  constructor(result: Result, options: StreamSetOptions, differences: DifferenceList) {
    this.#result = result;
    this.#options = options;
    this.#differences = differences;
  }

  /** True for a branch or field that tells which entries belong together: by its path, its own name, or what it holds the characters of. */
  isKey(name: string): boolean {
    return this.#options.selection.match.some((key) => isNamed(name, key));
  }

  /** Takes a stream. `isWanted`: false for one that only tells which entries belong together. */
  add(stream: SizedStream, isWanted: boolean): void {
    if (this.isKey(stream.name)) this.#keys.push(stream);
    if (isWanted) this.#streams.push(stream);
  }

  /** Adds what differs in branches or fields as a whole: between the differences of their entries where these are compared in order. */
  note(at: string, left: unknown, right: unknown): void {
    const add = (): void => this.#differences.add(at, left, right);
    if (this.#isPlain) this.#between.push({ at: this.#streams.length, add });
    else add();
  }

  get #isPlain(): boolean {
    return isPlainSelection(this.#options.selection);
  }

  /** Compares all streams in order. Differences are added in the order of the streams, whichever thread found them. */
  async #compareInOrder(): Promise<void> {
    const { share, step } = this.#options;
    const shared =
      share === undefined || !areWorthThreads(this.#streams) ? undefined : await share(this.#streams, (name) => this.#limitsOf(name));
    const between = this.#between.values();
    let next = between.next();
    for (let i = 0; i <= this.#streams.length; i++) {
      for (; next.done !== true && next.value.at === i; next = between.next()) next.value.add();
      const stream = this.#streams[i];
      if (stream === undefined) return;
      const found = shared?.get(i);
      if (found !== undefined && (found.count === 0 || this.#listOf(stream.name).append(found))) continue;
      compareStream(stream, this.#listOf(stream.name));
      await step();
    }
  }

  #limitsOf(name: string): DifferenceLimits {
    return this.#options.isHarmless(name) ? HARMLESS : this.#differences.limits;
  }

  /** Where differences of a stream are added. */
  #listOf(name: string): DifferenceList {
    if (!this.#options.isHarmless(name)) return this.#differences;
    const list = this.#harmless.get(name) ?? DifferenceList.within(HARMLESS);
    this.#harmless.set(name, list);
    return list;
  }

  /** Compares what waits for the others. Without all of the key branches entries are compared as the order says, and noted. */
  async finish(): Promise<void> {
    if (this.#isPlain) await this.#compareInOrder();
    else await this.#comparePaired();
    for (const [name, { count, first }] of this.#harmless) {
      if (count > 0) {
        this.#result.notes.push(
          `${name}: ${count === 1 ? '1 difference' : `${count} differences`} known to be harmless, not counted; the first at ${first[0]?.at ?? ''}`,
        );
      }
    }
  }

  async #comparePaired(): Promise<void> {
    const { selection, step, onJoined } = this.#options;
    const { match, order, ranges, pairs } = selection;
    const keys = match.map((key) => keyStreams(this.#keys, key));
    const missing = match.filter((_, i) => keys[i]?.length === 0);
    const isJoined = match.length > 0 && missing.length === 0 && pairs === undefined;
    if (missing.length > 0 && pairs === undefined) {
      this.#result.notes.push(
        `has no ${missing.join(', ')}: entries are not joined by ${match.join(', ')}${order === 'strict' ? ', they are compared in order' : ''}`,
      );
    }
    if (pairs === undefined && !isJoined && order === 'strict' && ranges === undefined) {
      await this.#compareInOrder();
      return;
    }
    if (isJoined) onJoined();
    const sides = {
      streams: this.#streams,
      keys: isJoined ? keys.flat() : [],
      left: this.#result.left,
      right: this.#result.right,
      listOf: (name: string) => this.#listOf(name),
      step,
    };
    const compared = await comparePaired(sides, selection, this.#differences);
    this.#result.pairs = compared.pairs;
    this.#result.notes.push(...compared.notes);
  }
}

/** Path without the mark of a column of characters. */
function plainName(name: string): string {
  return name.replace(/ \(characters\)$/, '');
}

function isNamed(name: string, key: string): boolean {
  const plain = plainName(name);
  return plain === key || plain.endsWith(`/${key}`) || plain.endsWith(`.${key}`);
}

/** The streams of a key: the branch of that path, else the only one of that name. UsageError when there are several. */
function keyStreams(streams: readonly SizedStream[], key: string): SizedStream[] {
  const exact = streams.filter(({ name }) => plainName(name) === key);
  if (exact.length > 0) return exact;
  const named = streams.filter(({ name }) => isNamed(name, key));
  const paths = new Set(named.map(({ name }) => plainName(name)));
  if (paths.size > 1) throw new UsageError(`several branches are called ${key}: ${[...paths].join(', ')}; one of these paths is needed`);
  return named;
}
