/** User blocks of inputs: the output has that of the first one. */
import type { FormatContext } from '../format-merger.ts';
import type { Hdf5Input } from './hdf5-input.ts';
import { refuse, type ObjectsPlan } from './object-plan.ts';

/** User blocks that the output would lose are conflicts of the root group, or, as the policy has it, warnings. */
export function compareUserBlocks(
  plan: ObjectsPlan,
  [first, ...others]: readonly Hdf5Input[],
  { policy, diagnostics }: FormatContext,
): void {
  const root = plan.objects.find(({ path }) => path === '/');
  if (root === undefined) return;
  for (const input of others.filter(({ userBlock }) => userBlock !== '' && userBlock !== first?.userBlock)) {
    const what = first?.userBlock === '' ? 'has a user block, the first input has none' : 'has another user block than the first input';
    if (policy.hdf5.differing === 'refuse') {
      refuse(plan, root, { code: 'user-block-differs', reason: `${what} (--differing first leaves it as in the first input)`, input });
    } else {
      diagnostics.add({ code: 'user-block-kept', file: input.path, path: '/', message: `${what}; it stays as in the first input` });
    }
  }
}
