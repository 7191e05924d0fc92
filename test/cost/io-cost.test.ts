/** What a merge costs in system calls and bytes: limits that a careless change breaks. */
import { statSync } from 'node:fs';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { merge, type MergeOptions } from '../../src/index.ts';
import { Scratch, fixture } from '../scratch.ts';

const io = vi.hoisted(() => ({ opens: 0, reads: 0, bytesRead: 0, writes: 0, bytesWritten: 0, syncs: 0 }));

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return {
    ...fs,
    openSync: (...args: Parameters<typeof fs.openSync>) => ((io.opens += 1), fs.openSync(...args)),
    fsyncSync: (fd: number) => ((io.syncs += 1), fs.fsyncSync(fd)),
    readSync: (fd: number, target: Uint8Array, start: number, length: number, position: number) => {
      const done = fs.readSync(fd, target, start, length, position);
      io.reads += 1;
      io.bytesRead += done;
      return done;
    },
    writeSync: (fd: number, bytes: Uint8Array, start: number, length: number, position: number) => {
      const done = fs.writeSync(fd, bytes, start, length, position);
      io.writes += 1;
      io.bytesWritten += done;
      return done;
    },
  };
});

interface Cost {
  inputBytes: number;
  outputBytes: number;
  io: typeof io;
}

async function costOf(inputs: readonly string[], options: Partial<MergeOptions> = {}): Promise<Cost> {
  using scratch = new Scratch();
  Object.assign(io, { opens: 0, reads: 0, bytesRead: 0, writes: 0, bytesWritten: 0, syncs: 0 });
  const report = await merge(inputs, { output: scratch.path('out.root'), verify: 'none', ...options });
  const inputBytes = inputs.reduce((sum, path) => sum + statSync(path).size, 0);
  return { inputBytes, outputBytes: report.output.sizeBytes, io: { ...io } };
}

/** `count` inputs: the three sample files of a family in turn. */
function samples(family: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => fixture(`${family}_${i % 3}.root`));
}

beforeEach(() => {
  Object.assign(io, { opens: 0, reads: 0, bytesRead: 0, writes: 0, bytesWritten: 0, syncs: 0 });
});

describe.each(['worker', 'hists', 'flat', 'ntuple', 'others', 'objects', 'dirnames'])('merging 30 inputs like %s', (family) => {
  it('opens each once, writes each byte once in large pieces, syncs file and directory', async () => {
    const { outputBytes, io: cost } = await costOf(samples(family, 30));
    expect(cost.opens).toBe(30 + 2); // the output, and its directory to sync it
    expect(cost.syncs).toBe(2);
    expect(cost.bytesWritten).toBeLessThan(outputBytes + 2000); // patched directory records and header
    expect(cost.writes).toBeLessThan(16 + outputBytes / 100_000);
  });

  it('reads in proportion to the number of inputs', async () => {
    const [three, thirty] = [await costOf(samples(family, 3)), await costOf(samples(family, 30))];
    expect(thirty.io.reads).toBeLessThan(15 * three.io.reads);
    expect(thirty.io.bytesRead).toBeLessThan(15 * three.io.bytesRead);
  });

  it('verifies fast with few reads of the output', async () => {
    const [without, with_] = [await costOf(samples(family, 30)), await costOf(samples(family, 30), { verify: 'fast' })];
    expect(with_.io.reads - without.io.reads).toBeLessThan(6 + without.outputBytes / 40_000);
    expect(with_.io.bytesWritten).toBe(without.io.bytesWritten);
  });
});

describe('files of some size', () => {
  it('are read once, and little more', async () => {
    using scratch = new Scratch();
    const large = scratch.path('large.root');
    await merge(samples('worker', 60), { output: large });
    const { inputBytes, io: cost } = await costOf([large, large, large]);
    expect(inputBytes).toBeGreaterThan(4_000_000);
    expect(cost.bytesRead).toBeLessThan(1.3 * inputBytes);
    expect(cost.reads).toBeLessThan(4 * 3 * 60); // 60 clusters of the RNTuple in each, whose pages are copied one cluster at a time
    expect(cost.writes).toBeLessThan(60);
  });
});
