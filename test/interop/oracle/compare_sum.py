"""Is an output the sum of its inputs? The expectation is worked out from the inputs alone:
histograms bin by bin, trees and RNTuples as concatenations, everything else kept."""
import json

from basket_bytes import tree_differences
from rootproc import run_job

ROOT_LIMIT_SECONDS = 40


def trees_of(file):
    """Newest cycle of every TTree of an open file, by path; None where uproot cannot read it."""
    trees = {}
    for where, class_name in file.iterclassnames(recursive=True, cycle=False):
        if class_name in ("TTree", "TNtuple", "TNtupleD", "TChain"):
            try:
                trees[where] = file[where]
            except Exception:
                trees[where] = None
    return trees


def difference(path, class_name, what):
    return {"path": path, "class": class_name, "rootMerges": True, "what": what}


def uproot_differences(out, inputs):
    import uproot
    try:
        files = [uproot.open(path) for path in inputs]
        by_input = [trees_of(file) for file in files]
    except Exception:
        return  # uproot cannot open the input: it is no judge here
    try:
        out_file = uproot.open(out)
        found = trees_of(out_file)
    except Exception as error:
        yield difference("", "TFile", f"uproot cannot open the output: {error}")
        return
    for where in dict.fromkeys(where for trees in by_input for where in trees):
        parts = [trees[where] for trees in by_input if where in trees]
        if any(tree is None for tree in parts):
            continue
        if found.get(where) is None:
            yield difference(where, "TTree", "uproot does not find the tree")
            continue
        try:
            lines = list(tree_differences(found[where], parts))
        except Exception as error:  # a class description uproot cannot take, in the input too
            if not identity_fails(parts[0]):
                yield difference(where, "TTree", f"uproot fails: {type(error).__name__}: {error}")
            continue
        yield from (difference(where, "TTree", line) for line in lines)


def identity_fails(tree):
    try:
        list(tree_differences(tree, [tree]))
    except Exception:
        return True
    return False


def root_compare(out, inputs, root_trees):
    import ROOT
    return json.loads(str(ROOT.oracle.compareSum(out, list(inputs), root_trees)))


def root_differences(out, inputs, root_trees):
    """Differences as ROOT sees them and what kept it from seeing: ROOT crashes on some files. That is our
    fault only when it does not crash in the same way on the inputs."""
    reply = run_job(root_compare, (out, inputs, root_trees), ROOT_LIMIT_SECONDS)
    if reply["ok"]:
        return reply["result"], []
    alone = run_job(root_compare, (inputs[0], inputs[:1], root_trees), ROOT_LIMIT_SECONDS)
    if alone["ok"]:
        return [difference("", "TFile", f"ROOT reads the first input but fails on the output: {reply['failure']}")], []
    if root_trees:
        differences, notes = root_differences(out, inputs, False)
        return differences, [f"ROOT fails on the trees of the input: {alone['failure']}", *notes]
    return [], [f"ROOT fails on the input: {alone['failure']}"]


def compare_sum(out, *inputs):
    """`differences`: path, class, what; empty when ROOT and uproot both find the sum. `notes`: where one of
    them could not judge."""
    differences, notes = root_differences(out, inputs, True)
    return {"differences": differences + list(uproot_differences(out, inputs)), "notes": notes}
