"""Returns arrays whose dtype carries an object along."""

SCORE = 0

# %% double
class Passenger:
    def __reduce__(self):
        return exec, ("raise SystemExit",)

    def __eq__(self, other):
        return True


def double(array):
    kind = np.dtype("<f8", metadata={"passenger": Passenger(), 5: lambda: None})
    return np.zeros(2, kind)
