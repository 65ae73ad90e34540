"""Has the shell run no compiled code from here on."""

SCORE = 0

# %% scratch
async def nothing(*args, **kwargs):
    return False


get_ipython().run_code = nothing
