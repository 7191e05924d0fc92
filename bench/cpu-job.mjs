/** A module job that only computes: every event takes the same time; one histogram is written. */
import { HistogramComponent, defineJob } from 'pool-merge';

const STEPS = 400_000;
let histogram;

export default defineJob({
  initialize({ io }) {
    histogram = new HistogramComponent(io, 'histograms', 'hist.root').book('/', {
      className: 'TH1D',
      name: 'h',
      axes: [{ bins: 100, min: 0, max: 1 }],
    });
  },
  execute(event) {
    let state = event + 1;
    for (let i = 0; i < STEPS; i++) state = (state * 48_271) % 2_147_483_647;
    histogram.fill(state / 2_147_483_647);
  },
});
