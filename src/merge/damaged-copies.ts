/** Objects that are copied as bytes are walked once the output is there: what is wrong with one is found in the output first. */
import { UnsupportedError } from '../errors.ts';
import { graphOfKey } from './objects/key-graph.ts';
import type { MergePlan } from './plan/plan.ts';

/**
 * Walks the objects of inputs that were copied, for an output that did not pass full verification: what came from an
 * input is damage of that input, not of the output. Costs nothing where all is well.
 *
 * @throws CorruptFileError of the first input with an object that contradicts itself
 */
export function refuseDamagedCopies(plan: MergePlan): void {
  for (let target = 0; target < plan.targets.count; target++) {
    if (!isCopied(plan, target)) continue;
    for (const contribution of plan.contributions(target)) {
      try {
        graphOfKey(contribution);
      } catch (err) {
        if (!(err instanceof UnsupportedError)) throw err;
      }
    }
  }
}

function isCopied(plan: MergePlan, target: number): boolean {
  const family = plan.family(target);
  return family !== 'tree' && family !== 'rntuple' && ['copy', 'cycles', 'first'].includes(plan.disposition(target));
}
