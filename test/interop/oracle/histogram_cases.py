"""Histograms of three workers written by ROOT: every class, with all that TH1::Merge treats differently, mixed at random."""
import random
from array import array
from pathlib import Path

WORKERS = 3
PER_CLASS = 8
BINS = {1: [7], 2: [4, 3], 3: [3, 2, 2]}
LOW, HIGH = -0.3, 1.7
CLASSES = [(f"TH{d}{t}", d) for d in (1, 2, 3) for t in "CSILFD"] + [("TProfile", 1), ("TProfile2D", 2), ("TProfile3D", 3)]


def specifications(choose):
    for class_name, dimension in CLASSES:
        for k in range(PER_CLASS):
            yield class_name, dimension, f"{class_name}_{k}", {
                "variable": choose.random() < 0.3,
                "errors": choose.choice(["none", "all", "first", "last"]),
                "content": choose.choice(["fills", "weighted fills", "set", "one worker only", "buffer", "weighted buffer"]),
                "range": choose.random() < 0.2,
                "overflows": choose.random() < 0.3,
                "decorated": choose.random() < 0.4,
                "no entries": choose.random() < 0.1,
                "labels": choose.random() < 0.15,
            }


def known_loss(class_name, spec):
    """What hadd 6.40 does not keep of such a histogram, or None: then its sums must be ours."""
    is_profile, in_some = class_name.startswith("TProfile"), spec["errors"] in ("first", "last")
    if is_profile and (in_some or "weighted" in spec["content"] and spec["errors"] != "all"):
        return "squared weights of profiles, where only some inputs store them"
    if not is_profile and spec["content"] == "weighted buffer" and spec["errors"] != "all":
        return "squared weights of fills in a buffer"
    if not is_profile and spec["content"] == "set" and spec["no entries"] and in_some:
        return "errors of contents without entries"
    return None


def make(ROOT, class_name, dimension, name, spec):
    arguments = [name, "title"]
    for bins in BINS[dimension]:
        edges = array("d", [LOW + (HIGH - LOW) * (i / bins) ** 1.3 for i in range(bins + 1)])
        arguments += [bins, edges] if spec["variable"] else [bins, LOW, HIGH]
    return getattr(ROOT, class_name)(*arguments)


def prepare(ROOT, h, spec, worker):
    if spec["errors"] == "all" or worker == {"first": 0, "last": WORKERS - 1}.get(spec["errors"]):
        h.Sumw2()
    if spec["overflows"]:
        h.SetStatOverflows(ROOT.TH1.kConsider)
    if "buffer" in spec["content"]:
        h.SetBuffer(200)
    elif spec["labels"]:
        for i in range(1, h.GetNbinsX() + 1):
            h.GetXaxis().SetBinLabel(i, f"bin {i}")


def fill(h, dimension, spec, worker, choose):
    is_profile = h.ClassName().startswith("TProfile")
    if spec["content"] == "one worker only" and worker != 1:
        return
    if spec["content"] == "set" and not is_profile:
        for i in range(h.GetNcells()):
            h.SetBinContent(i, choose.randint(0, 30) if h.ClassName()[-1] in "CSIL" else choose.uniform(-3, 30))
        if spec["no entries"]:
            h.SetEntries(0)
        return
    for _ in range(choose.randint(0, 40)):
        point = [choose.uniform(LOW - 0.3, HIGH + 0.3) for _ in range(dimension)] + ([choose.gauss(1, 2)] if is_profile else [])
        if "weighted" in spec["content"]:
            point.append(choose.choice([1, 2, 0.5, 3.25, choose.random()]))
        h.Fill(*point)


def finish(h, dimension, spec, worker):
    if spec["range"]:
        h.GetXaxis().SetRange(2, 3)
        if dimension > 1:
            h.GetYaxis().SetRange(1, 2)
    if spec["decorated"]:
        h.SetTitle(f"title of worker {worker}")
        h.SetMaximum(5 + worker)


def histogram_cases(folder, seed):
    """Writes the files; returns their paths, and what hadd is known to lose by histogram."""
    import ROOT
    choose = random.Random(int(seed))
    specs = list(specifications(choose))
    paths = [str(Path(folder) / f"cases_{worker}.root") for worker in range(WORKERS)]
    for worker, path in enumerate(paths):
        file = ROOT.TFile.Open(path, "RECREATE")
        for class_name, dimension, name, spec in specs:
            h = make(ROOT, class_name, dimension, name, spec)
            prepare(ROOT, h, spec, worker)
            fill(h, dimension, spec, worker, choose)
            finish(h, dimension, spec, worker)
            file.WriteTObject(h)
        file.Close()
    return {"files": paths, "losses": {name: known_loss(class_name, spec) for class_name, _, name, spec in specs}}
