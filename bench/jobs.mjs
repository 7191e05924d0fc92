/**
 * The workloads of the bench about jobs: what pool-run costs beside the bare processes, what workers bring, how fast
 * they write, what the merge takes.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const tool = join(here, '..', 'bin', 'pool-run.mjs');
const sample = join(here, '..', 'test', 'fixtures', 'worker_0.root');
const BARE_SECONDS = 2;

/** Seconds of the wall clock that a call takes; `work` may be asynchronous. */
async function seconds(work) {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** The smallest of several rounds. */
async function best(rounds, measure) {
  const all = [];
  for (let round = 0; round < rounds; round += 1) all.push(await measure());
  return Math.min(...all);
}

/** Runs pool-run in an empty folder; returns the folder. */
function poolRun(folder, ...args) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { status, stderr } = spawnSync(process.execPath, [tool, '-q', ...args], { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`pool-run ended with exit code ${status}: ${stderr}`);
  return folder;
}

/** A command that keeps a core busy for some seconds and leaves a file. */
const BUSY = [
  '-e',
  `require('node:fs').copyFileSync(${JSON.stringify(sample)}, 'hist.root'); const end = performance.now() + ${BARE_SECONDS * 1000}; while (performance.now() < end);`,
];

function bareProcesses(folder) {
  const run = (worker) =>
    new Promise((resolve, reject) => {
      const cwd = join(folder, `bare_${worker}`);
      mkdirSync(cwd, { recursive: true });
      const child = spawn(process.execPath, BUSY, { cwd, stdio: 'ignore' });
      child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`exit code ${code}`))));
    });
  return Promise.all([run(0), run(1)]);
}

async function overhead(folder, rounds) {
  const [bare, run] = [
    await best(rounds, () => seconds(() => bareProcesses(folder))),
    await best(rounds, () => seconds(() => poolRun(join(folder, 'run'), '-n', '2', '-o', 'm.root', '--', process.execPath, ...BUSY))),
  ];
  const atMost = 0.3 + 0.02 * bare;
  return {
    value: run - bare,
    reached: run - bare <= atMost,
    told: `${(run - bare).toFixed(2)} s more than bare processes (${bare.toFixed(2)} s), merge included; <= ${atMost.toFixed(2)} s`,
  };
}

async function speedUp(folder, rounds) {
  const job = join(here, 'cpu-job.mjs');
  const run = (...args) => best(rounds, () => seconds(() => poolRun(join(folder, 'run'), '--events', '1500', ...args, job)));
  const serial = await run('-n', '0');
  const [processes, threads] = [await run('-n', '2', '-o', 'm.root'), await run('-n', '2', '-o', 'm.root', '--worker-kind', 'thread')];
  const value = serial / processes;
  return {
    value,
    threads: serial / threads,
    reached: value >= 1.8,
    told: `${value.toFixed(2)} × the serial run (${serial.toFixed(2)} s), as threads ${(serial / threads).toFixed(2)} ×; >= 1.8`,
  };
}

async function treeWriter(folder, rounds) {
  const rate = async (compression) => {
    const slowest = await best(rounds, () => {
      const { stdout } = spawnSync(
        process.execPath,
        [join(here, 'tree-writer.mjs'), join(folder, 'w.root'), '20', '200000', String(compression)],
        { encoding: 'utf8' },
      );
      return 1 / JSON.parse(stdout).perSecond;
    });
    return 1 / slowest;
  };
  const [value, plain] = [await rate(505), await rate(0)];
  return {
    value,
    plain,
    reached: value >= 2e6,
    told: `${(value / 1e6).toFixed(1)} million entries × branches per second of CPU (uncompressed ${(plain / 1e6).toFixed(1)}); >= 2`,
  };
}

async function mergeStep(folder, rounds) {
  let sizeMB = 0;
  const value = await best(rounds, () => {
    const run = poolRun(join(folder, 'run'), '-n', '2', '-o', 'm.root', '--events', '5600', join(here, 'writing-job.mjs'));
    const report = JSON.parse(readFileSync(join(run, 'pool_workers', 'report.json'), 'utf8'));
    sizeMB = report.outputs[0].merge.output.sizeBytes / 1e6;
    return report.seconds.merge / (report.seconds.run + report.seconds.merge);
  });
  return {
    value,
    sizeMB,
    reached: value <= 0.1 && sizeMB >= 500,
    told: `${(100 * value).toFixed(1)} % of a job that writes ${sizeMB.toFixed(0)} MB; <= 10 %`,
  };
}

/** name → { text, measure }; `measure` works in a folder and gives `value`, `reached` and `told` in words. */
export const JOB_WORKLOADS = {
  overhead: { text: 'pool-run beside two bare processes', measure: overhead },
  'speed-up': { text: 'a job that computes, two workers', measure: speedUp },
  'tree-writer': { text: 'a tree of 20 flat branches, zstd', measure: treeWriter },
  'merge-step': { text: 'a job that only writes, two workers: its merge', measure: mergeStep },
};

/** Measures one workload in a folder that is empty again after it. */
export async function benchJob(name, folder, rounds) {
  mkdirSync(folder, { recursive: true });
  try {
    return await JOB_WORKLOADS[name].measure(folder, rounds);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
