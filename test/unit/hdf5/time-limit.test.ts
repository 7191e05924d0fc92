import { describe, expect, it } from 'vitest';
import { TimeLimitError, withTimeLimit } from '../../../src/io/hdf5/time-limit.ts';

function endless(): never {
  for (;;);
}

describe('a time limit', () => {
  it('gives what a call gives, and throws what it throws', () => {
    expect(withTimeLimit(() => withTimeLimit(() => 7))).toBe(7);
    expect(withTimeLimit(() => undefined)).toBeUndefined();
    expect(() =>
      withTimeLimit(() => {
        throw new TypeError('wrong');
      }),
    ).toThrow(new TypeError('wrong'));
  });

  it('stops a call that does not end, also inside of another', () => {
    const code = (run: () => void): unknown => {
      try {
        run();
      } catch (err) {
        return err instanceof TimeLimitError ? err.code : err;
      }
      return undefined;
    };
    expect(code(() => withTimeLimit(endless, 200))).toBe('EDEADLK');
    expect(code(() => withTimeLimit(() => withTimeLimit(endless, 60_000), 200))).toBe('EDEADLK');
    expect(withTimeLimit(() => 8)).toBe(8);
  });
});
