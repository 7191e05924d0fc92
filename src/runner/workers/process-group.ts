/** Processes of workers: each worker leads a process group of its own, so that its children end with it. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Time between the request to end and the end by force, in milliseconds. */
export const GRACE_MS = 5000;
const POLL_MS = 20;

/** Memory of a process in bytes. */
export interface MemoryUse {
  privateBytes: number;
  sharedBytes: number;
}

/** Sends a signal to a process group; false when there is none any more. */
export function signalGroup(leader: number, signal: 'SIGTERM' | 'SIGKILL' | 'SIGCONT' | 0): boolean {
  try {
    process.kill(-leader, signal);
    return true;
  } catch {
    return false;
  }
}

/** Ends process groups: SIGTERM, then SIGKILL to those that are still there after five seconds. */
export async function stopGroups(leaders: readonly number[]): Promise<void> {
  for (const leader of leaders) signalGroup(leader, 'SIGTERM');
  for (const leader of leaders) signalGroup(leader, 'SIGCONT');
  for (const end = performance.now() + GRACE_MS; performance.now() < end;) {
    if (!leaders.some((leader) => signalGroup(leader, 0))) return;
    await sleep(POLL_MS);
  }
  for (const leader of leaders) signalGroup(leader, 'SIGKILL');
}

/** Names a process for good (its id and the moment it started); undefined when it is gone or the system does not tell. */
export function processIdentity(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : `${pid}:${fields[19]}`;
  } catch {
    return undefined;
  }
}

/** True when the process of an identity is still there. */
export function isAlive(identity: string): boolean {
  return processIdentity(Number(identity.split(':')[0])) === identity;
}

/** Private and shared memory of a process; undefined when it is gone or the system does not tell. */
export function memoryOf(pid: number): MemoryUse | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
  } catch {
    return undefined;
  }
  const sum = (kind: string): number =>
    [...text.matchAll(new RegExp(`^${kind}_\\w+:\\s+(\\d+) kB`, 'gm'))].reduce((bytes, match) => bytes + Number(match[1]) * 1024, 0);
  return { privateBytes: sum('Private'), sharedBytes: sum('Shared') };
}
