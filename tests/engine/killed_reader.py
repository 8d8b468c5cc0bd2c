"""Run as a program: reads the scenarios into a store in processes that are killed again and again, until one gets to the end."""

import os
import random
import signal
import sys

from monitor.store import make_store
from tests.engine.scenarios import SCENARIOS, in_order, ingest_run


def read_on(url: str, out: int) -> None:
    """From where the cursor is to the end, saying so after each step."""
    store = make_store(url)
    store.open()
    run = ingest_run(store)
    batches = in_order(SCENARIOS)
    cursor = store.cursor_row("pbx").cursor
    for n in range(0 if cursor is None else cursor["n"] + 1, len(batches)):
        run.sweep(batches[n][0].at)
        os.write(out, b"swept\n")
        run.store_batch(batches[n], cursor={"n": n})
        os.write(out, b"taken\n")
    run.sweep()
    store.close()


def main(url: str, seed: int) -> int:
    """Returns how many processes were killed."""
    chance = random.Random(seed)
    killed = 0
    while True:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            read_on(url, writing)
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading, "rb") as said:
            for _ in range(chance.randint(1, 9)):
                if not said.readline():
                    break
            for _ in range(chance.randrange(20_000)):  # the blow falls somewhere in what follows
                pass
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            return killed
        killed += 1


if __name__ == "__main__":
    print(main(sys.argv[1], int(sys.argv[2])))
