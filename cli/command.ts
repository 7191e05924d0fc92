/** The command line as commander sees it: built from the table of flags, with a help text that teaches. */
import { Command, CommanderError, Option } from 'commander';
import { UsageError, version } from '../src/index.ts';
import { FLAGS, type Flag, type FlagValues } from './flags.ts';

/** A command line that asks for work. */
export interface Invocation {
  /** Arguments that name inputs, not expanded. */
  inputs: string[];
  flags: FlagValues;
}

const EXAMPLES = `
Inputs:
  FILE, a directory (every *.root below it), a quoted pattern ('out/*.root'), or @LIST:
  a text file with one of these per line (# begins a comment line, lists may nest).
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
  130, 143  interrupted (SIGINT, SIGTERM), nothing written`;

/** What hadd's users may type, and what to write instead: these would parse as something else, or not at all. */
const HADD_HINTS: readonly [RegExp, string][] = [
  [/^-fk$/, '-fk of hadd is what happens anyway (--compression keep); write -f; if you mean --force --skip-bad, write -f -k'],
  [/^-ff$/, 'write -f --compression first instead of -ff'],
  [/^-f(\d+)$/, 'write -f --compression $1 instead of -f$1'],
  [/^-[aTOLjd]$/, "this flag of hadd does not exist here; see 'pool-merge --help'"],
];

/** Parses a command line (without interpreter and script); undefined when help or version was shown. */
export function parseCommandLine(argv: readonly string[]): Invocation | undefined {
  refuseHaddFlags(argv);
  const command = buildCommand();
  try {
    command.parse(argv, { from: 'user' });
  } catch (err) {
    if (!(err instanceof CommanderError)) throw err;
    if (err.exitCode === 0) return undefined;
    throw new UsageError(err.message.replace(/^error: /, ''), { cause: err });
  }
  return { inputs: command.args, flags: command.opts<FlagValues>() };
}

function refuseHaddFlags(argv: readonly string[]): void {
  for (const arg of argv) {
    if (arg === '--') return;
    const hint = HADD_HINTS.find(([pattern]) => pattern.test(arg));
    if (hint !== undefined) throw new UsageError(`${arg}: ${arg.replace(hint[0], hint[1])}`);
  }
}

function buildCommand(): Command {
  const command = new Command('pool-merge')
    .usage('[options] INPUT... -o OUTPUT')
    .description('Merges the ROOT files of many parallel jobs into one: histograms are added, trees and\nntuples joined, everything else is kept. All or nothing: no half output, no silent loss.')
    .argument('[inputs...]')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', EXAMPLES)
    .configureHelp({ visibleArguments: () => [], helpWidth: 100 })
    .configureOutput({ writeErr: () => undefined })
    .exitOverride();
  for (const flag of FLAGS) command.addOption(optionOf(flag));
  return command;
}

/** A flag as commander takes it; one with a value is refused when it is given twice. */
export function optionOf(flag: Flag): Option {
  const option = new Option(flag.flags, flag.help).helpGroup(`${flag.group}:`);
  const { parse, repeatable } = flag;
  if (parse === undefined) return option;
  return option.argParser((text: string, previous: unknown): unknown => {
    if (repeatable === true) return [...((previous as unknown[] | undefined) ?? []), parse(text)];
    if (previous !== undefined) throw new UsageError(`option '${flag.flags}' is given twice`);
    return parse(text);
  });
}
