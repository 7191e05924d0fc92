/** Values that no option has, as programs without types may give them: refused, not taken for the default. */
import { expect, it } from 'vitest';
import { UsageError, merge, planMerge } from '../../../src/index.ts';
import { Scratch, fixture } from '../../scratch.ts';

it.each([
  [{ compression: 'none' }, 'option compression is none of keep, first: none'],
  [{ compression: -3 }, 'option compression is no setting of ROOT: -3'],
  [{ compression: Number.NaN }, 'option compression is no setting of ROOT: NaN'],
  [{ verify: 'no' }, 'option verify is none of fast, full, none: no'],
  [{ metadata: 'both' }, 'option metadata is none of concat, sum: both'],
  [{ differing: 'last' }, 'option differing is none of refuse, first: last'],
])('%j', async (options, message) => {
  using scratch = new Scratch();
  const inputs = [fixture('pool/p5_0.root'), fixture('pool/p5_1.root')];
  await expect(merge(inputs, { output: scratch.path('out.root'), ...(options as object) })).rejects.toThrow(new UsageError(message));
  await expect(planMerge(inputs, options as object)).rejects.toThrow(message);
});
