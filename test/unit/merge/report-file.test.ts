import { existsSync, linkSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CorruptFileError, MergeConflictError, OutputError, UsageError } from '../../../src/errors.ts';
import { errorReport } from '../../../src/merge/report/error-report.ts';
import { checkReportPath, reportChunks, writeReportFile } from '../../../src/merge/report/report-file.ts';
import type { PlanReport, TargetReport } from '../../../src/merge/report/report.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pool-merge-report-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function report(count: number): PlanReport {
  const target = (i: number): TargetReport => ({
    path: `/h${i}`,
    className: 'TH1F',
    disposition: 'copy',
    reason: 'single-source',
    inputs: 1,
    cycles: 1,
  });
  return {
    schemaVersion: 1,
    kind: 'plan',
    inputs: [{ path: 'a.root', status: 'merged', sizeBytes: 5 }],
    totals: {
      inputs: 1,
      inputBytes: 5,
      directories: 0,
      targets: count,
      dispositions: { copy: count },
      entries: 0,
      bytesCopied: 0,
      bytesEncoded: 0,
    },
    targets: Array.from({ length: count }, (_, i) => target(i)),
    conflicts: [],
    diagnostics: [],
  };
}

describe('reports as JSON', () => {
  it.each([0, 1, 999, 1000, 1001, 2500])('%d objects: the pieces make one document', (count) => {
    const text = [...reportChunks(report(count))].join('');
    expect(JSON.parse(text)).toEqual(report(count));
    expect(text.endsWith('}\n')).toBe(true);
  });

  it('go to a file as a whole, replacing an older one', () => {
    const path = join(folder, 'report.json');
    writeFileSync(path, 'old');
    writeReportFile(path, reportChunks(report(3)));
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(report(3));
    expect(readdirSync(folder)).toEqual(['report.json']);
  });

  it('leave the older file when making the text fails', () => {
    const path = join(folder, 'report.json');
    writeFileSync(path, 'old');
    const failing = function* (): Generator<string> {
      yield '{';
      throw new Error('no more');
    };
    expect(() => writeReportFile(path, failing())).toThrow('no more');
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['report.json']);
  });
});

describe('the place of a report', () => {
  it('may be a new or an old file', () => {
    checkReportPath(join(folder, 'r.json'), ['a.root']);
    expect(existsSync(join(folder, 'r.json'))).toBe(false);
  });

  it('is refused when it is an input or the output under any name', () => {
    const input = join(folder, 'a.root');
    writeFileSync(input, 'root');
    symlinkSync(input, join(folder, 'soft'));
    linkSync(input, join(folder, 'hard'));
    for (const path of [input, `${folder}/./a.root`, join(folder, 'soft'), join(folder, 'hard')]) {
      expect(() => checkReportPath(path, ['b.root', input])).toThrow(UsageError);
    }
    expect(() => checkReportPath(join(folder, 'new.root'), [`${folder}//new.root`])).toThrow('the report would overwrite');
    expect(readFileSync(input, 'utf8')).toBe('root');
  });

  it('is refused when it is a directory or has none', () => {
    expect(() => checkReportPath(folder, [])).toThrow(UsageError);
    expect(() => checkReportPath(join(folder, 'none', 'r.json'), [])).toThrow(OutputError);
  });
});

describe('failures as JSON', () => {
  it('carry code, place and message', () => {
    expect(errorReport(new CorruptFileError('bad', { file: 'a.root', objectPath: '/h;1', offset: 7, expected: 1, found: 2 }))).toEqual({
      schemaVersion: 1,
      kind: 'error',
      error: {
        code: 'CORRUPT_FILE',
        message: 'a.root: /h;1: bad: expected 1, found 2 (at offset 7)',
        file: 'a.root',
        objectPath: '/h;1',
        offset: 7,
      },
      conflicts: [],
    });
  });

  it('carry all conflicts', () => {
    const conflict = { path: '/h', className: 'TH1F', file: 'b.root', code: 'axes-differ', reason: 'x' };
    expect(errorReport(new MergeConflictError([conflict, conflict])).conflicts).toEqual([conflict, conflict]);
  });

  it('of other kinds are internal', () => {
    expect(errorReport(new TypeError('oops')).error).toEqual({ code: 'INTERNAL', message: 'oops' });
    expect(errorReport('text').error).toEqual({ code: 'INTERNAL', message: 'text' });
  });
});
