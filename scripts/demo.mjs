/**
 * `npm run demo`: on a fresh clone, set up, merge the sample files of three workers, show what happened and what came out; then run a
 * job over four workers and hold what it merged against what they wrote.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setUp } from './setup.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
/** What the job writes. */
const OUTPUTS = ['hist.root', 'events.root', 'events.pool.root'];
const inputs = [0, 1, 2].map((worker) => join('test', 'fixtures', `worker_${worker}.root`));

function heading(text) {
  console.log(`\n== ${text}`);
}

/** Runs a tool as a user would, shows its output. */
function run(name, ...args) {
  console.log(`$ ${name} ${args.join(' ')}`);
  const { status, error } = spawnSync(process.execPath, [join(root, 'bin', `${name}.mjs`), ...args], { cwd: root, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) throw new Error(`${name} ended with exit code ${status}`);
}

/** 10 000 events by four workers: histograms, a tree and an RNTuple, a POOL file, each merged and held against what the workers wrote. */
function runJob(folder) {
  const [output, workers] = [`${join(folder, 'job')}/`, join(folder, 'workers')];
  heading('a job over four workers, its files merged');
  run('pool-run', '-n', '4', '--events', '10000', '--dir', workers, '--keep-workers', '-o', output, join('scripts', 'demo-job.mjs'));
  run('pool-ls', '-l', ...OUTPUTS.map((name) => join(output, name)));
  heading('every reference of the merged POOL file, followed');
  run('pool-ls', '--refs', join(output, 'events.pool.root'));
  heading('the merged files against those of the workers');
  for (const name of OUTPUTS) {
    run('pool-diff', '--merged', join(output, name), ...[0, 1, 2, 3].map((worker) => join(workers, `worker_${worker}`, name)));
  }
}

/** The report's figures: how each object came about, and how many bytes were only copied. */
function showReport({ totals, verified, output }) {
  console.log(
    `dispositions  ${Object.entries(totals.dispositions)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ')}`,
  );
  console.log(`bytes         ${totals.bytesCopied} copied as they were, ${totals.bytesEncoded} written anew, file ${output.sizeBytes}`);
  console.log(`verified      ${verified.level}: ${verified.records} records, ${verified.objects} objects`);
}

/** Keys of the merged file, read back with the library, with the entries the report gives. */
async function listResult(output, { targets }) {
  const { openRootFile } = await import('../dist/src/index.js');
  const entriesOf = new Map(targets.map(({ path, entries }) => [path, entries]));
  const file = openRootFile(output);
  for (const { path, keys } of file.directories) {
    for (let i = 0; i < keys.count; i++) {
      const full = `${path === '/' ? '' : path}/${keys.name(i)}`;
      const entries = entriesOf.get(full);
      console.log(`${keys.className(i).padEnd(20)} ${full};${keys.cycle(i)}${entries === undefined ? '' : `  ${entries} entries`}`);
    }
  }
  file.close();
}

async function main() {
  await setUp();
  const folder = mkdtempSync(join(tmpdir(), 'pool-merge-demo-'));
  const [output, json] = [join(folder, 'merged.root'), join(folder, 'report.json')];
  try {
    heading('the plan: what would happen to every object, and why');
    run('pool-merge', '--dry-run', ...inputs);
    heading('the merge');
    run('pool-merge', ...inputs, '-o', output, '--json', json);
    const report = JSON.parse(readFileSync(json, 'utf8'));
    heading('the report (--json)');
    showReport(report);
    heading('what is in the merged file');
    await listResult(output, report);
    runJob(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

try {
  await main();
} catch (err) {
  console.error(`demo: ${err.message}`);
  process.exitCode = 1;
}
