"""How much memory work takes. :mod:`.__main__` prints it; it leans on :mod:`.cases`."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import psutil
from threadpoolctl import threadpool_limits

from tinytorch.benchmarks.cases import language_model_step, linear_layers


def pruning_memory() -> int:
    """Return the most bytes that pruning 10M weights holds at once, beyond the model."""
    from tinytorch.optimization.compression import magnitude_prune

    model = linear_layers(10)
    tracemalloc.start()
    magnitude_prune(model, 0.9)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def step_memory(theirs: bool) -> int:
    """Return by how many bytes this process grows in ten Adam steps of a language model."""
    import torch

    torch.set_num_threads(1)
    side = language_model_step()[theirs]
    before = psutil.Process().memory_info().rss
    with threadpool_limits(1):
        for _ in range(10):
            side()()
    return _most() - before


def _most() -> int:
    """Return the most bytes of memory that this process has had at once; Linux knows."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    status = dict(line.split(":", 1) for line in lines)
    return int(status["VmHWM"].split()[0]) * 1024
