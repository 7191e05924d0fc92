/**
 * The part of an interactive page that draws with JSROOT: a button "Explore" beside each drawing that carries its data
 * (made by ../interactive-data.ts). Names no global but JSROOT.
 */
(() => {
  /** Colours of the two curves: kAzure + 2 and kOrange + 7 of ROOT. */
  const REFERENCE_STYLE = { fLineColor: 862, fMarkerColor: 862 };
  const TEST_STYLE = { fLineColor: 807, fMarkerColor: 807 };
  /** In place of an axis that a histogram does not use. @type {AxisData} */
  const UNUSED_AXIS = { bins: 1, low: 0, high: 1, title: '' };
  /** Room above and below the curves, as a share of their height. */
  const ROOM = 0.05;

  /** A TList. @param {object[]} items */
  function listOf(items) {
    return { _typename: 'TList', name: 'TList', arr: items, opt: items.map(() => '') };
  }

  /** The labels of an axis as TAxis has them: a TObjString for each bin that has one. @param {string[]} labels */
  function labelList(labels) {
    const strings = labels.map((text, i) => ({ _typename: 'TObjString', fUniqueID: i + 1, fBits: 0, fString: text }));
    return listOf(strings.filter(({ fString }) => fString !== ''));
  }

  /** A TAxis. @param {string} name @param {AxisData} axis */
  function axisOf(name, { bins, low, high, title, labels, edges }) {
    return {
      _typename: 'TAxis',
      fUniqueID: 0,
      fBits: 0,
      fName: name,
      fTitle: title,
      fNdivisions: 510,
      fAxisColor: 1,
      fLabelColor: 1,
      fLabelFont: 42,
      fLabelOffset: 0.005,
      fLabelSize: 0.035,
      fTickLength: 0.03,
      fTitleOffset: 1,
      fTitleSize: 0.035,
      fTitleColor: 1,
      fTitleFont: 42,
      fNbins: bins,
      fXmin: low,
      fXmax: high,
      fXbins: edges ?? [],
      fFirst: 0,
      fLast: 0,
      fBits2: 0,
      fTimeDisplay: false,
      fTimeFormat: '',
      fModLabs: null,
      fLabels: labels === undefined ? null : labelList(labels),
    };
  }

  /** One side as a TH1D or TH2D. @param {PlotData} data @param {CellData} side @param {string} name @param {object} [style] */
  function histogramOf({ title, axes: [x, y] }, { entries, contents, squares }, name, style = {}) {
    return {
      _typename: y === undefined ? 'TH1D' : 'TH2D',
      fUniqueID: 0,
      fBits: 8 | 512,
      fName: name,
      fTitle: title,
      fLineColor: 1,
      fLineStyle: 1,
      fLineWidth: 2,
      fFillColor: 0,
      fFillStyle: 1001,
      fMarkerColor: 1,
      fMarkerStyle: 20,
      fMarkerSize: 0.6,
      ...style,
      fNcells: contents.length,
      fXaxis: axisOf('xaxis', x),
      fYaxis: axisOf('yaxis', y ?? UNUSED_AXIS),
      fZaxis: axisOf('zaxis', UNUSED_AXIS),
      fBarOffset: 0,
      fBarWidth: 1000,
      fEntries: entries,
      fTsumw: contents.reduce((total, value) => total + value, 0),
      fTsumw2: 0,
      fTsumwx: 0,
      fTsumwx2: 0,
      fTsumwy: 0,
      fTsumwy2: 0,
      fTsumwxy: 0,
      fScalefactor: 1,
      fMaximum: -1111,
      fMinimum: -1111,
      fNormFactor: 0,
      fContour: [],
      fSumw2: squares ?? [],
      fOption: '',
      fFunctions: listOf([]),
      fBufferSize: 0,
      fBuffer: [],
      fBinStatErrOpt: 0,
      fStatOverflows: 2,
      fArray: contents,
    };
  }

  /** An empty element at the end of a block of drawings. @param {Element} plots @param {string} className */
  function addElement(plots, className) {
    const div = document.createElement('div');
    div.className = className;
    plots.append(div);
    return div;
  }

  /** Names both curves. @param {Element} plots @param {[string, string]} names */
  function addLegend(plots, names) {
    const line = addElement(plots, 'legend');
    names.forEach((name, i) => {
      const [key, text] = [document.createElement('span'), document.createElement('span')];
      key.className = i === 0 ? 'key of-reference' : 'key of-test';
      text.textContent = name;
      line.append(key, text);
    });
  }

  /** The range that both curves need, error bars of a profile included. @param {PlotData} data @returns {[low: number, high: number]} */
  function rangeOf({ isProfile, reference, test }) {
    let [low, high] = [Infinity, -Infinity];
    for (const { contents, squares = [] } of [reference, test]) {
      contents.slice(1, -1).forEach((value, i) => {
        const error = isProfile ? Math.sqrt(squares[i + 1] ?? 0) : 0;
        if (!isProfile || value - error !== 0) low = Math.min(low, value - error);
        if (!isProfile || value + error !== 0) high = Math.max(high, value + error);
      });
    }
    return [low, high];
  }

  /** Both curves over each other. @param {Element} plots @param {PlotData} data */
  async function drawCurves(plots, data) {
    const option = data.isProfile ? 'E' : 'hist';
    const first = histogramOf(data, data.reference, 'reference', REFERENCE_STYLE);
    const second = histogramOf(data, data.test, 'test', TEST_STYLE);
    const [low, high] = rangeOf(data);
    if (high > low) {
      const room = (high - low) * ROOM;
      first.fMinimum = data.isProfile || low < 0 ? low - room : 0;
      first.fMaximum = high + room;
    }
    addLegend(plots, data.names);
    const canvas = addElement(plots, 'canvas');
    await JSROOT.TH1Painter.draw(canvas, JSROOT.parse(JSON.stringify(first)), option);
    await JSROOT.TH1Painter.draw(canvas, JSROOT.parse(JSON.stringify(second)), `same ${option}`);
  }

  /** Two heat maps and that of their difference. @param {Element} plots @param {PlotData} data */
  async function drawMaps(plots, data) {
    const { names, reference, test } = data;
    const difference = { entries: 0, contents: test.contents.map((value, i) => value - (reference.contents[i] ?? 0)) };
    const maps = /** @type {const} */ ([
      [names[0], reference],
      [names[1], test],
      ['difference', difference],
    ]);
    for (const [name, side] of maps) {
      const object = { ...histogramOf(data, side, name), fTitle: name };
      await JSROOT.TH2Painter.draw(addElement(plots, 'canvas map'), JSROOT.parse(JSON.stringify(object)), 'colz');
    }
  }

  /** Takes away what JSROOT has drawn. @param {HTMLElement} plots */
  function clear(plots) {
    for (const canvas of plots.querySelectorAll('.canvas')) JSROOT.cleanup(canvas);
    for (const made of plots.querySelectorAll('.canvas,.legend')) made.remove();
    delete plots.dataset['drawn'];
  }

  /** Draws what a block carries the data of. @param {HTMLElement} plots */
  async function draw(plots) {
    /** @type {PlotData} */
    const data = JSON.parse(plots.querySelector('script')?.textContent ?? '');
    await (data.axes.length === 1 ? drawCurves(plots, data) : drawMaps(plots, data));
    plots.dataset['drawn'] = 'true';
  }

  /** Puts the button on a block of drawings. @param {HTMLElement} plots */
  function addButton(plots) {
    const button = document.createElement('button');
    button.className = 'explore';
    button.textContent = 'Explore';
    button.title = 'Zoom, read off values, change the view (JSROOT)';
    button.setAttribute('aria-pressed', 'false');
    plots.prepend(button);
    button.addEventListener('click', async () => {
      const isOpen = plots.classList.toggle('explored');
      button.setAttribute('aria-pressed', String(isOpen));
      button.textContent = isOpen ? 'Back' : 'Explore';
      if (isOpen) await draw(plots);
      else clear(plots);
    });
  }

  for (const plots of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('.plots[data-interactive]'))) addButton(plots);
})();
