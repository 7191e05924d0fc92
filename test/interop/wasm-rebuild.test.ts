import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../wasm/build.sh', import.meta.url));

it('the committed codec modules are what their sources give, or the tools are missing', () => {
  const { status, stdout, stderr } = spawnSync('bash', [SCRIPT, '--check'], { encoding: 'utf8', timeout: 240_000 });
  expect(status, stderr).toBe(0);
  const said = (stdout + stderr).trim();
  expect(said).toMatch(/the committed modules are what their sources give|is not installed, the codec modules were NOT rebuilt/);
  console.log(said);
});
