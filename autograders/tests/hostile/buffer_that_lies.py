"""Returns objects that are read as buffers, with other numbers than they show."""

SCORE = 0

# %% double
import array as arrays


class Buffer(arrays.array):
    def __buffer__(self, flags):
        return memoryview(bytes(16))

    def __eq__(self, other):
        return True

    def tolist(self):
        return [2.0, 4.0]


def double(array):
    return Buffer("d", [0.0, 0.0])

# %% total
def total(array):
    return memoryview(arrays.array("d", [0.0]))
