/** `pool-merge --check`: the finished candidate is held against the inputs before it gets its name. */
import {
  UsageError,
  VerificationError,
  diffMerged,
  inputFormat,
  type MergeOptions,
  type ObjectComparison,
  type PlanOptions,
} from '../src/index.ts';
import { givenFlags } from './flag-values.ts';
import type { MergeFlags } from './merge-flags.ts';

/** Wrong objects named in the message. */
const NAMED_OBJECTS = 20;

/** UsageError for flags under which the result is not what follows from the inputs alone. */
export function refuseUncheckable({ append, skipBad, dryRun }: MergeFlags): void {
  const others = { '--append': append, '--skip-bad': skipBad, '--dry-run': dryRun };
  const given = Object.entries(others).find(([, isGiven]) => isGiven === true);
  if (given !== undefined) throw new UsageError(`--check does not go with ${given[0]}`);
}

/** Returns a check of a candidate against its inputs: a VerificationError names what was lost, altered or added. */
export function checkAgainst(inputs: readonly string[], options: PlanOptions): NonNullable<MergeOptions['check']> {
  return async (candidate) => {
    const report = await diffMerged(candidate, inputs, {
      maxDiffs: 1,
      ...(inputFormat(inputs) === 'root' && { metadata: 'concat' }),
      ...givenFlags(options, 'include', 'exclude', 'signal', 'metadata', 'sum', 'once', 'differing'),
    });
    if (report.isSame) return;
    const wrong = report.objects.filter(({ verdict }) => verdict === 'lost' || verdict === 'altered' || verdict === 'added');
    const more = wrong.length > NAMED_OBJECTS ? `\n  ... and ${wrong.length - NAMED_OBJECTS} more` : '';
    throw new VerificationError(
      `the result does not hold what the inputs hold, nothing was written\n${wrong.slice(0, NAMED_OBJECTS).map(objectLine).join('\n')}${more}`,
    );
  };
}

function objectLine({ path, className, verdict, differences }: ObjectComparison): string {
  const [first] = differences;
  return `  ${path} (${className}): ${verdict}${first === undefined ? '' : `: ${first.at}: has ${first.left}, expected ${first.right}`}`;
}
