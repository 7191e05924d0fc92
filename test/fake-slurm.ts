/** Commands named as Slurm's that run every job at once, before sbatch returns: the front end's part without a cluster. */
import { chmodSync, copyFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import type { Scratch } from './scratch.ts';

/**
 * What it does besides: files in its folder `fake` steer it.
 *   refuse   sbatch fails with this text      lose    tasks are not run at all
 *   queue    what squeue prints               facts   what scontrol prints
 *   cancelled, submitted: what scancel and sbatch were called with, a line each
 */
const SCRIPT = `#!${process.execPath}
const { appendFileSync, existsSync, openSync, readFileSync, writeFileSync } = require('node:fs');
const { spawnSync } = require('node:child_process');
const { basename, dirname } = require('node:path');
const folder = dirname(process.argv[1]) + '/';
const [name, args] = [basename(process.argv[1]), process.argv.slice(2)];
const text = (file) => (existsSync(folder + file) ? readFileSync(folder + file, 'utf8') : '');
const option = (key) => args.find((arg) => arg.startsWith('--' + key + '='))?.slice(key.length + 3);
if (name === 'squeue') process.stdout.write(text('queue'));
else if (name === 'scontrol') {
  process.stdout.write(text('facts'));
  process.exitCode = text('facts') === '' ? 1 : 0;
} else if (name === 'scancel') {
  appendFileSync(folder + 'cancelled', args.join(' ') + '\\n');
  writeFileSync(folder + 'queue', '');
} else if (args[0] === '--version') console.log('slurm 0');
else if (text('refuse') !== '') {
  console.error(text('refuse'));
  process.exitCode = 1;
} else {
  appendFileSync(folder + 'submitted', args.join(' ') + '\\n');
  const failed = text('failed').split('\\n');
  const id = String(text('submitted').split('\\n').length - 1);
  const [kind, ids] = [/^(after\\w+):/.exec(option('dependency') ?? '')?.[1], (option('dependency') ?? '').split(':').slice(1)];
  const indices = (option('array') ?? '').split(',').flatMap((range) => { const [from, to = from] = range.split('-').map(Number); return range === '' ? [''] : Array.from({ length: to - from + 1 }, (_, i) => String(from + i)); });
  const fails = (task) => appendFileSync(folder + 'failed', task + '\\n' + task.split('_')[0] + '\\n');
  if (kind === 'afterok' && ids.some((other) => failed.includes(other))) fails(id);
  else if (!existsSync(folder + 'lose')) {
    for (const index of indices) {
      const log = openSync(option('output').replace('%3a', index.padStart(3, '0')).replaceAll('%%', '%'), 'a');
      const { status } = spawnSync('sh', args.slice(-2), { cwd: option('chdir'), stdio: ['ignore', log, log], env: { ...process.env, SLURM_ARRAY_TASK_ID: index } });
      if (status !== 0) fails(index === '' ? id : id + '_' + index);
    }
  }
  console.log(id);
}
`;

/** Puts the commands into the folder; returns what finds them. */
export function fakeSlurm(scratch: Scratch): { PATH: string } {
  const first = scratch.put('fake/sbatch', SCRIPT);
  chmodSync(first, 0o755);
  for (const name of ['squeue', 'scancel', 'scontrol']) copyFileSync(first, scratch.path('fake', name));
  return { PATH: `${scratch.path('fake')}${delimiter}${process.env['PATH'] ?? ''}` };
}
