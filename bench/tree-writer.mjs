/**
 * Rate of the tree writer in this process, as JSON: entries × branches per second of CPU, that of making the rows and of closing the
 * file included.    tree-writer.mjs FILE BRANCHES ENTRIES COMPRESSION
 */
import { rmSync } from 'node:fs';
import { createRootFile } from 'pool-merge';

const [path, ...numbers] = process.argv.slice(2);
const [branches, entries, compression] = numbers.map(Number);
const TYPES = ['float32', 'float64', 'int32', 'int64'];
const columns = Array.from({ length: branches }, (_, i) => ({ name: `c${i}`, type: TYPES[i % TYPES.length] }));
const row = {};

const before = process.cpuUsage();
const file = createRootFile(path, { compression, force: true });
const tree = file.bookTree('/', { name: 't', columns });
for (let entry = 0; entry < entries; entry++) {
  for (let i = 0; i < branches; i++) row[columns[i].name] = (entry * 31 + i * 7) % 1000;
  tree.fill(row);
}
file.close();
const { user, system } = process.cpuUsage(before);
rmSync(path);
console.log(JSON.stringify({ perSecond: (branches * entries * 1e6) / (user + system) }));
