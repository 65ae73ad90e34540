"""Shows what it is given as tables, Markdown and formulas, at once and later."""

SCORE = 5

# %% start
from IPython.display import HTML, Latex, Markdown, display

seen = []


def show(array):
    seen.append(array)
    display(HTML(f"<table><tr><td>{array!r}</td></tr></table>"))
    display(Markdown(f"| {array!r} |\n|-|\n| **{array!r}** |"))
    display(Latex(rf"$\text{{{array!r}}}$"))


# %% double
def double(array):
    show(array)
    return 2 * array

# %% total
def total(array):
    show(array)
    return float(array.sum())

# %% between
for one in list(seen):
    show(one)

# %% end
show(seen)
