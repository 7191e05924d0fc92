/** How many descriptors this process may have. */
import { readFileSync } from 'node:fs';

/**
 * The soft limit of open files (`ulimit -n`; Node raises it to the hard one at its start), as Linux tells it in /proc (proc(5)); undefined
 * where nobody tells.
 */
export function descriptorLimit(): number | undefined {
  let text: string;
  try {
    text = readFileSync('/proc/self/limits', 'latin1');
  } catch {
    return undefined; // no Linux, or no descriptor left to read it
  }
  const soft = /^Max open files\s+(\d+|unlimited)\s/m.exec(text)?.[1];
  return soft === 'unlimited' ? Infinity : soft === undefined ? undefined : Number(soft);
}
