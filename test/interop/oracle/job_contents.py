"""job_contents.py FILE...: of all files together the events of the tree `events` as [number, value], sorted, and cells, squared weights and entries of all histograms; JSON."""
import json
import sys

import uproot

events, histograms = [], {}
for path in sys.argv[1:]:
    with uproot.open(path) as file:
        for name, kind in file.classnames(cycle=False).items():
            if kind == 'TTree':
                arrays = file[name].arrays(['event', 'value'], library='np')
                events += zip(arrays['event'].tolist(), arrays['value'].tolist())
            else:
                histogram = file[name]
                squares = list(histogram.member('fSumw2'))
                histograms[name] = [histogram.values(flow=True).tolist(), squares, histogram.member('fEntries')]
print(json.dumps({'events': sorted(events), 'histograms': histograms}))
