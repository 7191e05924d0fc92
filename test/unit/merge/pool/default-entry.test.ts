import { describe, expect, it } from 'vitest';
import { treeOf, withPool, workers } from './pool-files.ts';
import { BranchCursor } from '../../../../src/io/root/tree/branch-cursor.ts';
import { InfoSet } from '../../../../src/io/root/streamer/info-set.ts';
import type { StreamerElement } from '../../../../src/io/root/streamer/streamer-info.ts';
import { TypeCode } from '../../../../src/io/root/streamer/type-codes.ts';
import { UnsupportedError } from '../../../../src/errors.ts';
import { BRANCH } from '../../../../src/io/root/tree/scan-layout.ts';
import { element, info } from '../../streamer/sample-infos.ts';
import { branchClassName, branchName } from '../../../../src/io/root/tree/basket-table.ts';
import { defaultEntry } from '../../../../src/merge/tree/default-entry.ts';

/** What real ROOT wrote, with the versions of STL frames (9 or 10) made equal. */
function plain(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('hex')
    .replaceAll(/(4000....)(00|40)0a/g, '$1$209');
}

describe('default entries', () => {
  it.each(['p5', 'p5unsplit', 'p6', 'index', 'p5shallow', 'p6shallow'] as const)(
    'can be built for every branch of the trees of %s',
    (family) => {
      withPool(workers(family)[0] as string, ({ containers, infos }) => {
        for (const name of ['CollectionTree', 'MetaData', 'POOLContainer', 'POOLContainerForm', 'POOLCollectionTree']) {
          const { scan } = treeOf(containers, name);
          for (let row = 0; row < scan.branches.count; row++) expect([undefined, true]).toContain(defaultEntry(scan, row, infos) && true);
        }
      });
    },
  );

  it('have the bytes that ROOT writes for empty texts and vectors', () => {
    withPool(workers('p5')[0] as string, ({ containers, infos }) => {
      const tree = treeOf(containers, 'CollectionTree');
      const found = new Map<string, boolean>();
      for (let row = 0; row < tree.scan.branches.count; row++) {
        const entry = defaultEntry(tree.scan, row, infos);
        const cursor = new BranchCursor(tree, row);
        if (entry === undefined || cursor.entryCount === 0) continue;
        for (let i = 0; i < cursor.entryCount; i++) {
          const { data, start, end } = cursor.entry(i);
          if (end - start !== entry.length || entry.length < 7) continue;
          const name = branchName(tree.scan, row);
          found.set(name, found.get(name) === true || plain(data.subarray(start, end)) === plain(entry));
        }
      }
      expect(found.get('floats')).toBe(true);
      expect(found.get('names')).toBe(true);
      expect(found.get('deep')).toBe(true);
    });
  });

  it('of an unsplit object end with empty vectors as ROOT writes them', () => {
    withPool(workers('p5')[0] as string, ({ containers, infos }) => {
      const tree = treeOf(containers, 'CollectionTree');
      const row = tree.branch('PoolExtra_v1_Whole') as number;
      const cursor = new BranchCursor(tree, row);
      const entry = plain(defaultEntry(tree.scan, row, infos) as Uint8Array);
      const rows = Array.from({ length: cursor.entryCount }, (_, i) => {
        const { data, start, end } = cursor.entry(i);
        return plain(data.subarray(start, end));
      });
      const points = entry.slice(-32);
      expect(points).toMatch(/^4000000c40090000[0-9a-f]{8}00000000$/);
      expect(rows.some((text) => text.endsWith(points))).toBe(true);
    });
  });

  it('of a text in a branch of its own is its length alone', () => {
    withPool(workers('p6shallow')[0] as string, ({ containers, infos }) => {
      const tree = treeOf(containers, 'CollectionTree');
      const row = tree.branch('Comment') as number;
      const { data, start, end } = new BranchCursor(tree, row).entry(0);
      expect(Buffer.from(data.subarray(start, end)).toString('latin1')).toBe('\x0fcomment 1000009');
      expect(defaultEntry(tree.scan, row, infos)).toEqual(new Uint8Array(1));
    });
  });

  it('that cannot be told are refused, with the branch and the reason', () => {
    withPool(workers('p5')[0] as string, ({ containers, infos }) => {
      const tree = treeOf(containers, 'CollectionTree');
      const { scan } = tree;
      const row = tree.branch('PoolExtra_v1_Whole') as number;
      const [className, version] = [branchClassName(scan, row), scan.branches.number(scan.view, row, BRANCH.fClassVersion)];
      const of = (...members: StreamerElement[]) => new InfoSet([info(className, members, version)]);
      const any = (typeName: string) => of(element('m', TypeCode.any, { typeName, storedSize: 0 }));
      const refusal = (given: InfoSet, changed = scan) => {
        expect(() => defaultEntry(changed, row, given)).toThrow(UnsupportedError);
        return expect(() => defaultEntry(changed, row, given));
      };
      const head = 'no default for branch PoolExtra_v1_Whole: ';
      expect(defaultEntry(scan, row, infos)?.length).toBeGreaterThan(0);
      refusal(infos, { ...scan, branchClass: scan.branchClass.with(row, 'TBranchObject') }).toThrow(`${head}it is a TBranchObject`);
      refusal(new InfoSet()).toThrow(`${head}no streamer info for ${className}`);
      refusal(any('Other')).toThrow(`${head}no streamer info for Other`);
      refusal(any(className)).toThrow(`${head}class ${className} holds itself`);
      refusal(any('TClonesArray')).toThrow(`${head}a TClonesArray has a streamer of its own`);
      const own = of(element('m', TypeCode.streamer, { typeName: 'Own', storedSize: 0 }));
      refusal(own).toThrow(`${head}member m of type Own, which has a streamer of its own`);
      refusal(of(element('m', 366, { typeName: 'Odd', storedSize: 0 }))).toThrow(`${head}member m of type Odd (366)`);
    });
  });
});
