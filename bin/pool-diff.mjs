#!/usr/bin/env node
import { existsSync } from 'node:fs';

const built = new URL('../dist/cli/pool-diff.js', import.meta.url);
if (existsSync(built)) await import(built.href);
else {
  console.error('pool-diff: not built yet; run: npm ci --ignore-scripts && npm run build');
  process.exitCode = 1;
}
