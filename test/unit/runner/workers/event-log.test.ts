/** The counting of events. */
import { describe, expect, it } from 'vitest';
import { countEvents } from '../../../../src/runner/workers/event-count.ts';
import { EventCounter, readEventLog } from '../../../../src/runner/workers/event-log.ts';
import { Scratch } from '../../../scratch.ts';

describe('the counting of events', () => {
  it('finds each once', () => {
    expect(countEvents([[5, 7], [6]], 5, 3)).toEqual({
      expected: 3,
      counted: 3,
      missingCount: 0,
      repeatedCount: 0,
      strayCount: 0,
      missing: [],
      repeated: [],
      stray: [],
    });
  });

  it('finds what is missing, done twice, not asked for', () => {
    expect(countEvents([[5, 5, 9, Number.NaN], undefined], 5, 3)).toEqual({
      expected: 3,
      counted: 1,
      missingCount: 2,
      repeatedCount: 1,
      strayCount: 2,
      missing: [6, 7],
      repeated: [5],
      stray: [9, Number.NaN],
    });
  });

  it('says nothing of logs that are not there', () => {
    expect(countEvents([undefined, undefined], 0, 3)).toMatchObject({ expected: 3, missingCount: 0 });
    expect(countEvents([undefined], 0, 3).counted).toBeUndefined();
  });

  it('counts what is asked for without a known number', () => {
    expect(
      countEvents(
        [
          [1, 2],
          [2, 2],
        ],
        0,
        undefined,
      ),
    ).toMatchObject({ counted: 2, missingCount: 0, repeatedCount: 1, repeated: [2], strayCount: 0 });
    expect(countEvents([[3, 3], [1, 3, 1], undefined], 0, undefined)).toMatchObject({ counted: 2, repeatedCount: 2, repeated: [1, 3] });
  });
});

describe('an event log', () => {
  it('is read up to its last complete line', () => {
    using scratch = new Scratch();
    expect(readEventLog(scratch.folder)).toBeUndefined();
    const counter = new EventCounter(scratch.folder);
    expect(counter.count()).toBeUndefined();
    scratch.put('pool-run.events', '1\n22\n3');
    expect(readEventLog(scratch.folder)).toEqual(Float64Array.of(1, 22));
    expect(counter.count()).toBe(2);
    scratch.put('pool-run.events', '1\n22\n33\n');
    expect(counter.count()).toBe(3);
    scratch.put('pool-run.events', '1\n');
    expect(counter.count()).toBe(1);
  });

  it('may have lines of any form, empty ones, and many of them', () => {
    using scratch = new Scratch();
    scratch.put('pool-run.events', '\n007\r\n -3 \n\n2e3\n1234567890123456\nx\n9007199254740991\n');
    expect(readEventLog(scratch.folder)).toEqual(Float64Array.of(7, -3, 2000, 1234567890123456, Number.NaN, Number.MAX_SAFE_INTEGER));
    const many = Array.from({ length: 400_000 }, (_, i) => i * 7919);
    scratch.put('pool-run.events', `${many.join('\n')}\n`);
    expect(readEventLog(scratch.folder)).toEqual(Float64Array.from(many));
    scratch.put('pool-run.events', 'x'.repeat(1 << 20));
    expect(() => readEventLog(scratch.folder)).toThrow('no number');
  });
});
