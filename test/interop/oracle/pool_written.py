"""A POOL file as real ROOT reads it with compiled classes of headers and forms: pool_written.py FILE… Prints JSON, one object per file.

  headers, forms, streams   what DataHeader_p6, DataHeaderForm_p6 and EventStreamInfo_p3 of each row hold; 64-bit numbers as text
  indexRows                 rows of CollectionTree the common OIDs of the headers lead to, by a TTreeIndex over index_ref
  columns                   numbers of CollectionTree and POOLCollectionTree by TTree::Draw, which needs no classes
  uproot                    all their columns by uproot, which must read every tree as a whole, too; formIndex: index_ref of each form;
                            formTokens, shortElements: of each header

Exit code 3 when there is no C++ compiler to make the classes with.
"""
import json
import sys
import tempfile
from pathlib import Path

import uproot

CLASSES = Path(__file__).parent.parent.parent / "fixtures" / "pool" / "generator" / "classes.h"


def text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def guid(value):
    digits = f"{value.m_data1:08X}{value.m_data2:04X}{value.m_data3:04X}" + "".join(f"{ord(b) if isinstance(b, str) else int(b):02X}" for b in value.m_data4)
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def header(h):
    return {
        "commonOid2": str(h.m_commonOID2), "shortElements": list(h.m_shortElements), "provenanceSize": h.m_provenanceSize, "formToken": text(h.m_dhFormToken),
        "fullElements": [[str(e.oid2), e.dbIdx, e.objIdx] for e in h.m_fullElements],
    }


def form(f):
    return {
        "files": [[guid(d.fid), d.tech] for d in f.m_dbRecords], "version": f.m_version, "tag": text(f.m_processTag),
        "objects": [[guid(o.guid), text(o.cont), text(o.key), o.clid, str(o.oid1)] for o in f.m_objRecords],
        "lists": [[len(x) for x in lists] for lists in (f.m_objAlias, f.m_objSymLinks, f.m_objHashes)],
    }


def stream(s):
    return {
        "events": s.m_numberOfEvents, "runs": list(s.m_runNumbers), "lumiBlocks": list(s.m_lumiBlockNumbers), "tags": [text(tag) for tag in s.m_processingTags],
        "items": [[item.first, text(item.second)] for item in s.m_itemList], "eventTypes": len(s.m_eventTypes),
    }


def rows(tree, branch, value, read):
    tree.SetBranchAddress(branch, value)
    found = []
    for entry in range(tree.GetEntries()):
        if tree.GetEntry(entry) <= 0:
            raise ValueError(f"{tree.GetName()} entry {entry}")
        found.append(read(value))
    tree.ResetBranchAddresses()
    return found


def drawn(tree, expression):
    """All values of an expression, entry after entry, as TTree::Draw gives them."""
    count = tree.Draw(expression, "", "goff")
    values = tree.GetV1()
    return [values[i] for i in range(count)]


def by_root(ROOT, path):
    file = ROOT.TFile.Open(path)
    streams = [branch.GetName() for branch in file["MetaData"].GetListOfBranches() if branch.GetName().startswith("EventStreamInfo_p3")]
    data, tags = file["CollectionTree"], file["POOLCollectionTree"]
    members = [leaf.GetName() for leaf in data.GetListOfLeaves() if "." in leaf.GetName().rstrip(".") and "string" not in leaf.GetTypeName()]
    headers = rows(file["POOLContainer"], "DataHeader", ROOT.DataHeader_p6(), header)
    data.BuildIndex("index_ref")  # as readers with relocatable references do
    return {
        "headers": headers, "indexRows": [data.GetEntryNumberWithIndex(int(one["commonOid2"])) for one in headers],
        "forms": rows(file["POOLContainerForm"], "DataHeaderForm", ROOT.DataHeaderForm_p6(), form),
        "streams": {name: rows(file["MetaData"], name, ROOT.EventStreamInfo_p3(), stream) for name in streams},
        "columns": {**{name: drawn(data, name) for name in members}, **{name: drawn(tags, name) for name in ("RunNumber", "EventNumber")}},
    }


def by_uproot(path):
    with uproot.open(path) as file:
        columns = {tree: {name.split("/")[-1]: branch.array().tolist() for name, branch in file[tree].iteritems() if not branch.branches and name != "index_ref"} for tree in ("CollectionTree", "POOLCollectionTree")}
        for tree in file.keys(cycle=False):
            file[tree].arrays()  # raises where uproot has no way to read a branch
        headers = file["POOLContainer"]["DataHeader"]
        columns["formTokens"] = headers["m_dhFormToken"].array().tolist()
        columns["shortElements"] = headers["m_shortElements"].array().tolist()
        return {**columns, "formIndex": [str(value) for value in file["POOLContainerForm"]["index_ref"].array().tolist()]}


def main(paths):
    import ROOT
    ROOT.gErrorIgnoreLevel = ROOT.kWarning
    with tempfile.TemporaryDirectory() as folder:
        if not ROOT.gSystem.CompileMacro(str(CLASSES), "O-", "pool_classes", folder):
            sys.exit(3)
        print(json.dumps([{**by_root(ROOT, path), "uproot": by_uproot(path)} for path in paths]))


if __name__ == "__main__":
    main(sys.argv[1:])
