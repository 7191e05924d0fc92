/** One job with 0, 1, 2, … workers: what more workers cost and bring, as a table and a picture. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { OutputError, UnsupportedError } from '../errors.ts';
import type { Job, JobOptions } from './job.ts';
import { runJob } from './run-job.ts';

/** Clock ticks per second in /proc on Linux, whatever the kernel's own rate is. */
const TICKS_PER_SECOND = 100;

/** One run. */
export interface ScalingRow {
  /** 0: one process of the job alone, nothing merged. */
  workers: number;
  /** CPU time of all processes of the run but this one. */
  userSeconds: number;
  systemSeconds: number;
  /** CPU time over elapsed time; 100 is one core. */
  cpuPercent: number;
  /** From start to merged output. */
  elapsedSeconds: number;
  /** Elapsed time of the first run over that of this one. */
  speedUp: number;
}

/** All runs. JSON-serialisable. */
export interface ScalingReport {
  schemaVersion: 1;
  kind: 'scaling';
  /** Absolute path of the folder with job directories, merged outputs, scaling.json and scaling.svg. */
  directory: string;
  rows: ScalingRow[];
}

/**
 * Runs a job once per number of workers, one run after the other, in a new folder.
 * @throws OutputError when the folder exists
 * @throws what runJob throws
 */
export async function measureScaling(
  job: Job,
  options: Omit<JobOptions, 'workers' | 'output'>,
  range: { from: number; to: number },
): Promise<ScalingReport> {
  const directory = resolve(options.directory ?? 'pool_scaling');
  childTicks();
  try {
    mkdirSync(directory);
  } catch (err) {
    throw new OutputError('the folder for the measurement cannot be made', {
      file: directory,
      errno: (err as NodeJS.ErrnoException).code,
      cause: err,
    });
  }
  const rows: ScalingRow[] = [];
  for (let workers = range.from; workers <= range.to; workers++) {
    const place = { directory: join(directory, `workers_${workers}`), output: `${join(directory, `merged_${workers}`)}/` };
    const [start, before] = [performance.now(), childTicks()];
    await runJob(job, { ...options, ...place, workers: Math.max(1, workers), ...(workers === 0 && { noMerge: true }) });
    const elapsedSeconds = (performance.now() - start) / 1000;
    const after = childTicks();
    const [userSeconds, systemSeconds] = [(after.user - before.user) / TICKS_PER_SECOND, (after.system - before.system) / TICKS_PER_SECOND];
    const cpuPercent = (100 * (userSeconds + systemSeconds)) / elapsedSeconds;
    rows.push({
      workers,
      userSeconds,
      systemSeconds,
      cpuPercent,
      elapsedSeconds,
      speedUp: (rows[0]?.elapsedSeconds ?? elapsedSeconds) / elapsedSeconds,
    });
  }
  const report: ScalingReport = { schemaVersion: 1, kind: 'scaling', directory, rows };
  writeFileSync(join(directory, 'scaling.json'), `${JSON.stringify(report, undefined, 2)}\n`);
  writeFileSync(join(directory, 'scaling.svg'), scalingSvg(rows));
  return report;
}

/** CPU time of ended children, their ended children included, in clock ticks. */
function childTicks(): { user: number; system: number } {
  let stat: string;
  try {
    stat = readFileSync('/proc/self/stat', 'latin1');
  } catch (cause) {
    throw new UnsupportedError('CPU times of workers are read from /proc: the measurement needs Linux', { cause });
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { user: Number(fields[13]), system: Number(fields[14]) };
}

const WIDTH = 420;
const HEIGHT = 300;
const MARGIN = 45;

/** Speed-up over the number of workers as a picture, with the line of a perfect one. */
function scalingSvg(rows: readonly ScalingRow[]): string {
  const most = Math.max(1, ...rows.map(({ workers, speedUp }) => Math.max(workers, speedUp)));
  const x = (workers: number): string => (MARGIN + (workers / most) * (WIDTH - 2 * MARGIN)).toFixed(1);
  const y = (speedUp: number): string => (HEIGHT - MARGIN - (speedUp / most) * (HEIGHT - 2 * MARGIN)).toFixed(1);
  const line = rows.map(({ workers, speedUp }) => `${x(workers)},${y(speedUp)}`).join(' ');
  const label = (at: string, height: number, text: string | number): string =>
    `<text x="${at}" y="${height}" text-anchor="middle">${text}</text>`;
  const marks = rows.map(({ workers, speedUp }) => {
    const [at, height] = [x(workers), y(speedUp)];
    return `<circle cx="${at}" cy="${height}" r="4"/>${label(at, HEIGHT - MARGIN + 18, workers)}${label(at, Number(height) - 9, speedUp.toFixed(2))}`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
<path d="M${x(0)} ${y(most)}V${y(0)}H${x(most)}" fill="none" stroke="black"/>
<path d="M${x(0)} ${y(0)}L${x(most)} ${y(most)}" stroke="gray" stroke-dasharray="4"/>
<polyline points="${line}" fill="none" stroke="steelblue" stroke-width="2"/>
<g fill="black">${marks.join('')}</g>
<text x="${WIDTH / 2}" y="${HEIGHT - 8}" text-anchor="middle">workers</text>
<text x="14" y="${HEIGHT / 2}" text-anchor="middle" transform="rotate(-90 14 ${HEIGHT / 2})">speed-up</text>
</svg>
`;
}
