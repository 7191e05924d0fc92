/** The command line as commander sees it: built from the table of flags, with a help text that teaches. */
import { UsageError } from '../src/index.ts';
import { FLAGS, type FlagValues } from './flags.ts';
import { parseToolLine, type ParsedLine, type ToolDescription } from './tool-command.ts';

/** A command line that asks for work; inputs are not expanded. */
export type Invocation = ParsedLine<FlagValues>;

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
  flags: FLAGS,
  examples: EXAMPLES,
};

/** Parses a command line (without interpreter and script); undefined when help or version was shown. */
export function parseCommandLine(argv: readonly string[]): Invocation | undefined {
  refuseHaddFlags(argv);
  return parseToolLine<FlagValues>(TOOL, argv);
}

function refuseHaddFlags(argv: readonly string[]): void {
  for (const arg of argv) {
    if (arg === '--') return;
    const hint = HADD_HINTS.find(([pattern]) => pattern.test(arg));
    if (hint !== undefined) throw new UsageError(`${arg}: ${arg.replace(hint[0], hint[1])}`);
  }
}
