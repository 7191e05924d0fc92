/** Laws of POOL merging: whatever workers are merged, in whatever order and steps, what resolved among them resolves afterwards. */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { checkReferences, merge } from '../../src/index.ts';
import { Scratch, fixture } from '../scratch.ts';

const FAMILIES = { p5: 4, p5unsplit: 4, p6: 4, index: 5, ntuple: 5, single: 4, indexmore: 3, ntuplemore: 3, p4: 4, p4unsplit: 4 };

const scratch = new Scratch();
afterAll(() => scratch[Symbol.dispose]());

let outputs = 0;
async function merged(inputs: readonly string[]): Promise<string> {
  const output = scratch.path(`pool-${outputs++}.root`);
  await merge(inputs, { output });
  return output;
}

/** References that resolve among the files, and those to other files. */
async function counts(files: readonly string[]): Promise<{ resolved: number; foreign: number; dangling: number }> {
  const { resolved, foreign, dangling } = await checkReferences(files);
  return { resolved, foreign, dangling };
}

describe('workers that mergePOOL joined', () => {
  it('resolve as they do alone', async () => {
    const joined = fixture('pool/sections_0.root');
    const [apart, others] = [[0, 3].map((i) => fixture(`pool/p5_${i}.root`)), [1, 2].map((i) => fixture(`pool/p5_${i}.root`))];
    expect(await counts([joined])).toEqual(await counts(apart));
    expect(await counts([await merged([joined])])).toEqual(await counts(apart));
    expect(await counts([await merged([...others, joined])])).toEqual(await counts([...others, ...apart]));
  });
});

describe.each(Object.entries(FAMILIES))('%s', (family, count) => {
  const files = Array.from({ length: count }, (_, i) => fixture(`pool/${family}_${i}.root`));
  const someInAnyOrder = fc.shuffledSubarray(files, { minLength: 2 });

  it('any workers in any order: each reference among them resolves, each to another file stays foreign', async () => {
    await fc.assert(
      fc.asyncProperty(someInAnyOrder, async (inputs) => {
        expect(await counts([await merged(inputs)])).toEqual({ ...(await counts(inputs)), dangling: 0 });
      }),
      { numRuns: 12 },
    );
  });

  it('in two steps as in one', async () => {
    await fc.assert(
      fc.asyncProperty(someInAnyOrder, fc.nat(), async (inputs, at) => {
        const cut = 1 + (at % (inputs.length - 1));
        const [head, tail] = [inputs.slice(0, cut), inputs.slice(cut)];
        const steps = [
          head.length > 1 ? await merged(head) : (head[0] as string),
          tail.length > 1 ? await merged(tail) : (tail[0] as string),
        ];
        expect(await counts([await merged(steps)])).toEqual({ ...(await counts(inputs)), dangling: 0 });
      }),
      { numRuns: 8 },
    );
  });
});
