/** A folder per test, the committed sample files, and the tool as a process. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const tool = join(root, 'bin', 'pool-merge.mjs');

/** Path of a committed sample file. */
export function fixture(name: string): string {
  return join(root, 'test', 'fixtures', name);
}

/** A user and group that own nothing, by convention. */
const NOBODY = { uid: 65_534, gid: 65_534 };

/** What a test wants to find unchanged: bytes, date and identity of a file. */
export interface Fingerprint {
  bytes: Buffer;
  mtimeMs: number;
  inode: number;
}

export function fingerprint(path: string): Fingerprint {
  const { mtimeMs, ino } = statSync(path);
  return { bytes: readFileSync(path), mtimeMs, inode: ino };
}

export interface ToolResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Temporary folder; dispose to remove. */
export class Scratch implements Disposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'pool-merge-test-'));

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  /** Writes a file, its folders too; returns the path. */
  put(name: string, content: string | Uint8Array): string {
    const path = this.path(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  }

  /** A copy of a sample file. */
  copy(fixtureName: string, name: string = fixtureName): string {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    copyFileSync(fixture(fixtureName), this.path(name));
    return this.path(name);
  }

  /** Names in a folder, hidden ones too. */
  list(name = '.'): string[] {
    return readdirSync(this.path(name)).sort();
  }

  /** Runs the built tool in the folder. */
  run(args: readonly string[], environment: NodeJS.ProcessEnv = {}): ToolResult {
    return this.#result(process.execPath, [tool, ...args], environment);
  }

  /** Runs another of the built tools in the folder. */
  runOther(name: 'pool-diff' | 'pool-ls', args: readonly string[]): ToolResult {
    return this.#result(process.execPath, [join(root, 'bin', `${name}.mjs`), ...args], {});
  }

  /** Runs the built tool in the folder as a user who owns nothing; only root can. */
  runAsNobody(args: readonly string[]): ToolResult {
    chmodSync(this.folder, 0o777);
    return this.#result(process.execPath, [tool, ...args], {}, NOBODY);
  }

  /** Runs the built tool in the folder under a shell that first executes `preparation` (limits, umask). */
  runUnder(preparation: string, args: readonly string[]): ToolResult {
    return this.#result('bash', ['-c', `${preparation}; exec "$@"`, 'bash', process.execPath, tool, ...args], {});
  }

  /**
   * Runs the built tool with a file system of the given size mounted at `disk`; what is left on it
   * follows on stdout after a line `left:`.
   */
  runWithSmallDisk(disk: string, sizeBytes: number, args: readonly string[]): ToolResult {
    mkdirSync(disk, { recursive: true });
    const script = `mount -t tmpfs -o size=${sizeBytes} none "$0" || exit 99; "$@"; code=$?; echo left:; ls -A "$0"; exit $code`;
    return this.#result('unshare', ['-rm', 'bash', '-c', script, disk, process.execPath, tool, ...args], {});
  }

  #result(command: string, args: readonly string[], environment: NodeJS.ProcessEnv, user: { uid?: number; gid?: number } = {}): ToolResult {
    if (!existsSync(join(root, 'dist', 'cli', 'pool-merge.cjs'))) throw new Error('not built: npm run build');
    const { status, stdout, stderr, error } = spawnSync(command, args, {
      ...user,
      cwd: this.folder,
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1', ...environment },
      timeout: 50_000,
      maxBuffer: 1e8,
    });
    if (error !== undefined) throw error;
    return { code: status, stdout, stderr };
  }

  /** Starts the built tool in the folder. */
  start(args: readonly string[]): ChildProcess {
    return spawn(process.execPath, [tool, ...args], { cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'] });
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** True where a file system of one's own can be mounted (user namespaces). */
export function canMount(): boolean {
  return spawnSync('unshare', ['-rm', 'bash', '-c', 'mount -t tmpfs -o size=4096 none /mnt'], { stdio: 'ignore' }).status === 0;
}

/** True where the tool can be run as another user: tests run as root, and that user may read the project. */
export function canBecomeNobody(): boolean {
  return process.getuid?.() === 0 && spawnSync(process.execPath, [tool, '--version'], { ...NOBODY, stdio: 'ignore' }).status === 0;
}
