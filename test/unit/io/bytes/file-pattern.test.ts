import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import fc from 'fast-check';
import picomatch from 'picomatch';
import { expect, it } from 'vitest';
import { matchPattern } from '../../../../src/io/bytes/file-pattern.ts';
import { Scratch } from '../../../scratch.ts';

const FILES = [
  'a',
  'b.root',
  '.h',
  'x/a',
  'x/b.root',
  'x/y/a',
  'x/y/ab.root',
  'x/.z/b.root',
  'w1/x/a',
  'w1/b.root',
  'w2/b.root',
  'w10/y/b.root',
];
const SEGMENTS = [
  'a',
  'x',
  'y',
  'w1',
  '*',
  '**',
  '?',
  'w?',
  'w*',
  '*.root',
  'b.*',
  '[ab]*',
  '{x,w1}',
  '{x/y,w1}',
  'w{1,10}',
  '@(x|w2)',
  '.z',
  '.*',
];

it('matches the files whose paths picomatch matches, whatever the pattern', () => {
  using scratch = new Scratch();
  for (const name of FILES) {
    mkdirSync(dirname(scratch.path(name)), { recursive: true });
    writeFileSync(scratch.path(name), '');
  }
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...SEGMENTS), { minLength: 1, maxLength: 4 }), (segments) => {
      const pattern = segments.join('/');
      const found = matchPattern(`${scratch.folder}/${pattern}`).filter(({ isDirectory }) => !isDirectory);
      const matches = picomatch(pattern.replace(/\*\*$/, '**/*')); // for picomatch a file lies below itself
      const expected = FILES.filter((path) => matches(path));
      expect(found.map(({ path }) => path.slice(scratch.folder.length + 1)).sort()).toEqual(expected.sort());
    }),
    { numRuns: 300 },
  );
});
