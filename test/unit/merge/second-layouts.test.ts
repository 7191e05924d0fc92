/** One version of a class with two layouts: readers of the output know the first only. */
import { describe, expect, it } from 'vitest';
import { Diagnostics } from '../../../src/diagnostics.ts';
import { openRootFile } from '../../../src/io/root/root-file.ts';
import { InfoSet } from '../../../src/io/root/streamer/info-set.ts';
import { bootstrapInfos, parseInfoSet } from '../../../src/io/root/streamer/parse-infos.ts';
import type { StreamerInfo } from '../../../src/io/root/streamer/streamer-info.ts';
import type { InputFile } from '../../../src/merge/inputs.ts';
import { planFiles } from '../../../src/merge/plan-merge.ts';
import { fixture } from '../../scratch.ts';
import { POLICY } from '../histogram/sample-histograms.ts';

/**
 * A file with a FixtureNamed (ClassDef, version 2), a FixturePod (no ClassDef: frames with a checksum) and a tree of
 * such; infos changed.
 */
function input(
  index: number,
  worker: number,
  change: (info: StreamerInfo) => StreamerInfo = (info) => info,
  family = 'unknown',
): InputFile {
  const file = openRootFile(fixture(`${family}_${worker}.root`));
  const record = file.readInfos();
  const own = record === undefined ? [] : parseInfoSet(record.payload, record.key.keylen).list();
  const infos = new InfoSet(own.map(change), (className) => bootstrapInfos().all(className));
  return { index, path: `${index}.root`, file, infos, hasBranches: true, pidOffset: 0 };
}

/** Gives the members of a class other names: another layout of equal bytes. */
function renaming(className: string): (info: StreamerInfo) => StreamerInfo {
  return (info) => {
    if (info.className !== className) return info;
    const elements = info.elements.map((element) =>
      element.elementClass === 'TStreamerBase' ? element : { ...element, name: `other_${element.name}` },
    );
    return { ...info, checksum: info.checksum ^ 1, elements };
  };
}

/** `path: code, file` of all conflicts. */
function conflictsOf(include: readonly string[], ...inputs: readonly InputFile[]): string[] {
  const { plan } = planFiles(inputs, { ...POLICY, include }, new Diagnostics());
  for (const { file } of inputs) file.close();
  return plan.conflicts
    .map(({ path, code, file, reason }) => `${path}: ${code}, ${file}: ${reason.replace(/ than an earlier.*/, '')}`)
    .sort();
}

describe('two layouts of one class under one version', () => {
  it('are refused where an object of the second would be read as one of the first, whoever else holds that object', () => {
    const held = '/named: layout-differs, 1.root: holds FixtureNamed version 2 in another layout';
    expect(conflictsOf(['/named'], input(0, 0), input(1, 1, renaming('FixtureNamed')))).toEqual([held]);
    expect(conflictsOf(['/pod', '/named'], input(0, 0), input(1, 1, renaming('FixtureNamed')), input(2, 2))).toEqual([held]);
  });

  it('are told apart by the checksum in the frames of classes without ClassDef', () => {
    expect(conflictsOf(['/pod'], input(0, 0, renaming('FixturePod')), input(1, 1))).toEqual([]);
  });

  it('do not matter where only one of them is in use, or infos differ in their checksum alone', () => {
    expect(conflictsOf([], input(0, 1, renaming('FixtureNamed')))).toEqual([]);
    expect(
      conflictsOf(
        [],
        input(0, 0),
        input(1, 1, (info) => ({ ...info, checksum: info.checksum ^ 1 })),
      ),
    ).toEqual([]);
  });

  it("do not matter in what is only added to a histogram, whose functions are the first input's", () => {
    const path = '/special/functions';
    expect(conflictsOf([path], input(0, 0, undefined, 'hists'), input(1, 1, renaming('TLine'), 'hists'))).toEqual([]);
    const first = { ...input(0, 0, undefined, 'hists'), file: openRootFile(fixture('unknown_0.root')) };
    expect(conflictsOf([path], first, input(1, 1, renaming('TLine'), 'hists'))).toEqual([
      `${path}: layout-differs, 1.root: holds TLine version 3 in another layout`,
    ]);
  });

  it('are refused in a tree that a single input holds, unless the class may be one without ClassDef', () => {
    const treeOnlyIn = (change: (info: StreamerInfo) => StreamerInfo): string[] =>
      conflictsOf(['/tree'], { ...input(0, 0), file: openRootFile(fixture('worker_0.root')) }, input(1, 1, change));
    expect(treeOnlyIn(renaming('FixturePod'))).toEqual([]);
    expect(treeOnlyIn(renaming('FixtureNamed'))).toEqual([
      '/tree: layout-differs, 1.root: branch whole holds FixtureNamed version 2 in another layout',
    ]);
  });
});
