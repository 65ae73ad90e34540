"""Has a right value, and gradients of every other shape and kind."""

LAB = "02_objects"
SCORE = 0

# %% penalty
from tinytorch.core.tensor import record

count = 0


def penalty(x):
    def back(gradient):
        global count
        count += 1
        kinds = [
            np.broadcast_to(np.float32(1), (2**40,)),
            np.empty(0),
            "gradient",
            lambda: gradient,
            np.ones((3, 3, 3, 3)),
        ]
        return kinds[count % len(kinds)]

    return record((x.data * x.data).sum(), (x, back))
