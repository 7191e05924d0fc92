import { describe, expect, it } from 'vitest';
import { exitCodeOfError, exitCodeOfReport } from '../../cli/outcome.ts';
import {
  AbortedError,
  CorruptFileError,
  InternalError,
  MergeConflictError,
  OutputError,
  UnreadableFileError,
  UnsupportedError,
  UsageError,
  VerificationError,
  type PlanReport,
} from '../../src/index.ts';

const report = (more: Partial<PlanReport>): PlanReport => ({ inputs: [], conflicts: [], ...more }) as unknown as PlanReport;

describe('exit codes', () => {
  it.each([
    [new UsageError('x'), 2],
    [new VerificationError('x'), 4],
    [new CorruptFileError('x'), 1],
    [new UnreadableFileError('x'), 1],
    [new UnsupportedError('x'), 1],
    [new OutputError('x'), 1],
    [new MergeConflictError([]), 1],
    [new InternalError('x'), 1],
    [new AbortedError(), 1],
    [new TypeError('x'), 1],
    ['x', 1],
  ])('of %s: %d', (err, code) => {
    expect(exitCodeOfError(err, undefined)).toBe(code);
  });

  it('of a signal: 128 + its number, unless the run failed by itself', () => {
    expect(exitCodeOfError(new AbortedError(), 'SIGHUP')).toBe(129);
    expect(exitCodeOfError(new AbortedError(), 'SIGINT')).toBe(130);
    expect(exitCodeOfError(new AbortedError(), 'SIGTERM')).toBe(143);
    expect(exitCodeOfError(new CorruptFileError('x'), 'SIGINT')).toBe(1);
  });

  it('of a report: 0, 3 with a skipped input, 1 with conflicts', () => {
    const skipped = { path: 'a', status: 'skipped' as const, sizeBytes: 0 };
    expect(exitCodeOfReport(report({}))).toBe(0);
    expect(exitCodeOfReport(report({ inputs: [{ ...skipped, status: 'merged' }] }))).toBe(0);
    expect(exitCodeOfReport(report({ inputs: [skipped] }))).toBe(3);
    expect(
      exitCodeOfReport(report({ inputs: [skipped], conflicts: [{ path: '/h', className: 'TH1F', file: '', code: 'c', reason: 'r' }] })),
    ).toBe(1);
  });
});
