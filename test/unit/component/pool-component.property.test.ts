/** POOL files of drawn containers and events: every token leads to its row. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IoComponentMgr } from '../../../src/io/component/io-component-mgr.ts';
import { PoolComponent } from '../../../src/io/component/pool-component.ts';
import type { PoolToken } from '../../../src/io/pool/token.ts';
import type { Row } from '../../../src/io/root/column.ts';
import { checkReferences } from '../../../src/list/check-references.ts';
import { Scratch } from '../../scratch.ts';

const TYPES = [
  'bool',
  'int8',
  'uint16',
  'int32',
  'uint64',
  'float32',
  'float64',
  'string',
  'vector<int16>',
  'vector<float64>',
  'vector<string>',
  'vector<bool>',
] as const;

/** A value of a type, as it is read back. */
function valueOf(type: (typeof TYPES)[number]): fc.Arbitrary<Row[string]> {
  const single: Record<string, fc.Arbitrary<number | bigint | boolean | string>> = {
    bool: fc.boolean(),
    int8: fc.integer({ min: -128, max: 127 }),
    int16: fc.integer({ min: -32_768, max: 32_767 }),
    uint16: fc.nat(65_535),
    int32: fc.integer(),
    uint64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value) => (value <= Number.MAX_SAFE_INTEGER ? Number(value) : value)),
    float32: fc.float({ noNaN: true }),
    float64: fc.double({ noNaN: true }),
    string: fc.string({ unit: 'binary', maxLength: 300 }),
  };
  const item = /^vector<(.*)>$/.exec(type)?.[1];
  const values = single[item ?? type] ?? fc.constant(0);
  return item === undefined ? values : (fc.array(values, { maxLength: 5 }) as fc.Arbitrary<Row[string]>);
}

describe('any events', () => {
  const key = fc.stringMatching(/^[A-Z]\w{0,6}\.?$/);
  const container = fc.record({ key, types: fc.array(fc.constantFrom(...TYPES), { minLength: 1, maxLength: 4 }) });
  const job = fc.uniqueArray(container, { selector: (c) => c.key.replace(/\.$/, ''), minLength: 1, maxLength: 4 }).chain((containers) => {
    const rows = containers.map(({ key: name, types }) =>
      fc.option(
        fc.record(Object.fromEntries(types.map((type, i) => [`m${i}`, valueOf(type)]))).map((row): [string, Row] => [name, row]),
        { freq: 3 },
      ),
    );
    return fc.record({
      containers: fc.constant(containers),
      events: fc.array(fc.tuple(...rows), { maxLength: 30 }),
      basketBytes: fc.constantFrom(100, 4000),
      compression: fc.constantFrom(0, 101, 505),
    });
  });

  it('of any containers: every token leads to its row', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(job, async ({ containers, events, basketBytes, compression }) => {
        using scratch = new Scratch();
        const manager = new IoComponentMgr();
        const pool = new PoolComponent(manager, 'pool', scratch.path('p.root'), { tree: { basketBytes, autoFlush: 4 }, compression });
        for (const { key: name, types } of containers) pool.book(name, { columns: types.map((type, i) => ({ name: `m${i}`, type })) });
        const written: [PoolToken, Row][] = [];
        events.forEach((rows, event) => {
          for (const named of rows) if (named !== null) written.push([pool.write(...named), named[1]]);
          pool.commitEvent(1, event);
        });
        for (const [token, row] of written) expect(pool.read(token)).toEqual(row);
        manager.finalize();
        for (const [{ text }, row] of written) expect(pool.read(text)).toEqual(row);
        pool.close();
        expect(await checkReferences([scratch.path('p.root')])).toMatchObject({
          resolved: written.length + 3 * events.length + 3,
          foreign: 0,
          dangling: 0,
        });
      }),
      { numRuns: 25 },
    );
  });
});
