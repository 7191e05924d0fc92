/** Merged histograms beside those of the real hadd: bins, errors, statistics and entries equal to the last bit. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Diagnostics } from '../../src/diagnostics.ts';
import { createSink } from '../../src/io/bytes/sink.ts';
import { executePlan } from '../../src/merge/execute.ts';
import { histogramMerger } from '../../src/merge/histogram/histogram-merger.ts';
import { openInputs } from '../../src/merge/open-inputs.ts';
import { pathFilter } from '../../src/path-filter.ts';
import { MergePlan } from '../../src/merge/plan/plan.ts';
import { planTargets } from '../../src/merge/plan/plan-targets.ts';
import { Progress } from '../../src/merge/progress.ts';
import { fixture } from '../scratch.ts';
import { POLICY } from '../unit/histogram/sample-histograms.ts';
import { CORPUS, corpusFiles } from './corpus.ts';
import { answered, Oracle } from './oracle.ts';

const SEEDS = [1, 2, 3];
/** What a known loss of hadd may touch. Statistics: they are worked out from the errors where a range is set on an axis. */
const LOST: ReadonlySet<string> = new Set(['errors', 'bin errors', 'statistics']);

let oracle: Oracle;
beforeAll(() => {
  oracle = new Oracle();
});
afterAll(() => oracle.close());

/** Merges the histograms of some files and nothing else; returns their number. */
async function mergeHistograms(paths: readonly string[], output: string): Promise<number> {
  const [progress, diagnostics] = [new Progress(), new Diagnostics()];
  using open = await openInputs(paths, POLICY, progress);
  const plan = new MergePlan(open.files);
  planTargets(plan, pathFilter([], []), diagnostics);
  const all = Array.from({ length: plan.targets.count }, (_, target) => target);
  const targets = all.filter((target) => plan.family(target) === 'histogram' && plan.disposition(target) !== 'refuse');
  for (const target of all.filter((each) => !targets.includes(each))) {
    plan.decide(target, 'skip', 'excluded');
    plan.targets.slotCount.set(target, 0);
  }
  plan.conflicts.length = 0;
  const ctx = { plan, policy: POLICY, diagnostics };
  const work = histogramMerger.plan(targets, ctx);
  plan.assignSlots();
  using sink = createSink(output, { force: true });
  await executePlan({ ...ctx, works: [work], infos: open.infos, progress }, sink);
  sink.commit();
  return targets.length;
}

/** What differs between our merge and hadd's, by path. */
async function beside(folder: string, inputs: readonly string[]): Promise<{ count: number; differences: Record<string, string[]> }> {
  const [ours, theirs] = [join(folder, 'ours.root'), join(folder, 'hadd.root')];
  const count = await mergeHistograms(inputs, ours);
  if (count === 0) return { count, differences: {} };
  const hadd = answered(await oracle.haddRun(['-v', '0', '-T', '-ff', '-f', theirs, ...inputs]));
  expect(hadd.rc).toBe(0);
  const compared = answered(await oracle.compareHistograms(theirs, ours));
  expect(compared.count).toBe(count);
  return compared;
}

describe.each(SEEDS)('cases of seed %i', (seed) => {
  const folder = mkdtempSync(join(tmpdir(), 'pool-merge-histograms-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('are the sums of hadd, and where hadd loses errors, those worked out from the inputs', async () => {
    const { files, losses } = answered(await oracle.histogramCases(folder, seed));
    const { count, differences } = await beside(folder, files);
    expect(count).toBe(Object.keys(losses).length);
    for (const [path, what] of Object.entries(differences)) {
      expect(losses[path.slice(1)], `${path}: ${what.join()}`).not.toBeNull();
      expect(
        what.filter((each) => !LOST.has(each)),
        path,
      ).toEqual([]);
    }
    const sum = answered(await oracle.compareSum(join(folder, 'ours.root'), files));
    // Statistics inside a range are worked out anew from the summed bins by every reader; hadd's were compared above.
    expect(sum.differences.filter(({ path, what }) => typeof losses[path] === 'string' && !what.startsWith('statistics'))).toEqual([]);
  });
});

it('the fixtures are the sums of hadd', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pool-merge-histograms-'));
  try {
    const { differences } = await beside(
      folder,
      [0, 1, 2].map((worker) => fixture(`hists_${worker}.root`)),
    );
    expect(differences).toEqual({});
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe.skipIf(CORPUS === undefined)('the corpus', () => {
  it("gives hadd's sums wherever hadd merges it", async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pool-merge-histograms-'));
    const differing: Record<string, unknown> = {};
    let histograms = 0;
    try {
      for (const file of corpusFiles(CORPUS as string)) {
        const inputs = ['a', 'b'].map((name) => join(folder, `${name}.root`));
        for (const input of inputs) copyFileSync(join(CORPUS as string, file), input);
        const result = await beside(folder, inputs).catch((err: unknown) => String(err));
        if (typeof result === 'string') continue; // refused as a whole, or hadd fails: corpus.test.ts tells which
        histograms += result.count;
        if (Object.keys(result.differences).length > 0) differing[file] = result.differences;
      }
      expect(differing).toEqual({});
      expect(histograms).toBeGreaterThan(370);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
