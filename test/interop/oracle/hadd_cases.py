"""Two files with a pair of objects for each thing that hadd does right or wrong, joined by hadd; paths as JSON.

    python hadd_cases.py FOLDER
"""
import json
import sys
from array import array
from pathlib import Path

import ROOT

from hadd import hadd

ROOT.TH1.AddDirectory(False)


def histogram(name, bins, high, fills, labels="", edges=None, average=False):
    """A TH1F; with edges in place of bins of one width."""
    h = ROOT.TH1F(name, "", len(edges) - 1, array("d", edges)) if edges else ROOT.TH1F(name, "", bins, 0, high)
    for bin_number, label in enumerate(labels, 1):
        h.GetXaxis().SetBinLabel(bin_number, label)
    for value in fills:
        h.Fill(value)
    h.SetBit(ROOT.TH1.kIsAverage, average)
    return h


def sparse(high):
    s = ROOT.THnSparseD("sparse", "", 1, array("i", [5]), array("d", [0.0]), array("d", [float(high)]))
    s.Fill(array("d", [2.0]))
    return s


def branch(name, leaf, code, value):
    """A tree of three entries with one branch."""
    tree = ROOT.TTree(name, "")
    values = array(code, [value] * 8)
    tree.Branch("b", values, "b" + leaf)
    for _ in range(3):
        tree.Fill()
    tree.Write()


def listed(name, *histograms):
    container = ROOT.TList()
    for each in histograms:
        container.Add(each)
    container.Write(name, ROOT.TObject.kSingleKey)
    container.Clear("nodelete")


def write(path, second):
    file = ROOT.TFile(path, "RECREATE")
    for h in (
        histogram("wider", 20 if second else 10, 20 if second else 10, [1.5, 15] if second else [1.5, 2.5]),
        histogram("labels", 2, 2, [0.5], "ba" if second else "ab"),
        histogram("no_labels_first", 2, 2, [0.5], "ba" if second else ""),
        histogram("edges", 0, 0, [1.2] if second else [2], edges=[0, 1.5, 3, 10] if second else [0, 1, 3, 10]),
        histogram("average", 2, 2, [0.5], average=True),
        ROOT.TGraph(2, array("d", [1, 2]), array("d", [3, 4])),
        ROOT.TParameter("double")("parameter", 2.5),
    ):
        h.Write("graph" if h.InheritsFrom("TGraph") else h.GetName())
    sparse(10 if second else 5).Write("sparse_limits")
    sparse(5).Write("sparse")
    names = "BA" if second else "AB"
    listed("same_order", *[histogram(name, 2, 2, [0.5 + second]) for name in "AB"])
    listed("other_order", *[histogram(name, 2, 2, [0.5 + (name == "B")]) for name in names])
    listed("longer", *[histogram(name, 2, 2, [0.5]) for name in ("AB" if second else "A")])
    branch("signed", "/i" if second else "/I", "I" if second else "i", 4_000_000_000 if second else 7)
    branch("dimension", "[5]/F" if second else "[3]/F", "f", 1)
    branch("real", "/D" if second else "/F", "d" if second else "f", 1)
    branch("right", "/F", "f", 1)
    file.Close()


def main(folder):
    paths = [str(Path(folder) / name) for name in ("merged.root", "first.root", "second.root")]
    for second, path in enumerate(paths[1:]):
        write(path, second)
    hadd("-f", *paths)
    print(json.dumps(paths))


main(sys.argv[1])
