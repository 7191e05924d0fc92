"""Runs the real hadd."""
import os
import subprocess
from pathlib import Path


def hadd(*arguments):
    """hadd's exit code (negative: signal) and the lines it printed, wherever."""
    import ROOT
    package = Path(ROOT.__file__).parent
    # the .rootrc beside this file spares a crashing hadd its debugger
    environment = {**os.environ, "LD_LIBRARY_PATH": str(package / "lib"), "HOME": str(Path(__file__).parent)}
    done = subprocess.run([package / "bin" / "hadd", *arguments], env=environment, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    problems = [line for line in lines if line.startswith(("Error", "Warning", "SysError", "Fatal", "R__unzip"))
                or " *** " in line]
    return {"rc": done.returncode, "lines": lines, "problems": problems}
