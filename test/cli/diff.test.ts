import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { DIFF_FLAGS, parseDiffCommandLine } from '../../cli/diff-flags.ts';
import { diffText, junitXml } from '../../cli/diff-render.ts';
import { checkAgainst } from '../../cli/check-candidate.ts';
import { UsageError, VerificationError, merge, type DiffReport } from '../../src/index.ts';
import { projectRoot } from '../api/source-tree.ts';
import { Scratch, fixture, type ToolResult } from '../scratch.ts';

const scratch = new Scratch();
afterAll(() => scratch[Symbol.dispose]());

const run = (...args: string[]): ToolResult => scratch.runOther('pool-diff', args);

const REPORT: DiffReport = {
  schemaVersion: 1,
  kind: 'files',
  left: 'a.root',
  right: ['b.root'],
  isSame: false,
  counts: { same: 1, different: 1, unjudged: 1 },
  objects: [
    { path: '/a', className: 'TH1F', verdict: 'same', differenceCount: 0, differences: [], notes: [] },
    {
      path: '/<b>',
      className: 'TH1F',
      verdict: 'different',
      differenceCount: 3,
      differences: [{ at: 'fArray[1]', left: '1', right: '2\u001b' }],
      notes: [],
    },
    { path: '/c', className: 'TTree', verdict: 'unjudged', differenceCount: 0, differences: [], notes: ['because'] },
  ],
};

describe('--compat', () => {
  const files = [fixture('hists_0.root'), fixture('hists_1.root')];
  const object = { path: '/h', className: 'TH1D', differenceCount: 0, differences: [], notes: [] };
  const tested = { test: 'ks', pValue: 0.25, threshold: 0.05, statistic: 0.1, detail: 'largest distance 0.1' } as const;

  it('takes a test and a threshold', () => {
    expect(parseDiffCommandLine(['a', 'b', '--compat', 'ks', '--threshold', '1e-4', '--flows'])?.flags).toEqual({
      compat: 'ks',
      threshold: 1e-4,
      flows: true,
    });
    expect(() => parseDiffCommandLine(['a', 'b', '--compat', 'cramer'])).toThrow("unknown test 'cramer': use chi2, ks or bins");
    expect(() => parseDiffCommandLine(['a', 'b', '--threads', '0'])).toThrow("'--threads <count>': not a whole number of at least 1: '0'");
  });

  it('tells p-values: exit code 0 for compatible, 1 below the threshold, 2 for wrong use', () => {
    const [low, high] = [
      run('--compat', 'bins', '--threshold', '0', '--include', '/types/h1d', ...files),
      run('--compat', 'bins', '--threshold', '1', '--include', '/types/h1d', ...files),
    ];
    expect([low.code, low.stdout]).toEqual([0, expect.stringContaining(': compatible; 1 object (1 compatible)')]);
    expect([high.code, high.stdout]).toEqual([
      1,
      expect.stringMatching(
        /^different {3}\/types\/h1d \(TH1D\): bins p = [\d.e-]+, below 1; largest pull .* in fArray\[\d+\], of \d+ bins\n/,
      ),
    ]);
    expect(run('--threshold', '0.1', ...files).code).toBe(2);
    expect(run('--compat', 'ks', '--merged', ...files).code).toBe(2);
  });

  it('stands in JUnit XML', () => {
    const report = {
      ...REPORT,
      objects: [
        { ...object, verdict: 'compatible', compatibility: tested },
        { ...object, verdict: 'different', compatibility: { ...tested, pValue: 0.01 } },
      ],
    } satisfies DiffReport;
    expect(junitXml(report)).toContain('name="/h"><system-out>ks p = 0.25; largest distance 0.1</system-out></testcase>');
    expect(junitXml(report)).toContain(
      'name="/h"><failure message="different: ks p = 0.01, below 0.05; largest distance 0.1"></failure></testcase>',
    );
    expect(diffText(report, 1, true)).toContain('compatible  /h (TH1D): ks p = 0.25; largest distance 0.1');
  });
});

describe('the command line of pool-diff', () => {
  it('takes files and flags', () => {
    expect(parseDiffCommandLine(['a', 'b', '--rel', '1e-6', '--max-diffs', '3', '--exclude', 'x', '--exclude', 'y'])).toEqual({
      inputs: ['a', 'b'],
      flags: { rel: 1e-6, maxDiffs: 3, exclude: ['x', 'y'] },
    });
    expect(() => parseDiffCommandLine(['a', 'b', '--rel', '-1'])).toThrow(UsageError);
    expect(() => parseDiffCommandLine(['a', 'b', '--max-diffs', '1.5'])).toThrow(UsageError);
  });

  it('takes orders, keys, ranges and branches', () => {
    const { flags } = parseDiffCommandLine([
      'a',
      'b',
      '--order',
      'any',
      '--match',
      'run, event',
      '--entries',
      '0:5',
      '--branches',
      'px',
      '--branches',
      '/t/py',
      '--atlas-defaults',
      '--known-hacks',
    ]) ?? { flags: {} };
    expect(flags).toEqual({
      order: 'any',
      match: ['run', 'event'],
      entries: '0:5',
      branches: ['px', '/t/py'],
      atlasDefaults: true,
      knownHacks: true,
    });
    expect(() => parseDiffCommandLine(['a', 'b', '--order', 'other'])).toThrow(UsageError);
    expect(() => parseDiffCommandLine(['a', 'b', '--match', 'run,'])).toThrow(UsageError);
  });

  it('is told in full by docs/pool-diff.md', () => {
    const text = readFileSync(`${projectRoot}/docs/pool-diff.md`, 'utf8');
    for (const { flags } of DIFF_FLAGS) expect(text).toContain(`| \`${flags}\` |`);
  });
});

describe('text', () => {
  it('names what differs, and how much more there is', () => {
    expect(diffText(REPORT, 1.5, false).split('\n')).toEqual([
      'different   /<b> (TH1F): 3 differences',
      '              fArray[1]: left 1, right 2\\x1b',
      '              ... and 2 more',
      'unjudged    /c (TTree)',
      '              because',
      'a.root against b.root: DIFFERENT; 3 objects (1 same, 1 different, 1 unjudged); 1.50 s',
    ]);
  });

  it('as JUnit XML has a case per object', () => {
    const xml = junitXml(REPORT);
    expect(xml).toContain('tests="3" failures="1" skipped="1"');
    expect(xml).toContain('<testcase classname="TH1F" name="/a"/>');
    expect(xml).toContain('name="/&lt;b&gt;"><failure message="different: 3 differences">fArray[1]: 1 | 2\ufffd</failure>');
    expect(xml).toContain('<skipped message="because"/>');
  });
});

describe('what is left out', () => {
  const object = {
    path: '/t',
    className: 'TTree',
    verdict: 'same' as const,
    differenceCount: 0,
    differences: [],
    notes: ['left out by choice of branches: px', 'references: 5 right'],
  };
  const report: DiffReport = { ...REPORT, isSame: true, counts: { same: 1 }, objects: [object] };

  it('is said even of what is the same; what references do only of what is wrong', () => {
    expect(diffText(report, 0, false).split('\n')[0]).toBe('/t: left out by choice of branches: px');
    expect(diffText(report, 0, false)).not.toContain('references');
    expect(diffText({ ...report, objects: [{ ...object, verdict: 'lost' }] }, 0, false)).toContain('              references: 5 right');
  });
});

describe('the tool', () => {
  const [a, b] = [fixture('flat_0.root'), fixture('flat_1.root')];

  it('ends with 0 for same, 1 for different, 2 for what cannot be compared', () => {
    expect(run(a, a).code).toBe(0);
    const different = run(a, b);
    expect([different.code, different.stdout]).toEqual([1, expect.stringContaining('entries: left 150, right 200')]);
    expect(run(a, scratch.put('bad.root', 'no ROOT file')).code).toBe(2);
    expect(run(a).code).toBe(2);
    expect(run(a, b, a).code).toBe(2);
    expect(run('--nonsense').code).toBe(2);
    expect(run('--help').stdout).toContain('--merged');
  });

  it('writes a page of what differs', () => {
    expect(run('--html', 'page.html', a, b).code).toBe(1);
    const page = readFileSync(scratch.path('page.html'), 'utf8');
    expect(page).toMatch(/^<!DOCTYPE html>.*<\/html>\n$/s);
    expect(page.split('<svg').length).toBeGreaterThan(2);
    expect(page).toContain('values</text>'); // the distribution of a branch
    expect(run('--html', 'page.html', a, a, '-q')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(readFileSync(scratch.path('page.html'), 'utf8')).toContain('The files are the same');
    const piped = run('--html', '-', '--interactive', '--max-plots', '1', a, b);
    expect(piped.stdout.length).toBeGreaterThan(600_000);
    expect(piped.stdout.replaceAll(/<script>.*?<\/script>/gs, '').split('<svg').length).toBe(2);
    expect(piped.stderr).toContain('DIFFERENT');
  });

  it('refuses pages that would overwrite a file, and flags of pages without one', () => {
    expect(run('--html', a, a, b)).toMatchObject({ code: 2, stderr: expect.stringContaining('would overwrite') as string });
    for (const flags of [
      ['--json', 'r', '--junit', './r'],
      ['--json', '-', '--junit', '-'],
      ['--interactive'],
      ['--max-plots', '3'],
      ['--html', 'p.html', '--max-plots', '-1'],
      ['--html', 'none/p.html'],
    ]) {
      expect([flags, run(...flags, a, b).code]).toEqual([flags, 2]);
    }
  });

  it('holds a merged file against its inputs', async () => {
    const output = scratch.path('out.root');
    await merge([a, b], { output });
    expect(run('--merged', output, a, b).code).toBe(0);
    const swapped = run('--merged', output, b, a, '--json', 'r.json', '--junit', 'r.xml');
    expect(swapped.code).toBe(1);
    const report = JSON.parse(readFileSync(scratch.path('r.json'), 'utf8')) as DiffReport;
    expect(report).toMatchObject({ schemaVersion: 1, kind: 'merge', isSame: false, counts: { altered: 3 } });
    expect(readFileSync(scratch.path('r.xml'), 'utf8')).toContain('failures="3"');
    expect(run('--merged', output, a).stdout).toContain('added       /tree (TTree)');
  });
});

describe('pool-merge --check', () => {
  it('passes what is right, and refuses to be combined with what it cannot judge', () => {
    const inputs = [0, 1, 2].map((i) => fixture(`worker_${i}.root`));
    expect(scratch.run(['--check', ...inputs, '-o', 'checked.root']).code).toBe(0);
    expect(scratch.run(['--check', '--skip-bad', ...inputs, '-o', 'other.root'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--check does not go with --skip-bad') as string,
    });
  });

  it('works out sums of metadata, and names rows that are missing where none were to be summed', async () => {
    const inputs = [0, 1].map((i) => fixture(`pool/p6_${i}.root`));
    expect(scratch.run(['--check', '--metadata', 'sum', '-q', ...inputs, '-o', 'summed.root'])).toMatchObject({ code: 0, stderr: '' });
    await expect(checkAgainst(inputs, {})(scratch.path('summed.root'))).rejects.toThrow(
      '/MetaData (TTree): lost: entries: has 1, expected 2',
    );
    await expect(checkAgainst(inputs, { metadata: 'sum' })(scratch.path('summed.root'))).resolves.toBeUndefined();
  });

  it('names what a candidate lacks', async () => {
    const inputs = [0, 1, 2].map((i) => fixture(`worker_${i}.root`));
    const candidate = scratch.path('short.root');
    await merge(inputs.slice(0, 2), { output: candidate });
    await expect(checkAgainst(inputs, {})(candidate)).rejects.toThrow(VerificationError);
    await expect(checkAgainst(inputs, {})(candidate)).rejects.toThrow(/\(TTree\): lost: entries: has \d+, expected \d+/);
    await expect(checkAgainst(inputs.slice(0, 2), {})(candidate)).resolves.toBeUndefined();
  });
});
