"""One input of the merge beyond 2 GB, and what ROOT and uproot read of the output."""
import math

BLOB_NUMBERS = 25_000_000  # 200 MB, uncompressed
ENTRIES = 1_000_000


HELPERS = """
#include "TH1D.h"
#include "TList.h"
#include "TObjString.h"
void oracleWriteLarge(const char *path, size_t numbers, Long64_t entries)
{
   TFile file(path, "RECREATE", "", 0);
   std::vector<double> blob(numbers);
   file.WriteObject(&blob, "blob");
   TObjString first("first");
   TNamed second("second", "title");
   TList items;
   for (int i = 0; i < 2; ++i) { items.Add(&first); items.Add(&second); }
   file.WriteObject(&items, "list", "SingleKey");
   TH1D histogram("h", "labels", 3, 0, 3);
   const char *labels[] = {"aaa", "bbb", "ccc"};
   for (int i = 0; i < 3; ++i) { histogram.GetXaxis()->SetBinLabel(i + 1, labels[i]); histogram.SetBinContent(i + 1, i + 1); }
   for (auto name : {"f1", "f2"}) histogram.GetListOfFunctions()->Add(new TNamed(name, "kept with the histogram"));
   file.mkdir("folder")->WriteTObject(&histogram);
   TTree tree("tree", "tree");
   Long64_t x;
   tree.Branch("x", &x, 1000000);
   for (x = 0; x < entries; ++x) tree.Fill();
   file.WriteTObject(&tree);
}
size_t oracleNumbers(TFile *file, const char *name)
{
   auto numbers = file->Get<std::vector<double>>(name);
   return numbers ? numbers->size() : 0;
}
"""


def write_large_input(path):
    """A 200 MB object, a list with back references, a histogram with labels and functions in a directory, a tree of 8 MB."""
    import ROOT
    ROOT.gInterpreter.Declare(HELPERS)
    ROOT.oracleWriteLarge(path, BLOB_NUMBERS, ENTRIES)
    return True


def read_large(path):
    """What ROOT reads: infos, cycles of the blob and the list, labels and contents, entries of the tree at both ends of each input."""
    import ROOT
    ROOT.gInterpreter.Declare(HELPERS)
    file = ROOT.TFile.Open(path)
    cycles = {name: sorted(key.GetCycle() for key in file.GetListOfKeys() if key.GetName() == name) for name in ("blob", "list")}
    lists = set()
    for cycle in cycles["list"]:
        items = file.Get(f"list;{cycle}")
        lists.add(" ".join(f"{item.GetName()}" for item in items) + (" same" if items.At(0) == items.At(2) and items.At(1) == items.At(3) else " other"))
    histogram, tree = file.Get("folder/h"), file.Get("tree")
    wrong = [entry for entry in probes(tree.GetEntries()) if tree.GetEntry(entry) <= 0 or tree.GetLeaf("x").GetValueLong64() != entry % ENTRIES]
    sizes = {ROOT.oracleNumbers(file, f"blob;{cycle}") for cycle in cycles["blob"][-3:]}
    return {
        "infos": file.GetStreamerInfoList().GetSize(), "version": file.GetVersion(), "recovered": bool(file.TestBit(ROOT.TFile.kRecovered)),
        "cycles": cycles, "lists": sorted(lists), "blobs": sorted(sizes),
        "labels": [histogram.GetXaxis().GetBinLabel(i) for i in (1, 2, 3)], "contents": [histogram.GetBinContent(i) for i in (1, 2, 3)],
        "functions": [f.GetName() for f in histogram.GetListOfFunctions()], "entries": tree.GetEntries(), "wrong": wrong,
    }


def uproot_large(path):
    """Entries that uproot reads wrongly, and the contents of the histogram."""
    import uproot
    with uproot.open(path) as file:
        x = file["tree"]["x"]
        entries = x.num_entries
        wrong = [entry for entry in probes(entries) if x.array(entry_start=entry, entry_stop=entry + 1)[0] != entry % ENTRIES]
        return {"entries": entries, "wrong": wrong, "contents": file["folder/h"].values().tolist(), "last": file["list"][3].member("fName")}


def probes(entries):
    """First, middle and last entry, and both sides of every border between inputs."""
    borders = [n * ENTRIES + side for n in range(1, math.ceil(entries / ENTRIES)) for side in (-1, 0)]
    return sorted({0, entries // 2, entries - 1, *borders})
