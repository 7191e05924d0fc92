/** What the command lines of all tools have in common: help, version, and wrong use as a UsageError. */
import { Command, CommanderError, Option } from 'commander';
import { UsageError, version } from '../src/index.ts';

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

/** What a tool says of itself. */
export interface ToolDescription {
  name: string;
  usage: string;
  description: string;
  /** The arguments as commander takes them, e.g. `[inputs...]`. */
  argument: string;
  flags: readonly Flag[];
  /** Text below the options: examples and exit codes. */
  examples: string;
  /** Flags after the first argument belong to what is run. */
  passThrough?: true;
}

/** Arguments that are no flags, and the values of the flags. */
export interface ParsedLine<T> {
  inputs: string[];
  flags: T;
}

/** Parses a command line (without interpreter and script); undefined when help or version was shown. */
export function parseToolLine<T extends object>(tool: ToolDescription, argv: readonly string[]): ParsedLine<T> | undefined {
  const command = new Command(tool.name)
    .usage(tool.usage)
    .description(tool.description)
    .argument(tool.argument)
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', tool.examples)
    .configureHelp({ visibleArguments: () => [], helpWidth: 100 })
    .configureOutput({ writeErr: () => undefined })
    .exitOverride();
  if (tool.passThrough === true) command.passThroughOptions();
  for (const flag of tool.flags) command.addOption(optionOf(flag));
  try {
    command.parse(argv, { from: 'user' });
  } catch (err) {
    if (!(err instanceof CommanderError)) throw err;
    if (err.exitCode === 0) return undefined;
    throw new UsageError(err.message.replace(/^error: /, ''), { cause: err });
  }
  return { inputs: command.args, flags: command.opts<T>() };
}

/** The value of a flag; what is wrong with it is told with the flag. */
function parsed({ flags, parse }: Flag, text: string): unknown {
  try {
    return parse?.(text);
  } catch (err) {
    throw err instanceof UsageError ? new UsageError(`option '${flags}': ${err.reason}`, { cause: err }) : err;
  }
}

/** A flag as commander takes it; one with a value is refused when it is given twice. */
function optionOf(flag: Flag): Option {
  const option = new Option(flag.flags, flag.help).helpGroup(`${flag.group}:`);
  const { repeatable } = flag;
  if (flag.parse === undefined) return option;
  return option.argParser((text: string, previous: unknown): unknown => {
    if (repeatable !== true && previous !== undefined) throw new UsageError(`option '${flag.flags}' is given twice`);
    const value = parsed(flag, text);
    return repeatable === true ? [...((previous as unknown[] | undefined) ?? []), value] : value;
  });
}
