/** What a comparison found: plain data. */
import type { Compatibility } from './histogram/compare-distributions.ts';
import type { CompatibilityTest } from './histogram/compatibility-tests.ts';
import type { Difference, DifferenceList } from './object/difference.ts';
import type { Distribution } from './object/distribution.ts';

/**
 * `same`, `compatible` (not equal, but passed the test asked for), `different`, `only-left`, `only-right` of two files;
 * `right`, `lost`, `altered`, `added` of a merge; `unjudged` where it cannot be told.
 */
export type Verdict =
  'same' | 'compatible' | 'different' | 'only-left' | 'only-right' | 'right' | 'lost' | 'altered' | 'added' | 'unjudged';

/** One object, or one directory. */
export interface ObjectComparison {
  /** Full path; with cycle where cycles are compared one by one. */
  path: string;
  className: string;
  verdict: Verdict;
  /** All differences; the first are listed. */
  differenceCount: number;
  differences: Difference[];
  /** What was not compared, and why. */
  notes: string[];
  /** How the values of each branch, field or array that differs are apart; only where asked for (`DiffOptions.distributions`). */
  distributions?: Distribution[];
  /** Further ones that the number asked for leaves no room for. */
  distributionsOmitted?: number;
  /** The statistical test of two histograms; only where one was asked for (`compat`) and made. */
  compatibility?: Compatibility;
}

/** A comparison of two files, or of a merged file with its inputs. */
export interface DiffReport {
  schemaVersion: 1;
  kind: 'files' | 'merge';
  /** The first file; of a merge the output. */
  left: string;
  /** The second file; of a merge the inputs. */
  right: string[];
  /** True when nothing differs. */
  isSame: boolean;
  /** Objects by verdict. */
  counts: Partial<Record<Verdict, number>>;
  objects: ObjectComparison[];
}

/** How files are compared. */
export interface DiffOptions {
  /** Largest difference of numbers as a share of the larger one; default 0. */
  rel?: number;
  /** Largest difference of numbers; default 0. */
  abs?: number;
  /** Largest distance of reals in units of the last place; default 0. */
  ulp?: number;
  /** Compare every cycle, not the newest only; default false. */
  cycles?: boolean;
  /** Globs on full paths of objects; only matching ones are compared. */
  include?: readonly string[];
  /** Globs on full paths of objects, of branches (`/tree/px`) and fields; matching ones are left out. */
  exclude?: readonly string[];
  /** Globs on branches and fields (`px`, `jets/*`, or with their tree `/tree/px`); only matching ones are compared. */
  branches?: readonly string[];
  /** Leave out what ATLAS' own comparison leaves out (Token, index_ref, timings); default false. The report names it. */
  atlasDefaults?: boolean;
  /** Note, and do not count, differences that ATLAS' own comparison takes for known (m_athenabarcode, m_token); default false. */
  knownHacks?: boolean;
  /** `any`: entries of trees and RNTuples may be in another order; default `strict`. */
  order?: 'strict' | 'any';
  /** Branches or fields whose values tell which entries belong together, in any order. */
  match?: readonly string[];
  /** Entries of trees and RNTuples, rows of tables, that are compared: `FIRST:LAST` without the last one, numbers, several with commas; default all. */
  entries?: string;
  /**
   * What a merge did with metadata of POOL files: `concat`: there is a row of each input; `sum`: one row has sums of
   * what adds up. Default: as the merged file looks; one row that sums nothing, where inputs differ, is a loss.
   */
  metadata?: 'concat' | 'sum';
  /** Of a merge of HDF5 files: globs on full paths of datasets that were added element by element, not joined. */
  sum?: readonly string[];
  /** Of a merge of HDF5 files: globs on full paths of datasets that were kept once, and must be equal in all inputs. */
  once?: readonly string[];
  /** Of a merge of HDF5 files: `first`: where attributes and single values of the inputs differ, those of the first count; default: all must be equal. */
  differing?: 'refuse' | 'first';
  /** Differences listed per object; default 10. All are counted. */
  maxDiffs?: number;
  /** Branches, fields and arrays of one run for which the distribution of right - left is made; default 0. */
  distributions?: number;
  /**
   * Two histograms of one class need not be equal: they count as compatible when the p-value of this test is not below
   * `threshold`. Titles, drawing attributes and ranges of axes are not compared then.
   */
  compat?: CompatibilityTest;
  /** Lowest p-value that counts as compatible; default 0.05. */
  threshold?: number;
  /** `chi2` and `ks` count underflow and overflow as bins; default false, as ROOT. `bins` always does. */
  flows?: boolean;
  /**
   * Threads that compare large trees and RNTuples, in order; default: as many as the machine has cores, at most 2: each
   * takes about 75 MB. The report does not depend on it. Where the package's files are not beside its code (bundled by
   * others) there is one.
   */
  threads?: number;
  signal?: AbortSignal;
  /** Called from time to time with objects done and in all. */
  onProgress?: (event: { done: number; total: number }) => void;
}

/** Differences listed per object unless told otherwise. */
export const DEFAULT_MAX_DIFFS = 10;

/** Lowest p-value that counts as compatible unless told otherwise. */
export const DEFAULT_THRESHOLD = 0.05;

const GOOD: ReadonlySet<Verdict> = new Set(['same', 'compatible', 'right', 'unjudged']);

/** One object's result. */
export function comparisonOf(
  path: string,
  className: string,
  verdict: Verdict,
  differences?: DifferenceList,
  notes: string[] = [],
): ObjectComparison {
  const comparison: ObjectComparison = {
    path,
    className,
    verdict,
    differenceCount: differences?.count ?? 0,
    differences: differences?.first ?? [],
    notes,
  };
  const distributions = differences?.distributions;
  if (distributions === undefined) return comparison;
  return { ...comparison, distributions: distributions.results(), distributionsOmitted: distributions.omittedCount };
}

/** The report over all objects. */
export function diffReport(kind: DiffReport['kind'], left: string, right: readonly string[], objects: ObjectComparison[]): DiffReport {
  const counts: Partial<Record<Verdict, number>> = {};
  for (const { verdict } of objects) counts[verdict] = (counts[verdict] ?? 0) + 1;
  return { schemaVersion: 1, kind, left, right: [...right], isSame: objects.every(({ verdict }) => GOOD.has(verdict)), counts, objects };
}
