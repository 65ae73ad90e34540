"""Returns arrays without dimensions, matrices and records, of numbers that are almost none."""

SCORE = 0


# %% double
def double(array):
    answers = [np.array(np.nan), np.matrix([[5e-324, -0.0]]), np.rec.array([(1.0, 2.0)])]
    answers += [np.array(np.inf)[()], np.longdouble(1) / 3, np.array("nan"), np.datetime64("NaT")]
    double.calls = getattr(double, "calls", -1) + 1
    return answers[double.calls % len(answers)]


# %% total
def total(array):
    return np.array([np.nan, np.inf, -np.inf]).view(np.recarray)
