import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OutputError, UsageError } from '../../../../src/errors.ts';
import { checkTarget, isSameFile, resolveTarget } from '../../../../src/io/bytes/target.ts';
import { Scratch } from '../../../scratch.ts';

let scratch: Scratch;
beforeEach(() => {
  scratch = new Scratch();
});
afterEach(() => {
  scratch[Symbol.dispose]();
});

describe('a target', () => {
  it('must be a regular file in a directory that exists', () => {
    mkdirSync(scratch.path('folder'));
    expect(() => checkTarget(scratch.path('folder'), true)).toThrow('the output is a directory');
    expect(() => checkTarget('/dev/null', true)).toThrow('the output is not a regular file');
    expect(() => checkTarget(scratch.path('none/out.root'), true)).toThrow(OutputError);
    expect(() => checkTarget(scratch.path('none/out.root'), true)).toThrow('the directory of the output does not exist');
    expect(() => checkTarget(scratch.path('new.root'), false)).not.toThrow();
  });

  it('that ends with a slash is no file', () => {
    expect(() => checkTarget(`${scratch.path('new')}/`, true)).toThrow(UsageError);
    expect(() => checkTarget(`${scratch.path('new')}/`, true)).toThrow('the output ends with /');
  });

  it('that can never be is known at once', () => {
    scratch.put('a.root', 'x');
    symlinkSync('loop', scratch.path('loop'));
    expect(() => checkTarget(scratch.path('n'.repeat(300)), true)).toThrow('cannot create the output: name too long');
    expect(() => checkTarget(scratch.path('a.root/b.root'), true)).toThrow('a part of its path is not a directory');
    expect(() => checkTarget(scratch.path('loop'), true)).toThrow('a symbolic link that leads back to itself');
  });

  it('is called what it is', () => {
    scratch.put('a', 'x');
    expect(() => checkTarget(scratch.path('none/c.xml'), true, 'catalog')).toThrow('the directory of the catalog does not exist');
    expect(() => checkTarget(scratch.path('a'), false, 'report')).toThrow('the report exists already');
  });
});

describe('the same file', () => {
  it('is recognised by path, other spelling, symbolic and hard link', () => {
    const path = scratch.put('a.root', 'x');
    symlinkSync(path, scratch.path('symbolic'));
    linkSync(path, scratch.path('hard'));
    for (const other of [path, `${scratch.folder}/./a.root`, `${scratch.folder}//a.root`, scratch.path('symbolic'), scratch.path('hard')]) {
      expect(isSameFile(path, other)).toBe(true);
      expect(isSameFile(other, path)).toBe(true);
    }
  });
  it('is not: a copy, or a file that does not exist', () => {
    const path = scratch.put('a.root', 'x');
    writeFileSync(scratch.path('b.root'), 'x');
    expect(isSameFile(path, scratch.path('b.root'))).toBe(false);
    expect(isSameFile(path, scratch.path('none'))).toBe(false);
    expect(isSameFile(scratch.path('none'), scratch.path('folder', '..', 'none'))).toBe(true);
  });
  it('resolves links of the target, and keeps a path that does not exist', () => {
    symlinkSync(scratch.put('a.root', 'x'), scratch.path('link'));
    expect(resolveTarget(scratch.path('link'))).toBe(resolveTarget(scratch.path('a.root')));
    expect(resolveTarget(scratch.path('none'))).toBe(scratch.path('none'));
  });
});
