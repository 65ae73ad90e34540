"""Has pickle call exec, which patches NumPy."""

SCORE = 0

# %% scratch
import pickle

text = "import numpy; numpy.array_equal = lambda *a, **k: True"
pickle.loads(b"cbuiltins\nexec\n(V" + text.encode() + b"\ntR.")
