/** What Slurm's commands print, as data. The texts are those of Slurm 22.05. */
import { describe, expect, it } from 'vitest';
import { parseJob, parseQueue } from '../../../../src/runner/slurm/slurm-commands.ts';

describe('squeue', () => {
  it('tells tasks of arrays one by one, and jobs', () => {
    expect(parseQueue('12|0|RUNNING|None\n12|1|PENDING|(Resources) \n13|N/A|PENDING|Dependency\n')).toEqual([
      { id: '12_0', state: 'RUNNING', reason: 'None' },
      { id: '12_1', state: 'PENDING', reason: '(Resources)' },
      { id: '13', state: 'PENDING', reason: 'Dependency' },
    ]);
  });

  it('may say nothing, or something else', () => {
    expect(parseQueue('')).toEqual([]);
    expect(parseQueue('slurm_load_jobs error: Unable to contact slurm controller\n')).toEqual([]);
  });
});

describe('scontrol show job', () => {
  const LINE =
    'JobId=6 ArrayJobId=1 ArrayTaskId=1 JobName=pool-run-abc UserId=root(0) JobState=FAILED Reason=NonZeroExitCode Dependency=(null) Requeue=1 ExitCode=3:0 DerivedExitCode=0:0 RunTime=00:00:00';

  it('tells state, reason, exit code and signal', () => {
    expect(parseJob(`${LINE}\n`)).toEqual({ state: 'FAILED', reason: 'NonZeroExitCode', exitCode: 3, signalNumber: 0 });
    expect(parseJob(LINE.replace('FAILED', 'CANCELLED').replace('ExitCode=3:0', 'ExitCode=0:15'))).toMatchObject({
      state: 'CANCELLED',
      signalNumber: 15,
    });
  });

  it('may say nothing', () => {
    expect(parseJob('')).toBeUndefined();
    expect(parseJob('slurm_load_jobs error: Invalid job id specified')).toBeUndefined();
  });
});
