/** What may change in the bookkeeping of POOL files, and what may not. */
import { describe, expect, it } from 'vitest';
import { DifferenceList, type Difference } from '../../../../src/diff/object/difference.ts';
import { judgeBookkeeping } from '../../../../src/diff/pool/pool-bookkeeping.ts';
import { parseLink, parseParam, parseShape, type Link, type Section } from '../../../../src/io/pool/bookkeeping.ts';
import type { PoolFile } from '../../../../src/io/pool/pool-file.ts';

const ZERO = '00000000-0000-0000-0000-000000000000';
const CLASS = 'D82968A1-CF91-4320-B2DD-E0F739CBC7E6';

const guid = (n: number): string => `A0000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

function linkText(container: string, id: number, { db = ZERO, tech = '00000202', tail = '' } = {}): string {
  return `[DB=${db}][CNT=${container}][CLID=${CLASS}][TECH=${tech}][OID=${id.toString(16).toUpperCase().padStart(16, '0')}-FFFFFFFFFFFFFFFF]${tail}`;
}

interface Parts {
  fids?: string[];
  params?: string[];
  links?: string[];
  shapes?: string[];
  sections?: Section[];
}

function file(
  n: number,
  {
    fids = [guid(n)],
    params = ['[NAME=PFN][VALUE=x.root]', '[NAME=POOL_VSN][VALUE=1.1]'],
    links = ['a', 'b'].map((name, i) => linkText(name, i + 2)),
    shapes = [`{ID=${guid(90)}}{CL=A}{NCOL=1}`],
    sections = [],
  }: Parts = {},
): PoolFile {
  const parsed = links.map(parseLink);
  const linkById = new Map<bigint, Link>();
  for (const link of parsed) if (!linkById.has(link.id)) linkById.set(link.id, link);
  return {
    params: [...fids.map((fid) => `[NAME=FID][VALUE=${fid}]`), ...params].map(parseParam),
    fid: fids.at(-1) ?? '',
    earlierFids: fids.slice(0, -1),
    shapes: shapes.map(parseShape),
    links: parsed,
    linkById,
    sections,
  };
}

function judged(tree: string, left: PoolFile, right: readonly PoolFile[], isMerge = true): { differences: string[]; notes: string[] } {
  const differences = new DifferenceList(100);
  const notes = judgeBookkeeping(tree, { left, right, isMerge, differences });
  return { differences: differences.first.map(({ at, left: l, right: r }: Difference) => `${at}: ${l} | ${r}`), notes };
}

describe('##Params', () => {
  it('have an id of their own; the name is free', () => {
    expect(
      judged('##Params', file(1, { params: ['[NAME=PFN][VALUE=y.root]', '[NAME=POOL_VSN][VALUE=1.1]'] }), [file(2), file(3)]).differences,
    ).toEqual([]);
    expect(judged('##Params', file(2), [file(2), file(3)]).differences).toEqual([
      `FID: "${guid(2)}, which is that of an input" | "a FID of its own"`,
    ]);
    expect(judged('##Params', file(2), [file(2)], false).differences).toEqual([]);
  });

  it('have those that only a later file has', () => {
    const [more, less] = [file(3, { params: ['[NAME=PFN][VALUE=x.root]', '[NAME=POOL_VSN][VALUE=1.2]', '[NAME=new][VALUE=1]'] }), file(2)];
    const merged = file(1, { params: ['[NAME=PFN][VALUE=y.root]', '[NAME=POOL_VSN][VALUE=1.1]', '[NAME=new][VALUE=1]'] });
    expect(judged('##Params', merged, [less, more]).differences).toEqual([]);
    expect(judged('##Params', file(1), [less, more]).differences).toEqual(['new: "absent" | "1"']);
  });

  it('keep the other parameters of the first file', () => {
    const other = file(1, { params: ['[NAME=POOL_VSN][VALUE=1.2]', '[NAME=new][VALUE=1]'] });
    expect(judged('##Params', other, [file(2)]).differences).toEqual([
      'POOL_VSN: "1.2" | "1.1"',
      'new: "1" | "absent"',
      'PFN: "absent" | "present"',
    ]);
  });

  it('have several ids only with sections', () => {
    const fids = [guid(2), guid(3), guid(4)];
    expect(judged('##Params', file(4, { fids }), [file(2), file(3)]).differences[0]).toMatch(/^FID: "3 FIDs, and no ##Sections/);
    expect(
      judged('##Params', file(4, { fids, sections: [{ container: '##Links', offset: 0, start: 0, length: 2 }] }), [file(2), file(3)])
        .differences,
    ).toEqual([]);
  });
});

describe('##Links', () => {
  const [one, two] = [file(2, { links: [linkText('a', 2), linkText('b', 3)] }), file(3, { links: [linkText('b', 2), linkText('c', 3)] })];

  it('are those of all files, whatever their order', () => {
    const whole = file(1, { links: ['b', 'a', 'c'].map((name, i) => linkText(name, i + 2)) });
    expect(judged('##Links', whole, [one, two])).toEqual({ differences: [], notes: [] });
    const own = file(1, { links: ['b', 'a', 'c'].map((name, i) => linkText(name, i + 2, { db: guid(1) })) });
    expect(judged('##Links', own, [one, two]).differences).toEqual([]);
  });

  it('that are missing, new, or changed are named', () => {
    const other = file(1, { links: [linkText('a', 2), linkText('b', 3, { tech: '00000203' }), linkText('d', 4)] });
    const { differences } = judged('##Links', other, [one, two]);
    expect(differences.map((line) => line.slice(0, line.indexOf(':')))).toEqual(['row 1', 'row 2', 'link to c']);
    expect(differences[1]).toContain('[CNT=d]');
  });

  it('with the same id for two containers, or another id than readers give them, are named', () => {
    const same = file(1, { links: [linkText('a', 2), linkText('b', 2), linkText('c', 4)] });
    expect(judged('##Links', same, [one, two]).differences).toEqual(['row 1: "id 2, which is that of a" | "an id of its own"']);
    const shifted = file(1, { links: [linkText('a', 2), linkText('b', 3), linkText('c', 5)] });
    expect(judged('##Links', shifted, [one, two]).differences).toEqual(['row 2: "id 5" | "id 4"']);
  });

  it('that occur again are noted', () => {
    const twice = file(1, { links: ['a', 'b', 'c', 'b'].map((name, i) => linkText(name, i + 2)) });
    expect(judged('##Links', twice, [one, two])).toEqual({ differences: [], notes: ['1 links occur again'] });
  });

  it('to other files stay', () => {
    const foreign = file(2, { links: [linkText('a', 2), linkText('f', 3, { db: guid(50) })] });
    expect(judged('##Links', file(1, { links: [linkText('a', 2), linkText('f', 3, { db: guid(50) })] }), [foreign]).differences).toEqual(
      [],
    );
    expect(
      judged('##Links', file(1, { links: [linkText('a', 2), linkText('f', 3, { db: guid(51) })] }), [foreign]).differences.length,
    ).toBe(2);
  });
});

describe('##Shapes', () => {
  const shapes = [`{ID=${guid(90)}}{CL=A}{NCOL=1}`, `{ID=${guid(91)}}{CL=B}{NCOL=1}`];

  it('are those of all files, each once at least', () => {
    const [one, two] = [file(2, { shapes: shapes.slice(0, 1) }), file(3, { shapes })];
    expect(judged('##Shapes', file(1, { shapes }), [one, two])).toEqual({ differences: [], notes: [] });
    expect(judged('##Shapes', file(1, { shapes: [...shapes, ...shapes] }), [one, two])).toEqual({
      differences: [],
      notes: ['2 shapes occur again'],
    });
    expect(judged('##Shapes', file(1, { shapes: shapes.slice(0, 1) }), [one, two]).differences).toEqual([
      `shape ${guid(91)}: "absent" | "${shapes[1]}"`,
    ]);
    const { differences } = judged(
      '##Shapes',
      file(1, { shapes: [shapes[0] as string, (shapes[1] as string).replace('{CL=B}', '{CL=C}'), `{ID=${guid(92)}}{CL=X}`] }),
      [one, two],
    );
    expect(differences.map((line) => line.slice(0, 5))).toEqual(['row 1', 'row 2']);
  });
});

describe('##Sections', () => {
  it('may be dissolved, and must be as many as ids', () => {
    const section = { container: '##Links', offset: 0, start: 0, length: 2 };
    expect(judged('##Sections', file(1), [file(2, { sections: [section] })]).notes).toEqual([
      'dissolved: references lead to their rows without them',
    ]);
    expect(
      judged('##Sections', file(1, { fids: [guid(2), guid(3), guid(1)], sections: [section] }), [file(2), file(3)]).differences,
    ).toEqual(['sections of ##Links: 1 | 2']);
  });
});
