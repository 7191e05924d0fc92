/**
 * Objects without a merge rule of their own, as hadd treats them: every copy goes to the output as
 * a further cycle of the name. Byte-equal copies go there once, unless all are asked for.
 */
import { createHash } from 'node:crypto';
import { isUnaddedPart } from '../plan/class-family.ts';
import type { Merger, PlanContext, PlannedWork } from '../merger.ts';
import type { Contribution, MergePlan, Reason } from '../plan/plan.ts';
import { CopyList, singleCopies } from './copy-list.ts';
import { copyWork } from './copy-work.ts';
import { refuseTreesInside } from '../objects/trees-inside.ts';

/** Most cycles a name can have: fCycle is an i16. */
const MAX_CYCLES = 32_767;

/** Plans copies and cycles; the work copies stored bytes. */
export const otherMerger: Merger = {
  family: 'other',
  plan(targets: readonly number[], ctx: PlanContext): PlannedWork {
    const list = new CopyList();
    for (const target of targets) planTarget(target, ctx, list);
    warnOfParts(targets, ctx);
    return copyWork('other', ctx.plan, list.items(ctx.plan));
  },
};

/** Plans targets that only one input holds and whose stored bytes need no change, whatever their family. */
export function planSingleSource(targets: Uint32Array, ctx: PlanContext): PlannedWork {
  ctx.plan.decideAll(targets, 'copy', 'single-source');
  return copyWork('other', ctx.plan, singleCopies(ctx.plan, targets));
}

function planTarget(target: number, ctx: PlanContext, list: CopyList): void {
  const { plan, policy } = ctx;
  const sources = plan.inputCount(target);
  const order = ascendingCycles(plan, target);
  const kept = sources > 1 && !policy.keepEqualCopies ? distinct(plan, target, order) : order;
  const trees = refuseTreesInside(plan, target, kept);
  if (trees === 'refused') return;
  if (kept.length > MAX_CYCLES) {
    plan.refuse(target, 'too-many-cycles', `${kept.length} copies, but a name can have at most ${MAX_CYCLES} cycles`);
    return;
  }
  plan.decideSlots(target, kept.length === 1 ? 'copy' : 'cycles', reasonOf(sources, kept.length, policy), kept.length);
  if (trees === 'in-memory' && sources > 1 && kept.length > 1) {
    const message = 'holds trees, which are not joined: every distinct copy is a cycle, and the name alone stands for the last';
    ctx.diagnostics.add({ code: 'parts-not-added', path: plan.path(target), message });
  }
  kept.forEach((k, i) => {
    const cycle = sources === 1 ? plan.contribution(target, k).directory.keys.cycle(plan.contribution(target, k).keyIndex) : i + 1;
    list.add(plan, target, k, kept.length - 1 - i, cycle);
  });
}

/** Why `copies` copies from so many inputs are kept. */
function reasonOf(sources: number, copies: number, { keepEqualCopies }: PlanContext['policy']): Reason {
  if (keepEqualCopies && sources > 1) return 'kept-by-option';
  if (copies > 1) return 'no-merge-rule';
  return sources === 1 ? 'single-source' : 'equal-copies';
}

/** Whoever reads the name of a part without a cycle gets one input's: that is told, once per class. */
function warnOfParts(targets: readonly number[], { plan, diagnostics }: PlanContext): void {
  const counts = new Map<string, { count: number; path: string }>();
  for (const target of targets) {
    const className = plan.className(target);
    if (plan.inputCount(target) < 2 || plan.disposition(target) === 'refuse' || !isUnaddedPart(className)) continue;
    const known = counts.get(className);
    if (known === undefined) counts.set(className, { count: 1, path: plan.path(target) });
    else known.count++;
  }
  for (const [className, { count, path }] of counts) {
    const more = count > 1 ? ` and ${count - 1} more` : '';
    const message = `objects of class ${className} (this one${more}) are not added: every distinct copy is a cycle, and the name alone stands for the last`;
    diagnostics.add({ code: 'parts-not-added', path, message });
  }
}

/** Contribution numbers in input order, older cycles of an input first. */
function ascendingCycles(plan: MergePlan, target: number): number[] {
  const all = plan.contributions(target).map((c, k) => ({ k, input: c.input.index, cycle: Math.abs(c.directory.keys.cycle(c.keyIndex)) }));
  return all.sort((a, b) => a.input - b.input || a.cycle - b.cycle).map((c) => c.k);
}

/** Contributions whose class, title and uncompressed bytes did not occur before. */
function distinct(plan: MergePlan, target: number, order: readonly number[]): number[] {
  const seen = new Set<string>();
  return order.filter((k) => {
    const digest = digestOf(plan.contribution(target, k));
    if (seen.has(digest)) return false;
    seen.add(digest);
    return true;
  });
}

function digestOf({ input, directory, keyIndex }: Contribution): string {
  const { key, payload } = input.file.readObject(directory, keyIndex);
  const hash = createHash('sha256');
  hash.update(`${directory.keys.className(keyIndex)}\0${directory.keys.title(keyIndex)}\0${input.pidOffset + key.pidOffset}\0`);
  return hash.update(payload).digest('base64');
}
