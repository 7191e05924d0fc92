/**
 * All kinds of jobs, any number of workers, both schedules: the merged output holds the events and histograms of a
 * serial run, by uproot.
 */
import { execFile } from 'node:child_process';
import { readFileSync, readdirSync, renameSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { componentJob, poolRun, startPoolRun, writingCommand } from '../run-tool.ts';
import { Scratch } from '../scratch.ts';

const PYTHON = fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));
const PYTHON_JOB = fileURLToPath(new URL('oracle/pool_job.py', import.meta.url));
const CONTENTS = fileURLToPath(new URL('oracle/job_contents.py', import.meta.url));
const EVENTS = 60;
const WORKERS = ['1', '2', '3', '4'];

interface Contents {
  events: [event: number, value: number][];
  histograms: Record<string, [cells: number[], squares: number[], entries: number]>;
}

/** What all ROOT files of a folder hold. */
async function contentsOf(scratch: Scratch, folder: string): Promise<Contents> {
  const files = readdirSync(scratch.path(folder))
    .filter((name) => name.endsWith('.root'))
    .map((name) => scratch.path(folder, name));
  const { stdout } = await promisify(execFile)(PYTHON, [CONTENTS, ...files]);
  return JSON.parse(stdout) as Contents;
}

/** A job and what is its own on the command line. */
interface Kind {
  words: (scratch: Scratch) => string[];
  flags: string[];
  schedules: string[];
}

const both = ['round-robin', 'queue'];
const moduleWords = (scratch: Scratch): string[] => {
  scratch.copy('hists_0.root', 'in.root');
  return [componentJob(scratch)];
};
const KINDS: [string, Kind][] = [
  ['a module in processes', { words: moduleWords, flags: ['--worker-kind', 'process'], schedules: both }],
  ['a module in threads', { words: moduleWords, flags: ['--worker-kind', 'thread'], schedules: both }],
  ['a Python file', { words: () => [PYTHON_JOB], flags: ['--python', PYTHON], schedules: both }],
  ['a command', { words: (scratch) => ['--', 'node', writingCommand(scratch)], flags: [], schedules: ['round-robin'] }],
];

describe.each(KINDS)('%s', (_name, { words, flags, schedules }) => {
  it.each(schedules)('gives the same events and histograms with 1 to 4 workers as without, by %s', async (schedule) => {
    using scratch = new Scratch();
    const job = words(scratch);
    const run = (...args: string[]): void => {
      const { code, stderr } = poolRun(scratch, ['--events', String(EVENTS), '--schedule', schedule, ...flags, ...args, ...job]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringMatching(/^(error|Traceback)/m) });
    };
    run('-n', '0');
    scratch.put('serial/note', '');
    for (const name of ['hist.root', 'events.root'].filter((name) => scratch.list().includes(name))) {
      renameSync(scratch.path(name), scratch.path('serial', name));
    }
    const serial = await contentsOf(scratch, 'serial');
    expect(serial.events.filter(([event]) => event >= 0)).toEqual(Array.from({ length: EVENTS }, (_, event) => [event, event / 3]));
    expect(Object.keys(serial.histograms)).toEqual(['h']);
    for (const workers of WORKERS) {
      run('-n', workers, '-o', `merged${workers}/`);
      expect(await contentsOf(scratch, `merged${workers}`), `${workers} workers`).toEqual(serial);
    }
  });
});

describe('workers that are killed at random points', () => {
  const ROUNDS = 50;
  /** Runs at a time. */
  const SIDE_BY_SIDE = 2;

  /** Process ids of the workers at work. */
  function pidsOf(scratch: Scratch): number[] {
    try {
      const { workers } = JSON.parse(readFileSync(scratch.path('pool_workers', 'job.json'), 'utf8')) as { workers: { process?: string }[] };
      return workers.flatMap(({ process: identity }) => (identity === undefined ? [] : [Number(identity.split(':')[0])]));
    } catch {
      return []; // not begun
    }
  }

  /** One run in which a worker is killed some time after the first has begun; true when one was there to be killed. */
  async function killed(random: () => number): Promise<boolean> {
    using scratch = new Scratch();
    scratch.copy('hists_0.root', 'in.root');
    componentJob(scratch, 'await new Promise((resolve) => setTimeout(resolve, 10));');
    const run = startPoolRun(scratch, ['-n', '3', '-o', 'out/', '--events', String(EVENTS), '--on-failure', 'retry:3', 'job.mjs']);
    const end = new Promise<number | null>((resolve) => run.once('exit', resolve));
    const isOver = end.then(() => true);
    while (pidsOf(scratch).length === 0 && !(await Promise.race([isOver, sleep(10, false)])));
    await sleep(600 * random());
    const pids = pidsOf(scratch);
    const pid = pids[Math.floor(pids.length * random())];
    let hit = false;
    try {
      if (pid !== undefined) hit = process.kill(pid, 'SIGKILL');
    } catch {
      // it had just ended
    }
    expect(await end).toBe(0);
    const { events } = await contentsOf(scratch, 'out');
    expect(events.map(([event]) => event)).toEqual(Array.from({ length: EVENTS + 2 }, (_, i) => i - 2));
    return hit;
  }

  it(`lose and double no event in ${ROUNDS} runs`, async () => {
    let state = 20_261;
    const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    let [begun, hits] = [0, 0];
    const lane = async (): Promise<void> => {
      while (begun++ < ROUNDS) if (await killed(random)) hits++;
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, lane));
    expect(hits).toBeGreaterThan(ROUNDS / 2);
  }, 900_000);
});
