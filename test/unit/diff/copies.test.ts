/** Objects that a merge keeps as cycles: each copy is found, in time that grows with the number of copies. */
import { describe, expect, it } from 'vitest';
import { diffMerged } from '../../../src/diff/diff-merged.ts';
import { merge } from '../../../src/index.ts';
import { Scratch, fixture } from '../../scratch.ts';
import { objString, putSmallFile, type SmallObject } from '../../small-file.ts';

const cyclesOf = (texts: readonly string[]): SmallObject[] => texts.map((text, i) => objString('x', text, { cycle: i + 1 }));
const texts = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

/** Verdict and differences of a merged file with these copies, as cycles 1, 2, …; compressed, while the inputs are not. */
async function judge(output: readonly string[], ...inputs: (readonly string[])[]): Promise<unknown[]> {
  using scratch = new Scratch();
  const paths = inputs.map((each, i) => putSmallFile(scratch.path(`${i}.root`), cyclesOf(each), { compression: 0 }));
  const { objects } = await diffMerged(putSmallFile(scratch.path('out.root'), cyclesOf(output)), paths);
  return objects.map(({ verdict, differences }) => [verdict, differences.map(({ at, left }) => `${at.replace(/ of .*/, '')}: ${left}`)]);
}

describe('copies kept as cycles', () => {
  const [a, b] = [texts('a', 800), texts('b', 800)];

  it('are all found among thousands, stored in the same bytes', async () => {
    expect(await judge([...a, ...b], a, b)).toEqual([['right', []]]);
  });

  it('are found where they are compressed anew, in the order of the inputs or of their newest cycles', async () => {
    const [c, d] = [a, b].map((list) => list.slice(0, 300).map((text) => text.repeat(100))) as [string[], string[]];
    expect(await judge([...c, ...d], c, d)).toEqual([['right', []]]);
    expect(await judge([...c.toReversed(), ...d.toReversed()], c, d)).toEqual([['right', []]]);
  });

  it('may stand anywhere, once or several times', async () => {
    expect(await judge(['3', '1', '2', '1'], ['1', '2'], ['1', '3', '1'])).toEqual([['right', []]]);
  });

  it('are told where they are lost, and cycles where they are of no input', async () => {
    expect(await judge(['1', '2', '4', '1'], ['1', '2'], ['3'])).toEqual([['altered', ['cycle 1: "in no cycle"', ';3: "present"']]]);
  });

  it('are of no input where they refer to a process that no input knows', async () => {
    using scratch = new Scratch();
    const inputs = [0, 1, 2, 3].map((i) => fixture(`refs_${i}.root`));
    const output = scratch.path('merged.root');
    await merge(inputs, { output });
    const { objects } = await diffMerged(output, inputs.slice(1), { include: ['/target', '/reference'] });
    expect(objects.filter(({ path }) => path === '/target' || path === '/reference').map(({ verdict }) => verdict)).toEqual([
      'added',
      'added',
    ]);
  });
});
