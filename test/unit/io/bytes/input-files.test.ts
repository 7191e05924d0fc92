import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UnreadableFileError, UsageError } from '../../../../src/errors.ts';
import { compareNaturally, expandInputs } from '../../../../src/io/bytes/input-files.ts';
import { openSource } from '../../../../src/io/bytes/source.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pool-merge-inputs-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function put(name: string, text = ''): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** Expanded paths relative to the test's folder. */
async function expand(...args: string[]): Promise<string[]> {
  return (await expandInputs(args)).map((path) => path.replace(`${folder}/`, ''));
}

describe('files', () => {
  it('are passed on in order, existing or not, also twice', async () => {
    put('b.root');
    expect(await expand(join(folder, 'b.root'), 'missing.root', join(folder, 'b.root'))).toEqual(['b.root', 'missing.root', 'b.root']);
  });

  it('on other machines are refused', async () => {
    await expect(expand('root://host//a.root')).rejects.toThrow(UsageError);
    await expect(expand('https://host/a.root')).rejects.toThrow('copy it to this machine first: https://host/a.root');
  });
});

describe('directories', () => {
  it('give every *.root below in natural order, without hidden files', async () => {
    for (const name of [
      'worker_10/h.root',
      'worker_2/h.root',
      'a.root',
      'notes.txt',
      '.hidden.root',
      '.cache/x.root',
      'worker_2/.h.root.pool-merge-1.tmp',
    ]) {
      put(name);
    }
    expect(await expand(folder)).toEqual(['a.root', 'worker_2/h.root', 'worker_10/h.root']);
  });

  it('are searched through links, too, but not again from below themselves', async () => {
    for (const name of ['scratch/w1/h.root', 'out/a.root']) put(name);
    symlinkSync('../scratch/w1', join(folder, 'out/w1'));
    symlinkSync('.', join(folder, 'out/self'));
    symlinkSync('../../out', join(folder, 'scratch/w1/back'));
    symlinkSync('gone', join(folder, 'out/z.root'));
    expect(await expand(join(folder, 'out'))).toEqual(['out/a.root', 'out/w1/h.root', 'out/z.root']);
  });

  it('without *.root files are refused by name', async () => {
    put('notes.txt');
    await expect(expand(folder)).rejects.toThrow(`${folder}: directory holds no *.root file`);
  });
});

describe('patterns', () => {
  it('match files in natural order', async () => {
    for (const i of [10, 9, 1, 2]) put(`out/h_${i}.root`);
    put('out/notes.txt');
    expect(await expand(join(folder, 'out/*.root'))).toEqual(['out/h_1.root', 'out/h_2.root', 'out/h_9.root', 'out/h_10.root']);
  });

  it('reach into directories they match', async () => {
    for (const name of ['worker_1/a.root', 'worker_2/b.root', 'worker_3.root', 'worker_1/notes.txt']) put(name);
    expect(await expand(join(folder, 'worker_*'))).toEqual(['worker_1/a.root', 'worker_2/b.root', 'worker_3.root']);
  });

  it('with ** name each file once', async () => {
    for (const name of ['w/1/a.root', 'w/b.root']) put(name);
    expect(await expand(join(folder, 'w/**'))).toEqual(['w/1/a.root', 'w/b.root']);
  });

  it('take links for what they lead to, and leave none out', async () => {
    for (const name of ['scratch/w1/h.root', 'out/w2/h.root', 'out/a.root']) put(name);
    symlinkSync('../scratch/w1', join(folder, 'out/w1'));
    symlinkSync('.', join(folder, 'out/self'));
    symlinkSync('gone', join(folder, 'out/z.root'));
    symlinkSync('gone', join(folder, 'out/w2/x.root'));
    expect(await expand(join(folder, 'out/w*'))).toEqual(['out/w1/h.root', 'out/w2/h.root', 'out/w2/x.root']);
    expect(await expand(join(folder, 'out/*.root'))).toEqual(['out/a.root', 'out/z.root']);
    expect(await expand(join(folder, 'out/*/x.root'))).toEqual(['out/w2/x.root']);
    expect(await expand(join(folder, 'out/w{1,2}/h.root'))).toEqual(['out/w1/h.root', 'out/w2/h.root']);
    expect(await expand(join(folder, '{out/w2,scratch/{w1,w9}}/h.root'))).toEqual(['out/w2/h.root', 'scratch/w1/h.root']);
    expect(await expand(join(folder, 'out/**/h.root'))).toEqual(['out/w1/h.root', 'out/w2/h.root']);
    expect(await expand(join(folder, '**/w2/**'))).toEqual(['out/w2/h.root', 'out/w2/x.root']);
  });

  it('see hidden names only where they have the dot, and keep the way they are written', async () => {
    for (const name of ['a.root', '.b.root', '.c/d.root', 'b[1]/e.root', 'b1/f.root', 'x+(y)/g.root']) put(name);
    expect(await expand(join(folder, '*.root'))).toEqual(['a.root']);
    expect(await expand(join(folder, '.*.root'))).toEqual(['.b.root']);
    expect(await expand(join(folder, '**/*.root'))).toEqual(['a.root', 'b1/f.root', 'b[1]/e.root', 'x+(y)/g.root']);
    expect(await expand(join(folder, '.c/*'))).toEqual(['.c/d.root']);
    expect(await expand(join(folder, 'b[1]/*'))).toEqual(['b[1]/e.root']);
    expect(await expand(join(folder, 'b[0-9]/*'))).toEqual(['b1/f.root']);
    expect(await expand(join(folder, 'x+(y)/*'))).toEqual(['x+(y)/g.root']);
    expect(await expandInputs(['./test/../pack*.json'])).toEqual(['./test/../package-lock.json', './test/../package.json']);
  });

  it.skipIf(process.getuid?.() === 0)('are refused where a directory cannot be looked into', async () => {
    put('closed/a.root');
    chmodSync(join(folder, 'closed'), 0);
    for (const pattern of ['*/a.root', '**/a.root', 'closed/*']) await expect(expand(join(folder, pattern))).rejects.toThrow('closed');
    chmodSync(join(folder, 'closed'), 0o700);
  });

  it('that match nothing are refused', async () => {
    await expect(expand(join(folder, '*.root'))).rejects.toThrow(`no file matches the pattern ${folder}/*.root`);
  });

  it('give way to a file of the very name', async () => {
    put('h[1].root');
    put('h1.root');
    expect(await expand(join(folder, 'h[1].root'))).toEqual(['h[1].root']);
  });
});

describe('@lists', () => {
  it('hold paths, patterns, directories and lists; comments, blank lines, CRLF and a byte-order mark do not matter', async () => {
    for (const name of ['a.root', 'd/b.root', 'p_1.root', 'p_2.root', 'z.root']) put(name);
    const inner = put('inner.txt', `${folder}/z.root`);
    const list = put(
      'list.txt',
      `\uFEFF# inputs\r\n\r\n  ${folder}/a.root  \r\n${folder}/d\r\n${folder}/p_*.root\r\n# @nothing\r\n@${inner}\r\nmissing.root`,
    );
    expect(await expand(`@${list}`)).toEqual(['a.root', 'd/b.root', 'p_1.root', 'p_2.root', 'z.root', 'missing.root']);
  });

  it('may be included twice, but not by themselves', async () => {
    const inner = put('inner.txt', 'x.root');
    expect(await expand(`@${put('twice.txt', `@${inner}\n@${inner}`)}`)).toEqual(['x.root', 'x.root']);
    const loop = put('loop.txt', `a.root\n@${join(folder, 'alias.txt')}`);
    symlinkSync(loop, join(folder, 'alias.txt'));
    await expect(expand(`@${loop}`)).rejects.toThrow('list includes itself');
  });

  it('that are missing, directories or empty are refused by name', async () => {
    await expect(expand(`@${folder}/none.txt`)).rejects.toThrow(UnreadableFileError);
    await expect(expand(`@${folder}/none.txt`)).rejects.toThrow(`${folder}/none.txt: no such file`);
    await expect(expand(`@${folder}`)).rejects.toThrow('is a directory, not a file');
    await expect(expand(`@${put('empty.txt', '# nothing\n\n')}`)).rejects.toThrow('list names no input');
    await expect(expand(`@${put('data.root', 'root\0\0')}`)).rejects.toThrow('list is no text');
    await expect(expand('@')).rejects.toThrow('@ names no list');
  });

  it('may be long', async () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `f${i}.root`);
    expect(await expand(`@${put('long.txt', lines.join('\n'))}`)).toEqual(lines);
  });
});

describe('what cannot be an input', () => {
  it('is refused when it is empty, and otherwise left to whoever opens it', async () => {
    await expect(expand('')).rejects.toThrow('an input has no name');
    symlinkSync('loop', join(folder, 'loop'));
    for (const path of [join(folder, 'loop'), `${put('a.root')}/`, `${put('a.root')}/b.root`, join(folder, 'n'.repeat(300))]) {
      expect(await expandInputs([path])).toEqual([path]);
      expect(() => openSource(path)).toThrow(UnreadableFileError);
    }
  });
});

describe('natural order', () => {
  it('compares runs of digits by value', () => {
    const sorted = ['w2', 'w02', 'w10', 'w010', 'w10a', 'w100', 'x'];
    expect(sorted.toReversed().sort(compareNaturally)).toEqual(sorted);
  });

  it('is a total order', () => {
    const name = fc.stringMatching(/^[a-c0-2/_]{0,6}$/);
    fc.assert(
      fc.property(name, name, name, (a, b, c) => {
        expect(Math.sign(compareNaturally(a, b))).toBe(-Math.sign(compareNaturally(b, a)) + 0);
        expect(compareNaturally(a, b) === 0).toBe(a === b);
        if (compareNaturally(a, b) < 0 && compareNaturally(b, c) < 0) expect(compareNaturally(a, c)).toBeLessThan(0);
      }),
    );
  });
});
