/**
 * Starts a tool from its bundle, with the code cache the build made: parsing half a megabyte of JavaScript takes longer than
 * merging two small files. V8 refuses a cache of another version; then the bundle is compiled as usual.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';

/**
 * Compiles the bundle of a tool in a folder, as a function of what CommonJS gives a module, and of `import()`, which
 * code from a cache lacks.
 */
export function compileTool(folder, tool) {
  const path = `${folder}/${tool}.cjs`;
  const [head, tail] = ['(function (require, module, exports, __filename, importModule) {', '\n})'];
  const cachedData = existsSync(`${path}.cache`) ? readFileSync(`${path}.cache`) : undefined;
  // The cache keeps the name it was made with: one without a folder is right everywhere. The build leaves only ASCII in a bundle.
  const script = new Script(head + readFileSync(path, 'latin1') + tail, {
    filename: `${tool}.cjs`,
    columnOffset: -head.length,
    cachedData,
  });
  const run = () => {
    const module = { exports: {} };
    script.runInThisContext()(createRequire(path), module, module.exports, path, (specifier) => import(specifier));
  };
  return { script, run };
}

/**
 * Stops the growth of V8's space for new objects: the tools make most of their objects to keep them, and room for more new ones
 * only raised the peak (manydirs 155 to 131 MB, in about the same time). Called at the first turn of the event loop, when the tool and
 * what it needs of Node are loaded: V8 refuses caches made with other flags, those inside of Node too, and compiling these modules
 * anew took 17 ms of a merge of two small files.
 */
function keepHeapSmall() {
  setFlagsFromString('--semi-space-growth-factor=1');
}

/** Runs a tool with the arguments of this process. */
export function launch(tool) {
  const folder = fileURLToPath(new URL('../dist/cli', import.meta.url));
  if (existsSync(`${folder}/${tool}.cjs`)) {
    const { run } = compileTool(folder, tool);
    setImmediate(keepHeapSmall);
    run();
    return;
  }
  console.error(`${tool}: not built yet; run: npm ci --ignore-scripts && npm run build`);
  process.exitCode = 1;
}
