/**
 * Times pool-merge beside `cat`, `hadd -ff` and `hadd -fk`, alternating in one run, and holds the ratios against
 * the targets.
 *
 *   node bench/run.mjs [--rounds N] [--tools cat,pool-merge] [WORKLOAD…]
 *
 * Workloads of jobs (jobs.mjs: overhead, speed-up, tree-writer, merge-step) are measured on their own and printed as lines.
 * Missing inputs are generated first (real ROOT; about 2.4 GB in bench/data, or in $POOL_MERGE_BENCH_DATA).
 * Prints a Markdown table; writes all figures to bench/out/DATE.json.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makeVenv } from '../test/interop/venv.mjs';
import { JOB_WORKLOADS, benchJob } from './jobs.mjs';
import { DIFF_WORKLOADS, benchDiff, diffRow } from './diffs.mjs';
import { PEAK_MB, REFERENCES_PER_SECOND, WORKLOADS } from './workloads.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..');
const data = process.env.POOL_MERGE_BENCH_DATA ?? join(here, 'data');
const python = makeVenv();

/** The ROOT package inside the virtual environment. */
function rootPackage() {
  const lib = join(root, '.venv', 'lib');
  const version = readdirSync(lib).find((name) => name.startsWith('python'));
  return join(lib, version, 'site-packages', 'ROOT');
}

/** tool → (output, inputs) → command; `cat` writes to standard output, which goes to the output file. */
const hadd = join(rootPackage(), 'bin', 'hadd');
const TOOLS = {
  cat: (output, inputs) => ['cat', ...inputs],
  'hadd -ff': (output, inputs) => [hadd, '-v', '0', '-ff', output, ...inputs],
  'hadd -fk': (output, inputs) => [hadd, '-v', '0', '-fk', output, ...inputs],
  'pool-merge': (output, inputs) => [process.execPath, join(root, 'bin', 'pool-merge.mjs'), '-q', '-f', ...inputs, '-o', output],
};

function measure(tool, workload, inputs) {
  const output = join(data, 'output', `${workload}.root`);
  rmSync(output, { force: true });
  const stdout = tool === 'cat' ? output : '/dev/null';
  const env = { ...process.env, LD_LIBRARY_PATH: join(rootPackage(), 'lib') };
  const { stdout: text } = spawnSync(python, [join(here, 'measure.py'), stdout, ...TOOLS[tool](output, inputs)], { encoding: 'utf8', env });
  rmSync(output, { force: true });
  return JSON.parse(text);
}

/** The cost of any command, whose output is dropped. */
function measureCommand(command) {
  return JSON.parse(spawnSync(python, [join(here, 'measure.py'), '/dev/null', ...command], { encoding: 'utf8' }).stdout);
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function summary(runs) {
  const walls = runs.map((run) => run.wallSeconds);
  return {
    minSeconds: Math.min(...walls),
    medianSeconds: median(walls),
    cpuSeconds: median(runs.map((run) => run.userSeconds + run.systemSeconds)),
    peakMB: Math.max(...runs.map((run) => run.peakMB)),
    failed: runs.some((run) => run.code !== 0),
  };
}

/** Follows all references of the POOL inputs; the best rate of the rounds. */
function benchReferences(rounds) {
  const folder = join(data, 'pool');
  const inputs = readdirSync(folder)
    .filter((name) => name.endsWith('.root'))
    .sort()
    .map((name) => join(folder, name));
  const output = join(data, 'output', 'references.json');
  const command = [process.execPath, join(root, 'bin', 'pool-ls.mjs'), '--refs', '--json', ...inputs];
  const runs = Array.from({ length: rounds }, () =>
    JSON.parse(spawnSync(python, [join(here, 'measure.py'), output, ...command], { encoding: 'utf8' }).stdout),
  );
  const { resolved, foreign, dangling } = JSON.parse(readFileSync(output, 'utf8'));
  rmSync(output);
  const references = resolved + foreign + dangling;
  const perSecond = references / Math.min(...runs.map((run) => run.wallSeconds));
  return {
    references,
    dangling,
    perSecond,
    peakMB: Math.max(...runs.map((run) => run.peakMB)),
    reached: dangling === 0 && perSecond >= REFERENCES_PER_SECOND,
  };
}

function benchOne(workload, tools, rounds) {
  const folder = join(data, workload);
  const inputs = readdirSync(folder)
    .filter((name) => name.endsWith('.root'))
    .sort()
    .map((name) => join(folder, name));
  const runs = Object.fromEntries(tools.map((tool) => [tool, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const tool of tools) runs[tool].push(measure(tool, workload, inputs));
  }
  return Object.fromEntries(tools.map((tool) => [tool, summary(runs[tool])]));
}

/** The verdict on one workload; undefined without both tools. */
function verdict(workload, results) {
  const { against, atMost, peakMB = PEAK_MB } = WORKLOADS[workload];
  const [ours, theirs] = [results['pool-merge'], results[against]];
  if (!ours || !theirs) return undefined;
  const ratio = ours.minSeconds / theirs.minSeconds;
  return {
    against,
    atMost,
    ratio,
    medianRatio: ours.medianSeconds / theirs.medianSeconds,
    reached: !ours.failed && ratio <= atMost && ours.peakMB <= peakMB,
  };
}

function cell(result) {
  if (!result) return '–';
  if (result.failed) return 'failed';
  return `${result.minSeconds.toFixed(3)} / ${result.medianSeconds.toFixed(3)} s, ${result.cpuSeconds.toFixed(2)} s CPU, ${Math.round(result.peakMB)} MB`;
}

function row(workload, tools, results) {
  const found = verdict(workload, results);
  const ratio = found
    ? `${found.ratio.toFixed(2)} (median ${found.medianRatio.toFixed(2)}) × ${found.against} | <= ${found.atMost} ${found.reached ? 'reached' : '**missed**'}`
    : '– | –';
  return `| ${workload}: ${WORKLOADS[workload].text} | ${tools.map((tool) => cell(results[tool])).join(' | ')} | ${ratio} |`;
}

function generate(names) {
  const missing = names.filter((name) => !existsSync(join(data, name)));
  if (missing.length === 0) return;
  console.error(`generating ${missing.join(', ')} …`);
  const { status } = spawnSync(python, ['-W', 'ignore', join(here, 'generate.py'), data, ...missing], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error('the inputs could not be generated');
}

/** Measures the workloads of jobs, a line each. */
async function benchJobs(names, rounds) {
  const all = {};
  for (const name of names) {
    all[name] = await benchJob(name, join(data, 'output', 'job'), rounds);
    console.log(`\n${name}: ${JOB_WORKLOADS[name].text}: ${all[name].told} ${all[name].reached ? 'reached' : '**missed**'}`);
  }
  return all;
}

/** Measures the workloads of pool-diff, a row each. */
function benchDiffs(names, rounds) {
  const all = {};
  if (names.length === 0) return all;
  console.log('\n| pool-diff | minimum wall time, rate, peak memory | target |\n|---|---|---|');
  for (const name of names) {
    all[name] = benchDiff(name, { root, data, rounds, measure: measureCommand });
    console.log(diffRow(name, all[name]));
  }
  return all;
}

/** Measures the workloads of files, a row each. */
function benchFiles(names, tools, rounds) {
  const all = {};
  if (names.length === 0) return all;
  console.log(`Minimum / median wall time of ${rounds} alternating rounds, CPU time, peak memory.\n`);
  console.log(`| workload | ${tools.join(' | ')} | ratio | target |`);
  console.log(`|---|${tools.map(() => '---|').join('')}---|---|`);
  for (const name of names) {
    const results = benchOne(name, tools, rounds);
    all[name] = { ...results, verdict: verdict(name, results) };
    console.log(row(name, tools, results));
  }
  return all;
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { rounds: { type: 'string', default: '5' }, tools: { type: 'string', default: Object.keys(TOOLS).join(',') } },
  });
  const names =
    positionals.length > 0 ? positionals : [...Object.keys(WORKLOADS), ...Object.keys(DIFF_WORKLOADS), ...Object.keys(JOB_WORKLOADS)];
  const tools = values.tools.split(',');
  const rounds = Number(values.rounds);
  const unknown = [
    ...names.filter((name) => !WORKLOADS[name] && !DIFF_WORKLOADS[name] && !JOB_WORKLOADS[name]),
    ...tools.filter((tool) => !TOOLS[tool]),
  ];
  if (unknown.length > 0) throw new Error(`unknown: ${unknown.join(', ')}`);
  const files = names.filter((name) => WORKLOADS[name]);
  const diffs = names.filter((name) => DIFF_WORKLOADS[name]);
  generate([...new Set([...files, ...diffs.map((name) => DIFF_WORKLOADS[name].from)])]);
  mkdirSync(join(data, 'output'), { recursive: true });
  const all = benchFiles(files, tools, rounds);
  if (names.includes('pool')) {
    const found = (all.references = benchReferences(rounds));
    console.log(
      `\npool-ls --refs: ${found.references} references, ${Math.round(found.perSecond)} per second, ${Math.round(found.peakMB)} MB; >= ${REFERENCES_PER_SECOND} ${found.reached ? 'reached' : '**missed**'}`,
    );
  }
  Object.assign(all, benchDiffs(diffs, rounds));
  Object.assign(
    all,
    await benchJobs(
      names.filter((name) => JOB_WORKLOADS[name]),
      rounds,
    ),
  );
  mkdirSync(join(here, 'out'), { recursive: true });
  const date = new Date().toISOString().slice(0, 19).replaceAll(':', '');
  const machine = { cores: cpus().length, node: process.version };
  writeFileSync(join(here, 'out', `${date}.json`), `${JSON.stringify({ date, machine, rounds, results: all }, null, 1)}\n`);
}

await main();
