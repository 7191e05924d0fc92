"""Reads jobs as JSON lines, answers as JSON lines, several at a time, each in a forked child.

  in   {"id": 1, "job": "open", "args": ["a.root"], "seconds": 60}
  out  {"id": 1, "ok": true, "result": …, "messages": ["Warning in <…>: …"]}
       {"id": 1, "ok": false, "failure": "signal 6" | "time limit" | "ValueError: …", "messages": […]}

From the shell:  python server.py JOB ARGS…   answers one job, indented.
"""
import json
import os
import selectors
import sys
import time

import rootproc

PARALLEL = 2


def serve(jobs):
    selector = selectors.DefaultSelector()
    selector.register(0, selectors.EVENT_READ)
    waiting, running, text, open_input = [], {}, b"", True

    def answer(job_id, reply):
        sys.stdout.write(json.dumps({"id": job_id, **reply}) + "\n")
        sys.stdout.flush()

    while open_input or waiting or running:
        while waiting and len(running) < PARALLEL:
            job = waiting.pop(0)
            child = rootproc.Child(jobs[job["job"]], job["args"], job.get("seconds", 60))
            running[child.fd] = (job["id"], child)
            selector.register(child.fd, selectors.EVENT_READ)
        next_deadline = min((child.deadline for _, child in running.values()), default=time.monotonic() + 3600)
        for event, _ in selector.select(max(0.0, next_deadline - time.monotonic())):
            if event.fd == 0:
                chunk = os.read(0, 1 << 16)
                if not chunk:
                    open_input = False
                    selector.unregister(0)
                *lines, text = (text + chunk).split(b"\n")
                waiting += [json.loads(line) for line in lines if line.strip()]
            elif running[event.fd][1].read():
                selector.unregister(event.fd)
                job_id, child = running.pop(event.fd)
                answer(job_id, child.finish())
        for fd, (job_id, child) in list(running.items()):
            if time.monotonic() >= child.deadline:
                selector.unregister(fd)
                del running[fd]
                child.kill()
                answer(job_id, child.finish(timed_out=True))


def main():
    rootproc.import_root()
    from jobs import JOBS
    if len(sys.argv) > 1:
        reply = rootproc.run_job(JOBS[sys.argv[1]], sys.argv[2:], 300)
        print(json.dumps(reply, indent=1))
        sys.exit(0 if reply["ok"] else 1)
    rootproc.warm()
    serve(JOBS)


if __name__ == "__main__":
    main()
