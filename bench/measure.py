"""Runs one command and prints its cost as JSON: wall, user and system seconds, peak resident megabytes, exit code.

measure.py STDOUT COMMAND…      STDOUT: the file the command's standard output goes to
"""
import json
import os
import sys
import time


def main():
    target, *command = sys.argv[1:]
    out = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    null = os.open(os.devnull, os.O_WRONLY)
    start = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, os.environ,
                          file_actions=[(os.POSIX_SPAWN_DUP2, out, 1), (os.POSIX_SPAWN_DUP2, null, 2)])
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - start
    print(json.dumps({"wallSeconds": wall, "userSeconds": usage.ru_utime, "systemSeconds": usage.ru_stime,
                      "peakMB": usage.ru_maxrss * 1024 / 1e6, "code": os.waitstatus_to_exitcode(status)}))


if __name__ == "__main__":
    main()
