/** The tools with HDF5 and Arrow files. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkAgainst } from '../../cli/check-candidate.ts';
import { VerificationError } from '../../src/index.ts';
import { openArrowFile } from '../../src/io/arrow/arrow-file.ts';
import { poolRun, reportOf } from '../run-tool.ts';
import { Scratch, canMount, fixture, type ToolResult } from '../scratch.ts';
import { ipcBytes, plainTable, sampleTable } from '../unit/arrow/arrow-samples.ts';
import { layoutOf } from '../unit/hdf5/hdf5-samples.ts';

function copyHdf5(scratch: Scratch): string[] {
  return [0, 1].map((i) => scratch.copy(`hdf5/old_${i}.h5`, `${i}.h5`));
}

describe('pool-merge', () => {
  it('merges HDF5 files: plan, report, verification', async () => {
    using scratch = new Scratch();
    copyHdf5(scratch);
    const dry = scratch.run(['0.h5', '1.h5', '-n']);
    expect(dry.code).toBe(0);
    expect(dry.stdout).toContain('plan: 2 files (42.8 kB); 15 objects (13 concat, 2 first), 273 entries; nothing was written');
    expect(scratch.list()).toEqual(['0.h5', '1.h5']);
    const { code, stdout } = scratch.run(['*.h5', '-o', 'out.h5', '--json', '-', '-q', '--verify', 'full']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'merge', totals: { targets: 15 }, verified: { level: 'full' }, conflicts: [] });
    expect((await layoutOf(scratch.path('out.h5'), 'matrix')).shape).toEqual([21, 2, 3]);
  });

  it('merges Arrow files, and writes a stream under a name that asks for it', () => {
    using scratch = new Scratch();
    scratch.put('a.arrow', ipcBytes(plainTable(3), 'file'));
    scratch.put('b.feather', ipcBytes(plainTable(4), 'file'));
    const { code, stdout } = scratch.run(['a.arrow', 'b.feather', '-o', 'out.arrows']);
    expect(code).toBe(0);
    expect(stdout).toContain('1 object (1 concat), 7 entries; verified (fast)');
    expect(openArrowFile(scratch.path('out.arrows')).format).toBe('stream');
  });

  it('ends with 1 and all conflicts, with 2 for wrong use, with 3 when an input was left out', () => {
    using scratch = new Scratch();
    copyHdf5(scratch);
    scratch.put('a.arrow', ipcBytes(plainTable(3), 'file'));
    scratch.put('b.arrow', ipcBytes(sampleTable(3), 'file'));
    scratch.put('bad.h5', '');
    scratch.put('x.parquet', 'PAR1....PAR1');
    const text = (args: readonly string[]): string => {
      const { code, stderr } = scratch.run(args);
      return `${code} ${stderr}`;
    };
    expect(text(['a.arrow', 'b.arrow', '-o', 'o.arrow'])).toMatch(/^1 error: 4 conflicts, nothing was written/);
    expect(text(['a.arrow', '0.h5', '-o', 'o.arrow'])).toMatch(
      /^2 error: inputs of different formats cannot be merged: a.arrow is Arrow, 0.h5 is HDF5/,
    );
    expect(text(['a.arrow', '-o', 'o.arrow', '--compression', 'zstd:5'])).toMatch(
      /^2 error: option compression has no meaning for Arrow files/,
    );
    expect(text(['0.h5', '1.h5', '-o', 'o.h5', '--check', '--skip-bad'])).toMatch(/^2 error: --check does not go with --skip-bad/);
    expect(text(['0.h5', '1.h5', '-o', '1.h5', '-f'])).toMatch(/^2 error: 1.h5: the output is also an input/);
    expect(text(['x.parquet', '-o', 'o.h5'])).toMatch(/^1 error: x.parquet: Parquet files are not merged/);
    expect(text(['0.h5', 'bad.h5', '-o', 'o.h5'])).toMatch(/^1 error: bad.h5: file is empty/);
    expect(scratch.list()).toEqual(['0.h5', '1.h5', 'a.arrow', 'b.arrow', 'bad.h5', 'x.parquet']);
    expect(text(['0.h5', 'bad.h5', '-o', 'o.h5', '-k'])).toMatch(/^3 warning: bad.h5: skipped: file is empty/);
  });
});

describe('pool-merge --check', () => {
  it('passes what is right, and names what a candidate lacks', async () => {
    using scratch = new Scratch();
    const inputs = copyHdf5(scratch);
    const tables = [0, 4].map((from, i) => scratch.put(`${i}.arrow`, ipcBytes(plainTable(4, from), 'file')));
    expect(scratch.run(['*.h5', '-o', 'out.h5', '--check', '-q'])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(scratch.run(['*.arrow', '-o', 'out.arrow', '--check', '-q'])).toEqual({ code: 0, stdout: '', stderr: '' });
    await expect(checkAgainst(inputs, {})(inputs[0] ?? '')).rejects.toThrow(VerificationError);
    await expect(checkAgainst(inputs, {})(inputs[0] ?? '')).rejects.toThrow('/contiguous (float64): lost: rows: has 10, expected 21');
    await expect(checkAgainst(tables, {})(tables[0] ?? '')).rejects.toThrow('/ (Arrow table): lost: rows: has 4, expected 8');
  });
});

describe('pool-diff', () => {
  const diff = (scratch: Scratch, ...args: string[]): ToolResult => scratch.runOther('pool-diff', args);

  it('ends with 0 for same, 1 for different, 2 for wrong use', () => {
    using scratch = new Scratch();
    copyHdf5(scratch);
    for (const i of [0, 1]) scratch.put(`${i}.arrow`, ipcBytes(plainTable(4, i), 'file'));
    const same = diff(scratch, '0.h5', '0.h5');
    expect([same.code, same.stdout]).toEqual([0, expect.stringMatching(/^0.h5 against 0.h5: same; 20 objects \(20 same\)/)]);
    const different = diff(scratch, '0.arrow', '1.arrow', '--max-diffs', '1');
    expect([different.code, different.stdout]).toEqual([
      1,
      expect.stringMatching(
        /^different {3}\/id \(Int\(bitWidth=32, is_signed=true\)\): 4 differences\n {14}values\[0\]: left 0, right 1\n {14}\.\.\. and 3 more\n {14}4 of 4 values differ, the first at values\[0\]; largest difference 1 at values\[0\]\n/,
      ),
    ]);
    const wrong = diff(scratch, '0.h5', '1.h5', '--match', 'x', '--atlas-defaults');
    expect([wrong.code, wrong.stderr]).toEqual([
      2,
      expect.stringContaining('error: options match, atlas-defaults have no meaning for HDF5 files'),
    ]);
    expect(diff(scratch, '0.h5', '0.arrow').code).toBe(2);
  });

  it('holds merged files against their inputs, by the rules they were merged by; as text, JSON, JUnit and a page', () => {
    using scratch = new Scratch();
    copyHdf5(scratch);
    scratch.run(['0.h5', '1.h5', '-o', 'out.h5', '-q', '--sum', '/scalar']);
    const right = diff(scratch, '--merged', 'out.h5', '0.h5', '1.h5', '--sum', '/scalar', '--json', '-');
    expect([right.code, JSON.parse(right.stdout)]).toMatchObject([0, { kind: 'merge', isSame: true, counts: { right: 20 } }]);
    const reports = ['--junit', 'j.xml', '--html', 'page.html', '--json', 'r.json'];
    expect(diff(scratch, '--merged', 'out.h5', '1.h5', '0.h5', '--sum', '/scalar', '-q', ...reports).code).toBe(1);
    expect(readFileSync(scratch.path('j.xml'), 'utf8')).toContain('tests="20" failures="13" skipped="0"');
    expect(readFileSync(scratch.path('page.html'), 'utf8')).toContain('/group/inner/counts');
    expect(JSON.parse(readFileSync(scratch.path('r.json'), 'utf8'))).toMatchObject({ isSame: false, counts: { right: 7, altered: 13 } });
  });
});

describe.skipIf(!canMount())('a full disk', () => {
  it.each([
    ['HDF5', ['0.h5', '1.h5'], 'o.h5', 22_000],
    ['Arrow', ['a.arrow', 'a.arrow'], 'o.arrow', 20_000],
  ])('is told, and nothing is left: %s', (_, inputs, output, sizeBytes) => {
    using scratch = new Scratch();
    copyHdf5(scratch);
    scratch.put('a.arrow', ipcBytes(plainTable(2000), 'file'));
    const { code, stdout, stderr } = scratch.runWithSmallDisk(scratch.path('disk'), sizeBytes, [
      ...inputs,
      '-o',
      scratch.path('disk', output),
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/cannot (write|complete) the output: .*no space left on device/i);
    expect(stdout).toContain('left:');
    expect(stdout.split('left:')[1]?.trim()).toBe('');
  });
});

describe('pool-run', () => {
  it('merges what workers wrote in all formats, and tells what it leaves', async () => {
    using scratch = new Scratch();
    scratch.put('t.arrow', ipcBytes(plainTable(5), 'file'));
    const folder = JSON.stringify(`${fixture('')}/`);
    scratch.put(
      'job.mjs',
      `import { copyFileSync, writeFileSync } from 'node:fs';
const worker = process.env.POOL_WORKER;
copyFileSync(${folder} + 'hdf5/latest_' + worker + '.h5', 'data.h5');
copyFileSync(${folder} + 'worker_' + worker + '.root', 'hist.root');
copyFileSync(process.env.POOL_SUBMIT_DIR + '/t.arrow', 'table.arrow');
writeFileSync('notes.txt', 'left');`,
    );
    const { code, stderr } = poolRun(scratch, ['-n', '2', '-o', 'out/', '--compression', 'zstd:5', '--', 'node', 'job.mjs']);
    expect(code).toBe(0);
    expect(stderr).toContain('2 of the workers wrote files of other formats');
    expect(scratch.list('out')).toEqual(['data.h5', 'hist.root', 'table.arrow']);
    expect((await layoutOf(scratch.path('out', 'data.h5'), 'contiguous')).shape).toEqual([21]);
    expect(openArrowFile(scratch.path('out', 'table.arrow')).messages.map(({ rowCount }) => rowCount)).toEqual([5, 5]);
    expect(reportOf(scratch).workers.map(({ files, otherFiles }) => [files, otherFiles])).toEqual(
      Array.from({ length: 2 }, () => [['data.h5', 'hist.root', 'table.arrow'], ['notes.txt']]),
    );
    expect(scratch.list('pool_workers/worker_1')).toEqual(['notes.txt']);
  });

  it('names a worker that left an HDF5 or Arrow file open', () => {
    using scratch = new Scratch();
    for (const [name, sample] of [
      ['data.h5', readFileSync(fixture('hdf5/old_0.h5'))],
      ['table.arrow', ipcBytes(plainTable(5), 'file')],
    ] as const) {
      scratch.put('whole', sample);
      scratch.put(
        'job.mjs',
        `import { readFileSync, writeFileSync } from 'node:fs';
const bytes = readFileSync(process.env.POOL_SUBMIT_DIR + '/whole');
writeFileSync('${name}', process.env.POOL_WORKER === '1' ? bytes.subarray(0, bytes.length - 100) : bytes);`,
      );
      const { code, stderr } = poolRun(scratch, ['-n', '2', '-o', 'out', '--', 'node', 'job.mjs']);
      expect(code).toBe(1);
      expect(stderr).toContain(`worker 1 left ${name} incomplete`);
    }
  });
});
