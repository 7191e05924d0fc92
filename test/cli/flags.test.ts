import { describe, expect, it } from 'vitest';
import { givenFlags } from '../../cli/flag-values.ts';
import { MERGE_FLAGS, parseMergeCommandLine } from '../../cli/merge-flags.ts';
import { UsageError } from '../../src/index.ts';

function flagsOf(...argv: string[]): Record<string, unknown> {
  return { ...parseMergeCommandLine(argv)?.flags };
}

describe('the command line', () => {
  it('separates inputs and flags, in any order', () => {
    expect(parseMergeCommandLine(['a.root', '-o', 'out.root', 'b.root', '-f'])).toEqual({
      inputs: ['a.root', 'b.root'],
      flags: { output: 'out.root', force: true },
    });
  });

  it('takes everything after -- as an input', () => {
    expect(parseMergeCommandLine(['-o', 'out.root', '--', '-f', '--json', '-fk'])).toEqual({
      inputs: ['-f', '--json', '-fk'],
      flags: { output: 'out.root' },
    });
  });

  it('knows long and short names, joined and apart', () => {
    expect(flagsOf('-nkqoout.root', '--json=-')).toEqual({ dryRun: true, skipBad: true, quiet: true, output: 'out.root', json: '-' });
  });

  it('collects repeatable flags without swallowing inputs', () => {
    expect(parseMergeCommandLine(['--include', '/a/**', '--include', '/b', 'in.root', '--exclude', '/a/x'])).toEqual({
      inputs: ['in.root'],
      flags: { include: ['/a/**', '/b'], exclude: ['/a/x'] },
    });
  });

  it.each([
    [['--forse'], "unknown option '--forse'\n(Did you mean --force?)"],
    [['-z'], "unknown option '-z'"],
    [['-o'], "option '-o, --output <file>' argument missing"],
    [['-o', ''], "option '-o, --output <file>': the value is empty"],
    [['-o', '-'], 'an output cannot be standard output'],
    [['--timestamp', '2026-02-30'], "option '--timestamp <date>': not a date '2026-02-30'"],
    [['--timestamp', '2026-13-01'], 'not a date'],
    [['-o', 'a', '-o', 'b'], "option '-o, --output <file>' is given twice"],
    [['--verify', 'some'], "unknown level of verification 'some': use fast, full or none"],
    [['-fk'], '-fk of hadd is what happens anyway'],
    [['-ff'], 'write -f --compression first instead of -ff'],
    [['-f6'], 'write -f --compression 6 instead of -f6'],
    [['-f505'], 'write -f --compression 505 instead of -f505'],
    [['-j'], 'this flag of hadd does not exist here'],
  ])('refuses %j and shows the mend', (argv, message) => {
    expect(() => parseMergeCommandLine(argv)).toThrow(UsageError);
    expect(() => parseMergeCommandLine(argv)).toThrow(message);
  });
});

describe('--compression', () => {
  it.each([
    ['keep', 'keep'],
    ['first', 'first'],
    ['none', 0],
    ['0', 0],
    ['zlib', 101],
    ['zlib:9', 109],
    ['lzma', 207],
    ['xz:3', 203],
    ['lz4', 404],
    ['zstd', 505],
    ['zstd:1', 501],
    ['404', 404],
  ])('%s is %s', (text, value) => {
    expect(flagsOf('--compression', text)).toEqual({ compression: value });
  });

  it.each(['', 'gzip', 'zstd:', 'zstd:0', 'zstd:10', 'zlib:1:2', '10', '301', '510', '600', 'Zstd', 'constructor'])(
    'refuses %j',
    (text) => {
      expect(() => flagsOf('--compression', text)).toThrow(UsageError);
    },
  );
});

describe('--timestamp', () => {
  it.each([
    ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31T12:00:00+02:00', '2026-01-31T10:00:00.000Z'],
    ['2026-01-31', '2026-01-31T00:00:00.000Z'],
    ['@1000000000', '2001-09-09T01:46:40.000Z'],
  ])('%s is %s', (text, iso) => {
    expect((flagsOf('--timestamp', text)['timestamp'] as Date).toISOString()).toBe(iso);
  });

  it.each(['yesterday', '31.1.2026', '@', '@1.5', '2026-13-01', '1', '1994-12-31', '2059-01-01', '@0'])('refuses %j', (text) => {
    expect(() => flagsOf('--timestamp', text)).toThrow(UsageError);
  });
});

/** What docs/options.md must be: the flags as a Markdown table. */
function flagsMarkdown(): string {
  const rows = MERGE_FLAGS.map((flag) => `| \`${flag.flags}\` | ${flag.help} |`);
  return ['# Options of pool-merge', '', '| option | meaning |', '|---|---|', ...rows, ''].join('\n');
}

describe('the table of flags', () => {
  it('is what docs/options.md shows (npx vitest run test/cli/flags.test.ts -u renews it)', async () => {
    await expect(flagsMarkdown()).toMatchFileSnapshot('../../docs/options.md');
  });

  it('gives each name once', () => {
    const names = MERGE_FLAGS.flatMap((flag) => flag.flags.match(/--?[a-z-]+/gi) ?? []);
    expect(new Set(names).size).toBe(names.length);
  });
});

it('only flags that were given become options', () => {
  const flags: { force?: boolean | undefined; quiet?: boolean; output?: string } = { force: undefined, quiet: false };
  expect(Object.entries(givenFlags(flags, 'force', 'quiet', 'output'))).toEqual([['quiet', false]]);
});
