/** Which branches and fields are compared, and what is said of those that are not. */
import { pathFilter, type PathFilter } from '../path-filter.ts';

/** Names ATLAS' own comparison (acmd.py diff-root) leaves out unless told otherwise: references, and what depends on the machine. */
const ATLAS_LEFT_OUT = /(^|[/. ])(Token|index_ref|[^/. ]*_timings|[^/. ]*_mems|[^/. ]*TrigCostContainer[^/. ]*)([/. ]|$)/;
/** Members it takes for known to differ (--known-hacks there): barcodes of truth particles, tokens inside event data. */
const KNOWN_HACKS = /(^|[/._ ])(m_athenabarcode|m_token)([/. ]|$)/;

/** What is wanted, for all objects. */
export interface BranchOptions {
  /** Globs on branches and fields, in their tree (`px`) or in the file (`/tree/px`); only matching ones are compared. */
  branches?: readonly string[];
  /** Globs on full paths; matching branches and fields are left out. */
  exclude?: readonly string[];
  /** Leave out what ATLAS' own comparison leaves out. */
  atlasDefaults?: boolean;
  /** Do not count differences where they are known to be harmless. */
  knownHacks?: boolean;
}

/** The choice for all objects. */
export class BranchFilter {
  /** Patterns one of which a branch must match. */
  readonly only: readonly string[];
  #hasMatched = false;
  readonly #only: PathFilter;
  readonly #except: PathFilter;
  readonly #options: BranchOptions;

  constructor(options: BranchOptions) {
    this.only = options.branches ?? [];
    this.#only = pathFilter(this.only, []);
    this.#except = pathFilter([], options.exclude ?? []);
    this.#options = options;
  }

  /** The choice in the object at a full path. */
  in(path: string): BranchChoice {
    return new BranchChoice({ path, only: this.#only, except: this.#except, options: this.#options }, () => (this.#hasMatched = true));
  }

  /** True when no branch of any object matched. */
  get leavesNothing(): boolean {
    return this.only.length > 0 && !this.#hasMatched;
  }
}

/** The choice in one tree or RNTuple, with what it met. */
export class BranchChoice {
  readonly #path: string;
  readonly #only: PathFilter;
  readonly #except: PathFilter;
  readonly #options: BranchOptions;
  readonly #leftOut = new Set<string>();
  readonly #atlas = new Set<string>();

  readonly #onMatch: () => void;

  /** `onMatch`: told of branches that match. */
  constructor(
    { path, only, except, options }: { path: string; only: PathFilter; except: PathFilter; options: BranchOptions },
    onMatch: () => void,
  ) {
    this.#onMatch = onMatch;
    this.#path = path;
    this.#only = only;
    this.#except = except;
    this.#options = options;
  }

  /** False for branches and fields that are left out. */
  accepts(name: string): boolean {
    const isChosen = this.#only.acceptsAll && this.#except.acceptsAll ? true : this.#isChosen(name);
    const isAtlas = this.#options.atlasDefaults === true && ATLAS_LEFT_OUT.test(name);
    if (!isChosen) this.#leftOut.add(name);
    else if (isAtlas) this.#atlas.add(name);
    return isChosen && !isAtlas;
  }

  /** A pattern for a field also covers the fields in it. */
  #isChosen(name: string): boolean {
    const names = [...name.matchAll(/[. ]|$/g)].map(({ index }) => name.slice(0, index)).filter((each) => each !== '');
    const isIn = names.some((each) => this.#only.accepts(`/${each}`) || this.#only.accepts(`${this.#path}/${each}`));
    if (isIn) this.#onMatch();
    return isIn && names.every((each) => this.#except.accepts(`${this.#path}/${each}`));
  }

  /** True where differences are known to be harmless. */
  isHarmless(name: string): boolean {
    return this.#options.knownHacks === true && KNOWN_HACKS.test(name);
  }

  /** What was left out. */
  notes(): string[] {
    const notes: string[] = [];
    if (this.#leftOut.size > 0) notes.push(`left out by choice of branches: ${listed(this.#leftOut)}`);
    if (this.#atlas.size > 0) notes.push(`left out by ATLAS' defaults: ${listed(this.#atlas)}`);
    return notes;
  }
}

/** Names listed in a note. */
const LISTED = 20;

function listed(names: ReadonlySet<string>): string {
  const first = [...names].slice(0, LISTED).join(', ');
  return names.size > LISTED ? `${first} and ${names.size - LISTED} more` : first;
}
