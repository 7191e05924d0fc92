/** A module job that only writes: each event is 1000 entries of 20 branches with numbers that compress little, about 100 kB. */
import { NtupleComponent, defineJob } from 'pool-merge';

const ENTRIES_PER_EVENT = 1000;
const columns = Array.from({ length: 20 }, (_, i) => ({ name: `c${i}`, type: i % 4 === 0 ? 'float64' : 'float32' }));
let tree;

export default defineJob({
  initialize({ io }) {
    tree = new NtupleComponent(io, 'ntuples', 'events.root').book('/', { name: 'events', columns });
  },
  execute(event) {
    const row = {};
    let state = event + 1;
    for (let entry = 0; entry < ENTRIES_PER_EVENT; entry++) {
      for (const { name } of columns) {
        state = (state * 48_271) % 2_147_483_647;
        row[name] = state / 2_147_483_647;
      }
      tree.fill(row);
    }
  },
});
