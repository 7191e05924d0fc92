/**
 * A Slurm of one machine for tests: controller and node daemon on this host, without accounting, cgroups and
 * authentication. Its programs are installed when they are missing and that is possible (root, a Debian package).
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning } from '../run-tool.ts';

const PORT = 21_817;
/** More than the machine has: workers of tests mostly wait. */
const CPUS = 8;

/** Why there can be no cluster here; undefined when its programs are there, or were installed now. */
export function whyNoSlurm(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can start the daemons';
  if (hasSlurm()) return undefined;
  // Lists of packages may be missing or old.
  const isInstalled =
    aptGet('install', '-y', '--no-install-recommends', 'slurm-wlm') ||
    (aptGet('update') && aptGet('install', '-y', '--no-install-recommends', 'slurm-wlm'));
  return isInstalled && hasSlurm() ? undefined : 'no slurmctld, and no package slurm-wlm that can be installed';
}

function aptGet(...args: string[]): boolean {
  return (
    spawnSync('apt-get', args, { stdio: 'ignore', timeout: 120_000, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }).status ===
    0
  );
}

function hasSlurm(): boolean {
  return ['slurmctld', 'slurmd', 'sbatch'].every(
    (program) => spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0,
  );
}

/** A cluster at work. */
export class SlurmCluster {
  readonly #folder: string = mkdtempSync(join(tmpdir(), 'pool-merge-slurm-'));
  /** What every command needs to find the cluster. */
  readonly environment: { SLURM_CONF: string } = { SLURM_CONF: join(this.#folder, 'slurm.conf') };

  /** Starts the daemons; resolves when the node is idle. */
  async start(): Promise<void> {
    for (const name of ['state', 'spool', 'log', 'run']) mkdirSync(join(this.#folder, name));
    writeFileSync(this.environment.SLURM_CONF, this.#configuration());
    const { SLURM_CONF } = this.environment;
    execFileSync('slurmctld', ['-f', SLURM_CONF], { stdio: 'ignore' });
    execFileSync('slurmd', ['-f', SLURM_CONF, '-N', shortHost()], { stdio: 'ignore' });
    for (let tries = 0; tries < 150; tries++) {
      if (this.command('sinfo', '-h', '-o', '%T').trim() === 'idle') return;
      await sleep(100);
    }
    throw new Error(
      `Slurm did not start:\n${readdirSync(join(this.#folder, 'log'))
        .map((name) => readFileSync(join(this.#folder, 'log', name), 'utf8').slice(-1000))
        .join('\n')}`,
    );
  }

  /** Runs a command of Slurm; returns what it prints. */
  command(program: string, ...args: string[]): string {
    return spawnSync(program, args, { encoding: 'utf8', timeout: 5000, env: { ...process.env, ...this.environment } }).stdout;
  }

  /** Ends jobs and daemons. */
  async stop(): Promise<void> {
    this.command('scancel', '-u', 'root');
    const files = ['slurmctld', 'slurmd'].map((name) => join(this.#folder, 'run', `${name}.pid`)).filter((path) => existsSync(path));
    const pids = files.map((path) => Number(readFileSync(path, 'utf8')));
    this.command('scontrol', 'shutdown');
    for (let tries = 0; tries < 100 && pids.some(isRunning); tries++) await sleep(100);
    for (const pid of pids.filter(isRunning)) process.kill(pid, 'SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #configuration(): string {
    const host = shortHost();
    const at = (...parts: string[]): string => join(this.#folder, ...parts);
    return `ClusterName=test
SlurmctldHost=${host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/none
CredType=cred/none
SlurmctldPort=${PORT}
SlurmdPort=${PORT + 1}
SlurmctldPidFile=${at('run', 'slurmctld.pid')}
SlurmdPidFile=${at('run', 'slurmd.pid')}
StateSaveLocation=${at('state')}
SlurmdSpoolDir=${at('spool')}
SlurmctldLogFile=${at('log', 'slurmctld.log')}
SlurmdLogFile=${at('log', 'slurmd.log')}
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1
SlurmdParameters=config_overrides
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
KillWait=2
MinJobAge=3600
NodeName=${host} NodeAddr=127.0.0.1 CPUs=${CPUS} RealMemory=${Math.floor(totalmem() / 2 ** 21)} State=UNKNOWN
PartitionName=main Nodes=${host} Default=YES MaxTime=INFINITE State=UP
`;
  }
}

function shortHost(): string {
  return hostname().split('.')[0] ?? hostname();
}
