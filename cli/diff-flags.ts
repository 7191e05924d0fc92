/** The command line of pool-diff: its flags, once, and what they make together. */
import { UsageError, type CompatibilityTest } from '../src/index.ts';
import { oneOf, parseText, wholeNumber } from './flag-values.ts';
import { parseToolLine, type Flag, type ParsedLine, type ToolDescription } from './tool-command.ts';

/** What the flags give; absent means not given. */
export interface DiffFlags {
  merged?: string;
  cycles?: boolean;
  include?: string[];
  exclude?: string[];
  branches?: string[];
  entries?: string;
  order?: 'strict' | 'any';
  match?: string[];
  atlasDefaults?: boolean;
  knownHacks?: boolean;
  metadata?: 'concat' | 'sum';
  sum?: string[];
  once?: string[];
  differing?: 'refuse' | 'first';
  rel?: number;
  abs?: number;
  ulp?: number;
  compat?: CompatibilityTest;
  threshold?: number;
  flows?: boolean;
  maxDiffs?: number;
  threads?: number;
  json?: string;
  junit?: string;
  html?: string;
  interactive?: boolean;
  maxPlots?: number;
  quiet?: boolean;
  verbose?: boolean;
}

const WHAT = 'What is compared';
const EQUAL = 'What counts as equal';
const TELLING = 'Reports and messages';

/** A number of 0 or more. */
function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) throw new UsageError(`not a number of 0 or more: '${text}'`);
  return value;
}

/** Names with commas between them. */
function parseNames(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new UsageError(`an empty name in '${text}'`);
  return names;
}

/** All flags besides --help and --version. */
export const DIFF_FLAGS: readonly Flag[] = [
  {
    flags: '--merged <file>',
    group: WHAT,
    parse: parseText,
    help: 'check this merged file against the files it was made from, whichever program merged them',
  },
  { flags: '--cycles', group: WHAT, help: 'compare every cycle of two files, not only the newest' },
  {
    flags: '--include <glob>',
    group: WHAT,
    parse: parseText,
    repeatable: true,
    help: "compare only objects whose full path matches ('/jets/**'); repeatable",
  },
  {
    flags: '--exclude <glob>',
    group: WHAT,
    parse: parseText,
    repeatable: true,
    help: "leave out objects, branches ('/tree/px') and fields whose path matches; repeatable",
  },
  {
    flags: '--branches <glob>',
    group: WHAT,
    parse: parseText,
    repeatable: true,
    help: "compare only branches and fields that match, by their path in the tree ('px') or in the file ('/tree/px'); repeatable",
  },
  {
    flags: '--entries <ranges>',
    group: WHAT,
    parse: parseText,
    help: "compare only these entries of trees and RNTuples, rows of tables: ranges FIRST:LAST (LAST itself is not included, either end may be left out) or single numbers, separated by commas ('0:100,250')",
  },
  {
    flags: '--order <which>',
    group: WHAT,
    parse: oneOf('order', 'strict', 'any'),
    help: 'order of entries: strict (default), or any (equal entries may be anywhere in the tree)',
  },
  {
    flags: '--match <branches>',
    group: WHAT,
    parse: parseNames,
    help: "match entries by the values of these branches or fields, in whatever order they are ('run,event')",
  },
  {
    flags: '--atlas-defaults',
    group: WHAT,
    help: "leave out what ATLAS' diff-root leaves out: Token, index_ref, timings, memories, TrigCostContainer; the report lists what was left out",
  },
  {
    flags: '--known-hacks',
    group: WHAT,
    help: "mention, but do not count, differences that ATLAS' diff-root treats as known: m_athenabarcode, m_token",
  },
  {
    flags: '--metadata <how>',
    group: WHAT,
    parse: oneOf('treatment of metadata', 'concat', 'sum'),
    help: 'what a merge did with metadata of POOL files: concat (a row of each input) or sum (one row of sums); default: found out from the merged file',
  },
  {
    flags: '--sum <glob>',
    group: WHAT,
    parse: parseText,
    repeatable: true,
    help: "HDF5 files with --merged: datasets whose full path matches ('/counts/**') were added element by element; repeatable",
  },
  {
    flags: '--once <glob>',
    group: WHAT,
    parse: parseText,
    repeatable: true,
    help: 'HDF5 files with --merged: datasets whose full path matches were kept once, equal in all inputs; repeatable',
  },
  {
    flags: '--differing <how>',
    group: WHAT,
    parse: oneOf('rule', 'refuse', 'first'),
    help: 'HDF5 files with --merged: attributes and single values that differ between inputs are a loss (refuse; default), or those of the first input count (first)',
  },
  {
    flags: '--rel <number>',
    group: EQUAL,
    parse: parseNumber,
    help: 'relative tolerance for numbers of two files: a fraction of the larger one (1e-6)',
  },
  { flags: '--abs <number>', group: EQUAL, parse: parseNumber, help: 'absolute tolerance for numbers of two files' },
  {
    flags: '--ulp <number>',
    group: EQUAL,
    parse: parseNumber,
    help: 'tolerance for floating-point numbers of two files, in units in the last place',
  },
  {
    flags: '--compat <test>',
    group: EQUAL,
    parse: oneOf('test', 'chi2', 'ks', 'bins'),
    help: 'histograms need not be equal, but compatible by this test: chi2, ks (Kolmogorov-Smirnov) or bins (largest pull)',
  },
  {
    flags: '--threshold <p>',
    group: EQUAL,
    parse: parseNumber,
    help: 'lowest p-value of --compat that counts as compatible, default 0.05',
  },
  { flags: '--flows', group: EQUAL, help: 'include underflow and overflow in --compat chi2 and ks' },
  {
    flags: '--max-diffs <count>',
    group: TELLING,
    parse: wholeNumber(0),
    help: 'differences listed per object, default 10; all are counted',
  },
  {
    flags: '--threads <count>',
    group: TELLING,
    parse: wholeNumber(1),
    help: 'threads that compare large trees and RNTuples, default: one per core, at most 2; the report does not depend on it',
  },
  { flags: '--json <file>', group: TELLING, parse: parseText, help: 'write the report as JSON to this file; - means standard output' },
  { flags: '--junit <file>', group: TELLING, parse: parseText, help: 'write the report as JUnit XML, a test case per object' },
  {
    flags: '--html <file>',
    group: TELLING,
    parse: parseText,
    help: 'write the report as a web page in one file, with drawings of what differs',
  },
  { flags: '--interactive', group: TELLING, help: 'histograms of the page can be zoomed and explored (JSROOT is embedded, 0.6 MB)' },
  {
    flags: '--max-plots <count>',
    group: TELLING,
    parse: wholeNumber(0),
    help: 'most drawings in the page, default 200; the page says what is left out',
  },
  { flags: '-q, --quiet', group: TELLING, help: 'print only errors; the exit code gives the result' },
  { flags: '-v, --verbose', group: TELLING, help: 'list every object, and what was not compared' },
];

const EXAMPLES = `
Examples:
  pool-diff old.root new.root                      keys, and every object
  pool-diff --rel 1e-6 old.root new.root           numbers may differ a little
  pool-diff --compat ks --threshold 1e-4 a b.root  are histograms compatible, if not equal?
  pool-diff --merged all.root out/worker_*.root    is the merge right? what was lost?
  pool-diff --merged all.h5 out/worker_*.h5        the same of HDF5 and Arrow files
  pool-diff --html report.html old.root new.root   a page with both curves, ratio and pull
  pool-diff --match run,event serial.root mt.root  the same events in any order?
  pool-diff --exclude '/tree/time*' a.root b.root  without some branches

Exit codes:
  0  same    1  different    2  something could not be compared, or wrong use`;

const TOOL: ToolDescription = {
  name: 'pool-diff',
  usage: '[options] FILE FILE | --merged FILE INPUT...',
  description: 'Compares two ROOT, HDF5 or Arrow files, or a merged file with its inputs: every object, every value.',
  argument: '[files...]',
  flags: DIFF_FLAGS,
  examples: EXAMPLES,
};

/** Parses a command line (without interpreter and script); undefined when help or version was shown. */
export function parseDiffCommandLine(argv: readonly string[]): ParsedLine<DiffFlags> | undefined {
  return parseToolLine<DiffFlags>(TOOL, argv);
}
