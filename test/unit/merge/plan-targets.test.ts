import { describe, expect, it, vi } from 'vitest';
import { Diagnostics, type Diagnostic } from '../../../src/diagnostics.ts';
import { MergePlan } from '../../../src/merge/plan/plan.ts';
import { pathFilter } from '../../../src/path-filter.ts';
import { planTargets } from '../../../src/merge/plan/plan-targets.ts';
import { targetKey } from '../../../src/merge/plan/target-key.ts';
import type { SmallItem } from '../../small-file.ts';
import { smallInputs, stub } from './small-inputs.ts';

interface Planned {
  plan: MergePlan;
  /** One line per target: path, class, disposition, reason, `input:key` of its contributions. */
  targets: string[];
  directories: string[];
  conflicts: string[];
  diagnostics: Diagnostic[];
}

function planned(files: readonly (readonly SmallItem[])[], include: readonly string[] = [], exclude: readonly string[] = []): Planned {
  const plan = new MergePlan(smallInputs(...files));
  const diagnostics = new Diagnostics();
  planTargets(plan, pathFilter(include, exclude), diagnostics);
  plan.assignSlots();
  const targets = Array.from({ length: plan.targets.count }, (_, t) => {
    const from = plan.contributions(t).map((c) => `${c.input.index}:${c.keyIndex}`);
    return `${plan.path(t)} ${plan.className(t)} ${plan.disposition(t)} ${plan.reason(t)} ${from.join(' ')}`;
  });
  return {
    plan,
    targets,
    directories: plan.directories.filter((d) => !d.omitted).map((d) => d.path),
    conflicts: plan.conflicts.map((c) => `${c.path} ${c.className} ${c.file} ${c.code}`),
    diagnostics: diagnostics.list(),
  };
}

const dir = (directory: string | Uint8Array, ...items: SmallItem[]): SmallItem => ({ directory, items });

describe('what a target is made of', () => {
  it('is counted by input, however many cycles one has', () => {
    const { plan } = planned([
      [stub('TNamed', 'n', 2), stub('TNamed', 'n', 1), stub('TNamed', 'm')],
      [stub('TNamed', 'n', 5), stub('TNamed', 'n', 4), stub('TNamed', 'n', 3)],
    ]);
    expect([0, 1].map((t) => [plan.path(t), plan.contributionCount(t), plan.inputCount(t)])).toEqual([
      ['/n', 5, 2],
      ['/m', 1, 1],
    ]);
  });

  it('gives its key: the process ids are those of the record in those of the input', () => {
    const [input] = smallInputs([stub('TH1F', 'h', 7, 't')]);
    if (input === undefined) throw new Error('no input');
    vi.spyOn(input.file.root.keys, 'pidOffset').mockReturnValue(2);
    const key = targetKey({ input: { ...input, pidOffset: 3 }, directory: input.file.root, keyIndex: 0 });
    expect({ ...key, name: String(Buffer.from(key.name)) }).toMatchObject({ name: 'h', cycle: 1, pidOffset: 5 });
  });
});

describe('targets', () => {
  it('are grouped by full path in order of first appearance, each with its family', () => {
    const { targets, directories } = planned([
      [stub('TH1F', 'h'), stub('TTree', 't'), dir('d', stub('TH2D', 'h'))],
      [stub('TNamed', 'n'), dir('d', stub('TH2D', 'h'), stub('ROOT::RNTuple', 'r')), stub('TTree', 't')],
    ]);
    expect(targets).toEqual([
      '/h TH1F add mergeable 0:0',
      '/t TTree concat mergeable 0:1 1:2',
      '/d/h TH2D add mergeable 0:0 1:0',
      '/d/r ROOT::RNTuple concat mergeable 1:1',
      '/n TNamed cycles no-merge-rule 1:0',
    ]);
    expect(directories).toEqual(['/', '/d']);
  });

  it('of equal names in different directories stay apart (A, B/A, C/D/A)', () => {
    const file = [dir('A', stub('TH1F', 'h')), dir('B', dir('A', stub('TH1F', 'h'))), dir('C', dir('D', dir('A', stub('TH1F', 'h'))))];
    expect(planned([file, file]).targets).toEqual([
      '/A/h TH1F add mergeable 0:0 1:0',
      '/B/A/h TH1F add mergeable 0:0 1:0',
      '/C/D/A/h TH1F add mergeable 0:0 1:0',
    ]);
  });

  it('get their slots in the key list in order, directories in between', () => {
    const { plan } = planned([[stub('TH1F', 'a'), dir('d'), stub('TH1F', 'b')], [stub('TH1F', 'c')]]);
    expect([0, 1, 2].map((t) => plan.targets.slot.at(t))).toEqual([0, 2, 3]);
    expect(plan.directories[1]?.slot).toBe(1);
  });

  it('are the highest cycle of each input where a class is merged, and that is said', () => {
    const { targets, diagnostics } = planned([
      [stub('TTree', 't', 3), stub('TTree', 't', 2)],
      [stub('TTree', 't', 7), stub('TTree', 't', 9), stub('TTree', 't', 8)],
    ]);
    expect(targets).toEqual(['/t TTree concat mergeable 0:0 1:1']);
    expect(diagnostics).toEqual([
      expect.objectContaining({ code: 'older-cycles', path: '/t', message: expect.stringContaining('3 older cycles') as string }),
    ]);
  });

  it('are all cycles where a class is not merged', () => {
    expect(planned([[stub('TNamed', 'n', 2), stub('TNamed', 'n', 1)], [stub('TNamed', 'n')]]).targets).toEqual([
      '/n TNamed cycles no-merge-rule 0:0 0:1 1:0',
    ]);
  });

  it('do not include the process ids of the root, which are renumbered, but those of other directories', () => {
    expect(planned([[stub('TProcessID', 'ProcessID0'), dir('d', stub('TProcessID', 'x'))]]).targets).toEqual([
      '/d/x TProcessID cycles no-merge-rule 0:0',
    ]);
  });
});

describe('one name, different classes:', () => {
  it.each<[string, SmallItem, SmallItem]>([
    ['TH1F and TH1D', stub('TH1F', 'x'), stub('TH1D', 'x')],
    ['TTree and TH1F', stub('TTree', 'x'), stub('TH1F', 'x')],
    ['TTree and TNtuple', stub('TTree', 'x'), stub('TNtuple', 'x')],
    ['RNTuple and TTree', stub('ROOT::RNTuple', 'x'), stub('TTree', 'x')],
    ['TNamed and TH1F', stub('TNamed', 'x'), stub('TH1F', 'x')],
    ['directory and object', dir('x', stub('TH1F', 'h')), stub('TH1F', 'x')],
    ['object and directory', stub('TNamed', 'x'), dir('x', stub('TH1F', 'h'))],
  ])('%s are refused, the second input named, in both orders and in one file', (_, a, b) => {
    expect(planned([[a], [b]]).conflicts).toEqual([expect.stringMatching(/^\/x \S+ b\.root class-differs$/) as string]);
    expect(planned([[b], [a]]).conflicts).toHaveLength(1);
    expect(planned([[a, b]]).conflicts).toHaveLength(1);
    expect(planned([[a], [b]]).targets).toEqual([expect.stringMatching(/^\/x \S+ refuse conflict 0:0 1:0$/) as string]);
  });

  it('two classes without a merge rule are cycles of one name', () => {
    const { targets, conflicts } = planned([[stub('TNamed', 'x')], [stub('TObjString', 'x')]]);
    expect([targets, conflicts]).toEqual([['/x TNamed cycles no-merge-rule 0:0 1:0'], []]);
  });

  it('all conflicts are named, not only the first', () => {
    const [first, second] = [['a', 'b', 'c'].map((n) => stub('TH1F', n)), ['a', 'b', 'c'].map((n) => stub('TH1D', n))];
    expect(planned([first, second]).conflicts).toEqual([
      '/a TH1F b.root class-differs',
      '/b TH1F b.root class-differs',
      '/c TH1F b.root class-differs',
    ]);
  });

  it('an excluded name is no conflict', () => {
    expect(planned([[stub('TH1F', 'x')], [stub('TH1D', 'x')]], [], ['/x'])).toMatchObject({
      conflicts: [],
      targets: ['/x TH1F skip excluded 0:0 1:0'],
    });
  });

  it('two directories of one name in one file are refused', () => {
    const twice = [dir('d', stub('TH1F', 'h')), { directory: 'd', cycle: 2, items: [stub('TH1F', 'h')] }];
    expect(planned([twice]).conflicts).toEqual(['/d TDirectory a.root directory-cycles']);
    expect(planned([twice], [], ['/d']).conflicts).toEqual([]);
    expect(planned([[...twice, stub('TH1F', 'x')]], ['/x']).conflicts).toEqual([]);
  });
});

describe('filters', () => {
  const files = [
    [stub('TH1F', 'top'), dir('A', stub('TH1F', 'h'), stub('TH1F', 'g')), dir('B', dir('C', stub('TH1F', 'h')))],
    [dir('B', stub('TH1F', 'new'))],
  ];

  it('that include a directory leave no other, not even empty', () => {
    const { directories, targets } = planned(files, ['/A']);
    expect(directories).toEqual(['/', '/A']);
    expect(targets.filter((t) => !t.includes(' skip '))).toEqual(['/A/h TH1F add mergeable 0:0', '/A/g TH1F add mergeable 0:1']);
  });

  it('that include an object deep inside keep the directories above it', () => {
    expect(planned(files, ['/B/C/h']).directories).toEqual(['/', '/B', '/B/C']);
  });

  it('that exclude a directory leave out all it holds', () => {
    const { directories, targets } = planned(files, [], ['/B']);
    expect(directories).toEqual(['/', '/A']);
    expect(targets).toEqual(['/top TH1F add mergeable 0:0', '/A/h TH1F add mergeable 0:0', '/A/g TH1F add mergeable 0:1']);
  });

  it('that exclude every object of a directory keep the directory', () => {
    const { directories, plan } = planned(files, [], ['/A/*']);
    expect(directories).toEqual(['/', '/A', '/B', '/B/C']);
    expect(plan.slotCount(plan.directories[1] as (typeof plan.directories)[number])).toBe(0);
  });

  it('give skipped targets no slot', () => {
    const { plan } = planned(files, [], ['/top']);
    expect(plan.targets.slotCount.at(0)).toBe(0);
    expect(plan.directories[1]?.slot).toBe(0);
  });
});

describe('names', () => {
  it('that are not UTF-8 keep their bytes, in objects and in directories', () => {
    const latin1 = Uint8Array.of(0xe9, 0x74, 0xe9);
    const { plan } = planned([[dir(latin1, stub('TH1F', latin1)), dir('été', stub('TH1F', 'h'))]]);
    expect(plan.directories.map((d) => [...d.nameText])).toEqual([expect.anything(), [...latin1], [...Buffer.from('été')]]);
    expect([...plan.nameText(0)]).toEqual([...latin1]);
    expect(plan.directories.map((d) => d.path)).toEqual(['/', '/été', '/été']);
  });

  it('of directories keep the title of the first input', () => {
    const { plan } = planned([[{ directory: 'd', title: 'first', items: [] }], [{ directory: 'd', title: 'second', items: [] }]]);
    expect(Buffer.from(plan.directories[1]?.titleText ?? '').toString()).toBe('first');
  });
});
