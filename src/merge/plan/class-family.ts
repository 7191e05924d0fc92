/** Which family merges a class. Everything without a rule of its own is `other`: all copies are kept. */
import type { Family } from './plan.ts';

/** TH1, TH2, TH3 in all storage types, and the profiles. */
const HISTOGRAM = /^TH[123][CSILFD]$/;
const PROFILES = new Set(['TProfile', 'TProfile2D', 'TProfile3D']);
const TREES = new Set(['TTree', 'TNtuple', 'TNtupleD']);
/**
 * Lists, also those of entries, are added too, but whether there is anything to add in them is seen in their contents
 * only (additive-merger.ts).
 */
const ADDITIVE = /^(TParameter<.*>|TEfficiency|THStack|TH2Poly|TProfile2Poly|TStatistic|TGraph(Errors|AsymmErrors|BentErrors|Polar)?)$/;
const DENSE = /^THnT<((unsigned )?(char|short|int|long|long long)|float|double|(U?(Char|Short|Int|Long|Long64)|Float|Double)_t)>$/;
const SPARSE = /^THnSparseT<TArray(C|S|I|L|L64|F|D)>$/;
const RNTUPLES = new Set(['ROOT::RNTuple', 'ROOT::Experimental::RNTuple']);

const known = new Map<string, Family>();

/** Family of a class by its name. */
export function familyOf(className: string): Family {
  let family = known.get(className);
  if (family === undefined) {
    family = classify(className);
    known.set(className, family);
  }
  return family;
}

function classify(className: string): Family {
  if (HISTOGRAM.test(className) || PROFILES.has(className)) return 'histogram';
  if (TREES.has(className)) return 'tree';
  if (RNTUPLES.has(className)) return 'rntuple';
  return ADDITIVE.test(className) || isSparse(className) || isDense(className) ? 'additive' : 'other';
}

/** True for THnSparse of the element types that ROOT has. */
export function isSparse(className: string): boolean {
  return SPARSE.test(className);
}

/** True for THn of the element types that add. */
export function isDense(className: string): boolean {
  return DENSE.test(className);
}

/**
 * Classes of sums that hadd adds (or, of entry and event lists, unites; of trees inside of lists, joins; or crashes on:
 * TGraphMultiErrors), and this tool does not, or not all: graphs whose kinds of errors differ, for example.
 */
const PARTS = /^(THn(Sparse)?T<.*>|TH1K|TGraphMultiErrors|TEntryList|TEventList|TClonesArray|TTree|TNtupleD?)$/;

/** True for objects that are one input's part of a whole, but are kept as copies: whoever reads one of them must be told. */
export function isUnaddedPart(className: string): boolean {
  return PARTS.test(className);
}

/** True for classes whose highest cycle alone is merged: older cycles are backups of the same object. */
export function isMergeable(family: Family): boolean {
  return family !== 'other' && family !== 'process-id';
}
