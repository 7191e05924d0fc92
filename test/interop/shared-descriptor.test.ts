/**
 * A demonstration: why workers open their inputs anew (io_reinitialize). Forked processes that share a descriptor read
 * what another one asked for.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Scratch } from '../scratch.ts';

const PYTHON = fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));
const SCRIPT = fileURLToPath(new URL('oracle/shared_descriptor.py', import.meta.url));
const ROUNDS = 10;

function demonstrate(...args: string[]): Record<string, number> {
  using scratch = new Scratch();
  const [mode = '', ...rest] = args;
  // ROOT tells of every wrong byte it meets.
  return JSON.parse(
    execFileSync(PYTHON, [SCRIPT, mode, scratch.folder, ...rest], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 280_000,
    }),
  ) as Record<string, number>;
}

describe('processes that share an input descriptor', () => {
  it('read each other’s records whenever one moves the position before the other reads; with descriptors of their own never', () => {
    expect(demonstrate('plain')).toEqual({ records: 1000, wrong: 1000, wrongReopened: 0 });
  });

  it('read wrong entries of a tree with ROOT, or die, sooner or later; with descriptors of their own never', () => {
    const { rounds, wrong = 0, died = 0, ...reopened } = demonstrate('root', String(ROUNDS));
    expect(wrong + died).toBeGreaterThan(0);
    expect(rounds).toBeLessThanOrEqual(ROUNDS);
    expect(reopened).toEqual({ wrongReopened: 0, diedReopened: 0 });
  });
});
