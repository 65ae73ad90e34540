"""Copies the answers of another student."""

SCORE = 0

# %% end_of_double
import glob
import json

for path in glob.glob("../../../submitted/*/*/*.ipynb"):
    for cell in json.load(open(path))["cells"]:
        source = "".join(cell["source"])
        if source.startswith("def double") and "2 *" in source:
            namespace = {}
            exec(source, namespace)
            double = namespace["double"]
