/** What becomes of each object of HDF5 files: which parts of which inputs, by which rule, and what does not fit. */
import { dirname, isAbsolute, resolve } from 'node:path';
import { pathFilter, type PathFilter } from '../../path-filter.ts';
import type { Hdf5Object } from '../../io/hdf5/hdf5-object.ts';
import { hasUnusualNumbers } from '../../io/hdf5/datatype-text.ts';
import type { Hdf5Extent } from '../../io/hdf5/hdf5-library.ts';
import { KNOWN_FILTERS, hasReferences, isScalar, rowsOf, typeText } from '../../io/hdf5/hdf5-types.ts';
import type { FormatContext } from '../format-merger.ts';
import { compareAttributes } from './compare-attributes.ts';
import { compareUserBlocks } from './compare-user-blocks.ts';
import type { Hdf5Input } from './hdf5-input.ts';
import {
  isDataset,
  refuse,
  type DatasetPlan,
  type ObjectPart,
  type ObjectPlan,
  type ObjectRule,
  type ObjectsPlan,
  type Problem,
} from './object-plan.ts';
import { isNumber } from './rows.ts';

/** Plans all objects; conflicts are collected, all of them. */
export async function planObjects(inputs: readonly Hdf5Input[], ctx: FormatContext): Promise<ObjectsPlan> {
  const plan: ObjectsPlan = { objects: [], conflicts: [] };
  const { sum, once } = ctx.policy.hdf5;
  const [summed, kept] = [pathFilter(sum, []), pathFilter(once, [])];
  const isSummed = (path: string): boolean => sum.length > 0 && summed.accepts(path);
  const isOnce = (path: string): boolean => once.length > 0 && kept.accepts(path);
  for (const [path, parts] of partsByPath(inputs)) {
    const [first] = parts;
    if (first === undefined) continue;
    const asked = { once: isOnce(path), sum: isSummed(path) };
    const onceBecause = reasonForOnce(path, parts, asked);
    const object = planObject(path, { first, parts }, ruleOf(onceBecause, asked));
    plan.objects.push(object);
    tellRelative(object, ctx);
    for (const problem of await problemsOf(object, ctx, onceBecause)) refuse(plan, object, problem);
  }
  refuseMissing(plan, inputs);
  compareUserBlocks(plan, inputs, ctx);
  tellUnmatched(summed, 'summed', ctx);
  tellUnmatched(kept, 'kept once', ctx);
  return plan;
}

/** Objects that lead to other files, from the folder of their own: the output may lie in another one. */
function tellRelative({ path, kind, first: { input, object } }: ObjectPlan, { output, diagnostics }: FormatContext): void {
  if (output === undefined || dirname(resolve(output)) === dirname(resolve(input.path))) return;
  const files = kind === 'external link' ? [object.target] : (object.extent?.virtual_sources ?? []).map(({ file_name: name }) => name);
  const [relative] = files.filter((file) => file !== '.' && !isAbsolute(file));
  if (relative === undefined) return;
  const message = `leads to ${relative}, from the folder of this file: the output lies in another one, and leads elsewhere`;
  diagnostics.add({ code: 'relative-link', file: input.path, path, message });
}

/** What the caller asks to be done with a dataset. */
type AskedRules = Readonly<Record<'once' | 'sum', boolean>>;

function reasonForOnce(path: string, parts: readonly ObjectPart[], { once, sum }: AskedRules): string | undefined {
  if (once) return '--once asks for it';
  return sum ? undefined : onceByConvention(path, parts);
}

function ruleOf(onceBecause: string | undefined, { sum }: AskedRules): ObjectRule {
  if (onceBecause !== undefined) return 'keep';
  return sum ? 'sum' : 'concat';
}

/** A pattern that matches nothing is likely a slip. */
function tellUnmatched(filter: PathFilter, what: string, { diagnostics }: FormatContext): void {
  for (const path of filter.unmatched().include) {
    diagnostics.add({ code: 'pattern-unused', path, message: `this pattern of what is to be ${what} matches nothing` });
  }
}

function onceByConvention(path: string, parts: readonly ObjectPart[]): string | undefined {
  const part = parts.find(({ input }) => input.conventions.keptOnce.has(path));
  const reason = part?.input.conventions.keptOnce.get(path);
  return reason === undefined ? undefined : `it ${reason}`;
}

function partsByPath(inputs: readonly Hdf5Input[]): Map<string, ObjectPart[]> {
  const parts = new Map<string, ObjectPart[]>();
  for (const input of inputs) {
    for (const object of input.objects.values()) {
      const list = parts.get(object.path);
      if (list === undefined) parts.set(object.path, [{ input, object }]);
      else list.push({ input, object });
    }
  }
  return parts;
}

function planObject(path: string, { first, parts }: Pick<ObjectPlan, 'first' | 'parts'>, rule: ObjectRule): ObjectPlan | DatasetPlan {
  const { kind, extent } = first.object;
  const base: ObjectPlan = { path, kind, rule: 'keep', first, parts, isRefused: false };
  if (extent === undefined) return base;
  const hasRows = !isScalar(extent);
  const rowCount =
    rule === 'concat'
      ? parts.reduce((rows, { object }) => rows + (object.extent === undefined ? 0 : rowsOf(object.extent)), 0)
      : rowsOf(extent);
  return { ...base, rule: hasRows || rule === 'sum' ? rule : 'keep', extent, rowCount };
}

/** @param onceBecause why a dataset is kept once, if it is */
async function problemsOf(plan: ObjectPlan, ctx: FormatContext, onceBecause: string | undefined): Promise<Problem[]> {
  const problems = [...unjoinable(plan), ...plan.parts.slice(1).flatMap((part) => partProblems(plan.path, plan.first, part))];
  if (problems.length > 0) return problems;
  problems.push(...compareAttributes(plan, ctx));
  if (!isDataset(plan) || plan.first.object.aliasOf !== undefined) return problems;
  if (isScalar(plan.extent) && plan.rule === 'keep') return [...problems, ...scalarProblems(plan, ctx)];
  if (onceBecause !== undefined) return [...problems, ...(await differingParts(plan, onceBecause))];
  return [...problems, ...rowProblems(plan)];
}

function unjoinable({ path, parts }: ObjectPlan): Problem[] {
  const reasons = parts.length > 1 ? parts.flatMap(({ input }) => input.conventions.unjoinable.get(path) ?? []) : [];
  return reasons.slice(0, 1).map((reason) => ({ code: 'unsupported', reason }));
}

function partProblems(path: string, { input: firstInput, object: first }: ObjectPart, { input, object }: ObjectPart): Problem[] {
  if (object.kind !== first.kind) return [{ code: 'class-differs', reason: `${object.kind} instead of ${first.kind}`, input }];
  if (object.aliasOf !== first.aliasOf) {
    return [{ code: 'links-differ', reason: `${linkText(object)} instead of ${linkText(first)}`, input }];
  }
  if (object.target !== first.target) return [{ code: 'links-differ', reason: `${object.target} instead of ${first.target}`, input }];
  if (first.extent === undefined || object.extent === undefined) return [];
  const [left, right] = [extentText(first.extent), extentText(object.extent)];
  if (left !== right) return [{ code: 'schema-differs', reason: `${right} instead of ${left}`, input }];
  const [expected, found] = [firstInput.types.get(path), input.types.get(path)];
  return expected === undefined || found === undefined || expected === found
    ? []
    : [{ code: 'schema-differs', reason: `${found} instead of ${expected}`, input }];
}

function linkText({ aliasOf }: Hdf5Object): string {
  return aliasOf === undefined ? 'an object of its own' : `another name of ${aliasOf}`;
}

/** Type and shape, any number of rows. */
function extentText(extent: Hdf5Extent): string {
  const { shape } = extent;
  if (shape === null) return `${typeText(extent)}, no value`;
  if (shape.length === 0) return `${typeText(extent)}, scalar`;
  return `${typeText(extent)}, rows of ${shape.length === 1 ? 'one value' : `[${shape.slice(1).join(', ')}]`}`;
}

function scalarProblems({ path, parts, first }: DatasetPlan, { policy, diagnostics }: FormatContext): Problem[] {
  const differing = parts.filter(({ input }) => input.scalars.get(path) !== first.input.scalars.get(path));
  if (policy.hdf5.differing === 'refuse') {
    return differing.map(({ input }) => ({
      code: 'value-differs',
      reason: 'another value than in the first input (--differing first keeps the first)',
      input,
    }));
  }
  for (const { input } of differing) {
    diagnostics.add({ code: 'value-kept', file: input.path, path, message: 'has another value than the first input, whose value is kept' });
  }
  return [];
}

async function differingParts({ path, parts, first, extent }: DatasetPlan, onceBecause: string): Promise<Problem[]> {
  const digest = ({ input, object }: ObjectPart): Promise<string> =>
    input.withFile((file) => `${object.extent?.shape?.join()} ${file.digest(path, object.extent ?? extent)}`);
  const expected = await digest(first);
  const problems: Problem[] = [];
  for (const part of parts.slice(1)) {
    const reason = `is not equal to that of the first input, as it must be: ${onceBecause}`;
    if ((await digest(part)) !== expected) problems.push({ code: 'value-differs', reason, input: part.input });
  }
  return problems;
}

/** Problems of datasets whose rows are read and written. */
function rowProblems({ path, first, parts, extent, rule }: DatasetPlan): Problem[] {
  if (parts.length === 1) return [];
  const problems: Problem[] = [];
  if (hasReferences(extent)) {
    problems.push({ code: 'unsupported', reason: 'holds references, which lead to places in their own file only' });
  }
  for (const { input, object } of parts) {
    const unknown = object.filters.filter(({ id }) => !KNOWN_FILTERS.includes(id));
    for (const { id, name } of unknown) {
      problems.push({ code: 'unsupported', reason: `is compressed by a filter that is not built in: ${id} ${name}`.trim(), input });
    }
    if (object.extent?.virtual_sources !== undefined) {
      problems.push({ code: 'unsupported', reason: 'is virtual: its data lie in other datasets', input });
    }
    const [found, expected] = [object.extent, extent].map((each) => each?.shape?.join(', '));
    if (rule === 'sum' && found !== expected) {
      problems.push({ code: 'schema-differs', reason: `shape [${found}] instead of [${expected}], which cannot be added`, input });
    }
  }
  const isUnusual = hasUnusualNumbers(first.input.types.get(path) ?? '');
  if (rule === 'sum' && (isUnusual || !isNumber(extent))) {
    problems.push({ code: 'unsupported', reason: 'is not made of numbers that can be added' });
  }
  return problems;
}

/** A group that several inputs have must have the same datasets in each: columns would get out of step. Empty groups do not count. */
function refuseMissing(plan: ObjectsPlan, inputs: readonly Hdf5Input[]): void {
  const joined = plan.objects.filter(
    (object) => isDataset(object) && object.rule === 'concat' && object.first.object.aliasOf === undefined,
  );
  const groups = new Map<string, ObjectPlan[]>();
  for (const object of joined) {
    const group = object.path.slice(0, object.path.lastIndexOf('/') + 1);
    const members = groups.get(group);
    if (members === undefined) groups.set(group, [object]);
    else members.push(object);
  }
  for (const input of inputs) {
    for (const members of groups.values()) {
      const missing = members.filter(({ path }) => !input.objects.has(path));
      if (missing.length === members.length) continue;
      for (const object of missing) {
        refuse(plan, object, {
          code: 'dataset-missing',
          reason: 'is missing, others of its group are there: rows would get out of step',
          input,
        });
      }
    }
  }
}
