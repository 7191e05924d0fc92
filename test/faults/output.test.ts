/** The output: never an input, never half, never in somebody's way. */
import { chmodSync, linkSync, lstatSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import { basename, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OutputError, UsageError, isPoolMergeError, merge, openRootFile } from '../../src/index.ts';
import { Scratch, fingerprint, fixture } from '../scratch.ts';

const INPUTS = [0, 1, 2].map((worker) => fixture(`dirnames_${worker}.root`));

describe('an existing output', () => {
  it('is not replaced without force: bytes and date stay', async () => {
    using scratch = new Scratch();
    const output = scratch.put('out.root', 'precious');
    const before = fingerprint(output);
    await expect(merge(INPUTS, { output })).rejects.toThrow(`${output}: the output exists already (use --force to replace it)`);
    await expect(merge(INPUTS, { output })).rejects.toBeInstanceOf(UsageError);
    expect(fingerprint(output)).toEqual(before);
    expect(scratch.list()).toEqual(['out.root']);
  });

  it('is not replaced without force when somebody makes it during the merge', async () => {
    using scratch = new Scratch();
    const output = scratch.path('out.root');
    const check = (): void => void scratch.put('out.root', 'of somebody else');
    await expect(merge(INPUTS, { output, check })).rejects.toBeInstanceOf(UsageError);
    expect(readFileSync(output, 'utf8')).toBe('of somebody else');
    expect(scratch.list()).toEqual(['out.root']);
  });

  it.each([
    ['cut', (bytes: Buffer): Buffer => bytes.subarray(0, bytes.length - 10)],
    ['damaged inside an object', (bytes: Buffer): Buffer => (bytes.fill(0xff, 600, bytes.length / 2), bytes)],
  ])('that is appended to is never skipped as a bad input: %s', async (_, damage) => {
    using scratch = new Scratch();
    const made = await merge([fixture('worker_0.root')], { output: scratch.path('made.root') });
    const output = scratch.put('out.root', damage(readFileSync(made.output.path)));
    const before = fingerprint(output);
    await expect(merge([fixture('worker_1.root')], { output, append: true, skipBad: true })).rejects.toMatchObject({
      code: 'CORRUPT_FILE',
      file: output,
    });
    expect(fingerprint(output)).toEqual(before);
  });

  it('that is appended to keeps its permissions, as with hadd -a', async () => {
    using scratch = new Scratch();
    const { output } = await merge(INPUTS, { output: scratch.path('out.root') });
    chmodSync(output.path, 0o600);
    await merge([fixture('worker_0.root')], { output: output.path, append: true });
    expect(statSync(output.path).mode & 0o777).toBe(0o600);
  });

  it('is replaced with force, as a whole', async () => {
    using scratch = new Scratch();
    const output = scratch.put('out.root', 'old');
    let during = '';
    await merge(INPUTS, { output, force: true, check: () => void (during = readFileSync(output, 'utf8')) });
    expect(during).toBe('old');
    openRootFile(output).close();
    expect(scratch.list()).toEqual(['out.root']);
  });

  it('that is a symbolic link stays one: what it names is replaced', async () => {
    using scratch = new Scratch();
    scratch.put('store/real.root', 'old');
    symlinkSync('store/real.root', scratch.path('link.root'));
    await merge(INPUTS, { output: scratch.path('link.root'), force: true });
    expect(lstatSync(scratch.path('link.root')).isSymbolicLink()).toBe(true);
    openRootFile(scratch.path('store/real.root')).close();
    expect(scratch.list('store')).toEqual(['real.root']);
  });

  it('that is a symbolic link to nothing stays one, too: what it names comes into being, or is told to lack its directory', async () => {
    using scratch = new Scratch();
    scratch.put('store/other', '');
    symlinkSync('second', scratch.path('first.root'));
    symlinkSync('store/real.root', scratch.path('second'));
    await merge(INPUTS, { output: scratch.path('first.root') });
    expect([scratch.path('first.root'), scratch.path('second')].map((path) => lstatSync(path).isSymbolicLink())).toEqual([true, true]);
    openRootFile(scratch.path('store/real.root')).close();
    symlinkSync('none/real.root', scratch.path('third.root'));
    await expect(merge(INPUTS, { output: scratch.path('third.root') })).rejects.toThrow('the directory of the output does not exist');
    symlinkSync('circle.root', scratch.path('circle.root'));
    await expect(merge(INPUTS, { output: scratch.path('circle.root') })).rejects.toThrow('leads back to itself');
    expect(scratch.list().filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it.each([true, false])('that is a directory is refused (force %s)', async (force) => {
    using scratch = new Scratch();
    mkdirSync(scratch.path('out.root'));
    await expect(merge(INPUTS, { output: scratch.path('out.root'), force })).rejects.toBeInstanceOf(UsageError);
    expect(readdirSync(scratch.path('out.root'))).toEqual([]);
  });

  it('that is a device is refused', async () => {
    await expect(merge(INPUTS, { output: '/dev/null', force: true })).rejects.toThrow('not a regular file');
  });
});

describe('an output without its directory', () => {
  it('is refused by name', async () => {
    using scratch = new Scratch();
    const output = scratch.path('none', 'out.root');
    const err: unknown = await merge(INPUTS, { output }).catch((reason: unknown) => reason);
    expect(err).toBeInstanceOf(OutputError);
    expect((err as OutputError).errno).toBe('ENOENT');
    expect((err as OutputError).message).toBe(`${output}: the directory of the output does not exist`);
  });
});

describe('an output that is an input', () => {
  /** Spellings of the input `g.root` of a scratch folder. */
  const spellings: Record<string, (scratch: Scratch) => string> = {
    'the same path': (s) => s.path('g.root'),
    'with ./': (s) => `${s.folder}/./g.root`,
    'with ..': (s) => `${s.folder}/../${basename(s.folder)}/g.root`,
    'with //': (s) => `${s.folder}//g.root`,
    relative: (s) => relative(process.cwd(), s.path('g.root')),
    'a symbolic link': (s) => (symlinkSync(s.path('g.root'), s.path('soft.root')), s.path('soft.root')),
    'a link to a link': (s) => (symlinkSync('g.root', s.path('one')), symlinkSync('one', s.path('two')), s.path('two')),
    'a hard link': (s) => (linkSync(s.path('g.root'), s.path('hard.root')), s.path('hard.root')),
    'through a linked directory': (s) => (symlinkSync('.', s.path('here')), s.path('here', 'g.root')),
  };

  it.each(Object.keys(spellings))('is refused before anything is touched: %s', async (name) => {
    using scratch = new Scratch();
    const input = scratch.copy('dirnames_0.root', 'g.root');
    const output = spellings[name]?.(scratch) as string;
    const [before, names] = [fingerprint(input), scratch.list()];
    for (const options of [{ force: true }, { force: true, skipBad: true }, {}]) {
      await expect(merge([INPUTS[1] as string, input], { output, ...options })).rejects.toThrow('the output is also an input');
      await expect(merge([input], { output, ...options })).rejects.toBeInstanceOf(UsageError);
    }
    expect(fingerprint(input)).toEqual(before);
    expect(scratch.list()).toEqual(names);
  });
});

describe("the caller's own check", () => {
  it('sees the finished candidate and can refuse it', async () => {
    using scratch = new Scratch();
    let candidate = '';
    const check = (path: string): void => {
      candidate = path;
      openRootFile(path).close();
      throw new Error('not as I like it');
    };
    await expect(merge(INPUTS, { output: scratch.path('out.root'), check })).rejects.toThrow('not as I like it');
    expect(basename(candidate)).toMatch(/^\.out\.root\.pool-merge-.*\.tmp$/);
    expect(scratch.list()).toEqual([]);
  });
});

describe('an interrupted merge', () => {
  it('leaves nothing, whenever the signal comes', async () => {
    using scratch = new Scratch();
    scratch.put('out.root', 'old');
    const steps: string[] = [];
    for (const step of ['open', 'plan', 'execute', 'verify', 'commit']) {
      const controller = new AbortController();
      const onProgress = (event: { step: string }): void => {
        if (event.step !== step) return;
        steps.push(step);
        controller.abort();
      };
      const err: unknown = await merge(INPUTS, {
        output: scratch.path('out.root'),
        force: true,
        signal: controller.signal,
        onProgress,
      }).catch((reason: unknown) => reason);
      expect(isPoolMergeError(err, 'ABORTED'), step).toBe(true);
      expect(readFileSync(scratch.path('out.root'), 'utf8')).toBe('old');
      expect(scratch.list()).toEqual(['out.root']);
    }
    expect(steps).toEqual(['open', 'plan', 'execute', 'verify', 'commit']);
  });
});

describe('the output of a merge', () => {
  it('is the same, byte by byte, in every run and under every name', async () => {
    using scratch = new Scratch();
    const inputs = [0, 1, 2].map((worker) => fixture(`worker_${worker}.root`));
    mkdirSync(scratch.path('elsewhere'));
    const outputs = ['a.root', 'another-name.root', 'elsewhere/c.root'].map((name) => scratch.path(name));
    for (const output of outputs) await merge(inputs, { output });
    const [first, ...others] = outputs.map((output) => readFileSync(output));
    for (const other of others) expect(first?.equals(other)).toBe(true);
  });

  it('holds everything twice when an input is given twice, with a warning', async () => {
    using scratch = new Scratch();
    const input = fixture('ntuple_0.root');
    const [once, twice] = [
      await merge([input], { output: scratch.path('1.root') }),
      await merge([input, input], { output: scratch.path('2.root') }),
    ];
    expect(twice.totals.entries).toBe(2 * once.totals.entries);
    expect(once.totals.entries).toBeGreaterThan(0);
    expect(twice.diagnostics).toContainEqual({
      code: 'input-repeated',
      file: input,
      message: 'given more than once: its contents count as often',
    });
    expect(once.diagnostics).toEqual([]);
  });

  it('of empty inputs is an empty file', async () => {
    using scratch = new Scratch();
    const empty = scratch.path('empty.root');
    await merge([fixture('dirnames_0.root')], { output: empty, exclude: ['/**'] });
    const report = await merge([empty, empty], { output: scratch.path('out.root') });
    expect(report.totals).toMatchObject({ inputs: 2, targets: 0, entries: 0 });
    using file = openRootFile(scratch.path('out.root'));
    expect(file.root.keys.count).toBe(0);
  });

  it('can be merged again', async () => {
    using scratch = new Scratch();
    const [a, b, c] = INPUTS as [string, string, string];
    await merge([a, b], { output: scratch.path('ab.root') });
    const report = await merge([scratch.path('ab.root'), c], { output: scratch.path('abc.root') });
    const direct = await merge([a, b, c], { output: scratch.path('direct.root') });
    expect(report.targets.map((target) => target.path)).toEqual(direct.targets.map((target) => target.path));
  });

  it('has the size that the report tells', async () => {
    using scratch = new Scratch();
    const { output } = await merge(INPUTS, { output: scratch.path('out.root') });
    expect(statSync(output.path).size).toBe(output.sizeBytes);
  });
});
