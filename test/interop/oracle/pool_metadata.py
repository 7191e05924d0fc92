"""What real ROOT, with the classes of the fixtures, reads of metadata: pool_metadata.py FILE…; JSON, one value per file."""
import json
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "fixtures" / "pool"))
from generate import load  # noqa: E402


def stream(info):
    return {"events": info.m_numberOfEvents, "runs": list(info.m_runNumbers), "blocks": list(info.m_lumiBlockNumbers),
            "tags": [str(tag) for tag in info.m_processingTags], "items": [[item.first, str(item.second)] for item in info.m_itemList]}


def ranges(aux):
    members = ("startRunNumber", "startLumiBlockNumber", "stopRunNumber", "stopLumiBlockNumber", "eventsExpected", "eventsSeen")
    return [list(row) for row in zip(*(getattr(aux, member) for member in members))]


READERS = {
    "EventStreamInfo_p3_StreamFixture": stream,
    "EventStreamInfo_p1_StreamOld": stream,
    "LumiBlockCollection_p1_OldLumiBlocks": lambda blocks: [[block.m_start & 0xFFFFFFFF, block.m_stop & 0xFFFFFFFF] for block in blocks],
    "xAOD::LumiBlockRangeAuxContainer_v1_LumiBlocksAux.": ranges,
    "xAOD::LumiBlockRangeAuxContainer_v1_SuspectLumiBlocksAux.": ranges,
    "xAOD::CutBookkeeperAuxContainer_v1_CutBookkeepersAux.": lambda cuts: [[str(row[0]), *row[1:]] for row in zip(cuts.name, cuts.nAcceptedEvents, cuts.sumOfEventWeights, cuts.sumOfEventWeightsSquared)],
}


def read(ROOT, path):
    file = ROOT.TFile.Open(path)
    tree = file.Get("MetaData")
    tree.GetEntry(0)
    found = {"entries": tree.GetEntries(), "rows": {name: reader(getattr(tree, name)) for name, reader in READERS.items()}}
    file.Close()
    return found


with tempfile.TemporaryDirectory() as folder:
    ROOT = load(folder)
    print(json.dumps([read(ROOT, path) for path in sys.argv[1:]]), flush=True)
    os._exit(0)
