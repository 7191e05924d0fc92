import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planMerge } from '../../../../src/index.ts';
import { addLink, formatLedger, parseLedger, type LinkRun } from '../../../../src/merge/pool/ledger.ts';
import { Scratch } from '../../../scratch.ts';
import { FID, mergeTo, withPool, workers } from './pool-files.ts';

describe('runs of links', () => {
  it('grow as long as ids follow each other and rows move alike', () => {
    const runs: LinkRun[] = [];
    for (const [id, to, shift] of [
      [2n, 2n, 0],
      [3n, 3n, 10],
      [4n, 4n, 10],
      [5n, 6n, 10],
      [6n, 7n, 10],
    ] as const) {
      addLink(runs, id, to, shift);
    }
    expect(runs).toEqual([
      { first: 2n, count: 1, to: 2n, shift: 0 },
      { first: 3n, count: 2, to: 3n, shift: 10 },
      { first: 5n, count: 2, to: 6n, shift: 10 },
    ]);
  });
});

describe('the text', () => {
  it('of a file is one line', () => {
    const runs = [{ first: 65_506_841_198_594n, count: 3, to: 2n, shift: 7 }];
    expect(formatLedger([{ fid: FID, runs, words: new Map([[15_252n, 1n]]) }])).toBe(
      `[FID=${FID}][LINKS=65506841198594:3:2:7][WORDS=15252:1]`,
    );
  });

  it('gives back what was written', () => {
    const run = fc.record({ first: fc.bigInt(-(2n ** 63n), 2n ** 63n), count: fc.nat(), to: fc.bigInt(0n, 2n ** 63n), shift: fc.nat() });
    const words = fc.array(fc.tuple(fc.bigInt(0n, 2n ** 31n), fc.bigInt(0n, 2n ** 31n))).map((pairs) => new Map(pairs));
    fc.assert(
      fc.property(fc.array(fc.record({ fid: fc.constant(FID), runs: fc.array(run), words })), (ancestors) => {
        expect(parseLedger(formatLedger(ancestors))).toEqual(ancestors);
      }),
    );
  });

  it.each(['nonsense', '[FID=x][LINKS=][WORDS=]', `[FID=${FID}][LINKS=1:2][WORDS=]`])('is refused when it is none: %s', (text) => {
    expect(() => parseLedger(text)).toThrow(/cannot be read/);
  });
});

describe('a file that two inputs were merged from', () => {
  it.each(['p5', 'ntuple'] as const)(
    'is a conflict, as a file that is an input, too: its events would be there twice: %s',
    async (family) => {
      using scratch = new Scratch();
      const [a, b, c] = workers(family) as [string, string, string];
      const [first, second] = [scratch.path('first.root'), scratch.path('second.root')];
      await mergeTo(first, [a, b]);
      await mergeTo(second, [c, b]);
      for (const inputs of [
        [first, second],
        [first, b],
        [b, first],
      ]) {
        const { conflicts } = await planMerge(inputs, {});
        const shared = withPool(b, ({ fid }) => fid);
        expect(conflicts).toMatchObject([
          {
            code: 'pool-same-fid',
            file: inputs[1],
            reason: `holds the file with the FID ${shared}, and ${inputs[0]} does, too: its rows would be there twice`,
          },
        ]);
      }
      expect((await planMerge([first, c], {})).conflicts).toEqual([]);
    },
  );
});
