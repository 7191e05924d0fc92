import { describe, expect, it } from 'vitest';
import { isClose } from '../../../../src/diff/object/tolerance.ts';

describe('two numbers', () => {
  it('without tolerance must be the same; NaN is NaN, -0 is not 0', () => {
    expect(isClose(1, 1, 8, {})).toBe(true);
    expect(isClose(Number.NaN, Number.NaN, 8, {})).toBe(true);
    expect(isClose(Number.NaN, 1, 8, { abs: 1e9, rel: 9, ulp: 9 })).toBe(false);
    expect(isClose(1, 1 + Number.EPSILON, 8, {})).toBe(false);
    expect(isClose(0, -0, 8, {})).toBe(false);
    expect(isClose(Infinity, -Infinity, 8, { rel: 1, abs: 1 })).toBe(false);
  });

  it('may be apart by a share or an amount', () => {
    expect(isClose(100, 101, 0, { rel: 0.01 })).toBe(true);
    expect(isClose(100, 102, 0, { rel: 0.01 })).toBe(false);
    expect(isClose(-1, 1, 0, { abs: 2 })).toBe(true);
    expect(isClose(0, -0, 8, { abs: 1e-300 })).toBe(true);
  });

  it('may be apart by units of the last place of their type', () => {
    expect(isClose(1, 1 + 2 * Number.EPSILON, 8, { ulp: 2 })).toBe(true);
    expect(isClose(1, 1 + 3 * Number.EPSILON, 8, { ulp: 2 })).toBe(false);
    expect(isClose(1, 1 + 2 ** -23, 4, { ulp: 1 })).toBe(true);
    expect(isClose(1, 1 + 2 ** -23, 8, { ulp: 1 })).toBe(false);
    expect(isClose(-Number.MIN_VALUE, Number.MIN_VALUE, 8, { ulp: 2 })).toBe(true);
    expect(isClose(1, 2, 0, { ulp: 5 })).toBe(false);
  });
});
