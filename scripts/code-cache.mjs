/**
 * Makes the code cache of one tool: runs it once with a common command line, so that the functions such a run needs are compiled,
 * and saves V8's code. Called by the build, in a process of its own: `node code-cache.mjs FOLDER TOOL ARGUMENT...`
 */
import { writeFileSync } from 'node:fs';
import { compileTool } from '../bin/launch.mjs';

const [folder, tool] = process.argv.splice(2, 2);
const { script, run } = compileTool(folder, tool);
process.on('exit', () => writeFileSync(`${folder}/${tool}.cjs.cache`, script.createCachedData()));
run();
