"""What ROOT keeps in memory of a file it opened for UPDATE: header, free segments, baskets, leaves, references."""
import shutil
import tempfile
from pathlib import Path


def highest_keys(directory, prefix=""):
    """(path, key) of the newest cycle of every object, depth first."""
    seen = set()
    for key in directory.GetListOfKeys():
        if key.GetName() in seen:
            continue
        seen.add(key.GetName())
        path = f"{prefix}/{key.GetName()}"
        if key.IsFolder() and key.GetClassName().startswith("TDirectory"):
            yield from highest_keys(directory.GetDirectory(key.GetName()), path)
        else:
            yield path, key


def file_facts(path):
    """Header and free segments, as ROOT holds them after opening a copy for UPDATE."""
    import ROOT
    with tempfile.TemporaryDirectory() as folder:
        copy = str(Path(folder) / "copy.root")
        shutil.copyfile(path, copy)
        file = ROOT.TFile.Open(copy, "UPDATE")
        free = [[segment.GetFirst(), segment.GetLast()] for segment in file.GetListOfFree()]
        facts = {
            "end": file.GetEND(), "sizeBytes": Path(path).stat().st_size, "free": free, "version": file.GetVersion(),
            "seekInfo": file.GetSeekInfo(), "infoBytes": file.GetNbytesInfo(), "freeBytes": file.GetNbytesFree(),
            "infos": file.GetStreamerInfoList().GetSize(), "recovered": bool(file.TestBit(ROOT.TFile.kRecovered)),
        }
        file.Close()
    return facts


def branches(tree_or_branch, prefix=""):
    for branch in tree_or_branch.GetListOfBranches():
        yield prefix + branch.GetName(), branch
        yield from branches(branch, f"{prefix}{branch.GetName()}.")


def branch_facts(name, branch):
    """Basket arrays as they are in memory, leaves, and how reading every entry went."""
    write, seeks = branch.GetWriteBasket(), []
    for i in range(write):
        seeks.append(branch.GetBasketSeek(i))
    reads = [branch.GetEntry(i) for i in range(branch.GetEntries())] if branch.GetListOfBranches().GetSize() == 0 else []
    leaves = [{"name": leaf.GetName(), "class": leaf.ClassName(), "length": leaf.GetLen(), "maximum": leaf.GetMaximum()} for leaf in branch.GetListOfLeaves()]
    return {
        "name": name, "entries": branch.GetEntries(), "writeBasket": write, "maxBaskets": branch.GetMaxBaskets(), "seeks": seeks,
        "nextEntry": branch.GetBasketEntry()[write], "failed": sum(1 for n in reads if n < 0), "empty": sum(1 for n in reads if n == 0), "leaves": leaves,
        "bufferMap": not branch.TestBit(1 << 22),  # TBranch::kDoNotUseBufferMap
    }


def tree_facts(path):
    """Every tree: entries, and the facts of all its branches."""
    import ROOT
    file = ROOT.TFile.Open(path)
    trees = {}
    for where, key in highest_keys(file):
        if not ROOT.TClass.GetClass(key.GetClassName()) or not ROOT.TClass.GetClass(key.GetClassName()).InheritsFrom("TTree"):
            continue
        tree = key.ReadObj()
        trees[where] = {"entries": tree.GetEntries(), "branches": [branch_facts(name, branch) for name, branch in branches(tree)]}
    return trees


def fill_trees(path, count=5):
    """Fills every tree of a copy with its own first entries, writes, reads all back: failures per tree."""
    import ROOT
    with tempfile.TemporaryDirectory() as folder:
        copy = str(Path(folder) / "copy.root")
        shutil.copyfile(path, copy)
        file = ROOT.TFile.Open(copy, "UPDATE")
        before = {}
        for where, key in list(highest_keys(file)):
            if key.GetClassName() not in ("TTree", "TNtuple", "TNtupleD"):
                continue
            tree = file.Get(where[1:])
            before[where] = tree.GetEntries()
            for entry in range(min(count, tree.GetEntries())):
                tree.GetEntry(entry)
                ROOT.TTree.Fill(tree)  # TNtuple has a Fill of its own
            tree.GetDirectory().cd()
            tree.Write("", ROOT.TObject.kOverwrite)
        file.Close()
        after = tree_facts(copy)
    return {
        where: {
            "before": entries, "after": after[where]["entries"],
            "failed": sum(branch["failed"] for branch in after[where]["branches"]),
        }
        for where, entries in before.items()
    }


def references(path):
    """For every cycle of `reference` (a TRef): does it find the `target` of the same cycle?"""
    import ROOT
    file = ROOT.TFile.Open(path)
    cycles = [key.GetCycle() for key in file.GetListOfKeys() if key.GetName() == "reference"]
    found = {}
    for cycle in cycles:
        target = file.Get(f"target;{cycle}") or file.Get("target")
        reference = file.Get(f"reference;{cycle}")
        found[cycle] = bool(reference) and bool(target) and reference.GetObject() == target
    return found


def grow(path):
    """Adds an object to every directory of the file itself (no copy: it may have 2 GB), then reads every key: those without an object."""
    import ROOT
    file = ROOT.TFile.Open(path, "UPDATE")
    directories = [""] + [where[1:] for where in folders(file)]
    for where in directories:
        file.cd(where) if where else file.cd()
        added = ROOT.TNamed("grown", "x" * 2000)
        if added.Write() <= 0:
            return [f"{where}: cannot be written to"]
    file.Close()
    file = ROOT.TFile.Open(path)
    unread = [where for where, key in highest_keys(file) if not ROOT.oracle.readBack(key)]
    missing = [where for where in directories if not file.Get(f"{where}/grown" if where else "grown")]
    return unread + missing


def folders(directory, prefix=""):
    for key in directory.GetListOfKeys():
        if key.GetClassName().startswith("TDirectory"):
            path = f"{prefix}/{key.GetName()}"
            yield path
            yield from folders(directory.GetDirectory(key.GetName()), path)


def uproot_update(path):
    """uproot changes a copy: a text, a histogram in a new directory. Keys that ROOT no longer reads, and whether it reads the new ones."""
    import numpy
    import ROOT
    import uproot
    with tempfile.TemporaryDirectory() as folder:
        copy = str(Path(folder) / "copy.root")
        shutil.copyfile(path, copy)
        with uproot.update(copy) as file:
            file["uproot_text"] = "added"
            file["uproot_folder/h"] = numpy.histogram([1.0, 2.0, 3.0])
        with uproot.open(copy) as file:
            seen = set(file.keys(recursive=True, cycle=False))
        root = ROOT.TFile.Open(copy)
        unread = [where for where, key in highest_keys(root) if not ROOT.oracle.readBack(key)]
        return {"seen": {"uproot_text", "uproot_folder/h"} <= seen, "unread": unread, "recovered": bool(root.TestBit(ROOT.TFile.kRecovered))}
