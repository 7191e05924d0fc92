import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { descriptorLimit } from '../../../../src/io/bytes/descriptor-limit.ts';
import { openSource } from '../../../../src/io/bytes/source.ts';
import { Scratch } from '../../../scratch.ts';

const isLinux = existsSync('/proc/self/limits');

/** Files of a folder that this process has open. */
function openIn(folder: string): number {
  const targets = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return ''; // that of reading the folder, closed by now
    }
  });
  return targets.filter((target) => target.startsWith(folder)).length;
}

describe.runIf(isLinux)('the limit of descriptors', () => {
  it('is that of the shell', () => {
    const said = execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).trim();
    expect(String(descriptorLimit())).toBe(said === 'unlimited' ? 'Infinity' : said);
  });

  it('lets hundreds of inputs stay open', () => {
    using scratch = new Scratch();
    const { folder } = scratch;
    const paths = Array.from({ length: 300 }, (_, i) => scratch.put(`${i}.root`, `contents of ${i}`));
    const sources = paths.map((path) => openSource(path));
    expect(openIn(folder)).toBe(Math.min(300, Math.max(200, Math.floor((descriptorLimit() ?? 0) / 2))));
    sources.forEach((source, i) => expect(Buffer.from(source.read(0, source.sizeBytes)).toString()).toBe(`contents of ${i}`));
    for (const source of sources) source.close();
    expect(openIn(folder)).toBe(0);
  });
});
