"""Has functions of NumPy and functools as answers, which are right."""

SCORE = 5

# %% double
from functools import partial

double = partial(np.multiply, 2)

# %% total
total = np.sum
