/** What merging has around its steps, whatever the format: the checks of a call, and tries without the inputs that are bad. */
import { resolve } from 'node:path';
import { Diagnostics } from '../diagnostics.ts';
import { UnreadableFileError, UsageError, isPoolMergeError } from '../errors.ts';
import { checkTarget, isSameFile, statsIfAny, targetExists } from '../io/bytes/target.ts';
import type { PlanOptions } from './merge-options.ts';
import { maySkip, skippedFor, type SkippedInput } from './open-inputs.ts';
import type { MergePolicy } from './policy.ts';

/** One try: the inputs of the call less those found bad so far. */
export interface Attempt {
  all: readonly string[];
  bad: readonly SkippedInput[];
  paths: readonly string[];
}

/**
 * With `skipBad`, an input that turns out to be damaged while it is merged is left out as a whole
 * and the merge starts again: half of a file is never merged.
 */
export async function retryWithoutBad<T>(
  inputs: readonly string[],
  policy: MergePolicy,
  run: (attempt: Attempt) => Promise<T>,
): Promise<T> {
  let paths = [...inputs];
  const bad: SkippedInput[] = [];
  for (;;) {
    try {
      return await run({ all: inputs, bad, paths });
    } catch (err) {
      const file = isPoolMergeError(err) ? err.file : undefined;
      if (file === undefined || !maySkip(err, file, policy) || !paths.includes(file)) throw err;
      bad.push(skippedFor(file, err));
      paths = paths.filter((path) => path !== file);
    }
  }
}

/** Everything that is wrong with the call itself, before any file is touched. */
export function checkCall(inputs: readonly string[], { output, force, append, catalog }: PlanOptions): void {
  if (inputs.length === 0) throw new UsageError('no inputs');
  if (output !== undefined) checkOutput(inputs, output, force === true || append === true);
  if (catalog !== undefined) checkCatalog(catalog, output === undefined ? inputs : [output, ...inputs]);
}

function checkOutput(inputs: readonly string[], output: string, mayExist: boolean): void {
  const own = inputs.find((input) => isSameFile(input, output));
  if (own !== undefined) throw new UsageError('the output is also an input', { file: own });
  checkTarget(output, mayExist);
}

function checkCatalog(catalog: string, others: readonly string[]): void {
  if (others.some((other) => isSameFile(catalog, other))) {
    throw new UsageError('the catalog is also the output or an input', { file: catalog });
  }
  checkTarget(catalog, true, 'catalog');
}

/** With `append`, what the output holds already comes first. */
export function withExisting(inputs: readonly string[], { append, output }: PlanOptions): readonly string[] {
  return append === true && output !== undefined && targetExists(output) ? [output, ...inputs] : inputs;
}

/** @throws UnreadableFileError with all reasons when no input is left */
export function refuseNothingLeft(open: { files: readonly unknown[]; skipped: readonly SkippedInput[] }): void {
  if (open.files.length > 0) return;
  const reasons = open.skipped.map(({ path, reason }) => `  ${path}: ${reason}`).join('\n');
  throw new UnreadableFileError(`none of the inputs can be read\n${reasons}`);
}

/** What can be said of the list of inputs alone. */
export function inputDiagnostics(paths: readonly string[]): Diagnostics {
  const diagnostics = new Diagnostics();
  const names = new Map<string, string[]>();
  for (const path of paths) {
    const stats = statsIfAny(path);
    const file = stats === undefined ? resolve(path) : `${stats.dev}:${stats.ino}`;
    const known = names.get(file);
    if (known === undefined) names.set(file, [path]);
    else known.push(path);
  }
  for (const [first, again, ...more] of names.values()) {
    if (first === undefined || again === undefined) continue;
    const another = [again, ...more].find((other) => resolve(other) !== resolve(first));
    diagnostics.add({
      code: 'input-repeated',
      file: another ?? again,
      message: `given more than once${another === undefined ? '' : `, also as ${first}`}: its contents count as often`,
    });
  }
  return diagnostics;
}
