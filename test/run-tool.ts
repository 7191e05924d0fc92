/** pool-run as a process, and jobs for it that copy sample files. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { JobReport } from '../src/index.ts';
import { fixture, type Scratch, type ToolResult } from './scratch.ts';

/** pool-run as it is installed. */
export const TOOL = fileURLToPath(new URL('../bin/pool-run.mjs', import.meta.url));

/** Runs pool-run in a folder. */
export function poolRun(scratch: Scratch, args: readonly string[], environment: NodeJS.ProcessEnv = {}): ToolResult {
  const { status, stdout, stderr } = spawnSync(process.execPath, [TOOL, ...args], {
    cwd: scratch.folder,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', ...environment },
    timeout: 50_000,
  });
  return { code: status, stdout, stderr };
}

/** Starts pool-run in a folder. */
export function startPoolRun(scratch: Scratch, args: readonly string[], environment: NodeJS.ProcessEnv = {}): ChildProcess {
  return spawn(process.execPath, [TOOL, ...args], {
    cwd: scratch.folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...environment },
  });
}

/** The report in the job directory. */
export function reportOf(scratch: Scratch, directory = 'pool_workers'): JobReport {
  return JSON.parse(readFileSync(scratch.path(directory, 'report.json'), 'utf8')) as JobReport;
}

/** A script that notes its events, copies a sample file to hist.root, and does what `extra` says before that. */
export function commandJob(scratch: Scratch, extra = ''): string {
  const source = fixture('worker_0.root').replace('worker_0', 'worker_${worker % 3}');
  return scratch.put(
    'job.mjs',
    `import { appendFileSync, copyFileSync, existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
const number = (name) => Number(process.env['POOL_' + name]);
const worker = number('WORKER');
const submit = process.env.POOL_SUBMIT_DIR + '/';
for (let i = 0; i < number('MAX_EVENTS'); i++) appendFileSync(process.env.POOL_EVENT_LOG, number('FIRST_EVENT') + i * number('EVENT_STRIDE') + '\\n');
copyFileSync(\`${source}\`, 'hist.root');
${extra}
`,
  );
}

/** The same as the functions of a module job. */
export function moduleJob(scratch: Scratch, execute = ''): string {
  const source = fixture('worker_0.root').replace('worker_0', 'worker_${worker % 3}');
  return scratch.put(
    'module.mjs',
    `import { copyFileSync } from 'node:fs';\nexport default { execute(event, { worker }) { ${execute} }, async finalize({ worker }) { copyFileSync(\`${source}\`, 'hist.root'); } };\n`,
  );
}

/**
 * A command that does the events of its environment: the same tree and histogram as componentJob, in hist.root, without
 * what that fills before.
 */
export function writingCommand(scratch: Scratch): string {
  const library = new URL('../dist/src/index.js', import.meta.url).href;
  return scratch.put(
    'command.mjs',
    `import { appendFileSync } from 'node:fs';
import { createRootFile } from '${library}';
const number = (name) => Number(process.env['POOL_' + name]);
const file = createRootFile('hist.root');
const h = file.bookHistogram('/', { className: 'TH1D', name: 'h', axes: [{ bins: 10, min: 0, max: 10 }] });
const tree = file.bookTree('/', { name: 'events', columns: [{ name: 'event', type: 'int32' }, { name: 'value', type: 'float64' }] });
for (let i = 0; i < number('MAX_EVENTS'); i++) {
  const event = number('FIRST_EVENT') + i * number('EVENT_STRIDE');
  h.fill(event % 10, (event % 10) / 8);
  tree.fill({ event, value: event / 3 });
  if (process.env.POOL_EVENT_LOG !== undefined) appendFileSync(process.env.POOL_EVENT_LOG, event + '\\n');
}
file.close();
`,
  );
}

/** Waits until something holds; false after so many seconds. */
export async function until(condition: () => boolean, seconds = 10): Promise<boolean> {
  for (const end = performance.now() + 1000 * seconds; performance.now() < end; await sleep(20)) if (condition()) return true;
  return false;
}

/** True while a process is there (and no zombie). */
export function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return false;
  }
}

/**
 * A module job that writes hist.root and events.root with components of context.io, and does what `execute` says in each event
 * (`event`, `worker`, `shared` are known to it). It reads in.root, and fills the events -2 and -1 in initialize.
 */
export function componentJob(scratch: Scratch, execute = ''): string {
  const library = new URL('../dist/src/index.js', import.meta.url).href;
  return scratch.put(
    'job.mjs',
    `import { existsSync, writeFileSync } from 'node:fs';
import { HistogramComponent, NtupleComponent, RootInputComponent, defineJob } from '${library}';
let fill;
export default defineJob({
  share({ workerCount, seed }) {
    console.log(\`shared data for \${workerCount} workers, seed \${seed}\`);
    return { weights: Float64Array.from({ length: 10 }, (_, i) => i / 8) };
  },
  initialize({ io, seed, shared }) {
    console.log(shared.weights.buffer.constructor.name);
    const input = new RootInputComponent(io, 'input', 'in.root');
    const h = new HistogramComponent(io, 'histograms', 'hist.root').book('/', { className: 'TH1D', name: 'h', axes: [{ bins: 10, min: 0, max: 10 }] });
    const columns = [{ name: 'event', type: 'int32' }, { name: 'seed', type: 'int32' }, { name: 'value', type: 'float64' }];
    const tree = new NtupleComponent(io, 'ntuples', 'events.root').book('/', { name: 'events', columns });
    fill = (event) => {
      if (input.histogram('/top').name !== 'top') throw new Error('the input is closed');
      h.fill(event % 10, shared.weights[Math.abs(event % 10)]);
      tree.fill({ event, seed, value: event / 3 });
    };
    for (const event of [-2, -1]) fill(event);
  },
  async execute(event, { worker, shared }) {
    fill(event);
    ${execute}
  },
});
`,
  );
}
