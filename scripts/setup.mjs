/**
 * Everything a fresh clone needs before its tools run: dependencies, then the build. Quick and
 * quiet when nothing has to be done. `npm run demo`, `npm test` and the bench begin with it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TOOLS, build, builtMark } from './build.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const SOURCES = ['src', 'cli', 'scripts/build.mjs', 'scripts/code-cache.mjs', 'bin/launch.mjs', 'package.json', 'tsconfig.json'];

/** Installs and builds where necessary; throws when a step fails. */
export async function setUp() {
  if (!isInstalled()) {
    console.log('setup: installing dependencies (npm ci)');
    run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
  }
  if (!isBuilt()) {
    console.log('setup: building');
    await build();
  }
}

/** True when node_modules holds the versions of the lock file. Dates do not tell: npm writes the lock file last. */
function isInstalled() {
  const installedFile = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedFile)) return false;
  const installed = JSON.parse(readFileSync(installedFile, 'utf8')).packages;
  const { '': _root, ...wanted } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    const found = installed[path];
    if (found === undefined) return entry.optional === true || entry.devOptional === true || !path.startsWith('node_modules/');
    return found.version === entry.version;
  });
}

function isBuilt() {
  const built = [builtMark, join(root, 'dist', 'src', 'index.js'), ...TOOLS.map((tool) => join(root, 'dist', 'cli', `${tool}.cjs`))];
  if (!built.every((path) => existsSync(path))) return false;
  return newestDate(SOURCES.map((name) => join(root, name))) < statSync(builtMark).mtimeMs;
}

function newestDate(paths) {
  return Math.max(
    ...paths.map((path) => {
      const stats = statSync(path);
      if (!stats.isDirectory()) return stats.mtimeMs;
      const inside = readdirSync(path).map((name) => join(path, name));
      return Math.max(stats.mtimeMs, inside.length > 0 ? newestDate(inside) : 0); // the directory's own date tells of removed files
    }),
  );
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with exit code ${status}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await setUp();
  } catch (err) {
    console.error(`setup: ${err.message}`);
    process.exitCode = 1;
  }
}
