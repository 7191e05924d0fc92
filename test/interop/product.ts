/** Runs the built command-line tool, as a user does. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ErrorReport } from '../../src/merge/report/error-report.ts';

const TOOL = fileURLToPath(new URL('../../bin/pool-merge.mjs', import.meta.url));

/** A finished run: exit code (null: killed at the time limit), both streams. */
export interface ToolRun {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs pool-merge with the given arguments. */
export function runTool(args: readonly string[], seconds = 60): Promise<ToolRun> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [TOOL, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: seconds * 1000,
      killSignal: 'SIGKILL',
    });
    const run: ToolRun = { code: null, stdout: '', stderr: '' };
    child.stdout.on('data', (chunk) => (run.stdout += chunk));
    child.stderr.on('data', (chunk) => (run.stderr += chunk));
    child.on('close', (code) => resolve({ ...run, code }));
  });
}

/** How a merge ended: `merged`, or why not as `CODE` or `CODE conflict-code, …`. */
export interface MergeOutcome {
  merged: boolean;
  reason: string;
  text: string;
}

/** Merges the inputs; a refusal is told by the codes of the tool's report, not by its texts. */
export async function mergeFiles(inputs: readonly string[], output: string, options: readonly string[] = []): Promise<MergeOutcome> {
  const report = `${output}.json`;
  const run = await runTool(['-q', '-f', ...options, '--json', report, ...inputs, '-o', output]);
  if (run.code === 0) return { merged: true, reason: '', text: '' };
  if (run.code === null) return { merged: false, reason: 'TIME_LIMIT', text: '' };
  const { error, conflicts } = readReport(report);
  const kinds = [...new Set(conflicts.map((conflict) => conflict.code))].sort();
  return { merged: false, reason: [error.code, ...kinds].join(' '), text: run.stderr.trim() };
}

function readReport(path: string): Pick<ErrorReport, 'error' | 'conflicts'> {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ErrorReport;
  } catch {
    return { error: { code: 'INTERNAL', message: 'no report' }, conflicts: [] };
  }
}
