/** docs/report.md tells the truth: its examples have the fields of real reports, its tables all codes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CorruptFileError, errorReport, merge, planMerge, reportChunks } from '../../src/index.ts';
import { DISPOSITIONS, REASONS } from '../../src/merge/plan/plan.ts';
import { Scratch, fixture } from '../scratch.ts';
import { projectRoot, readSources } from './source-tree.ts';

const text = readFileSync(join(projectRoot, 'docs', 'report.md'), 'utf8');
const examples = [...text.matchAll(/```json\n([\s\S]*?)```/g)].map((match) => JSON.parse(match[1] as string) as { kind: string });
const sources = readSources('src/merge');

/** Paths of all fields with the types of their values, e.g. `targets[].path: string`; counts by name are one field. */
function shapeOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((element) => shapeOf(element, `${path}[]`));
  if (typeof value !== 'object' || value === null || path === 'totals.dispositions') return [`${path}: ${typeof value}`];
  return Object.entries(value).flatMap(([key, element]) => shapeOf(element, path === '' ? key : `${path}.${key}`));
}

function shapes(...values: unknown[]): string[] {
  return [...new Set(values.flatMap((value) => shapeOf(value)))].sort();
}

function example(kind: string): unknown {
  return examples.find((each) => each.kind === kind);
}

/** Codes in the first column of the table under a heading. */
function tableUnder(heading: string): string[] {
  const section = text.split(new RegExp(`^#+ ${heading}$`, 'm'))[1]?.split(/^#/m)[0] ?? '';
  return [...section.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1] as string);
}

describe('the examples', () => {
  it('have the fields of real reports, and no other', async () => {
    using scratch = new Scratch();
    const [a, b] = [fixture('worker_0.root'), fixture('worker_1.root')];
    const bad = scratch.put('bad.root', '');
    const report = await merge([a, b, a, bad], { output: scratch.path('out.root'), skipBad: true });
    const pool = await merge([fixture('pool/p6_0.root')], { output: scratch.path('pool.root') });
    expect(shapes(example('merge'))).toEqual(shapes(JSON.parse([...reportChunks(report)].join('')), { output: pool.output }));
    const plan = await planMerge([fixture('meta_0.root'), fixture('flat_0.root')]);
    expect(plan.conflicts.length).toBeGreaterThan(0);
    expect(shapes(example('plan'))).toEqual(shapes({ ...plan, diagnostics: [] }));
    const error = errorReport(new CorruptFileError('x', { file: 'a', objectPath: '/b', offset: 1 }));
    expect(shapes(example('error'))).toEqual(shapes(error));
  });
});

describe('the tables', () => {
  it('have every field of a merge but the three that say what it is', () => {
    const documented = tableUnder('Merge').map((name) => name.replace(/\[\]$/, ''));
    const fields = shapes(example('merge'))
      .map((line) => line.split(':')[0] as string)
      .filter((name) => !/^(schemaVersion|kind|diagnostics)/.test(name));
    expect(documented.filter((name) => name !== 'conflicts' && name !== 'diagnostics').sort()).toEqual(fields.sort());
  });

  it('have all dispositions and reasons', () => {
    expect(tableUnder('Dispositions')).toEqual([...DISPOSITIONS]);
    expect(tableUnder('Reasons')).toEqual([...REASONS]);
  });

  it('have all codes of conflicts and warnings', () => {
    const all = sources.flatMap((file) =>
      [...file.text.matchAll(/(?:refuse\(\s*(?:target,\s*)?|tell\(\s*|code:\s*)'([a-z-]+)'/g)].map((match) => match[1] as string),
    );
    expect([...tableUnder('Codes of conflicts'), ...tableUnder('Codes of warnings')].sort()).toEqual([...new Set(all)].sort());
  });

  it('have all codes of errors', () => {
    const [, list] = /export type ErrorCode =([\s\S]*?);/.exec(readFileSync(join(projectRoot, 'src', 'errors.ts'), 'utf8')) ?? [];
    expect(tableUnder('Error')).toEqual([...(list ?? '').matchAll(/'([A-Z_]+)'/g)].map((match) => match[1]));
  });
});
