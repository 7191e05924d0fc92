/** The command line of pool-merge: its flags, once (`--help` and docs/options.md follow from the table), and what they make together. */
import { UsageError, type CompressionPolicy, type DifferingPolicy, type MetadataPolicy, type VerifyLevel } from '../src/index.ts';
import { oneOf, parseCompression, parseOutput, parseText, parseTimestamp } from './flag-values.ts';
import { parseToolLine, type Flag, type ParsedLine, type ToolDescription } from './tool-command.ts';

/** What the flags give; absent means not given. */
export interface MergeFlags {
  output?: string;
  force?: boolean;
  append?: boolean;
  dryRun?: boolean;
  json?: string;
  skipBad?: boolean;
  include?: string[];
  exclude?: string[];
  compression?: CompressionPolicy;
  verify?: VerifyLevel;
  check?: boolean;
  keepEqualCopies?: boolean;
  timestamp?: Date;
  fid?: string;
  catalog?: string;
  metadata?: MetadataPolicy;
  sum?: string[];
  once?: string[];
  differing?: DifferingPolicy;
  quiet?: boolean;
  verbose?: boolean;
}

const OUTPUT = 'Output';
const INPUT = 'What is merged';
const WRITING = 'How it is written';
const POOL = 'POOL files';
const HDF5 = 'HDF5 files';
const TELLING = 'Reports and messages';

/** All flags of pool-merge besides --help and --version. */
export const MERGE_FLAGS: readonly Flag[] = [
  {
    flags: '-o, --output <file>',
    group: OUTPUT,
    parse: parseOutput,
    help: 'the merged file; it appears under this name only when it is complete and verified',
  },
  { flags: '-f, --force', group: OUTPUT, help: 'replace an existing output' },
  { flags: '--append', group: OUTPUT, help: 'an existing output is the first input; it is replaced when the result is complete' },
  { flags: '-n, --dry-run', group: OUTPUT, help: 'show the plan, write nothing' },
  { flags: '-k, --skip-bad', group: INPUT, help: 'skip unreadable inputs instead of stopping; exit code 3 if any was skipped' },
  {
    flags: '--include <glob>',
    group: INPUT,
    parse: parseText,
    repeatable: true,
    help: "merge only objects whose full path matches ('/jets/**'); repeatable",
  },
  {
    flags: '--exclude <glob>',
    group: INPUT,
    parse: parseText,
    repeatable: true,
    help: 'leave out objects and directories whose full path matches; repeatable',
  },
  { flags: '--keep-equal-copies', group: INPUT, help: 'for objects that cannot be added: keep every copy as a cycle, even identical ones' },
  {
    flags: '--compression <setting>',
    group: WRITING,
    parse: parseCompression,
    help: 'keep (stored bytes stay as they are; default), first (as the first input), none, zlib, lzma, lz4 or zstd with an optional level (zstd:5), or a number of ROOT (505)',
  },
  {
    flags: '--verify <level>',
    group: WRITING,
    parse: oneOf('level of verification', 'fast', 'full', 'none'),
    help: 'fast (re-open the result and check it against the plan; default), full (decompress every basket and page of the inputs, and read every object of the result, too), none',
  },
  {
    flags: '--check',
    group: WRITING,
    help: 'compare the result with the inputs, object by object and entry by entry, as pool-diff --merged does, before it appears as the output',
  },
  {
    flags: '--timestamp <date>',
    group: WRITING,
    parse: parseTimestamp,
    help: 'date stored in new records, ISO or @SECONDS; default: the latest date in the inputs',
  },
  {
    flags: '--fid <guid>',
    group: POOL,
    parse: parseText,
    help: 'GUID of the merged file; default: it follows from those of the inputs and their order',
  },
  {
    flags: '--catalog <file>',
    group: POOL,
    parse: parseText,
    help: 'register the merged file in this PoolFileCatalog.xml, which is made when it does not exist',
  },
  {
    flags: '--metadata <how>',
    group: POOL,
    parse: oneOf('treatment of metadata', 'concat', 'sum'),
    help: 'concat (a row of metadata per input, as readers expect; default), sum (one row of sums of what can be summed)',
  },
  {
    flags: '--sum <glob>',
    group: HDF5,
    parse: parseText,
    repeatable: true,
    help: "add datasets whose full path matches ('/counts/**'), element by element, instead of joining their rows; repeatable",
  },
  {
    flags: '--once <glob>',
    group: HDF5,
    parse: parseText,
    repeatable: true,
    help: 'keep datasets whose full path matches once; they must be equal in all inputs; repeatable',
  },
  {
    flags: '--differing <how>',
    group: HDF5,
    parse: oneOf('rule', 'refuse', 'first'),
    help: 'attributes and single values that differ: refuse (default), or first (keep those of the first input, with a warning)',
  },
  {
    flags: '--json <file>',
    group: TELLING,
    parse: parseText,
    help: 'write the report (or plan) as JSON to this file; - means standard output',
  },
  { flags: '-q, --quiet', group: TELLING, help: 'only errors' },
  { flags: '-v, --verbose', group: TELLING, help: 'list every object' },
];

/** A command line that asks for work; inputs are not expanded. */
export type MergeInvocation = ParsedLine<MergeFlags>;

const EXAMPLES = `
Inputs:
  FILE, a directory (every *.root below it), a quoted pattern ('out/*.root'), or @LIST:
  a text file with one of these per line (# begins a comment line, lists may nest).
  The directory of a job of pool-run, alone: files of equal name of all its workers.
  Directories and patterns are taken in natural order: worker_2 before worker_10.

Examples:
  pool-merge out/*.root -o merged.root          merge, keep the compression
  pool-merge -n out/*.root -o merged.root       show what would happen
  pool-merge @inputs.txt -o merged.root -f      inputs from a list, replace the output
  pool-merge out -o hists.root --include '/jets/**' --exclude '/jets/debug'
  pool-merge out -o small.root --compression zstd:5 --json report.json

Exit codes:
  0  merged          1  failed, nothing written      2  wrong use, nothing touched
  3  merged, but an input was skipped by --skip-bad  4  verification failed, nothing written
  129, 130, 143  interrupted (SIGHUP, SIGINT, SIGTERM), nothing written`;

/** What hadd's users may type, and what to write instead: these would parse as something else, or not at all. */
const HADD_HINTS: readonly [RegExp, string][] = [
  [/^-fk$/, '-fk of hadd is what happens anyway (--compression keep); write -f; if you mean --force --skip-bad, write -f -k'],
  [/^-ff$/, 'write -f --compression first instead of -ff'],
  [/^-f(\d+)$/, 'write -f --compression $1 instead of -f$1'],
  [/^-[aTOLjd]$/, "this flag of hadd does not exist here; see 'pool-merge --help'"],
];

const TOOL: ToolDescription = {
  name: 'pool-merge',
  usage: '[options] INPUT... -o OUTPUT',
  description:
    'Merges the ROOT files of many parallel jobs into one: histograms are added, trees and\nntuples joined, everything else is kept. All or nothing: no half output, no silent loss.',
  argument: '[inputs...]',
  flags: MERGE_FLAGS,
  examples: EXAMPLES,
};

/** Parses a command line (without interpreter and script); undefined when help or version was shown. */
export function parseMergeCommandLine(argv: readonly string[]): MergeInvocation | undefined {
  refuseHaddFlags(argv);
  return parseToolLine<MergeFlags>(TOOL, argv);
}

function refuseHaddFlags(argv: readonly string[]): void {
  for (const arg of argv) {
    if (arg === '--') return;
    const hint = HADD_HINTS.find(([pattern]) => pattern.test(arg));
    if (hint !== undefined) throw new UsageError(`${arg}: ${arg.replace(hint[0], hint[1])}`);
  }
}
