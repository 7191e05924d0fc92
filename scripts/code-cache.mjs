/**
 * Makes the code cache of one tool: runs it with common command lines, so that the functions such runs need are compiled,
 * and saves V8's code. Called by the build, in a process of its own: `node code-cache.mjs FOLDER TOOL LINES`, LINES a JSON list of lists.
 */
import { writeFileSync } from 'node:fs';
import { compileTool } from '../bin/launch.mjs';

const [node, , folder, tool, text] = process.argv;
const lines = JSON.parse(text);
const { script, run } = compileTool(folder, tool);

/** Runs the next line once nothing of the last one is left to do; a failure is kept. */
function next() {
  if (process.exitCode) return;
  const line = lines.shift();
  if (line === undefined) {
    writeFileSync(`${folder}/${tool}.cjs.cache`, script.createCachedData());
    return;
  }
  process.argv = [node, tool, ...line];
  run();
  process.once('beforeExit', () => setImmediate(next)); // work for the event loop: without any, there is no second beforeExit
}

next();
