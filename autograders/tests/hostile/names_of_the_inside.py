"""Gives the model attributes with names that Python itself uses, and with keys that are no names."""

LAB = "02_objects"
SCORE = 0

# %% halve
def halve(model):
    vars(model).update(
        {
            "__class__": Parameter,
            "__dict__": {},
            "__reduce__": lambda: (exec, ("raise SystemExit",)),
            "__init__": None,
            "layers.0": 5,
            "": "",
            "\ud800": "half a character",
            "x" * 10_000: None,
            7: "seven",
            ("a", "b"): "pair",
        }
    )
    return model
