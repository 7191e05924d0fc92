/** The job of `npm run demo`: events with a few jets each, in histograms, a tree, an RNTuple and a POOL file. */
import { HistogramComponent, NtupleComponent, PoolComponent, defineJob } from 'pool-merge';

const COLUMNS = [
  { name: 'event', type: 'int32' },
  { name: 'jet_pt', type: 'vector<float32>' },
  { name: 'trigger', type: 'string' },
];
const RUN = 2008;

/** Numbers from 0 to 1 that depend on the event alone: any number of workers makes the same events. */
function* numbersOf(event) {
  for (let state = event + 1; ;) {
    state = (state * 48_271) % 2_147_483_647;
    yield state / 2_147_483_647;
  }
}

let fill;

export default defineJob({
  initialize({ io }) {
    const histograms = new HistogramComponent(io, 'histograms', 'hist.root');
    const ntuples = new NtupleComponent(io, 'ntuples', 'events.root');
    const pool = new PoolComponent(io, 'pool', 'events.pool.root', {
      stream: 'StreamDemo',
      attributes: [{ name: 'JetCount', type: 'uint32' }],
    });
    const pt = histograms.book('/jets', {
      className: 'TH1F',
      name: 'pt',
      title: 'jets',
      axes: [{ bins: 50, min: 0, max: 200, title: 'GeV' }],
    });
    const map = histograms.book('/jets', {
      className: 'TH2I',
      name: 'n_pt',
      title: 'jets',
      axes: [{ bins: 5, min: 0, max: 5 }, { edges: [0, 10, 20, 50, 100, 200] }],
    });
    const triggers = histograms.book('/', { className: 'TH1I', name: 'triggers', axes: [{ labels: ['jet', 'none'] }] });
    const tree = ntuples.book('/', { name: 'events', columns: COLUMNS });
    const tuple = ntuples.bookTuple('/', { name: 'tuple', columns: COLUMNS });
    pool.book('EventInfo', {
      columns: [
        { name: 'run', type: 'uint32' },
        { name: 'event', type: 'uint64' },
        { name: 'trigger', type: 'string' },
      ],
    });
    pool.book('Jets', { columns: [{ name: 'pt', type: 'vector<float32>' }] });
    fill = (row) => {
      for (const value of row.jet_pt) pt.fill(value);
      for (const value of row.jet_pt) map.fill(row.jet_pt.length, value);
      triggers.fill(row.trigger);
      tree.fill(row);
      tuple.fill(row);
      pool.write('EventInfo', { run: RUN, event: row.event, trigger: row.trigger });
      if (row.jet_pt.length > 0) pool.write('Jets', { pt: row.jet_pt });
      pool.commitEvent(RUN, row.event, { attributes: { JetCount: row.jet_pt.length } });
    };
  },
  execute(event) {
    const numbers = numbersOf(event);
    const next = () => numbers.next().value;
    const jets = Array.from({ length: Math.floor(5 * next()) }, () => Math.floor(800 * next() ** 3) / 4);
    fill({ event, jet_pt: jets, trigger: jets.some((value) => value > 50) ? 'jet' : 'none' });
  },
});
