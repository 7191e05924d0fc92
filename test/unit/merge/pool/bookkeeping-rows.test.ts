/** Rows of ##Shapes and ##Params of several inputs. */
import { describe, expect, it } from 'vitest';
import { parseParam, parseShape } from '../../../../src/io/pool/bookkeeping.ts';
import { mergeBookkeeping } from '../../../../src/merge/pool/bookkeeping-rows.ts';

const ID = 'F53A1735-F61A-4CA4-B25F-DB0E277E2DDC';
const OTHER = '06C9EAE8-6F5B-E011-BAAA-003048F0E7AC';
const shape = (id: string, className: string): string => `{ID=${id}}{CL=${className}}{NCOL=1}`;

/** Rows and problems of inputs with these rows of ##Shapes. */
function merged(...inputs: string[][]): { shapes: string[]; problems: string[] } {
  const pools = inputs.map((rows, i) => ({
    input: { path: `in${i}.root` },
    ancestors: [],
    contents: {
      fid: `0000000${i}-0000-4000-8000-000000000000`,
      bookkeeping: { params: [], links: [], earlierFids: [], shapes: rows.map(parseShape) },
    },
  }));
  const { shapes, problems } = mergeBookkeeping(pools as never, OTHER, 'out.root');
  return { shapes, problems: problems.map(({ code, reason, input }) => `${code} ${input?.path}: ${reason}`) };
}

describe('shapes', () => {
  it('are there once each, as the first input has them', () => {
    const other = shape(OTHER, 'B');
    expect(merged([shape(ID, 'A')], [shape(ID.toLowerCase(), 'A'), other])).toEqual({ shapes: [shape(ID, 'A'), other], problems: [] });
  });

  it('may be there several times in one input: readers take the first', () => {
    expect(merged([shape(ID, 'A'), shape(ID, 'A_p1')], [shape(ID, 'A')])).toEqual({ shapes: [shape(ID, 'A')], problems: [] });
  });

  it('are of one class, however it is spelled', () => {
    const [first, second] = ['std::vector<std::pair<int, A> >', 'vector<pair<int,A>>'];
    expect(merged([shape(ID, first)], [shape(ID, second)])).toEqual({ shapes: [shape(ID, first)], problems: [] });
    expect(merged([shape(ID, 'A')], [shape(ID, 'B')], [shape(ID, 'mystd::A')]).problems).toEqual([
      `pool-shape in1.root: ##Shapes gives the class B the ID ${ID} that A has in in0.root`,
      `pool-shape in2.root: ##Shapes gives the class mystd::A the ID ${ID} that A has in in0.root`,
    ]);
  });
});

describe('parameters', () => {
  const merge = (...inputs: string[][]): string[] => {
    const pools = inputs.map((rows, i) => ({
      input: { path: `in${i}.root` },
      ancestors: [],
      contents: { fid: ID, bookkeeping: { params: rows.map(parseParam), links: [], earlierFids: [], shapes: [] } },
    }));
    return mergeBookkeeping(pools as never, OTHER, 'out.root').params;
  };
  const param = (name: string, value: string): string => `[NAME=${name}][VALUE=${value}]`;
  const four = (pfn: string): string[] => [param('FID', ID), param('PFN', pfn), param('POOL_VSN', '1.1'), param('FORMAT_VSN', '2.0')];
  const names = [param('POOL_CONTAINERNAME_EVENTTAG', 'EventTag'), param('POOL_CONTAINERNAME_DATAHEADER', 'DataHeader')];

  it('are those of the first input, with FID and name of the output', () => {
    expect(merge([...four('a'), ...names], four('b'))).toEqual([
      param('FID', OTHER),
      param('PFN', 'out.root'),
      param('POOL_VSN', '1.1'),
      param('FORMAT_VSN', '2.0'),
      ...names,
    ]);
  });

  it('and those only a later one has, of which the last row of a name counts', () => {
    expect(merge(four('a'), [...four('b'), param('POOL_VSN', '1.2'), ...names, param('FID', OTHER)])).toEqual([
      param('FID', OTHER),
      param('PFN', 'out.root'),
      param('POOL_VSN', '1.1'),
      param('FORMAT_VSN', '2.0'),
      ...names,
    ]);
  });
});
