/** The names others build on. Adding one is a decision, taking one away a new major version. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from './source-tree.ts';

describe('the public surface', () => {
  it('has these run-time names', async () => {
    const surface = await import('../../src/index.ts');
    expect(Object.keys(surface).sort()).toEqual([
      'AbortedError',
      'ArrowComponent',
      'CorruptFileError',
      'DEFAULT_MAX_PLOTS',
      'Hdf5Component',
      'Histogram',
      'HistogramComponent',
      'InternalError',
      'IoComponentMgr',
      'MergeConflictError',
      'NtupleComponent',
      'OutputError',
      'PoolComponent',
      'PoolMergeError',
      'PoolReader',
      'RootInputComponent',
      'SchedulerError',
      'UnreadableFileError',
      'UnsupportedError',
      'UsageError',
      'VerificationError',
      'WorkerError',
      'checkReferences',
      'checkReportPath',
      'compressionSettingOf',
      'createRootFile',
      'defineJob',
      'diffFiles',
      'diffMerged',
      'errorReport',
      'expandInputs',
      'followToken',
      'htmlReport',
      'inputFormat',
      'isPoolMergeError',
      'jobMerges',
      'jobStatus',
      'listFile',
      'listTableFile',
      'measureScaling',
      'merge',
      'openRootFile',
      'planMerge',
      'previewJob',
      'reportChunks',
      'runJob',
      'runSlurmTask',
      'submitJob',
      'version',
      'writeReportFile',
    ]);
  });

  it('has these run-time names in ./io, which is unstable', async () => {
    const surface = await import('../../src/io/index.ts');
    expect(Object.keys(surface).sort()).toEqual([
      'InfoSet',
      'KeyTable',
      'PoolReader',
      'PoolWriter',
      'RootFile',
      'RootFileWriter',
      'branchPaths',
      'classChecksum',
      'classOfColumns',
      'compress',
      'createSink',
      'decodeObject',
      'decompress',
      'encodeDatime',
      'encodeGraph',
      'encodeObject',
      'encodeWriterInfos',
      'fieldPaths',
      'formatDatime',
      'formatToken',
      'joinPath',
      'objectPath',
      'openRootFile',
      'openSource',
      'openTree',
      'openTuple',
      'parseInfoSet',
      'parseToken',
      'readBranch',
      'readField',
      'walkObject',
      'writerInfos',
    ]);
  });

  it('tells the version of package.json', async () => {
    const { version } = await import('../../src/index.ts');
    const manifest = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { version: string };
    expect(version).toBe(manifest.version);
  });
});
