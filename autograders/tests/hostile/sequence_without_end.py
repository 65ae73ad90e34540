"""Returns a sequence that says that it has 2**62 entries."""

SCORE = 0

# %% double
class Long:
    def __len__(self):
        return 2**62

    def __getitem__(self, index):
        return 2.0

    def __length_hint__(self):
        return 2**62


def double(array):
    return Long()

# %% total
def total(array):
    return Long()
