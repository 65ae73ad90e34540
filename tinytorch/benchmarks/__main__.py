"""Time every case, print the table, and compare with the ratios of an earlier run.

What counts is the time of the processor: what else the machine does matters less then.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import median
from time import thread_time

from threadpoolctl import threadpool_info, threadpool_limits

from tinytorch.benchmarks.cases import CASES, Case
from tinytorch.benchmarks.floors import Side
from tinytorch.benchmarks.memory import pruning_memory, step_memory

STORED = Path(__file__).with_name("ratios.json")
MEMORY_GOAL = 200e6
STEP_GOAL = 1.5  # of an optimizer step's memory, as a multiple of PyTorch's
WARMUP = 3


def seconds(side: Side) -> float:
    """Time one repetition, without its preparation."""
    work = side()
    start = thread_time()
    work()
    return thread_time() - start


def measure(case: Case) -> tuple[float, ...]:
    """Return the median seconds of our side, of PyTorch's and of the floor, run in turn."""
    sides = case.make()
    for side in sides * WARMUP:
        seconds(side)
    rounds = [[seconds(side) for side in sides] for _ in range(case.repeats)]
    return tuple(median(times) for times in zip(*rounds, strict=True))


def row(name: str, *cells: str) -> str:
    """Lay out one line of the table."""
    return f"{name:<50}" + "".join(f"{cell:>10}" for cell in cells)


def print_memory() -> None:
    """Print what pruning and a training step hold at once; the step where the system tells it."""
    peak = pruning_memory()
    print(f"magnitude_prune of 10M weights holds {peak / 1e6:.0f} MB beyond the model "
          f"(goal: below {MEMORY_GOAL / 1e6:.0f} MB"
          f"{'; missed' if peak > MEMORY_GOAL else ''})")  # fmt: skip
    if sys.platform != "linux":
        print("an Adam step of the language model: its memory is measured on Linux only")
        return
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, fresh, max_tasks_per_child=1) as processes:
        ours, theirs = processes.map(step_memory, (False, True))
    print(f"an Adam step of the language model takes {ours / 1e6:.0f} MB, "
          f"{ours / theirs:.2f} times PyTorch's "
          f"(goal: at most {STEP_GOAL}{'; missed' if ours > STEP_GOAL * theirs else ''})"
    )  # fmt: skip


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m tinytorch.benchmarks", description=__doc__)
    parser.add_argument("--save", action="store_true", help="store the ratios measured now")
    parser.add_argument("--only", default="", metavar="TEXT", help="cases whose name has this text")
    arguments = parser.parse_args()
    if arguments.save and arguments.only:
        parser.error("--save stores a whole run; leave --only out")

    import torch

    torch.set_num_threads(1)
    stored = json.loads(STORED.read_text()) if STORED.exists() else {}
    ratios: dict[str, float] = {}
    with threadpool_limits(1):
        kernels = {p["architecture"] for p in threadpool_info() if "architecture" in p}
        print(f"One thread each; NumPy's kernels: {', '.join(sorted(kernels))}; "
              f"PyTorch {torch.__version__}")  # fmt: skip
        print(row("", "ours/ms", "torch/ms", "ratio", "goal", "stored", "floor"))
        for case in CASES:
            if arguments.only.lower() not in case.name.lower():
                continue
            ours, theirs, *floor = measure(case)
            ratio = ratios[case.name] = round(ours / theirs, 3)
            over = case.goal is not None and ratio > case.goal
            goal = "" if case.goal is None else f"{case.goal:.1f}{' !' if over else '  '}"
            before = f"{ratio / stored[case.name] - 1:+.0%}" if case.name in stored else ""
            least = f"{floor[0] / theirs:.2f}" if floor else ""
            cells = f"{ours * 1e3:.3f}", f"{theirs * 1e3:.3f}", f"{ratio:.2f}", goal, before, least
            print(row(case.name, *cells), flush=True)
        if not arguments.only:
            print_memory()
    if arguments.save:
        STORED.write_text(json.dumps(ratios, indent=2) + "\n")


if __name__ == "__main__":
    main()
