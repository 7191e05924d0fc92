import { describe, expect, it } from 'vitest';
import { lineLength, progressLine, startProgressBar } from '../../cli/progress-bar.ts';
import { mergeSummary, planText, targetTable } from '../../cli/merge-render.ts';
import { formatBytes, formatCount, printable } from '../../cli/text-pieces.ts';
import type { MergeReport, PlanReport, TargetReport } from '../../src/index.ts';

const target = (path: string, more: Partial<TargetReport> = {}): TargetReport => ({
  path,
  className: 'TH1F',
  disposition: 'add',
  reason: 'mergeable',
  inputs: 2,
  cycles: 1,
  ...more,
});

function plan(targets: TargetReport[]): PlanReport {
  return {
    schemaVersion: 1,
    kind: 'plan',
    inputs: [],
    totals: {
      inputs: 2,
      inputBytes: 66_000,
      directories: 1,
      targets: targets.length,
      dispositions: { add: targets.length },
      entries: 0,
      bytesCopied: 0,
      bytesEncoded: 0,
    },
    targets,
    conflicts: [],
    diagnostics: [],
  };
}

function merged(): MergeReport {
  const report = plan([target('/h'), target('/t', { className: 'TTree', disposition: 'concat', entries: 1234567 })]);
  return {
    ...report,
    kind: 'merge',
    totals: { ...report.totals, dispositions: { add: 1, concat: 1 }, entries: 1234567 },
    inputs: [{ path: 'bad.root', status: 'skipped', sizeBytes: 0, reason: 'file is empty' }],
    output: { path: 'out.root', sizeBytes: 40_000 },
    verified: { level: 'fast', records: 9, objects: 2 },
  };
}

describe('amounts', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [33_333, '33.3 kB'],
    [999_600, '1.0 MB'],
    [150e6, '150 MB'],
    [2.5e12, '2.5 TB'],
    [4e15, '4000 TB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it('counts have a plural and groups of three digits', () => {
    expect([formatCount(1, 'file'), formatCount(0, 'file'), formatCount(1234567, 'entry')]).toEqual([
      '1 file',
      '0 files',
      '1 234 567 entries',
    ]);
  });
});

describe('reports as text', () => {
  it('a merge is one line', () => {
    expect(mergeSummary(merged(), 0.1234)).toBe(
      '2 files (66.0 kB) merged into out.root (40.0 kB); 2 objects (1 add, 1 concat), 1 234 567 entries; 1 input skipped; verified (fast); 0.12 s',
    );
  });

  it('a table is aligned, numbers to the right', () => {
    expect(targetTable(merged(), false)).toEqual([
      'what    inputs  cycles  entries  class  object',
      'add          2       1           TH1F   /h',
      'concat       2       1  1234567  TTree  /t',
    ]);
  });

  it('a plan lists the first objects, with --verbose all', () => {
    const long = plan(Array.from({ length: 50 }, (_, i) => target(`/h${i}`)));
    expect(planText(long, false).split('\n').slice(-2)).toEqual([
      '... and 10 more objects (--verbose lists all)',
      'plan: 2 files (66.0 kB); 50 objects (50 add); nothing was written',
    ]);
    expect(planText(long, true).split('\n')).toHaveLength(52);
  });

  it('a plan with conflicts shows them all', () => {
    const report = plan([target('/h', { disposition: 'refuse', reason: 'conflict' })]);
    report.conflicts.push({ path: '/h', className: 'TH1F', file: 'b.root', code: 'axes-differ', reason: 'x axis: 10 bins, not 7' });
    expect(planText(report, false)).toContain('conflict: /h (TH1F): b.root: x axis: 10 bins, not 7 [axes-differ]');
    expect(planText(report, false)).toContain('1 conflict: this merge would be refused');
  });

  it('names from files cannot steer the terminal', () => {
    expect(printable('a\u001b[31mb\u0007\u009bc')).toBe('a\\x1b[31mb\\x07\\x9bc');
  });
});

describe('the progress bar', () => {
  it('shows step, share, amount and speed', () => {
    expect(progressLine({ step: 'execute', done: 50e6, total: 200e6 }, 2)).toBe(
      'execute [######..................]  25 %  50.0 MB of 200 MB  25.0 MB/s',
    );
    expect(progressLine({ step: 'open', done: 3, total: 0 }, 0)).toBe('open    [........................]   0 %  3 of 0');
  });

  it('draws on terminals only', () => {
    expect(startProgressBar({ write: () => true })).toBeUndefined();
  });

  it('waits, draws at most ten times a second, fits the terminal and cleans up', () => {
    let now = 0;
    const written: string[] = [];
    expect([
      lineLength({ columns: 40, write: () => undefined }),
      lineLength({ columns: 0, write: () => undefined }),
      lineLength({ write: () => undefined }),
    ]).toEqual([39, 79, 79]);
    const bar = startProgressBar({ isTTY: true, columns: 40, write: (text) => written.push(text) }, () => now);
    const draw = (time: number): void => {
      now = time;
      bar?.listener({ step: 'execute', done: 1e6, total: 4e6 });
    };
    for (const time of [10, 299, 310, 350, 420]) draw(time);
    expect(written).toHaveLength(2);
    expect(written[0]?.replace('\r\u001b[2K', '')).toHaveLength(39);
    bar?.clear();
    expect(written.at(-1)).toBe('\r\u001b[2K');
  });

  it('leaves the screen alone when nothing was drawn', () => {
    const written: string[] = [];
    startProgressBar({ isTTY: true, write: (text) => written.push(text) }, () => 0)?.clear();
    expect(written).toEqual([]);
  });
});
