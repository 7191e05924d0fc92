/**
 * Merged POOL files as an independent reader sees them: each reference leads to the row it led to, with the content it
 * had. What hadd makes of the same files.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkReferences, merge } from '../../src/index.ts';
import { fixture } from '../scratch.ts';
import { CORPUS } from './corpus.ts';
import { answered, newMessages, Oracle } from './oracle.ts';

const PYTHON = fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));
const ORACLE = fileURLToPath(new URL('oracle/', import.meta.url));

/** What the checker counts. */
interface PoolCheck {
  references: number;
  resolved: number;
  foreign: number;
  wrong: number;
  dangling: number;
  sourceDangling: number;
  first: string[];
  problems: string[];
}

function python(script: string, args: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync(PYTHON, ['-W', 'ignore', join(ORACLE, script), ...args], {
    encoding: 'utf8',
    timeout: 200_000,
  });
  if (status !== 0 && status !== 1) throw new Error(`${script} ended with ${status}\n${stderr}`);
  if (stdout === '') throw new Error(stderr);
  return stdout;
}

function check(output: string, sources: readonly string[], ...options: string[]): PoolCheck {
  return JSON.parse(python('pool_check.py', [...options, output, ...sources])) as PoolCheck;
}

const workers = (family: string, ...numbers: number[]): string[] => numbers.map((n) => fixture(`pool/${family}_${n}.root`));

/** Name, inputs, references of all headers, tags and data, those to foreign files, and those hadd breaks (null: it fails). */
const CASES: [string, string[], { references: number; foreign: number; broken: number | null; perEvent?: string[] }][] = [
  ['p5, split', workers('p5', 0, 1, 2, 3), { references: 874, foreign: 50, broken: 874 }],
  ['p5, unsplit', workers('p5unsplit', 0, 1, 2, 3), { references: 823, foreign: 50, broken: 823 }],
  ['p4', workers('p4', 0, 1, 2, 3), { references: 229, foreign: 15, broken: 214 }],
  ['p6', workers('p6', 0, 1, 2, 3), { references: 746, foreign: 50, broken: 746 }],
  ['p6 with index', workers('index', 0, 1, 2, 3), { references: 777, foreign: 50, broken: 511 }],
  ['RNTuple', workers('ntuple', 0, 2, 3), { references: 601, foreign: 37, broken: 339 }],
  ['RNTuple, a field missing in one', workers('ntuple', 0, 1, 2, 3), { references: 777, foreign: 50, broken: null }],
  ['first worker without events', workers('p5', 2, 3, 0), { references: 673, foreign: 37, broken: 673 }],
  ['a process id twice, with index', workers('index', 0, 4), { references: 393, foreign: 25, broken: 388 }],
  [
    'a tree per container, some of them missing',
    workers('single', 1, 0, 2, 3),
    {
      references: 872,
      foreign: 50,
      broken: 872,
      perEvent: ['PoolExtra_v1_Extra', 'PoolExtra_v1_Whole', 'PoolVertices_tlp1_Vertices', 'PoolVertices_tlp1_MembersWhole'].map(
        (name) => `POOLContainer_${name}`,
      ),
    },
  ],
  [
    'a tree with index missing',
    workers('indexmore', 0, 1, 2),
    { references: 241, foreign: 15, broken: 232, perEvent: ['CollectionTreeAugmented'] },
  ],
  ['an RNTuple missing', workers('ntuplemore', 0, 1, 2), { references: 241, foreign: 15, broken: null, perEvent: ['EventDataAugmented'] }],
  ['one form per file, named by placements', workers('placed', 0, 1, 2), { references: 201, foreign: 13, broken: 182 }],
  ['one form per file, with index and a process id twice', workers('indexplaced', 0, 1, 2), { references: 201, foreign: 13, broken: 169 }],
  ['one form per file, RNTuple', workers('ntupleplaced', 0, 1, 2), { references: 201, foreign: 13, broken: null }],
  ['p5, split level 1', workers('p5shallow', 0, 1), { references: 140, foreign: 7, broken: 140 }],
  ['p6 with index, split level 1, a process id twice', workers('p6shallow', 0, 1), { references: 127, foreign: 7, broken: 127 }],
  ['a process id twice, RNTuple', workers('ntuple', 4, 0), { references: 393, foreign: 25, broken: 258 }],
];

let oracle: Oracle;
const folder = mkdtempSync(join(tmpdir(), 'pool-merge-check-'));
beforeAll(() => {
  oracle = new Oracle();
});
afterAll(async () => {
  await oracle.close();
  rmSync(folder, { recursive: true });
});

describe.each(CASES)('%s', (name, inputs, { references, foreign, broken, perEvent = [] }) => {
  const output = join(folder, `${name.replaceAll(/\W+/g, '-')}.root`);

  it('every reference leads where it led', async () => {
    await merge(inputs, { output });
    const options = perEvent.flatMap((tree) => ['--per-event', tree]);
    expect(check(output, inputs, '--all-rows', ...options)).toMatchObject({
      references,
      resolved: references - foreign,
      foreign,
      wrong: 0,
      dangling: 0,
      sourceDangling: 0,
      first: [],
      problems: [],
    });
  });

  it('pool-ls counts the same', async () => {
    const report = await checkReferences([output]);
    expect([report.resolved, report.foreign, report.dangling]).toEqual([references - foreign, foreign, 0]);
  });

  it('ROOT opens, maps, reads and updates it; uproot reads it', async () => {
    const opened = await oracle.openCheck(output);
    expect(answered(opened)).toMatchObject({ recovered: false, gaps: [], mapEnds: true, unread: [] });
    const before = await Promise.all(inputs.map((input) => oracle.openCheck(input)));
    expect(
      newMessages(
        before.flatMap((reply) => reply.messages),
        opened.messages,
      ),
    ).toEqual([]);
    expect(answered(await oracle.updateCheck(output))).toMatchObject({ written: true, reopened: true, lost: [] });
    expect(answered(await oracle.uprootCheck(output)).problems).toEqual([]);
    const trees = answered(await oracle.treeFacts(output));
    for (const [tree, { entries, branches }] of Object.entries(trees)) {
      for (const branch of branches) {
        expect([tree, branch.name, branch.entries === 0 || branch.entries === entries, branch.failed]).toEqual([
          tree,
          branch.name,
          true,
          0,
        ]);
      }
    }
  });

  it('hadd breaks them', async () => {
    const theirs = join(folder, `hadd-${basename(output)}`);
    const run = await oracle.haddRun(['-ff', theirs, ...inputs]);
    if (broken === null) {
      expect(answered(run).rc).not.toBe(0);
      return;
    }
    const found = check(theirs, inputs);
    expect([found.references, found.wrong + found.dangling]).toEqual([references, broken]);
    expect(found.problems.length).toBeGreaterThan(0);
  });
});

describe('workers that mergePOOL joined into one file with ##Sections', () => {
  const joined = fixture('pool/sections_0.root');

  it.each([
    ['alone', [joined], workers('p5', 0, 3), 632, 37],
    ['behind a worker that lacks containers', [...workers('p5', 1), joined], workers('p5', 1, 0, 3), 820, 50],
    ['before workers', [joined, ...workers('p5', 2, 1)], workers('p5', 0, 3, 2, 1), 824, 50],
  ])('%s: every reference leads where it led', async (name, inputs, sources, resolved, foreign) => {
    const output = join(folder, `sections-${name.replaceAll(' ', '-')}.root`);
    await merge(inputs, { output });
    expect(check(output, sources)).toMatchObject({ resolved, foreign, wrong: 0, dangling: 0, sourceDangling: 0, first: [], problems: [] });
  });
});

describe('in two steps', () => {
  it.each(['p5', 'p5unsplit', 'p6', 'index', 'ntuple'])('%s: as in one', async (family) => {
    const [first, output] = [join(folder, `${family}-first.root`), join(folder, `${family}-second.root`)];
    await merge(workers(family, 0, 1), { output: first });
    await merge([first, ...workers(family, 2, 3)], { output });
    const found = check(output, workers(family, 0, 1, 2, 3));
    expect(found).toMatchObject({ wrong: 0, dangling: 0, sourceDangling: 0, foreign: 50, first: [], problems: [] });
  });
});

describe('metadata summed to one row', () => {
  it('are what ROOT reads with the classes that wrote them', async () => {
    const families = { single: [20, 13, 0, 17], indexmore: [6, 5, 4], p5shallow: [4, 3] };
    const outputs = await Promise.all(
      Object.entries(families).map(async ([family, events]) => {
        const output = join(folder, `${family}-summed.root`);
        const inputs = workers(family, ...events.keys());
        await merge(inputs, { output, metadata: 'sum' });
        expect((await checkReferences([output])).dangling).toBe(0);
        return output;
      }),
    );
    const read = JSON.parse(python('pool_metadata.py', outputs)) as unknown[];
    Object.values(families).forEach((events, i) => {
      const numbers = [...events.keys()];
      const sum = (of: (n: number) => number): number => numbers.reduce((total, n) => total + of(n), 0);
      const stream = { events: sum((n) => events[n] as number), runs: numbers.map((n) => 450_000 + n), blocks: numbers.map((n) => 1 + n) };
      const range = (block: number, expected: number, seen: number): number[] => [450_000, block, 450_000, block, expected, seen];
      expect(read[i]).toEqual({
        entries: 1,
        rows: {
          EventStreamInfo_p3_StreamFixture: {
            ...stream,
            runs: [450_000, ...stream.runs],
            tags: ['StreamFixture'],
            items: [
              [2101, 'EventInfo'],
              [2102, 'TracksAux.'],
            ],
          },
          EventStreamInfo_p1_StreamOld: {
            ...stream,
            tags: ['StreamOld'],
            items: [[2101, 'EventInfo'], ...numbers.map((n) => [2110 + n, 'Own'])],
          },
          LumiBlockCollection_p1_OldLumiBlocks: [[1, 1], ...numbers.map((n) => [10 + n, 12 + n])],
          'xAOD::LumiBlockRangeAuxContainer_v1_LumiBlocksAux.': [
            range(
              1,
              100,
              sum((n) => 10 + n),
            ),
            ...numbers.map((n) => range(10 + n, 5, 5)),
          ],
          'xAOD::LumiBlockRangeAuxContainer_v1_SuspectLumiBlocksAux.': [range(7, 10, 10)],
          'xAOD::CutBookkeeperAuxContainer_v1_CutBookkeepersAux.': [
            ['AllExecutedEvents', sum((n) => 1000 + n), sum((n) => 1.5 + n), sum((n) => 2.5 + n)],
            ['Loose', sum((n) => 100 + n), 0.25 * numbers.length, 0.125 * numbers.length],
          ],
        },
      });
    });
  });
});

describe('the checker', () => {
  const output = join(folder, 'judged.root');
  beforeAll(() => merge(workers('p5', 0, 3), { output }));

  it('sees rows of another worker, other numbers of rows, and other content', () => {
    const swapped = check(output, workers('p5', 3, 0));
    expect(swapped.wrong + swapped.dangling).toBeGreaterThan(400);
    expect(check(output, workers('p5', 0)).problems).toContain('CollectionTree has 37 rows, 20 in the sources');
    const other = check(output, workers('p5unsplit', 0, 3));
    expect(other.wrong + other.dangling).toBeGreaterThan(0);
  });

  it('takes the GUIDs of the sources for that of the output only when told to', () => {
    const strict = check(workers('p6', 0)[0] as string, workers('p6', 1, 0));
    expect(strict.problems).not.toEqual([]);
    expect(check(workers('p6', 0)[0] as string, workers('p6', 0), '--old-fids')).toMatchObject({ wrong: 0, dangling: 0, problems: [] });
  });
});

/** Real files, and the references of each with its re-identified copy. */
const REAL = {
  'scikit-hep-testdata/uproot-issue-123a.root': [105_678, 400],
  'scikit-hep-testdata/uproot-issue-951.root': [10_628, 700],
  'scikit-hep-testdata/uproot-physlite-rntuple_v1-0-0-0.root': [21_228, 1000],
  'roottest/root/meta/MakeProject/small_aod.pool.root': [444, 16],
  'roottest/root/io/datamodelevolution/stl/cond09_mc.000029.gen.COND._0002.pool.root': [6, 0],
};

describe.skipIf(CORPUS === undefined).each(Object.entries(REAL))('%s with itself under another identity', (file, [resolved, foreign]) => {
  it('resolves as before', async () => {
    const input = join(CORPUS ?? '', file);
    const [copy, output] = [join(folder, `copy-${basename(file)}`), join(folder, `merged-${basename(file)}`)];
    expect(python('pool_reid.py', [input, copy]).trim()).toMatch(/^[0-9A-F-]{36}$/);
    await merge([input, copy], { output });
    expect(check(output, [input, copy], '--all-rows')).toMatchObject({
      resolved,
      foreign,
      wrong: 0,
      dangling: 0,
      sourceDangling: 0,
      first: [],
      problems: [],
    });
    const [before, after] = [await oracle.openCheck(input), await oracle.openCheck(output)];
    expect(answered(after)).toMatchObject({ recovered: false, gaps: [], mapEnds: true });
    expect(answered(after).unread.length).toBeLessThanOrEqual(answered(before).unread.length);
    expect(newMessages(before.messages, after.messages)).toEqual([]);
  });
});

/** Branches of real files that uproot reads, and what of them is added. */
const SUMMED = {
  'scikit-hep-testdata/uproot-issue-951.root': ['CutBookkeepersAux.', ['nAcceptedEvents', 'sumOfEventWeights', 'sumOfEventWeightsSquared']],
  'roottest/root/meta/MakeProject/small_aod.pool.root': ['EventStreamInfo_p1_StreamAOD', ['m_numberOfEvents']],
} as const;

describe.skipIf(CORPUS === undefined).each(Object.entries(SUMMED))(
  'metadata of %s and itself under another identity',
  (file, [branch, added]) => {
    it('are one row whose numbers uproot finds added, and all others as they were', async () => {
      const input = join(CORPUS ?? '', file);
      const [copy, output] = [join(folder, `twin-${basename(file)}`), join(folder, `summed-${basename(file)}`)];
      python('pool_reid.py', [input, copy]);
      await merge([input, copy], { output, metadata: 'sum' });
      const numbersOf = (path: string): Record<string, number | number[]> => {
        const { entries, numbers } = JSON.parse(python('metadata_numbers.py', [path, branch])) as {
          entries: number;
          numbers: Record<string, number | number[]>;
        };
        expect(entries).toBe(1);
        return numbers;
      };
      const before = numbersOf(input);
      const twice = (value: number | number[]): number | number[] =>
        typeof value === 'number' ? 2 * value : value.map((each) => 2 * each);
      expect(added.every((name) => name in before)).toBe(true);
      expect(numbersOf(output)).toEqual(
        Object.fromEntries(
          Object.entries(before).map(([name, value]) => [name, (added as readonly string[]).includes(name) ? twice(value) : value]),
        ),
      );
      expect((await checkReferences([output])).dangling).toBe(0);
    });
  },
);
