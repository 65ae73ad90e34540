"""Has a thread halve the weights a moment after the answer came back."""

LAB = "02_objects"
SCORE = 0

# %% halve
import threading


def really(model):
    for parameter in model.parameters():
        parameter.data *= 0.5


def halve(model):
    threading.Timer(0.2, really, (model,)).start()
    return model
