/** Where a file is to go: what its path names, and whether a file can and may be put there. */
import { existsSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import { OutputError, UsageError } from '../../errors.ts';

/** What a file is to whoever asks for it; messages call it that. */
export type OutputRole = 'output' | 'report' | 'catalog';

const WRITE_REASONS: Record<string, string> = {
  EACCES: 'permission denied',
  EDQUOT: 'quota exceeded',
  EEXIST: 'another merge into it is running',
  EFBIG: 'file too large',
  ENAMETOOLONG: 'name too long',
  ENOENT: 'its directory does not exist',
  ENOSPC: 'no space left on device',
  ENOTDIR: 'a part of its path is not a directory',
  ENXIO: 'nobody reads this pipe',
  EPIPE: 'its reader went away',
  EPERM: 'operation not permitted',
  EROFS: 'read-only file system',
};

/** The error of a call that failed on the way to a file. */
export function outputError(err: unknown, doing: string, file: string): OutputError {
  const errno = (err as NodeJS.ErrnoException).code;
  const reason = errno === undefined ? String(err) : (WRITE_REASONS[errno] ?? errno);
  return new OutputError(`${doing}: ${reason}`, { file, errno, cause: err });
}

/** The file a path finally names: symbolic links followed, so that a link stays a link, also one to a file that is not there yet. */
export function resolveTarget(target: string): string {
  try {
    return realpathSync(target);
  } catch (err) {
    const next = (err as NodeJS.ErrnoException).code === 'ENOENT' ? linkedPath(target) : undefined; // not in a circle of links
    return next === undefined ? resolve(target) : resolveTarget(next);
  }
}

/** Where a symbolic link leads; undefined: the path is none. */
function linkedPath(path: string): string | undefined {
  try {
    return resolve(dirname(path), readlinkSync(path));
  } catch {
    return undefined;
  }
}

/** True when something has the target's name. */
export function targetExists(target: string): boolean {
  return existsSync(resolveTarget(target));
}

/** Refuses a target that must not be written: exists without force, a directory, a device, no directory for it, a name that cannot be. */
export function checkTarget(target: string, force: boolean, role: OutputRole = 'output'): void {
  const stats = targetStats(target, role);
  if (stats?.isDirectory() === true) throw new UsageError(`the ${role} is a directory`, { file: target });
  if (target.endsWith(sep)) throw new UsageError(`the ${role} ends with ${sep}: it must be a file, not a directory`, { file: target });
  if (stats?.isFile() === false) throw new UsageError(`the ${role} is not a regular file`, { file: target });
  if (stats !== undefined && !force) throw existsAlready(target, role);
  if (!existsSync(dirname(resolveTarget(target)))) {
    throw new OutputError(`the directory of the ${role} does not exist`, { file: target, errno: 'ENOENT' });
  }
}

/** What is told of a target that must not be replaced. */
export function existsAlready(file: string, role: OutputRole): UsageError {
  return new UsageError(`the ${role} exists already (use --force to replace it)`, { file });
}

/** What has the target's name; undefined: nothing yet. Throws UsageError or OutputError when nothing can ever have it. */
function targetStats(target: string, role: OutputRole): PathStats | undefined {
  try {
    return statSync(target); // not throwIfNoEntry: from Node 22 on, ENOTDIR is no entry either
  } catch (err) {
    const errno = (err as NodeJS.ErrnoException).code;
    if (errno === 'ENOENT') return undefined;
    if (errno === 'ELOOP') {
      throw new UsageError(`the ${role} is a symbolic link that leads back to itself`, { file: target, cause: err });
    }
    throw outputError(err, `cannot create the ${role}`, target);
  }
}

/**
 * True for what takes bytes one after the other and keeps none under its name: a pipe (`>(jq .)` in a shell), a terminal,
 * /dev/null, and an open file by its number (/dev/stdout), which another one must not replace.
 */
export function isByteStream(path: string): boolean {
  const stats = statsIfAny(path);
  return (
    stats !== undefined &&
    (stats.isFIFO() || stats.isCharacterDevice() || (stats.isFile() && /^\/(dev\/(stdout|stderr|fd\/\d+)|proc\/self\/fd\/\d+)$/.test(path)))
  );
}

/** True when both paths name one file: same path, symbolic link or hard link. */
export function isSameFile(a: string, b: string): boolean {
  if (resolve(a) === resolve(b)) return true;
  const [x, y] = [statsIfAny(a), statsIfAny(b)];
  return x !== undefined && y !== undefined && x.dev === y.dev && x.ino === y.ino;
}

/** What the system says of a path. */
interface PathStats {
  readonly mode: number;
  readonly dev: number;
  readonly ino: number;
  isFile(): boolean;
  isDirectory(): boolean;
  isFIFO(): boolean;
  isCharacterDevice(): boolean;
}

/** What a path leads to; undefined for whatever cannot be reached, so that opening it tells why. */
export function statsIfAny(path: string): PathStats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
