/** pool-run as a process, and jobs for it that copy sample files. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { JobReport } from '../src/index.ts';
import { fixture, type Scratch, type ToolResult } from './scratch.ts';

const TOOL = fileURLToPath(new URL('../bin/pool-run.mjs', import.meta.url));

/** Runs pool-run in a folder. */
export function poolRun(scratch: Scratch, args: readonly string[], environment: NodeJS.ProcessEnv = {}): ToolResult {
  const { status, stdout, stderr } = spawnSync(process.execPath, [TOOL, ...args], { cwd: scratch.folder, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1', ...environment }, timeout: 50_000 });
  return { code: status, stdout, stderr };
}

/** Starts pool-run in a folder. */
export function startPoolRun(scratch: Scratch, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [TOOL, ...args], { cwd: scratch.folder, stdio: ['ignore', 'ignore', 'pipe'] });
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
    `import { appendFileSync, copyFileSync, existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
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
  return scratch.put('module.mjs', `import { copyFileSync } from 'node:fs';\nexport default { execute(event, { worker }) { ${execute} }, async finalize({ worker }) { copyFileSync(\`${source}\`, 'hist.root'); } };\n`);
}

/** Waits until something holds; false after ten seconds. */
export async function until(condition: () => boolean): Promise<boolean> {
  for (let tries = 0; tries < 500; tries++) {
    if (condition()) return true;
    await sleep(20);
  }
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
