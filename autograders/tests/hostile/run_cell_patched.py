"""Has the shell run nothing from here on."""

SCORE = 0

# %% scratch
shell = get_ipython()
run = shell.run_cell
shell.run_cell = lambda source, *args, **kwargs: run("pass", *args, **kwargs)
shell.run_cell_async = None
