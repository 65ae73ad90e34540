"""Reads and writes the memory of its own process."""

SCORE = 0

# %% scratch
with open("/proc/self/mem", "r+b", 0) as memory:
    memory.seek(id(np.array_equal))
    print(memory.read(64))
