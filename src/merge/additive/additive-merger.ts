/** The merger of objects beside histograms that add up: efficiencies, parameters, graphs, stacks, and lists with any of these inside. */
import { UnsupportedError, withContext, type ErrorContext } from '../../errors.ts';
import { objectPath } from '../../io/root/root-file.ts';
import { encodeGraph } from '../../io/root/streamer/encode.ts';
import type { SpanGraph } from '../../io/root/streamer/span-graph.ts';
import { isUnaddedPart } from '../plan/class-family.ts';
import type { HistogramRules } from '../histogram-rules.ts';
import type { ExecuteContext, Merger, PlanContext, PlannedWork } from '../merger.ts';
import type { Contribution } from '../plan/plan.ts';
import { graphOfKey } from '../objects/key-graph.ts';
import { usesProcessIds } from '../objects/process-id-use.ts';
import { targetKey } from '../plan/target-key.ts';
import { refuseTreesInside } from '../objects/trees-inside.ts';
import { isList } from './add-list.ts';
import { AddedClasses, Addition } from './add-objects.ts';

/** Sums objects of equal name and class; whether they fit is seen when they are read. */
export function additiveMerger(histograms: HistogramRules): Merger {
  const classes = new AddedClasses(histograms);
  return {
    family: 'additive',
    claims: (target, plan) => isList(plan.className(target)) && plan.inputCount(target) > 1 && plan.contributions(target).some(({ input, directory, keyIndex }) => classes.areIn(graphOfKey(input, directory, keyIndex).root)),
    plan: (targets, ctx) => planAdditions(targets, ctx, classes),
  };
}

function planAdditions(targets: readonly number[], ctx: PlanContext, classes: AddedClasses): PlannedWork {
  let inputBytes = 0;
  const added = targets.filter((target) => planTarget(target, ctx));
  for (const target of added) for (const { directory, keyIndex } of newestOf(ctx.plan.contributions(target))) inputBytes += directory.keys.nbytes(keyIndex);
  return {
    family: 'additive',
    inputBytes,
    // Conflicts are thrown by the histogram merger, which comes next and finds more of them.
    async execute(executeContext): Promise<void> {
      for (const target of added) {
        const sum = await sumTarget(target, classes, executeContext, executeContext);
        if (sum !== undefined && ctx.plan.conflicts.length === 0) writeSum(target, sum, executeContext);
      }
    },
    async check(planContext): Promise<void> {
      for (const target of added) await sumTarget(target, classes, planContext);
    },
  };
}

function planTarget(target: number, { plan, diagnostics }: PlanContext): boolean {
  const all = plan.contributions(target);
  if (!refuseTreesInside(plan, target, [...all.keys()])) return false;
  plan.decideSlots(target, 'add', 'mergeable', 1);
  const older = all.length - newestOf(all).length;
  const message = `${older} older ${older === 1 ? 'cycle' : 'cycles'} of a mergeable object left out: only the highest cycle of each input is merged`;
  if (older > 0) diagnostics.add({ code: 'older-cycles', path: plan.path(target), message });
  return true;
}

/** The sum of a target's contributions, two of them in memory at a time; undefined when they do not fit (conflicts are in the plan). */
async function sumTarget(target: number, classes: AddedClasses, ctx: PlanContext, execute?: ExecuteContext): Promise<SpanGraph | undefined> {
  const { plan, diagnostics } = ctx;
  let sum: SpanGraph | undefined;
  let refused = false;
  let inexact = 0;
  const kept = new Set<string>();
  for (const contribution of newestOf(plan.contributions(target))) {
    const addition = new Addition(classes);
    const next = graphOfKey(contribution.input, contribution.directory, contribution.keyIndex);
    try {
      checkForeignIds(contribution);
      checkUnderstood(next);
      const first = (sum ??= next);
      if (first !== next) withContext(contextOf(contribution), () => addition.addRoots(first, next));
    } catch (err) {
      if (!(err instanceof UnsupportedError)) throw err;
      addition.refuse('unsupported', '', err.reason);
    }
    for (const { code, reason } of addition.misfits) plan.refuse(target, code, reason, contribution.input);
    refused ||= addition.misfits.length > 0;
    inexact += addition.inexact;
    for (const className of addition.kept) if (isUnaddedPart(className)) kept.add(className);
    await execute?.progress.step(contribution.directory.keys.nbytes(contribution.keyIndex));
  }
  if (inexact > 0) {
    diagnostics.add({ code: 'saturated', path: plan.path(target), message: `${inexact} bin additions reached the largest value their histogram can hold` });
  }
  if (kept.size > 0) {
    diagnostics.add({ code: 'parts-not-added', path: plan.path(target), message: `holds objects of class ${[...kept].join(', ')}, which are not added: distinct ones stand side by side` });
  }
  return refused ? undefined : sum;
}

/** The newest cycle of each input: older ones are backups of the same object. */
function newestOf(contributions: readonly Contribution[]): Contribution[] {
  const newest = new Map<number, Contribution>();
  for (const contribution of contributions) {
    const known = newest.get(contribution.input.index);
    if (known === undefined || cycleOf(contribution) > cycleOf(known)) newest.set(contribution.input.index, contribution);
  }
  return [...newest.values()];
}

function cycleOf({ directory, keyIndex }: Contribution): number {
  return Math.abs(directory.keys.cycle(keyIndex));
}

/** Parts of several inputs stand in one record, which has room for one input's process ids. */
function checkForeignIds({ input, directory, keyIndex }: Contribution): void {
  if (input.pidOffset > 0 && usesProcessIds(input, directory, keyIndex)) {
    throw new UnsupportedError('holds references (TRef) under other process ids than the first input');
  }
}

/** What is not understood can be copied with its object, but not written into another one. */
function checkUnderstood({ opaque }: SpanGraph): void {
  const part = opaque[0];
  if (part !== undefined) throw new UnsupportedError(`holds a ${part.className} that is not understood: ${part.reason}`);
}

function contextOf({ input, directory, keyIndex }: Contribution): ErrorContext {
  return { file: input.path, objectPath: objectPath(directory, keyIndex) };
}

function writeSum(target: number, sum: SpanGraph, { plan, directories, writer, outcomes }: ExecuteContext): void {
  const output = directories[plan.targets.directory.at(target)];
  if (output === undefined) return;
  const key = targetKey(newestOf(plan.contributions(target))[0] as Contribution);
  const written = writer.writeObject(output, plan.targets.slot.at(target), key, (keylen) => encodeGraph(sum, { keylen }));
  outcomes.bytesEncoded[target] = written.nbytes - written.keylen;
}
