"""Histograms of two files bit by bit: contents, errors, bin entries, statistics, entries."""
import numpy

CELL_TYPES = {"C": numpy.int8, "S": numpy.int16, "I": numpy.int32, "L": numpy.int64, "F": numpy.float32, "D": numpy.float64}
STATISTICS = 20


def is_histogram(ROOT, class_name):
    known = class_name.startswith(("TH1", "TH2", "TH3")) and class_name[-1] in CELL_TYPES and len(class_name) == 4
    return known or class_name in ("TProfile", "TProfile2D", "TProfile3D")


def histograms(ROOT, directory, where=""):
    """Newest cycle of every histogram, by path."""
    seen = set()
    for key in directory.GetListOfKeys():
        name, class_name = key.GetName(), key.GetClassName()
        if name in seen:
            continue
        seen.add(name)
        if class_name in ("TDirectory", "TDirectoryFile"):
            yield from histograms(ROOT, key.ReadObj(), f"{where}/{name}")
        elif is_histogram(ROOT, class_name):
            yield f"{where}/{name}", key.ReadObj()


def doubles(array):
    return numpy.frombuffer(array.GetArray(), dtype=numpy.float64, count=array.GetSize()).copy() if array.GetSize() else numpy.zeros(0)


def cells(h):
    kind = "D" if h.ClassName().startswith("TProfile") else h.ClassName()[-1]
    if kind == "C":  # Python sees char* as text
        return numpy.array([h.GetBinContent(i) for i in range(h.GetNcells())])
    return numpy.frombuffer(h.GetArray(), dtype=CELL_TYPES[kind], count=h.GetNcells()).copy()


def numbers(h):
    if h.GetBufferLength() > 0:
        h.BufferEmpty(1)
    statistics = numpy.zeros(STATISTICS)
    h.GetStats(statistics)
    found = {"contents": cells(h), "errors": doubles(h.GetSumw2()), "statistics": statistics, "entries": numpy.array([h.GetEntries()])}
    if h.ClassName().startswith("TProfile"):
        found["bin entries"] = numpy.array([h.GetBinEntries(i) for i in range(h.GetNcells())])
        found["bin errors"] = doubles(h.GetBinSumw2())
    return found


def differing(a, b):
    return [what for what, values in numbers(a).items() if not numpy.array_equal(values, numbers(b)[what], equal_nan=values.dtype.kind == "f")]


def compare_histograms(a, b):
    """What differs, by path; `missing` where `b` lacks a histogram."""
    import ROOT
    files = [ROOT.TFile.Open(path) for path in (a, b)]
    found = dict(histograms(ROOT, files[1]))
    differences = {}
    for path, h in histograms(ROOT, files[0]):
        what = differing(h, found[path]) if path in found else ["missing"]
        if what:
            differences[path] = what
    return {"count": len(found), "differences": differences}
