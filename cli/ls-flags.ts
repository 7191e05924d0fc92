/** The command line of pool-ls: its flags, once, and what they make together. */
import { parseText } from './flag-values.ts';
import { parseToolLine, type Flag, type ParsedLine, type ToolDescription } from './tool-command.ts';

/** What the flags give; absent means not given. */
export interface LsFlags {
  long?: boolean;
  trees?: boolean;
  recursive?: boolean;
  json?: boolean;
  refs?: boolean;
  token?: string;
  catalog?: string;
}

const LISTING = 'Listing';
const REFERENCES = 'References of POOL files';

/** All flags besides --help and --version. */
export const LS_FLAGS: readonly Flag[] = [
  {
    flags: '-l, --long',
    group: LISTING,
    help: 'sizes, compression, dates, and what trees, ntuples and histograms hold; of POOL files containers with rows and provenance',
  },
  { flags: '-t, --trees', group: LISTING, help: 'list every branch of the trees and every field of the ntuples' },
  { flags: '-r, --recursive', group: LISTING, help: 'list subdirectories too' },
  { flags: '--json', group: LISTING, help: 'everything as one JSON document, whatever other flags are given' },
  {
    flags: '--refs',
    group: REFERENCES,
    help: 'follow every reference of every DataHeader and TAG row: resolved, foreign, dangling; exit code 1 when any dangles',
  },
  { flags: '--token <token>', group: REFERENCES, parse: parseText, help: "follow one token ('[DB=…][CNT=…][CLID=…][TECH=…][OID=…]')" },
  {
    flags: '--catalog <file>',
    group: REFERENCES,
    parse: parseText,
    help: 'follow references into the files that this PoolFileCatalog.xml names, too',
  },
];

const EXAMPLES = `
Files given together resolve among each other.

Examples:
  pool-ls merged.root                     names and classes
  pool-ls -lr merged.root                 everything in all directories
  pool-ls --refs merged.root              does every reference lead somewhere?
  pool-ls --refs AOD.root ESD.root        provenance followed into the second file

Exit codes:
  0  listed; no reference dangles    1  failed, or a reference dangles    2  wrong use`;

const TOOL: ToolDescription = {
  name: 'pool-ls',
  usage: '[options] FILE...',
  description: 'Lists ROOT files: keys, trees, ntuples, histograms; of POOL files containers and references.',
  argument: '[files...]',
  flags: LS_FLAGS,
  examples: EXAMPLES,
};

/** A command line that asks for work; inputs are not expanded. */
export type LsInvocation = ParsedLine<LsFlags>;

/** Parses a command line (without interpreter and script); undefined when help or version was shown. */
export function parseLsCommandLine(argv: readonly string[]): LsInvocation | undefined {
  return parseToolLine<LsFlags>(TOOL, argv);
}
