/** The targets that POOL files are made of: all of them lie in the root directory. */
import { decodeText } from '../../io/bytes/big-endian.ts';
import { BOOKKEEPING } from '../../io/pool/bookkeeping.ts';
import type { MergePlan } from '../plan/plan.ts';
import type { PoolProblem } from './pool-inputs.ts';

/** Bookkeeping that every POOL file has. */
export const BOOKKEEPING_TREES: readonly string[] = [BOOKKEEPING.params, BOOKKEEPING.links, BOOKKEEPING.shapes];

/** Targets by the name of their tree or RNTuple. */
export class PoolTargets {
  readonly #plan: MergePlan;
  readonly #byName = new Map<string, number>();

  /** `plan`: with ##Params among its targets. */
  constructor(plan: MergePlan) {
    this.#plan = plan;
    for (let target = 0; target < plan.targets.count; target++) {
      if (plan.targets.directory.at(target) === 0) this.#byName.set(decodeText(plan.nameText(target)), target);
    }
  }

  /** The target of that name; undefined when no input has it. */
  find(name: string): number | undefined {
    return this.#byName.get(name);
  }

  /** True for an RNTuple, false for a tree. */
  isTuple(target: number): boolean {
    return this.#plan.family(target) === 'rntuple';
  }

  /** True where no input has it, or a filter leaves it out. */
  isLeftOut(name: string): boolean {
    const target = this.#byName.get(name);
    return target === undefined || this.#plan.disposition(target) === 'skip';
  }

  /** Makes problems conflicts of a tree or RNTuple; of ##Params where no input has it. */
  refuse(name: string, problems: readonly PoolProblem[]): void {
    const target = this.#byName.get(name) ?? (this.#byName.get(BOOKKEEPING.params) as number);
    for (const { code, reason, input } of problems) this.#plan.refuse(target, code, reason, input);
  }

  /** Refuses those that a filter leaves out. */
  refuseLeftOut(names: Iterable<string>): void {
    for (const name of names) {
      const target = this.#byName.get(name);
      if (target === undefined || !this.isLeftOut(name)) continue;
      this.#plan.refuse(target, 'pool-filter', 'a filter leaves out a part of POOL files that references lead to');
    }
  }
}
