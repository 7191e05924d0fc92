/** Every flag of the tool, once: the parser, `--help` and docs/options.md are made from this table. */
import type { CompressionPolicy, DifferingPolicy, MetadataPolicy, VerifyLevel } from '../src/index.ts';
import { oneOf, parseCompression, parseOutput, parseText, parseTimestamp } from './flag-values.ts';

/** One flag. */
export interface Flag {
  /** Short and long name and the placeholder of the value, as commander takes them. */
  readonly flags: string;
  /** Heading it stands under. */
  readonly group: string;
  /** One or two sentences, without a full stop at the end. */
  readonly help: string;
  /** For flags with a value: text to value; throws UsageError. */
  readonly parse?: (text: string) => unknown;
  /** May be given more than once; the values make a list. */
  readonly repeatable?: true;
}

/** What the flags give; absent means not given. */
export interface FlagValues {
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

/** All flags besides --help and --version. */
export const FLAGS: readonly Flag[] = [
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

/** The flags as a Markdown table, the content of docs/options.md. */
export function flagsMarkdown(): string {
  const rows = FLAGS.map((flag) => `| \`${flag.flags}\` | ${flag.help} |`);
  return ['# Options of pool-merge', '', '| option | meaning |', '|---|---|', ...rows, ''].join('\n');
}
