/** The job of `npm run demo`: events with a few jets each, in histograms, a tree and an RNTuple. */
import { HistogramComponent, IoComponentMgr, NtupleComponent, defineJob } from 'pool-merge';

const COLUMNS = [
  { name: 'event', type: 'int32' },
  { name: 'jet_pt', type: 'vector<float32>' },
  { name: 'trigger', type: 'string' },
];

/** Numbers from 0 to 1 that depend on the event alone: any number of workers makes the same events. */
function* numbersOf(event) {
  for (let state = event + 1; ; ) {
    state = (state * 48_271) % 2_147_483_647;
    yield state / 2_147_483_647;
  }
}

const manager = new IoComponentMgr();
let fill;

export default defineJob({
  initialize() {
    const histograms = new HistogramComponent(manager, 'histograms', 'hist.root');
    const ntuples = new NtupleComponent(manager, 'ntuples', 'events.root');
    const pt = histograms.book('/jets', { className: 'TH1F', name: 'pt', title: 'jets', axes: [{ bins: 50, min: 0, max: 200, title: 'GeV' }] });
    const map = histograms.book('/jets', { className: 'TH2I', name: 'n_pt', title: 'jets', axes: [{ bins: 5, min: 0, max: 5 }, { edges: [0, 10, 20, 50, 100, 200] }] });
    const triggers = histograms.book('/', { className: 'TH1I', name: 'triggers', axes: [{ labels: ['jet', 'none'] }] });
    const tree = ntuples.book('/', { name: 'events', columns: COLUMNS });
    const tuple = ntuples.bookTuple('/', { name: 'tuple', columns: COLUMNS });
    fill = (row) => {
      for (const value of row.jet_pt) pt.fill(value);
      for (const value of row.jet_pt) map.fill(row.jet_pt.length, value);
      triggers.fill(row.trigger);
      tree.fill(row);
      tuple.fill(row);
    };
  },
  execute(event) {
    const numbers = numbersOf(event);
    const next = () => numbers.next().value;
    const jets = Array.from({ length: Math.floor(5 * next()) }, () => Math.floor(800 * next() ** 3) / 4);
    fill({ event, jet_pt: jets, trigger: jets.some((value) => value > 50) ? 'jet' : 'none' });
  },
  finalize() {
    manager.finalize();
  },
});
