"""A digest of everything a file holds, as ROOT reads it."""
import json


def dump(path):
    """path;cycle -> class, title, digest: all numbers of a histogram; per branch of a tree entries, bytes
    and value hashes; per RNTuple the hash of all entries; else the hash of the payload and ROOT's JSON."""
    import ROOT
    return json.loads(str(ROOT.oracle.dump(path)))
