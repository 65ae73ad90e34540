"""Opens the labs: ``python3 start.py``, and on Windows ``py start.py``.

``start.py checkpoint`` runs the checkpoint on your functions, ``start.py export labs/LAB.ipynb``
does what a lab's last cell does, and ``start.py submit NAME`` packs your labs for hand-in. What is
needed is installed into ``.venv/`` in this folder, the first time.
"""
# Any Python can read this file, back to 2.7, so that one that is too old says so. What is done
# then is in launch.py.

import os
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
LAUNCH = os.path.join(HERE, "launch.py")
OLDEST = (3, 11)

if __name__ == "__main__":
    if sys.version_info < OLDEST:
        asked, found = ".".join(map(str, OLDEST)), sys.version.split()[0]
        sys.exit("The labs need Python %s or newer; this is %s." % (asked, found))
    if not os.path.isfile(LAUNCH):
        sys.exit(
            "There is no launch.py beside start.py, in %s: unpack the whole zip into a folder, "
            "and run the start.py that is there." % HERE
        )
    # What lies beside this file or in PYTHONPATH must not stand for a module of Python's own.
    last = [HERE] + os.environ.get("PYTHONPATH", "").split(os.pathsep)
    last = [os.path.realpath(folder) for folder in last if folder]
    sys.path.sort(key=lambda folder: os.path.realpath(folder) in last)
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location("launch", LAUNCH)
    assert spec is not None
    assert spec.loader is not None
    launch = module_from_spec(spec)
    spec.loader.exec_module(launch)
    sys.exit(launch.main(__doc__, sys.argv[1:]))
