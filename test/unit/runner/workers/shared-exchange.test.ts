import { describe, expect, it } from 'vitest';
import { SharedExchange, isShareRequest } from '../../../../src/runner/workers/shared-exchange.ts';

/** An exchange whose workers ask and note what they are told. */
function asking(): {
  exchange: SharedExchange<string>;
  log: string[];
  ask: (worker: number) => void;
  made: (worker: number, value: string) => void;
} {
  const exchange = new SharedExchange<string>();
  const log: string[] = [];
  const note = (worker: number) => (answer: { share: string; value?: string }) =>
    void log.push(`${worker} ${answer.share} ${answer.value ?? ''}`.trim());
  return {
    exchange,
    log,
    ask: (worker) => exchange.take(worker, { share: 'ask' }, note(worker)),
    made: (worker, value) => exchange.take(worker, { share: 'made', value }, note(worker)),
  };
}

describe('an exchange', () => {
  it('has the first one make what all others take', () => {
    const { log, ask, made } = asking();
    for (const worker of [2, 0]) ask(worker);
    expect(log).toEqual(['2 make']);
    made(2, 'x');
    ask(1);
    expect(log).toEqual(['2 make', '0 take x', '1 take x']);
  });

  it('goes to the next one when the maker ends too early', () => {
    const { exchange, log, ask, made } = asking();
    for (const worker of [0, 1, 2]) ask(worker);
    exchange.gone(1);
    exchange.gone(0);
    expect(log).toEqual(['0 make', '2 make']);
    made(2, 'y');
    exchange.gone(2);
    ask(0);
    expect(log.at(-1)).toBe('0 take y');
  });

  it('knows its messages', () => {
    expect([{ share: 'ask' }, { other: 1 }, null, 'share'].map(isShareRequest)).toEqual([true, false, false, false]);
  });
});
