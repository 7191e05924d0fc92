"""A job of pool-run that fills histograms and a tree before its workers are forked.

prefork_job.py              events -20 to -1 are filled in initialize, into a file open by then
prefork_job.py closed       io_reinit closes that file and begins another one
prefork_job.py early        nothing is filled in initialize, the file is open by then
prefork_job.py rehearsal    histograms of no file from initialize, filled by events only; the file is opened in io_reinit

Read by itself, with files as arguments, it prints what they hold.
"""
import array
import json
import sys

mode = sys.argv[1] if len(sys.argv) > 1 else ""
NAMES = {"TH1F": (10, 0, 100), "TH1I": (10, 0, 100), "TH2D": (5, 0, 100, 5, 0, 100), "TProfile": (5, 0, 100), "TProfile2D": (5, 0, 100, 2, 0, 100)}


def book():
    global histograms
    import ROOT
    histograms = {name: getattr(ROOT, name)(name, "", *axes) for name, axes in NAMES.items()}
    if mode == "rehearsal":
        for histogram in histograms.values():
            histogram.SetDirectory(ROOT.nullptr)


def open_file():
    global file, tree, number
    import ROOT
    file = ROOT.TFile("prefork.root", "RECREATE")
    tree, number = ROOT.TTree("tree", ""), array.array("i", [0])
    tree.Branch("number", number, "number/I")
    tree.SetAutoFlush(7)
    if mode != "rehearsal":
        file.mkdir("below").cd()
        book()


def initialize():
    if mode == "rehearsal":
        book()
        return
    open_file()
    for event in range(0 if mode == "early" else -20, 0):
        execute(event)


def io_reinit(worker):
    if mode == "closed":
        file.Close()
    if mode in ("closed", "rehearsal"):
        open_file()


def execute(event):
    x = abs(event)
    for name, values in {"TH1F": (x % 120,), "TH1I": (x % 90,), "TH2D": (x % 100, x % 50, 1 + x % 3), "TProfile": (x % 100, x / 4, 1 + x % 2), "TProfile2D": (x % 100, x % 70, x % 9)}.items():
        histograms[name].Fill(*values)
    number[0] = event
    tree.Fill()


def finalize():
    file.cd()
    if mode == "rehearsal":
        for histogram in histograms.values():
            histogram.Write()
    file.Write()
    file.Close()


def contents(path):
    import ROOT
    opened = ROOT.TFile.Open(path)
    found = {"numbers": sorted(entry.number for entry in opened.Get("tree"))}
    for name in NAMES:
        histogram = opened.Get(name) or opened.Get("below/" + name)
        statistics = array.array("d", [0] * 13)
        histogram.GetStats(statistics)
        cells = range(histogram.GetNcells())
        found[name] = [histogram.GetEntries(), list(statistics), [[histogram.GetBinContent(i), round(histogram.GetBinError(i), 9)] for i in cells]]
    return found


if __name__ == "__main__":
    print(json.dumps([contents(path) for path in sys.argv[1:]]))
