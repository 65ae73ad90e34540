"""Has a model whose first layer calls the evaluation again, for ever."""

LAB = "02_objects"
SCORE = 0

# %% best
class Trap(Sequential):
    evaluate = None

    def __getitem__(self, index):
        return Trap.evaluate(self)


def best(model, evaluate, factors):
    Trap.evaluate = staticmethod(evaluate)
    return evaluate(Trap(*model.layers))
