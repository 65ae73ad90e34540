"""Memory that arrays gave back is used again, and not fetched from the system anew."""

import subprocess
import sys

import pytest

STEPS = """
import resource
from tinytorch import GPT, Adam, CrossEntropyLoss
import numpy as np
model = GPT(vocab_size=50, embed_dim=64, num_heads=4, num_layers=2, context_length=64)
optimizer, loss = Adam(model.parameters()), CrossEntropyLoss()
tokens = np.random.default_rng(0).integers(0, 50, (16, 65))
for step in range(8):
    if step == 4:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    optimizer.zero_grad()
    loss(model(tokens[:, :-1]), tokens[:, 1:]).backward()
    optimizer.step()
print((resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) // 4)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the C library cannot be told to elsewhere")
def test_training_step_fetches_no_memory():
    """Of some 20 MB, 5,000 pages, that a step makes and frees."""
    done = subprocess.run([sys.executable, "-c", STEPS], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 500
