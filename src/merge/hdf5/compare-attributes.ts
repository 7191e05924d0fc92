/** Attributes of one object in several inputs. */
import { hasUnknownReferences } from '../../io/hdf5/hdf5-types.ts';
import type { FormatContext } from '../format-merger.ts';
import { rowCountOf, type ObjectPart, type ObjectPlan, type Problem } from './object-plan.ts';

/** Attributes that differ from those of the first input that has the object: problems, or, as the policy has it, warnings. */
export function compareAttributes(
  { path, rule, first, parts }: Pick<ObjectPlan, 'path' | 'rule' | 'first' | 'parts'>,
  { policy, diagnostics }: FormatContext,
): Problem[] {
  const problems: Problem[] = [];
  for (const part of parts.slice(1)) {
    for (const { name, what } of differences(first, part)) {
      if (name === rowCountOf({ path, rule, first })?.name && name === rowCountOf({ path, rule, first: part })?.name) continue;
      if (policy.hdf5.differing === 'refuse') {
        problems.push({
          code: 'attribute-differs',
          reason: `attribute ${name}: ${what} (--differing first leaves it as in the first input)`,
          input: part.input,
        });
      } else {
        diagnostics.add({
          code: 'attribute-kept',
          file: part.input.path,
          path: `${path}@${name}`,
          message: `attribute ${name}: ${what}; it stays as in the first input`,
        });
      }
    }
  }
  return problems;
}

function differences(
  { object: { attributes: expected } }: ObjectPart,
  { object: { attributes: found } }: ObjectPart,
): { name: string; what: string }[] {
  const names = [...new Set([...expected.keys(), ...found.keys()])];
  return names.flatMap((name) => {
    const [left, right] = [expected.get(name), found.get(name)];
    if (left === undefined) return [{ name, what: 'the first input does not have it' }];
    if (right === undefined) return [{ name, what: 'is missing' }];
    if (left.digest !== right.digest) return [{ name, what: 'another value than in the first input' }];
    return hasUnknownReferences(right.extent) ? [{ name, what: 'references of HDF5 1.12, which cannot be compared' }] : [];
  });
}
