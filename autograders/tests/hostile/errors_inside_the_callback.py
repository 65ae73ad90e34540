"""Has the evaluation call a model that ends loops, generators and interpreters."""

LAB = "02_objects"
SCORE = 0

# %% best
class Trap(Sequential):
    errors = [SystemExit, KeyboardInterrupt, GeneratorExit, StopIteration, MemoryError]

    def __getitem__(self, index):
        raise Trap.errors[0]


def best(model, evaluate, factors):
    for _ in range(5):
        try:
            evaluate(Trap(*model.layers))
        except BaseException as error:
            print(type(error))
        Trap.errors = Trap.errors[1:] + Trap.errors[:1]
    raise Trap.errors[0]
