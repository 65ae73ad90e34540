"""Returns a tensor whose class computes its data, gradient and shape anew at each look."""

LAB = "02_objects"
SCORE = 0

# %% penalty
class Loss(Tensor):
    looks = 0

    def look(self):
        Loss.looks += 1
        return np.full((), 14.0 if Loss.looks % 2 else 0.0, dtype=np.float32)

    data = property(look, lambda self, value: None)
    grad = property(look, lambda self, value: None)
    shape = property(lambda self: ())
    requires_grad = property(lambda self: Loss.looks % 3 == 0, lambda self, value: None)
    _edges = property(lambda self: (), lambda self, value: None)

    def item(self):
        return 14.0

    def backward(self, gradient=None):
        pass


def penalty(x):
    x.grad = 2 * x.data
    return Loss(0.0)
