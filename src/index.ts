/** The public surface of pool-merge. */
export { merge } from './merge/merge.ts';
export { planMerge } from './merge/merge.ts';
export type { MergeOptions, PlanOptions } from './merge/merge-options.ts';
export type { CompressionPolicy, DifferingPolicy, MetadataPolicy, VerifyLevel } from './merge/policy.ts';
export type { ProgressEvent, ProgressListener } from './merge/progress.ts';
export type { InputReport, MergeReport, PlanReport, TargetReport, TotalsReport } from './merge/report/report.ts';
export type { Disposition, Family, Reason } from './merge/plan/plan.ts';
export { inputFormat, type MergeFormat } from './merge/input-format.ts';
export { errorReport, type ErrorReport } from './merge/report/error-report.ts';
export { checkReportPath, reportChunks, writeReportFile } from './merge/report/report-file.ts';
export { listFile, type FileListing, type KeyListing, type ListOptions } from './list/list-file.ts';
export { listTableFile, type TableFileListing, type TableItem } from './list/list-table-file.ts';
export { checkReferences, followToken, type ReferenceOptions, type ReferenceReport, type TokenTarget } from './list/check-references.ts';
export { runJob } from './runner/run-job.ts';
export {
  defineJob,
  type FailurePolicy,
  type Job,
  type JobContext,
  type JobDefinition,
  type JobOptions,
  type Schedule,
  type SlurmOptions,
  type ShareContext,
  type WorkerKind,
} from './runner/job.ts';
export { jobStatus, type JobStatus, type MergeStatusReport, type RunState, type WorkerStatusReport } from './runner/job-status.ts';
export { previewJob, submitJob, type SlurmSubmission } from './runner/slurm/slurm-job.ts';
export type { SlurmPreview } from './runner/slurm/slurm-submit.ts';
export { runSlurmTask } from './runner/slurm/slurm-task.ts';
export type { JobProgress, JobReport, WorkerProgress, WorkerReport } from './runner/job-report.ts';
export { measureScaling, type ScalingReport, type ScalingRow } from './runner/scaling.ts';
export { jobMerges, type JobMerge } from './runner/job-inputs.ts';
export { diffFiles } from './diff/diff-files.ts';
export { diffMerged } from './diff/diff-merged.ts';
export type { DiffOptions, DiffReport, ObjectComparison, Verdict } from './diff/diff-report.ts';
export type { Difference } from './diff/object/difference.ts';
export type { Distribution } from './diff/object/distribution.ts';
export { DEFAULT_MAX_PLOTS, htmlReport, type HtmlOptions } from './diff/page/html-report.ts';
export type { Compatibility } from './diff/histogram/compare-distributions.ts';
export type { CompatibilityTest } from './diff/histogram/compatibility-tests.ts';
export { expandInputs } from './io/bytes/input-files.ts';
export { compressionSettingOf } from './io/codec/registry.ts';
export { version } from './version.ts';
export { openRootFile } from './io/root/root-file.ts';
export { createRootFile, type RootFileOptions, type RootOutput } from './io/component/root-output.ts';
export { IoComponentMgr, type IoDirectories, type IoMode, type ReinitOptions } from './io/component/io-component-mgr.ts';
export type { IoComponent, IoReinit } from './io/component/io-component.ts';
export { ArrowComponent } from './io/component/arrow-component.ts';
export type { ArrowOptions } from './io/component/arrow-options.ts';
export { Hdf5Component } from './io/component/hdf5-component.ts';
export type { Hdf5Options, Hdf5Table } from './io/component/hdf5-output.ts';
export type { TableColumn, TableColumnType } from './io/component/row-buffer.ts';
export { HistogramComponent } from './io/component/histogram-component.ts';
export { NtupleComponent } from './io/component/ntuple-component.ts';
export { PoolComponent, type PoolOptions } from './io/component/pool-component.ts';
export { PoolReader, type PoolEvent } from './io/pool/pool-reader.ts';
export type { ContainerSpec } from './io/pool/container-booking.ts';
export type { EventOptions } from './io/pool/pool-writer.ts';
export type { PoolToken, Token } from './io/pool/token.ts';
export { RootInputComponent } from './io/component/root-input-component.ts';
export { Histogram, type HistogramSpec } from './io/root/histogram/histogram.ts';
export type { HistogramClass, HistogramObject } from './io/root/histogram/histogram-object.ts';
export type { AxisSpec, LabelSpec, RangeSpec } from './io/root/histogram/axis.ts';
export type { BasicColumnType, ColumnSpec, ColumnType, ColumnValue, Row } from './io/root/column.ts';
export type { RNTupleSpec, RNTupleWriter } from './io/root/rntuple/rntuple-writer.ts';
export type { TreeSpec, TreeWriter } from './io/root/tree/tree-writer.ts';
export type { RootList, RootObject } from './io/root/streamer/root-object.ts';
export {
  AbortedError,
  CorruptFileError,
  InternalError,
  MergeConflictError,
  OutputError,
  PoolMergeError,
  SchedulerError,
  UnreadableFileError,
  UnsupportedError,
  UsageError,
  VerificationError,
  WorkerError,
  isPoolMergeError,
} from './errors.ts';
export type { Conflict, ErrorCode, WorkerFailure } from './errors.ts';
export type { Diagnostic } from './diagnostics.ts';
