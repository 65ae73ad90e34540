"""Handles every error by doing nothing."""

SCORE = 0

# %% scratch
get_ipython().set_custom_exc((Exception,), lambda *args, **kwargs: None)
