/** The part of an interactive page that hands its data to JSROOT. Plain JavaScript for the browser; names no global but JSROOT. */
export const INTERACTIVE_SCRIPT: string = String.raw`
(() => {
  const list = (items) => ({ _typename: 'TList', name: 'TList', arr: items, opt: items.map(() => '') });
  const line = { fLineColor: 1, fLineStyle: 1, fLineWidth: 2, fFillColor: 0, fFillStyle: 1001, fMarkerColor: 1, fMarkerStyle: 20, fMarkerSize: 0.6 };
  const axis = (name, { bins, low, high, title, labels, edges }) => ({
    _typename: 'TAxis', fUniqueID: 0, fBits: 0, fName: name, fTitle: title, fNdivisions: 510, fAxisColor: 1, fLabelColor: 1, fLabelFont: 42, fLabelOffset: 0.005, fLabelSize: 0.035,
    fTickLength: 0.03, fTitleOffset: 1, fTitleSize: 0.035, fTitleColor: 1, fTitleFont: 42, fNbins: bins, fXmin: low, fXmax: high, fXbins: edges || [], fFirst: 0, fLast: 0, fBits2: 0,
    fTimeDisplay: false, fTimeFormat: '', fModLabs: null,
    fLabels: labels ? list(labels.flatMap((text, i) => (text === '' ? [] : [{ _typename: 'TObjString', fUniqueID: i + 1, fBits: 0, fString: text }]))) : null,
  });
  const none = { bins: 1, low: 0, high: 1, title: '' };
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  const histogram = (data, side, name, style) => {
    const [x, y] = data.axes;
    return {
      _typename: y ? 'TH2D' : 'TH1D', fUniqueID: 0, fBits: 8 | 512, fName: name, fTitle: data.title, ...line, ...style, fNcells: side.contents.length,
      fXaxis: axis('xaxis', x), fYaxis: axis('yaxis', y || none), fZaxis: axis('zaxis', none), fBarOffset: 0, fBarWidth: 1000, fEntries: side.entries,
      fTsumw: sum(side.contents), fTsumw2: 0, fTsumwx: 0, fTsumwx2: 0, fTsumwy: 0, fTsumwy2: 0, fTsumwxy: 0, fScalefactor: 1, fMaximum: -1111, fMinimum: -1111, fNormFactor: 0,
      fContour: [], fSumw2: side.squares || [], fOption: '', fFunctions: list([]), fBufferSize: 0, fBuffer: [], fBinStatErrOpt: 0, fStatOverflows: 2, fArray: side.contents,
    };
  };
  const place = (plots, className) => {
    const div = document.createElement('div');
    div.className = className;
    plots.append(div);
    return div;
  };
  const legend = (plots, names) => {
    const line = place(plots, 'legend');
    names.forEach((name, i) => {
      const [key, text] = [document.createElement('span'), document.createElement('span')];
      key.className = 'key of-' + (i === 0 ? 'reference' : 'test');
      text.textContent = name;
      line.append(key, text);
    });
  };
  const drawCurves = async (plots, data) => {
    const option = data.isProfile ? 'E' : 'hist';
    const made = [histogram(data, data.reference, 'reference', { fLineColor: 862, fMarkerColor: 862 }), histogram(data, data.test, 'test', { fLineColor: 807, fMarkerColor: 807 })];
    const ends = (sign) => made.flatMap(({ fArray, fSumw2 }) => fArray.map((value, i) => (data.isProfile && fSumw2[i] ? value + sign * Math.sqrt(fSumw2[i]) : value)).slice(1, -1).filter((value) => !data.isProfile || value !== 0));
    const [low, high] = [ends(-1).reduce((a, b) => Math.min(a, b), Infinity), ends(1).reduce((a, b) => Math.max(a, b), -Infinity)];
    if (high > low) [made[0].fMinimum, made[0].fMaximum] = [data.isProfile || low < 0 ? low - (high - low) * 0.05 : 0, high + (high - low) * 0.05];
    legend(plots, data.names);
    const div = place(plots, 'canvas');
    await JSROOT.TH1Painter.draw(div, JSROOT.parse(JSON.stringify(made[0])), option);
    await JSROOT.TH1Painter.draw(div, JSROOT.parse(JSON.stringify(made[1])), 'same ' + option);
  };
  const drawMaps = async (plots, data) => {
    const difference = { entries: 0, contents: data.test.contents.map((value, i) => value - data.reference.contents[i]) };
    for (const [name, side] of [[data.names[0], data.reference], [data.names[1], data.test], ['difference', difference]]) {
      const object = histogram(data, side, name, {});
      object.fTitle = name;
      await JSROOT.TH2Painter.draw(place(plots, 'canvas map'), JSROOT.parse(JSON.stringify(object)), 'colz');
    }
  };
  for (const plots of document.querySelectorAll('.plots[data-interactive]')) {
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
      if (!isOpen) {
        for (const canvas of plots.querySelectorAll('.canvas')) JSROOT.cleanup(canvas);
        for (const made of plots.querySelectorAll('.canvas,.legend')) made.remove();
        delete plots.dataset.drawn;
        return;
      }
      const data = JSON.parse(plots.querySelector('script').textContent);
      await (data.axes.length === 1 ? drawCurves : drawMaps)(plots, data);
      plots.dataset.drawn = 'true';
    });
  }
})();
`;
