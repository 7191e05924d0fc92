"""A file as mergePOOL left it: pool_sections.py OUTPUT INPUT… prints its FID.

All trees joined by hadd as they are, then what mergePOOL added: a new FID as the last row of ##Params, the tree
##Sections with one row per container and input, and a link to it. Inputs need the same branches.
"""
import sys

import ROOT

from hadd import hadd
from pool_contents import PoolFile

NEW_FID = "5EC71045-0000-4000-8000-000000000000"
DB_STRING = "DA8F479C-09BC-49D4-94BC-99D025A23A3B"


APPEND = """
void AppendRows(TFile &file, const char *name, const std::vector<std::string> &rows) {
  file.cd();
  char text[4096] = "";
  auto tree = file.Get<TTree>(name);
  if (tree) tree->SetBranchAddress("db_string", text);
  else (tree = new TTree(name, name))->Branch("db_string", text, "db_string/C", 4096);
  for (const auto &row : rows) {
    strlcpy(text, row.c_str(), sizeof(text));
    tree->Fill();
  }
  tree->Write("", TObject::kOverwrite);
  tree->ResetBranchAddresses();
}
"""


def append(file, name, texts):
    """Adds rows to a tree of one text per row, which is made when it does not exist."""
    ROOT.AppendRows(file, name, ROOT.std.vector["std::string"](texts))


def sections(sources):
    """Rows of ##Sections: start, rows and offset of the links of each input."""
    names = list(dict.fromkeys(link["cnt"] for source in sources for link in source.links))
    for name in ["##Links"] + [name for name in names if not name.startswith("##")]:
        start = offset = 0
        for source in sources:
            tree = name.split("(")[0].replace("/", "_")
            length = source.root[tree].num_entries if tree in source.root else 0
            yield f"[CNT={name}][OFF={offset}][START={start}][LEN={length}]"
            start += length
            offset += source.root["##Links"].num_entries


def main(output, *inputs):
    run = hadd("-ff", output, *inputs)
    if run["rc"] != 0:
        raise RuntimeError("\n".join(run["lines"]))
    sources = [PoolFile(path) for path in inputs]
    ROOT.gInterpreter.Declare(APPEND)
    file = ROOT.TFile(output, "UPDATE")
    append(file, "##Params", [f"[NAME=FID][VALUE={NEW_FID}]"])
    append(file, "##Sections", list(sections(sources)))
    links = file.Get("##Links").GetEntries()
    append(file, "##Links", [f"[DB=00000000-0000-0000-0000-000000000000][CNT=##Sections][CLID={DB_STRING}][TECH=00000200][OID={links + 2:08X}-FFFFFFFF]"])
    file.Close()
    print(NEW_FID)


if __name__ == "__main__":
    main(*sys.argv[1:])
