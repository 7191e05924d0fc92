"""Pairs of random histograms in two files, and what ROOT's own tests say of each.

compat_cases.py FILE FILE       prints JSON: path → {chi2, ks: p-values; chi2Flows, ksFlows: with underflow and overflow};
null where ROOT's answer is no number
"""
import json
import sys

import numpy as np
import ROOT

ROOT.gErrorIgnoreLevel = ROOT.kFatal
ROOT.TH1.AddDirectory(False)
RNG = np.random.default_rng(20240)


def fill(hist, count, weights, shift, spread):
    dimension = hist.GetDimension()
    is_profile = hist.InheritsFrom("TProfile") or hist.InheritsFrom("TProfile2D") or hist.InheritsFrom("TProfile3D")
    columns = [RNG.normal(0.5 + shift, 0.3, count) for _ in range(dimension)]
    if is_profile:
        columns.append(RNG.normal(5 + shift, spread, count))
    for row in zip(*columns):
        arguments = [float(x) for x in row]
        if weights == "weights":
            arguments.append(float(RNG.uniform(0.2, 3)))
        elif weights == "signs":
            arguments.append(float(RNG.choice([1.0, 1.0, 1.0, -0.5])))
        hist.Fill(*arguments)


def book(kind, name, sumw2):
    if kind.startswith("TH1"):
        hist = getattr(ROOT, kind)(name, "", 40, 0, 1)
    elif kind == "edges":
        hist = ROOT.TH1D(name, "", 6, np.array([0, 0.1, 0.15, 0.4, 0.7, 0.9, 1.0]))
    elif kind.startswith("TH2"):
        hist = getattr(ROOT, kind)(name, "", 9, 0, 1, 7, 0, 1)
    elif kind.startswith("TH3"):
        hist = getattr(ROOT, kind)(name, "", 4, 0, 1, 5, 0, 1, 3, 0, 1)
    elif kind.startswith("TProfile2D"):
        hist = ROOT.TProfile2D(name, "", 6, 0, 1, 5, 0, 1)
    elif kind.startswith("TProfile3D"):
        hist = ROOT.TProfile3D(name, "", 3, 0, 1, 3, 0, 1, 4, 0, 1)
    else:
        hist = ROOT.TProfile(name, "", 20, 0, 1, kind[len("TProfile"):])
    if sumw2:
        hist.Sumw2()
    return hist


KINDS = ["TH1C", "TH1S", "TH1I", "TH1L", "TH1F", "TH1D", "edges", "TH2F", "TH2D", "TH3F", "TH3D",
         "TProfile", "TProfiles", "TProfilei", "TProfileg", "TProfile2D", "TProfile3D"]
WEIGHTS = [("", ""), ("", "weights"), ("weights", ""), ("weights", "weights"), ("signs", "signs")]


def pairs():
    for kind in KINDS:
        for i, weights in enumerate(WEIGHTS):
            for j, (count, shift) in enumerate([(5, 0), (100, 0), (2000, 0), (2000, 0.02), (300, 0.3)]):
                name = f"{kind}_{i}_{j}"
                pair = [book(kind, name, "T" not in kind[1:] and bool(w)) for w in weights]
                for hist, w, s in zip(pair, weights, (0, shift)):
                    fill(hist, count * (1 if hist is pair[0] else 2), w, s, 0 if kind == "TProfilei" and j == 1 else 1)
                yield name, pair
    yield from special_pairs()


def special_pairs():
    for name, counts in [("empty_one", (0, 50)), ("empty_both", (0, 0))]:
        pair = [book("TH1D", name, False) for _ in counts]
        for hist, count in zip(pair, counts):
            fill(hist, count, "", 0, 1)
        yield name, pair
    pair = [book("TH1D", "set_contents", False) for _ in range(2)]
    for hist in pair:
        for i in range(42):
            hist.SetBinContent(i, float(RNG.poisson(20)))
    yield "set_contents", pair
    pair = [book("TH1D", "no_errors", True) for _ in range(2)]
    for hist in pair:
        fill(hist, 200, "", 0, 1)
    for i in range(42):
        pair[1].SetBinError(i, 0)
    yield "no_errors", pair
    pair = [book("TH2D", "axis_range", False) for _ in range(2)]
    for hist in pair:
        fill(hist, 500, "", 0, 1)
        hist.GetXaxis().SetRange(2, 5)
    yield "axis_range", pair
    pair = [book("TH1F", "wide", False) for _ in range(2)]
    for hist in pair:
        hist.SetBins(20000, 0, 1)
        fill(hist, 20000, "", 0, 1)
    yield "wide", pair


def main():
    files = [ROOT.TFile(path, "RECREATE") for path in sys.argv[1:]]
    answers = {}
    for name, (left, right) in pairs():
        answers[f"/{name}"] = {key: None if value != value else value for key, value in {
            "chi2": left.Chi2Test(right, "P"), "chi2Flows": left.Chi2Test(right, "UF OF"),
            "ks": left.KolmogorovTest(right), "ksFlows": left.KolmogorovTest(right, "U O"),
        }.items()}
        for file, hist in zip(files, (left, right)):
            file.WriteTObject(hist, name)
    for file in files:
        file.Close()
    print(json.dumps(answers))


if __name__ == "__main__":
    main()
