/** Which process ids the numbers in TRefs stand for: those of the file, counted from the offset in the record's key. */
import type { RootFile } from '../../io/root/root-file.ts';

const PROCESS_ID = 'TProcessID';
/** Name of the key of number n. Source: ROOT core/base/src/TProcessID.cxx, io/io/src/TFile.cxx (ReadProcessID). */
const KEY_NAME = /^ProcessID(\d+)$/;

/** Titles (UUIDs) of the process ids of a file. */
interface Titles {
  byNumber: ReadonlyMap<number, string>;
  all: ReadonlySet<string>;
}

const known = new WeakMap<RootFile, Titles>();

function titlesIn(file: RootFile): Titles {
  const { keys } = file.root;
  const titles = new Map<number, string>();
  for (let i = 0; i < keys.count; i++) {
    const number = keys.className(i) === PROCESS_ID ? KEY_NAME.exec(keys.name(i))?.[1] : undefined;
    if (number !== undefined) titles.set(Number(number), keys.title(i));
  }
  return { byNumber: titles, all: new Set(titles.values()) };
}

function titlesOf(file: RootFile): Titles {
  const titles = known.get(file) ?? titlesIn(file);
  known.set(file, titles);
  return titles;
}

/** The process ids of one record. */
export class ProcessIds {
  readonly #titles: Titles;
  readonly #offset: number;

  /** `offset`: what the key adds to each number (fPidOffset). */
  constructor(file: RootFile, offset: number) {
    this.#titles = titlesOf(file);
    this.#offset = offset;
  }

  /** True for a file that has process ids. */
  static areIn(file: RootFile): boolean {
    return titlesOf(file).all.size > 0;
  }

  /** True where number `ours` here stands for the process id that `theirs` stands for there, as far as this file has that. */
  isSame(ours: number, other: ProcessIds, theirs: number): boolean {
    const title = other.titleOf(theirs);
    return title === undefined || this.titleOf(ours) === title || !this.#titles.all.has(title);
  }

  /** True where every number stands for the same here and there. */
  areSame(other: ProcessIds): boolean {
    return [...other.#titles.byNumber.keys()].every((number) => this.isSame(number - other.#offset, other, number - other.#offset));
  }

  /** Title of the process id a number stands for; undefined where the file has none. */
  titleOf(number: number): string | undefined {
    return this.#titles.byNumber.get(number + this.#offset);
  }
}
