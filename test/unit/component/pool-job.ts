/** A job that writes POOL files, for tests, and what is read of them. */
import { expect } from 'vitest';
import { IoComponentMgr } from '../../../src/io/component/io-component-mgr.ts';
import { PoolComponent, type PoolOptions } from '../../../src/io/component/pool-component.ts';
import { PoolReader } from '../../../src/io/pool/pool-reader.ts';
import type { PoolToken } from '../../../src/io/pool/token.ts';
import type { ColumnSpec, Row } from '../../../src/io/root/column.ts';

/** Members of the container EventInfo. */
export const INFO: ColumnSpec[] = [
  { name: 'run', type: 'uint32' },
  { name: 'event', type: 'uint64' },
];
/** Members of the container Jets. */
export const JETS: ColumnSpec[] = [
  { name: 'pt', type: 'vector<float32>' },
  { name: 'box', type: 'int16', shape: [2] },
  { name: 'label', type: 'string' },
];

/** The row of EventInfo in an event. */
export const info = (event: number): Row => ({ run: 7, event });
/** The row of Jets in an event. */
export const jets = (event: number): Row => ({
  pt: Array.from({ length: event % 4 }, (_, k) => event + k / 4),
  box: [event, -event],
  label: `jets of ${event}`,
});

/** A job in one process; what it hands out by event. */
export class Job {
  readonly manager: IoComponentMgr = new IoComponentMgr();
  readonly pool: PoolComponent;
  readonly tokens: Map<number, { header: PoolToken; info: PoolToken; jets: PoolToken | undefined }> = new Map();

  constructor(path: string, options: PoolOptions = {}) {
    this.pool = new PoolComponent(this.manager, 'pool', path, {
      stream: 'StreamTest',
      attributes: [{ name: 'weight', type: 'float32' }],
      ...options,
    });
    this.pool.book('EventInfo', { columns: INFO });
    this.pool.book('Jets', { columns: JETS });
    this.pool.bookMetaData('FileInfo', { columns: [{ name: 'text', type: 'string' }] });
  }

  /** Every third event has no jets. */
  event(event: number): void {
    const tokens = {
      info: this.pool.write('EventInfo', info(event)),
      jets: event % 3 === 0 ? undefined : this.pool.write('Jets', jets(event)),
    };
    const header = this.pool.commitEvent(7, event, { attributes: { weight: event / 2 } });
    this.tokens.set(event, { header, ...tokens });
  }

  expectTokens(read: (token: PoolToken) => Row = (token) => this.pool.read(token)): void {
    for (const [event, tokens] of this.tokens) {
      expect(read(tokens.info)).toEqual(info(event));
      if (tokens.jets !== undefined) expect(read(tokens.jets)).toEqual(jets(event));
    }
  }
}

/** Events of files by number, with the rows their headers lead to. */
export function eventsOf(...paths: string[]): Map<number, { info: Row; jets: Row | undefined }> {
  using reader = new PoolReader(paths);
  const found = new Map<number, { info: Row; jets: Row | undefined }>();
  for (const { objects, stream } of reader.events()) {
    const [infoToken, jetsToken] = [objects.get('EventInfo'), objects.get('Jets')];
    if (infoToken === undefined) throw new Error('an event without EventInfo');
    const row = reader.read(infoToken);
    expect([stream, found.has(Number(row['event']))]).toEqual(['StreamTest', false]);
    found.set(Number(row['event']), { info: row, jets: jetsToken && reader.read(jetsToken) });
  }
  return found;
}

/** Expects the events of these numbers, with the rows that `Job.event` writes. */
export function expectEvents(events: ReturnType<typeof eventsOf>, numbers: readonly number[]): void {
  expect([...events.keys()].sort((a, b) => a - b)).toEqual(numbers);
  for (const [event, rows] of events) expect(rows).toEqual({ info: info(event), jets: event % 3 === 0 ? undefined : jets(event) });
}

/** The numbers below `count`. */
export const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
