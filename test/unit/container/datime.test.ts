import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeDatime, formatDatime } from '../../../src/io/root/container/datime.ts';

it.each([
  ['1995-01-01T00:00:00Z', 0x0042_0000, '1995-01-01 00:00:00'],
  ['2026-11-25T22:44:19Z', 31 * 2 ** 26 + 11 * 2 ** 22 + 25 * 2 ** 17 + 22 * 2 ** 12 + 44 * 2 ** 6 + 19, '2026-11-25 22:44:19'],
  ['2058-12-31T23:59:59Z', 63 * 2 ** 26 + 12 * 2 ** 22 + 31 * 2 ** 17 + 23 * 2 ** 12 + 59 * 2 ** 6 + 59, '2058-12-31 23:59:59'],
])('%s is packed to %d', (iso, packed, shown) => {
  expect(encodeDatime(new Date(iso))).toBe(packed);
  expect(formatDatime(packed)).toBe(shown);
});

it('0, which ROOT accepts, is shown as it stands there', () => {
  expect(formatDatime(0)).toBe('1995-00-00 00:00:00');
});

it('years that do not fit are the nearest that do', () => {
  expect(formatDatime(encodeDatime(new Date('1970-03-04T05:06:07Z')))).toBe('1995-03-04 05:06:07');
  expect(formatDatime(encodeDatime(new Date('2100-03-04T05:06:07Z')))).toBe('2058-03-04 05:06:07');
});

it('a second is kept, in 32 bits', () => {
  const seconds = fc.integer({ min: Date.UTC(1995, 0) / 1000, max: Date.UTC(2059, 0) / 1000 - 1 });
  fc.assert(
    fc.property(seconds, (s) => {
      const packed = encodeDatime(new Date(s * 1000));
      expect(packed).toBe(packed >>> 0);
      expect(formatDatime(packed)).toBe(new Date(s * 1000).toISOString().slice(0, 19).replace('T', ' '));
    }),
  );
});
