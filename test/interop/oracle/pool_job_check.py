"""pool_job_check.py FILE...: per file number of events, whether they are 0, 1, 2, ..., sum of the histogram, workers; one JSON list."""
import json
import sys

import uproot

rows = []
for path in sys.argv[1:]:
    with uproot.open(path) as file:
        events = sorted(file['events']['event'].array(library='np').tolist())
        workers = sorted(set(file['events']['worker'].array(library='np').tolist()))
        rows.append([len(events), events == list(range(len(events))), float(file['h'].values(flow=True).sum()), file['h'].member('fEntries'), workers, file['h'].values().tolist()])
print(json.dumps(rows))
