/**
 * Set-up of the test suites: properties draw the same cases in every run, so that a run fails for what was changed and not by chance.
 * POOL_MERGE_SEED=N draws others; a property that fails names its seed, and the path to the case in question.
 */
import fc from 'fast-check';

const DEFAULT_SEED = 1;

const text = process.env['POOL_MERGE_SEED'] ?? String(DEFAULT_SEED);
if (!/^-?\d{1,10}$/.test(text)) throw new Error(`POOL_MERGE_SEED is no whole number: '${text}'`);
fc.configureGlobal({ seed: Number(text) });
