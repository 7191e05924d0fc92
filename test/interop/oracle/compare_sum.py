"""Is an output the sum of its inputs? The expectation is worked out from the inputs alone:
histograms bin by bin, trees and RNTuples as concatenations, everything else kept."""
import json

from basket_bytes import tree_differences


def trees_of(path):
    """Newest cycle of every TTree of a file, by path; None where uproot cannot read it."""
    import uproot
    trees = {}
    with uproot.open(path) as file:
        for where, class_name in file.iterclassnames(recursive=True, cycle=False):
            if class_name in ("TTree", "TNtuple", "TNtupleD", "TChain"):
                try:
                    trees[where] = file[where]
                except Exception:
                    trees[where] = None
    return trees


def uproot_differences(out, inputs):
    try:
        by_input = [trees_of(path) for path in inputs]
    except Exception:
        return  # uproot cannot open the input: it is no judge here
    try:
        found = trees_of(out)
    except Exception as error:
        yield {"path": "", "class": "TFile", "rootMerges": False, "what": f"uproot cannot open the output: {error}"}
        return
    for where in dict.fromkeys(where for trees in by_input for where in trees):
        parts = [trees[where] for trees in by_input if where in trees]
        if any(tree is None for tree in parts):
            continue
        lines = tree_differences(found[where], parts) if found.get(where) is not None else ["uproot does not find the tree"]
        yield from ({"path": where, "class": "TTree", "rootMerges": True, "what": line} for line in lines)


def compare_sum(out, *inputs, root_trees=True):
    """List of differences: path, class, what. Empty when both ROOT and uproot find the sum."""
    import ROOT
    root = json.loads(str(ROOT.oracle.compareSum(out, list(inputs), root_trees)))
    return root + list(uproot_differences(out, inputs))


def compare_sum_uproot(out, *inputs):
    """The same with ROOT kept from reading the entries of trees: for trees at which ROOT itself crashes."""
    return compare_sum(out, *inputs, root_trees=False)
