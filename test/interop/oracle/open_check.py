"""Does ROOT open the file, list it, read every object, and see a gapless chain of records?"""
import json
import os
import tempfile


def capture_stdout(function):
    """What C++ code prints on stdout, as lines."""
    import ROOT
    saved = os.dup(1)
    with tempfile.TemporaryFile() as target:
        os.dup2(target.fileno(), 1)
        function()
        ROOT.gInterpreter.ProcessLine("std::cout.flush(); fflush(stdout);")
        os.dup2(saved, 1)
        target.seek(0)
        return target.read().decode("utf-8", "replace").splitlines()


def open_check(path):
    """ROOT's view of a file: `keys` (path, class, cycle, title, class read back), `infos`, `unread`
    (keys ROOT could not read), `gaps` (GAP lines of TFile::Map), `mapEnds` (Map reached END)."""
    import ROOT
    answer = json.loads(str(ROOT.oracle.openCheck(path)))
    if answer["opened"]:
        lines = capture_stdout(lambda: ROOT.oracle.map(path))
        answer["gaps"] = [line for line in lines if " GAP" in line]
        answer["mapEnds"] = any(" END" in line for line in lines)
        answer["unread"] = [f"{key['path']};{key['cycle']}" for key in answer["keys"] if not key["read"]]
    return answer
