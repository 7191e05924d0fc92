/** Planning: from open inputs to a plan and the work of each family. Reads metadata only. */
import type { Diagnostics } from '../diagnostics.ts';
import type { InputFile } from './inputs.ts';
import type { PlanContext, PlannedWork } from './merger.ts';
import { MERGERS } from './mergers.ts';
import { refuseSecondLayouts, secondLayouts } from './objects/second-layouts.ts';
import { planSingleSource } from './other/other-merger.ts';
import { planProcessIds } from './other/process-ids.ts';
import { planPool, type PoolPlan } from './pool/plan-pool.ts';
import { pathFilter } from '../path-filter.ts';
import { DISPOSITIONS, FAMILIES, MergePlan, type Family } from './plan/plan.ts';
import { planTargets } from './plan/plan-targets.ts';
import type { MergePolicy } from './policy.ts';

const [PROCESS_ID, HISTOGRAM, ADDITIVE] = [FAMILIES.indexOf('process-id'), FAMILIES.indexOf('histogram'), FAMILIES.indexOf('additive')];
const [SKIP, REFUSE] = [DISPOSITIONS.indexOf('skip'), DISPOSITIONS.indexOf('refuse')];

/** A plan and what is needed to carry it out. */
export interface PlannedMerge {
  plan: MergePlan;
  /** In the order of execution. */
  works: PlannedWork[];
  /** Undefined when the inputs are no POOL files. */
  pool: PoolPlan | undefined;
}

/** Plans the merge of the inputs; conflicts are collected in the plan, all of them. */
export function planFiles(files: readonly InputFile[], policy: MergePolicy, diagnostics: Diagnostics): PlannedMerge {
  const plan = new MergePlan(files);
  planTargets(plan, pathFilter(policy.include, policy.exclude), diagnostics);
  const works = [planProcessIds(plan)];
  const pool = planPool({ plan, policy, diagnostics });
  const second = secondLayouts(files);
  const ctx: PlanContext = {
    plan,
    policy,
    diagnostics,
    ...(second !== undefined && { readerInfos: second.readers }),
    ...(pool !== undefined && { treeChanges: pool.treeChanges, tupleChanges: pool.tupleChanges }),
  };
  const { single, byFamily } = sortTargets(plan);
  works.push(planSingleSource(single, ctx));
  for (const merger of MERGERS) works.push(merger.plan(byFamily.get(merger.family) ?? [], ctx));
  if (second !== undefined) refuseSecondLayouts(plan, second);
  plan.assignSlots();
  return { plan, works, pool };
}

/** Targets by family; what adds, but is of one input only, needs no merging and is copied. */
function sortTargets(plan: MergePlan): { single: Uint32Array; byFamily: Map<Family, number[]> } {
  const { count, family, disposition } = plan.targets;
  const [families, dispositions] = [family.values, disposition.values];
  const single = new Uint32Array(count);
  let singleCount = 0;
  const byFamily = new Map<Family, number[]>();
  for (let target = 0; target < count; target++) {
    const code = families[target] as number;
    if (code === PROCESS_ID || dispositions[target] === SKIP || dispositions[target] === REFUSE) continue;
    if ((code === HISTOGRAM || code === ADDITIVE) && plan.contributionCount(target) === 1) {
      single[singleCount++] = target;
      continue;
    }
    const name = claimant(plan, target) ?? (FAMILIES[code] as Family);
    const list = byFamily.get(name);
    if (list === undefined) byFamily.set(name, [target]);
    else list.push(target);
  }
  return { single: single.subarray(0, singleCount), byFamily };
}

function claimant(plan: MergePlan, target: number): Family | undefined {
  return plan.family(target) === 'other' ? MERGERS.find((merger) => merger.claims?.(target, plan))?.family : undefined;
}
