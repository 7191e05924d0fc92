/** Two files that differ in known places, with names that would break a page that trusts them. */
import { createRootFile } from '../src/index.ts';

/** Names, titles and labels that a page must show and not obey. */
export const HOSTILE = {
  script: `<script>document.title='taken'<${''}\\script>`,
  image: `"><img src=x onerror="document.title='taken'">`,
  entity: `&lt;b&gt; 'single' "double" \u{1f600} ümlaut`,
  hidden: 'a\u202eb\u0007c',
  template: '${1+1} `back` \\u003c ]]> --> <!-- </style>',
} as const;

/** What is written: `old` and `new` differ in the ways the file's tests name. */
export type Side = 'old' | 'new';

const DATE = new Date('2020-01-01T00:00:00Z');

/** Writes one side. Bins and entries that differ: see the comments. */
export function writePageFile(path: string, side: Side): void {
  const isNew = side === 'new';
  using file = createRootFile(path, { date: DATE, force: true });
  fillCurves(file, isNew);
  fillMaps(file, isNew);
  fillTree(file, isNew);
  for (const name of Object.values(HOSTILE).filter((each) => !each.includes('/'))) {
    const labels = [name, 'plain', `${name} again`];
    const histogram = file.bookHistogram('/hostile', { className: 'TH1I', name, title: name, axes: [{ labels, title: name }] });
    histogram.fill(0.5);
    if (isNew) histogram.fill(1.5); // bin 2
  }
  if (isNew) file.bookHistogram('/', { className: 'TH1F', name: 'onlyNew', axes: [{ bins: 1, min: 0, max: 1 }] });
  file.close();
}

type Output = ReturnType<typeof createRootFile>;

function fillCurves(file: Output, isNew: boolean): void {
  // 10 fills in bin 1, 20 in bin 2, 30 in bin 3, 40 in bin 4; new: 45 in bin 4
  const counts = file.bookHistogram('/', {
    className: 'TH1F',
    name: 'counts',
    title: 'p_{T} of #mu',
    axes: [{ bins: 4, min: 0, max: 4, title: 'p_{T} [GeV]' }],
  });
  for (let bin = 0; bin < 4; bin++) for (let i = 0; i < 10 * (bin + 1) + (isNew && bin === 3 ? 5 : 0); i++) counts.fill(bin + 0.5);
  const same = file.bookHistogram('/', { className: 'TH1D', name: 'same', axes: [{ bins: 2, min: 0, max: 1 }] });
  same.fill(0.1);
  const profile = file.bookHistogram('/', { className: 'TProfile', name: 'profile', axes: [{ bins: 3, min: 0, max: 3 }] });
  for (const [x, y] of [
    [0.5, 1],
    [0.5, 3],
    [1.5, 4],
    [1.5, isNew ? 8 : 6],
  ] as const) {
    profile.fill(x, y);
  } // bin 3 stays empty
}

function fillMaps(file: Output, isNew: boolean): void {
  const map = file.bookHistogram('/', {
    className: 'TH2D',
    name: 'map',
    axes: [
      { bins: 20, min: 0, max: 20 },
      { bins: 10, min: 0, max: 10 },
    ],
  });
  for (let x = 0; x < 20; x++) for (let y = 0; y < 10; y++) map.fill(x + 0.5, y + 0.5, x * y + (isNew && x === 7 && y === 3 ? 50 : 0)); // cell (8, 4)
  const cube = file.bookHistogram('/', { className: 'TH3F', name: 'cube', axes: [0, 1, 2].map(() => ({ bins: 3, min: 0, max: 3 })) });
  cube.fill(0.5, 1.5, 2.5);
  cube.fill(2.5, isNew ? 1.5 : 0.5, 0.5);
}

function fillTree(file: Output, isNew: boolean): void {
  // energy: every 10th of 200 entries is 0.5 more; id: entry 7; the others are equal
  const tree = file.bookTree('/', {
    name: 'events',
    columns: [
      { name: 'energy', type: 'float64' },
      { name: 'id', type: 'int64' },
      { name: 'equal', type: 'float32' },
      { name: 'name', type: 'string' },
    ],
  });
  for (let i = 0; i < 200; i++) {
    tree.fill({
      energy: i + (isNew && i % 10 === 0 ? 0.5 : 0),
      id: BigInt(i) + (isNew && i === 7 ? 3n : 0n),
      equal: i / 3,
      name: isNew && i === 3 ? '<b>bold</b>' : `event ${i}`,
    });
  }
}
