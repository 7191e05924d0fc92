/**
 * What pool-diff must reach: pairs of files made by pool-merge from the inputs of the other workloads. `bytes`: what a
 * rate is taken of, stored bytes of one file or its uncompressed ones; `perSecond`: MB/s, `seconds`: at most, `peakMB`:
 * memory.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** name → { text, from: workload of the inputs, count: how many of them, code: exit code of pool-diff, and the targets } */
export const DIFF_WORKLOADS = {
  'diff-hist-equal': { text: '100 000 TH1F(100), equal', from: 'disjoint', count: 5, make: 'copy', code: 0, seconds: 3 },
  'diff-hist': { text: '100 000 TH1F(100), all differ', from: 'disjoint', count: 5, make: 'twice', code: 1, seconds: 3 },
  'diff-bigtree': { text: '600 MB, 20 branches, equal', from: 'bigtree', count: 8, make: 'copy', code: 0, perSecond: 1000 },
  'diff-wide': {
    text: '6 × 60 MB uncompressed, 1500 branches, compressed anew',
    from: 'wide',
    count: 6,
    make: 'recompress',
    code: 0,
    perSecond: 150,
    uncompressedMB: 6 * 60.2,
  },
};
/** Peak resident memory of pool-diff, MB. */
export const DIFF_PEAK_MB = 300;

/** Makes the pair in `folder` and returns both paths. */
function makePair(root, data, folder, { from, count, make }) {
  const names = readdirSync(join(data, from))
    .filter((name) => name.endsWith('.root'))
    .sort()
    .slice(0, count);
  const [left, right] = [join(folder, 'left.root'), join(folder, 'right.root')];
  const merge = (inputs, output, ...flags) => {
    const { status, stderr } = spawnSync(
      process.execPath,
      [join(root, 'bin', 'pool-merge.mjs'), '-q', '-f', ...flags, ...inputs, '-o', output],
      { encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(`the pair could not be made: ${stderr}`);
  };
  merge(
    names.map((name) => join(data, from, name)),
    left,
  );
  if (make === 'copy') copyFileSync(left, right);
  else if (make === 'twice') merge([left, left], right);
  else merge([left], right, '--compression', 'zlib:1');
  return [left, right];
}

/** Times pool-diff on one pair; `measure` runs a command and returns its cost (measure.py). */
export function benchDiff(name, { root, data, rounds, measure }) {
  const workload = DIFF_WORKLOADS[name];
  const folder = join(data, 'output', name);
  mkdirSync(folder, { recursive: true });
  try {
    const pair = makePair(root, data, folder, workload);
    const runs = Array.from({ length: rounds }, () => measure([process.execPath, join(root, 'bin', 'pool-diff.mjs'), '-q', ...pair]));
    const seconds = Math.min(...runs.map((run) => run.wallSeconds));
    const megabytes = workload.uncompressedMB ?? statSync(pair[0]).size / 1e6;
    const found = {
      seconds,
      perSecond: megabytes / seconds,
      peakMB: Math.max(...runs.map((run) => run.peakMB)),
      failed: runs.some((run) => run.code !== workload.code),
    };
    const isFast = workload.seconds === undefined ? found.perSecond >= workload.perSecond : seconds <= workload.seconds;
    return { ...found, reached: !found.failed && isFast && found.peakMB <= DIFF_PEAK_MB };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One line of the table of pool-diff. */
export function diffRow(name, { seconds, perSecond, peakMB, failed, reached }) {
  const { text, seconds: atMost, perSecond: atLeast } = DIFF_WORKLOADS[name];
  const target = atMost === undefined ? `>= ${atLeast} MB/s` : `<= ${atMost} s`;
  const cost = failed ? 'failed' : `${seconds.toFixed(3)} s, ${Math.round(perSecond)} MB/s, ${Math.round(peakMB)} MB`;
  return `| ${name}: ${text} | ${cost} | ${target}, <= ${DIFF_PEAK_MB} MB ${reached ? 'reached' : '**missed**'} |`;
}
