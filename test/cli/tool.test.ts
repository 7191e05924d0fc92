/** The built tool as a process: what it prints where, and how it ends. */
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openRootFile, version } from '../../src/index.ts';
import { Scratch, fingerprint, fixture } from '../scratch.ts';

const TOOL = fileURLToPath(new URL('../../bin/pool-merge.mjs', import.meta.url));
const WORKERS = [0, 1, 2].map((worker) => fixture(`worker_${worker}.root`));

interface Json {
  kind: string;
  error?: { code: string; message: string; file?: string };
  conflicts: { path: string; code: string }[];
  targets: { path: string }[];
  totals: { inputs: number };
}

describe('a merge', () => {
  it('ends with 0 and one line', () => {
    using scratch = new Scratch();
    const result = scratch.run([...WORKERS, '-o', 'out.root']);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toMatch(
      /^3 files \(.* kB\) merged into out\.root \(.* kB\); 17 objects \(.*\), [\d ]+ entries; verified \(fast\); [\d.]+ s\n$/,
    );
    openRootFile(scratch.path('out.root')).close();
  });

  it('with --quiet prints nothing, with --verbose every object', () => {
    using scratch = new Scratch();
    expect(scratch.run([...WORKERS, '-o', 'a.root', '-q'])).toEqual({ code: 0, stdout: '', stderr: '' });
    const { stdout } = scratch.run([...WORKERS, '-o', 'b.root', '-v']);
    expect(stdout.split('\n').length).toBe(20);
    expect(stdout).toMatch(/^concat +3 +1 +\d+ +TTree +\/events$/m);
  });

  it('with --json - leaves standard output to JSON', () => {
    using scratch = new Scratch();
    const { code, stdout, stderr } = scratch.run([...WORKERS, '-o', 'out.root', '--json', '-']);
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as Json).kind).toBe('merge');
    expect(stderr).toContain('merged into out.root');
  });

  it('with --json FILE writes the report beside', () => {
    using scratch = new Scratch();
    expect(scratch.run([...WORKERS, '-o', 'out.root', '--json', 'report.json']).code).toBe(0);
    const report = JSON.parse(readFileSync(scratch.path('report.json'), 'utf8')) as Json;
    expect(report.totals.inputs).toBe(3);
    expect(scratch.list()).toEqual(['out.root', 'report.json']);
  });

  it('with --json gives the report to whatever takes text', () => {
    using scratch = new Scratch();
    const piped = scratch.runUnder('exec 3> >(cat > got.json)', [...WORKERS, '-q', '-o', 'out.root', '--json', '/dev/fd/3']);
    expect(piped).toEqual({ code: 0, stdout: '', stderr: '' });
    const { stdout } = scratch.runUnder('exec > all.txt', [...WORKERS, '-f', '-o', 'out.root', '--json', '/dev/stdout']);
    expect(stdout).toBe('');
    const text = readFileSync(scratch.path('all.txt'), 'utf8');
    expect(text).toMatch(/^3 files .*\n\{\n/);
    expect(JSON.parse(text.slice(text.indexOf('{')))).toMatchObject({ kind: 'merge' });
    expect(scratch.run([...WORKERS, '-f', '-q', '-o', 'out.root', '--json', '/dev/full'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'error: /dev/full: cannot write the report: no space left on device\n',
    });
    expect(scratch.run([...WORKERS, '-f', '-q', '-o', 'out.root', '--json', '/dev/null']).code).toBe(0);
    scratch.runUnder('mkfifo unread', ['--version']);
    expect(scratch.run([...WORKERS, '-f', '-q', '-o', 'out.root', '--json', 'unread']).stderr).toBe(
      'error: unread: cannot write the report: nobody reads this pipe\n',
    );
  });

  it('takes folders, patterns and lists', () => {
    using scratch = new Scratch();
    for (const worker of [0, 1, 2]) scratch.copy(`worker_${worker}.root`, `out/worker_${worker}/hist.root`);
    scratch.put('list.txt', '# all\r\nout/worker_0\r\n\r\nout/worker_[12]/*.root\r\n');
    const merged = ['out', 'out/*/*.root', '@list.txt'].map((input, i) => {
      expect(scratch.run([input, '-o', `m${i}.root`])).toMatchObject({ code: 0, stderr: '' });
      return readFileSync(scratch.path(`m${i}.root`));
    });
    expect(merged[1]?.equals(merged[0] as Buffer)).toBe(true);
    expect(merged[2]?.equals(merged[0] as Buffer)).toBe(true);
  });

  it('takes names that begin with a dash or an @', () => {
    using scratch = new Scratch();
    scratch.copy('dirnames_0.root', '-f.root');
    scratch.copy('dirnames_1.root', '@at.root');
    expect(scratch.run(['-o', 'out.root', '--', '-f.root', './@at.root'])).toMatchObject({ code: 0 });
  });

  it('is narrowed by --include and --exclude', () => {
    using scratch = new Scratch();
    const { stdout } = scratch.run([
      ...WORKERS,
      '-o',
      'out.root',
      '--json',
      '-',
      '--include',
      '/monitoring/**',
      '--exclude',
      '/monitoring/jets',
    ]);
    const paths = (JSON.parse(stdout) as { targets: { path: string; disposition: string }[] }).targets
      .filter((target) => target.disposition !== 'skip')
      .map((target) => target.path);
    expect(paths).toContain('/monitoring/muons/pt');
    expect(paths.filter((path) => !path.startsWith('/monitoring/') || path.startsWith('/monitoring/jets'))).toEqual([]);
  });

  it('warns of an input given twice', () => {
    using scratch = new Scratch();
    scratch.copy('dirnames_0.root', 'a.root');
    const { code, stderr } = scratch.run(['a.root', 'a.root', '-o', 'out.root']);
    expect(code).toBe(0);
    expect(stderr).toBe('warning: a.root: given more than once: its contents count as often\n');
  });

  it('honours the umask', () => {
    using scratch = new Scratch();
    expect(scratch.runUnder('umask 027', [...WORKERS, '-o', 'out.root']).code).toBe(0);
    expect(statSync(scratch.path('out.root')).mode & 0o777).toBe(0o640);
  });

  it('does not mind a reader that goes away', () => {
    using scratch = new Scratch();
    const result = scratch.runUnder('set -o pipefail; run() { "$@" --json - | head -c 10; }; run "$@"; exit $?', [
      ...WORKERS,
      '-o',
      'out.root',
    ]);
    expect(result.stderr).not.toContain('EPIPE');
    expect(existsSync(scratch.path('out.root'))).toBe(true);
  });
});

describe('a dry run', () => {
  it('prints the plan and writes nothing', () => {
    using scratch = new Scratch();
    const { code, stdout, stderr } = scratch.run([...WORKERS, '-n', '-o', 'out.root']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^what +inputs +cycles +entries +class +object\n/);
    expect(stdout).toMatch(/^add +3 +1 +TH1F +\/monitoring\/jets\/pt$/m);
    expect(stdout).toMatch(/plan: 3 files .* nothing was written\n$/);
    expect(scratch.list()).toEqual([]);
  });

  it('is refused where the merge would be', () => {
    using scratch = new Scratch();
    scratch.copy('worker_0.root', 'g.root');
    scratch.put('old.root', 'old');
    for (const [output, message, code] of [
      ['old.root', 'exists already', 2],
      ['./g.root', 'also an input', 2],
      ['new/', 'ends with /', 2],
      ['none/out.root', 'directory of the output', 1],
    ] as const) {
      const result = scratch.run(['g.root', '-n', '-o', output]);
      expect({ code: result.code, stdout: result.stdout }).toEqual({ code, stdout: '' });
      expect(result.stderr).toContain(message);
    }
    expect(scratch.run(['g.root', '-n', '-f', '-o', 'old.root']).code).toBe(0);
    expect(scratch.list()).toEqual(['g.root', 'old.root']);
  });

  it('with conflicts ends with 1 and names them all', () => {
    using scratch = new Scratch();
    const { code, stdout } = scratch.run([fixture('special_0.root'), fixture('meta_0.root'), fixture('flat_0.root'), '-n']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^conflict: \/tree \(TTree\): .*flat_0\.root: .* \[[a-z-]+\]$/m);
  });
});

describe('conflicts', () => {
  it('end with 1, all named, nothing written', () => {
    using scratch = new Scratch();
    const { code, stdout, stderr } = scratch.run([fixture('meta_0.root'), fixture('flat_0.root'), '-o', 'out.root', '--json', '-']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: \d+ conflicts?, nothing was written\n {2}\/tree \(TTree\): /);
    const report = JSON.parse(stdout) as Json;
    expect(report).toMatchObject({ kind: 'error', error: { code: 'MERGE_CONFLICT' } });
    expect(report.conflicts.map((conflict) => conflict.path)).toContain('/tree');
    expect(scratch.list()).toEqual([]);
  });
});

describe('a bad input', () => {
  it('ends with 1 and one line with its name', () => {
    using scratch = new Scratch();
    scratch.copy('dirnames_0.root', 'good.root');
    scratch.put('bad.root', 'no ROOT file at all, but long enough to have a header'.repeat(3));
    const { code, stdout, stderr } = scratch.run(['good.root', 'bad.root', '-o', 'out.root', '--json', 'report.json']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error: bad\.root: .*not a ROOT file.*\n$/);
    expect(JSON.parse(readFileSync(scratch.path('report.json'), 'utf8'))).toMatchObject({
      kind: 'error',
      error: { code: 'CORRUPT_FILE', file: 'bad.root' },
    });
    expect(scratch.list()).toEqual(['bad.root', 'good.root', 'report.json']);
  });

  it('with --skip-bad ends with 3 and a warning', () => {
    using scratch = new Scratch();
    scratch.copy('dirnames_0.root', 'good.root');
    scratch.put('bad.root', '');
    const { code, stdout, stderr } = scratch.run(['bad.root', 'good.root', '-k', '-o', 'out.root']);
    expect(code).toBe(3);
    expect(stdout).toContain('1 file (');
    expect(stdout).toContain('1 input skipped');
    expect(stderr).toContain('warning: bad.root: skipped: file is empty');
  });

  it('with --skip-bad and nothing bad ends with 0', () => {
    using scratch = new Scratch();
    expect(scratch.run([...WORKERS, '-k', '-o', 'out.root']).code).toBe(0);
  });

  it('that names nothing good leaves 1', () => {
    using scratch = new Scratch();
    scratch.put('bad.root', '');
    expect(scratch.run(['bad.root', 'none.root', '-k', '-o', 'out.root']).code).toBe(1);
    expect(scratch.list()).toEqual(['bad.root']);
  });
});

describe('wrong use', () => {
  it.each([
    [[], 'no input given: pool-merge INPUT... -o OUTPUT'],
    [['a.root', 'b.root'], 'no output given: add -o OUTPUT, for example: pool-merge a.root b.root -o merged.root'],
    [['-o', 'out.root'], 'no input given'],
    [['a.root', '-o'], "option '-o, --output <file>' argument missing"],
    [['a.root', '--outptu', 'x'], 'Did you mean --output?'],
    [['a.root', '-qv', '-o', 'x'], '--quiet and --verbose exclude each other'],
    [['nothing*.root', '-o', 'x'], 'no file matches the pattern nothing*.root'],
    [['-fk', 'x.root', 'a.root'], '-fk of hadd'],
    [['root://host//a.root', '-o', 'x'], 'copy it to this machine first'],
  ])('%j ends with 2 and shows the mend', (args, message) => {
    using scratch = new Scratch();
    const { code, stdout, stderr } = scratch.run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.startsWith('error: ')).toBe(true);
    expect(stderr).toContain(message);
    expect(scratch.list()).toEqual([]);
  });

  it('an existing output ends with 2 and stays', () => {
    using scratch = new Scratch();
    const output = scratch.put('out.root', 'old');
    const before = fingerprint(output);
    const { code, stderr } = scratch.run([...WORKERS, '-o', 'out.root']);
    expect(code).toBe(2);
    expect(stderr).toBe('error: out.root: the output exists already (use --force to replace it)\n');
    expect(fingerprint(output)).toEqual(before);
  });

  it.each(['g.root', './g.root', '../x/g.root', 'x/../g.root'])('an output that is an input ends with 2 and stays: %s', (output) => {
    using scratch = new Scratch();
    const input = scratch.copy('dirnames_0.root', 'x/g.root');
    scratch.put('x/x/empty', '');
    const before = fingerprint(input);
    scratch.put('x/list.txt', 'g.root\n');
    for (const args of [['g.root'], ['@list.txt'], ['*.root'], ['.']]) {
      const { code, stderr } = scratch.runUnder('cd x', [...args, fixture('dirnames_1.root'), '-f', '-k', '-o', output]);
      expect({ code, stderr }).toMatchObject({ code: 2 });
      expect(stderr).toContain('the output is also an input');
    }
    expect(fingerprint(input)).toEqual(before);
  });

  it('a report that would overwrite an input or the output ends with 2', () => {
    using scratch = new Scratch();
    const input = scratch.copy('dirnames_0.root', 'g.root');
    const before = fingerprint(input);
    for (const json of ['./g.root', 'out.root', './out.root', 'c.xml']) {
      const { code, stderr } = scratch.run(['g.root', '-o', 'out.root', '--catalog', './c.xml', '--json', json]);
      expect({ code, stderr }).toMatchObject({ code: 2 });
      expect(stderr).toContain('the report would overwrite');
    }
    expect(fingerprint(input)).toEqual(before);
    expect(scratch.list()).toEqual(['g.root']);
  });
});

describe('help and version', () => {
  it('go to standard output and end with 0', () => {
    using scratch = new Scratch();
    expect(scratch.run(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
    const help = scratch.run(['--help']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    for (const part of ['Usage: pool-merge [options] INPUT... -o OUTPUT', '--skip-bad', 'Examples:', 'Exit codes:', '@LIST']) {
      expect(help.stdout).toContain(part);
    }
    expect(Math.max(...help.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });
});

describe('patterns', () => {
  it('of which none matches end with 2, and one that does not match is told', () => {
    using scratch = new Scratch();
    const slip = scratch.run([...WORKERS, '-o', 'out.root', '--include', '/jest/**']);
    expect(slip).toMatchObject({ code: 2, stdout: '' });
    expect(slip.stderr).toContain('no object matches /jest/**: nothing would be left');
    expect(scratch.list()).toEqual([]);
    const told = scratch.run([...WORKERS, '-o', 'out.root', '--include', '/jest/**', '--include', '/events', '--exclude', 'x']);
    expect(told.code).toBe(0);
    expect(told.stderr).toMatch(/^warning: \/jest\/\*\*: this pattern .* matches nothing\nwarning: x: this pattern /);
  });
});

describe('standard output', () => {
  it.skipIf(!existsSync('/dev/full'))('that cannot be written is told in one line, with 1, though the merge is done', () => {
    using scratch = new Scratch();
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(process.execPath, [TOOL, ...WORKERS, '-o', 'out.root', '--json', '-', '-q'], {
      cwd: scratch.folder,
      stdio: ['ignore', full, 'pipe'],
    });
    closeSync(full);
    expect({ status, stderr: String(stderr) }).toEqual({ status: 1, stderr: 'error: standard output cannot be written (ENOSPC)\n' });
    openRootFile(scratch.path('out.root')).close();
  });
});
