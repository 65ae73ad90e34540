"""Calls the callback from eight threads at once, while it waits for none of them."""

LAB = "02_objects"
SCORE = 0

# %% best
import threading


def ask(model, evaluate):
    for _ in range(50):
        try:
            evaluate(model)
        except Exception:
            pass


def best(model, evaluate, factors):
    for _ in range(8):
        threading.Thread(target=ask, args=(model, evaluate), daemon=True).start()
    return factors[0]
