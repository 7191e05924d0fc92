/**
 * The workloads of the bench and what pool-merge must reach on each: a ratio to `cat` (copying bytes is all the
 * work there is) or to `hadd -ff` (the peer's time). Inputs: bench/generate.py.
 */

/** Peak resident memory allowed on every workload, MB. */
export const PEAK_MB = 150;

/** References that `pool-ls --refs` must follow per second, start included, on the inputs of `pool`. */
export const REFERENCES_PER_SECOND = 200_000;

/** name → { text, peakMB: another limit of memory, against: the tool the ratio is taken to, atMost: the ratio } */
export const WORKLOADS = {
  bigtree: { text: '8 × 75 MB, 20 branches, zlib', against: 'cat', atMost: 1.6 },
  wide: { text: '12 × 37 MB, 1500 branches, zstd', against: 'cat', atMost: 1.6 },
  rntuple: { text: '8 × 52 MB, zstd', against: 'cat', atMost: 1.6 },
  samehist: { text: '10 × 20 000 TH1F(100), equal names', against: 'hadd -ff', atMost: 0.5 },
  disjoint: { text: '10 × 20 000 TH1F(100), distinct names', against: 'hadd -ff', atMost: 0.03 },
  manydirs: { text: '3 × 640 directories × 150 TH1F', against: 'hadd -ff', atMost: 0.5 },
  big2d: { text: '6 × 40 TH2D 500×500 with Sumw2', against: 'hadd -ff', atMost: 0.65 },
  smallfiles: { text: '1000 × 33 kB, tree and 20 TH1F', against: 'hadd -ff', atMost: 0.5 },
  pool: { text: '8 × 60 MB POOL, 2000 events, 300 containers', against: 'cat', atMost: 2, peakMB: 250 },
  tiny: { text: '2 × 33 kB: start-up', against: 'hadd -ff', atMost: 0.5 },
};
