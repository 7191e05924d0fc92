import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import type { IoComponent, IoReinit } from '../../../src/io/component/io-component.ts';
import { IoComponentMgr, type IoMode } from '../../../src/io/component/io-component-mgr.ts';

/** Notes down what it is asked to do. */
class Recorder implements IoComponent {
  readonly name: string;
  readonly log: string[];

  constructor(name: string, log: string[]) {
    this.name = name;
    this.log = log;
  }

  ioReinit({ keepContent }: IoReinit): void {
    this.log.push(`reinit ${this.name} ${keepContent}`);
  }

  ioFinalize(): void {
    this.log.push(`finalize ${this.name}`);
  }
}

function twoComponents(): { manager: IoComponentMgr; a: Recorder; b: Recorder; log: string[] } {
  const log: string[] = [];
  const manager = new IoComponentMgr();
  const [a, b] = [new Recorder('a', log), new Recorder('b', log)];
  manager.register(a);
  manager.register(b);
  return { manager, a, b, log };
}

describe('the register', () => {
  it('knows components and their files', () => {
    const { manager, a, b } = twoComponents();
    manager.registerFile(a, 'WRITE', 'out.root');
    manager.registerFile(a, 'READ', 'in', '/data/in.root');
    expect(manager.hasItem(a)).toBe(true);
    expect(manager.hasItem(new Recorder('c', []))).toBe(false);
    expect([manager.contains(a, 'out.root'), manager.contains(a, 'else'), manager.contains(b, 'out.root')]).toEqual([true, false, false]);
    expect(manager.retrieve(a, 'in')).toBe('/data/in.root');
    expect(() => manager.retrieve(b, 'in')).toThrow(UsageError);
    expect(() => manager.retrieve(new Recorder('c', []), 'in')).toThrow(UsageError);
  });

  it('registers a component with its first file', () => {
    const manager = new IoComponentMgr();
    const a = new Recorder('a', []);
    manager.registerFile(a, 'WRITE', 'x');
    expect(manager.hasItem(a)).toBe(true);
  });

  it('refuses a file for reading and writing, and one registered twice in different ways', () => {
    const { manager, a } = twoComponents();
    expect(() => manager.registerFile(a, 'READ|WRITE' as IoMode, 'x')).toThrow(UsageError);
    expect(manager.contains(a, 'x')).toBe(false);
    manager.registerFile(a, 'WRITE', 'x');
    manager.registerFile(a, 'WRITE', 'x');
    expect(() => manager.registerFile(a, 'READ', 'x')).toThrow(UsageError);
    expect(() => manager.registerFile(a, 'WRITE', 'x', 'elsewhere')).toThrow(UsageError);
  });

  it('gives a file another path', () => {
    const { manager, a } = twoComponents();
    manager.registerFile(a, 'WRITE', 'x');
    manager.update(a, 'x', 'y');
    expect(manager.retrieve(a, 'x')).toBe('y');
    expect(() => manager.update(a, 'z', 'y')).toThrow(UsageError);
  });
});

describe('a change of the working directory', () => {
  it('keeps inputs, moves outputs with a bare name, and makes the path of others absolute', () => {
    const { manager, a } = twoComponents();
    manager.registerFile(a, 'READ', 'in.root');
    manager.registerFile(a, 'WRITE', 'bare.root');
    manager.registerFile(a, 'WRITE', 'sub/out.root');
    manager.registerFile(a, 'WRITE', '/else/out.root');
    manager.updateAll('/work/worker_1');
    expect(['in.root', 'bare.root', 'sub/out.root', '/else/out.root'].map((name) => manager.retrieve(a, name))).toEqual([
      resolve('in.root'),
      '/work/worker_1/bare.root',
      resolve('sub/out.root'),
      '/else/out.root',
    ]);
  });

  it('goes by the logical name of an output, wherever it was, and keeps the place of an input', () => {
    const { manager, a } = twoComponents();
    manager.registerFile(a, 'WRITE', 'hist.root', '/else/first.root');
    manager.registerFile(a, 'WRITE', 'sub/hist.root', 'first.root');
    manager.registerFile(a, 'READ', 'conditions', 'data/c.root');
    manager.registerFile(a, 'READ', 'remote', 'root://host//data/r.root');
    const names = ['hist.root', 'sub/hist.root', 'conditions', 'remote'];
    expect(names.map((name) => manager.retrieve(a, name))).toEqual([
      '/else/first.root',
      'first.root',
      resolve('data/c.root'),
      'root://host//data/r.root',
    ]);
    for (const directory of ['/work/worker_1', '/work/worker_2']) {
      manager.updateAll(directory);
      expect(names.map((name) => manager.retrieve(a, name))).toEqual([
        `${directory}/hist.root`,
        resolve('first.root'),
        resolve('data/c.root'),
        'root://host//data/r.root',
      ]);
    }
  });

  it('takes back what update said', () => {
    const { manager, a } = twoComponents();
    manager.registerFile(a, 'WRITE', 'x.root');
    manager.update(a, 'x.root', '/else/y.root');
    manager.updateAll('/work/worker_1');
    expect(manager.retrieve(a, 'x.root')).toBe('/work/worker_1/x.root');
  });
});

describe('a manager of a worker', () => {
  it('places outputs in a folder from the start, and takes relative paths from where the job was started', () => {
    const manager = new IoComponentMgr({ base: '/submit', outputs: '/work/prefork' });
    const a = new Recorder('a', []);
    const names = ['bare.root', 'sub/out.root', '/else/out.root'];
    for (const name of names) manager.registerFile(a, 'WRITE', name);
    manager.registerFile(a, 'READ', 'in.root');
    expect(names.map((name) => manager.retrieve(a, name))).toEqual(['/work/prefork/bare.root', '/submit/sub/out.root', '/else/out.root']);
    expect(manager.retrieve(a, 'in.root')).toBe('/submit/in.root');
    manager.updateAll('/work/worker_1');
    manager.registerFile(a, 'WRITE', 'late.root');
    expect(['bare.root', 'sub/out.root', 'late.root'].map((name) => manager.retrieve(a, name))).toEqual([
      '/work/worker_1/bare.root',
      '/submit/sub/out.root',
      '/work/worker_1/late.root',
    ]);
  });
});

describe('calls to components', () => {
  it('reopen in order and close in reverse order', () => {
    const { manager, log } = twoComponents();
    manager.reinitialize();
    manager.finalize();
    expect(log).toEqual(['reinit a true', 'reinit b true', 'finalize b', 'finalize a']);
  });

  it('go to all components, though one fails', () => {
    const { manager, a, log } = twoComponents();
    a.ioReinit = () => {
      throw new UsageError('no');
    };
    expect(() => manager.reinitialize()).toThrow('no');
    const last = new Recorder('c', log);
    last.ioFinalize = () => {
      throw new UsageError('neither');
    };
    manager.register(last);
    expect(() => manager.finalize()).toThrow('neither');
    expect(log).toEqual(['reinit b true', 'finalize b', 'finalize a']);
  });

  it.each([
    [0, 'first', true],
    [1, 'first', false],
    [1, 'all', true],
    [2, undefined, false],
  ] as const)('worker %s with keepPrefork %s keeps what was filled before: %s', (workerId, keepPrefork, kept) => {
    const { manager, log } = twoComponents();
    manager.reinitialize({ workerId, ...(keepPrefork === undefined ? {} : { keepPrefork }) });
    expect(log[0]).toBe(`reinit a ${kept}`);
  });
});
