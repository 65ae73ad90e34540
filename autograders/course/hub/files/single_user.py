"""Become a person's JupyterLab: JupyterHub runs this as that person.

A student works in ``~/tinytorch``, which is made here the first time and read by nobody else; the
instructor in the course's folder. ``settings/`` beside this file says which of nbgrader's
extensions each of them sees.
"""

import json
import os
import pwd
import shutil
import sys
import tempfile
from pathlib import Path

PLACE = Path(__file__).resolve().parent


def main() -> None:
    """Prepare the folder and the environment; never return."""
    hub = json.loads((PLACE / "settings" / "hub.json").read_text(encoding="utf-8"))
    person = pwd.getpwuid(os.getuid())
    if person.pw_name == hub["instructor"]:
        role, work = "instructor", Path(hub["course"])
        os.umask(0o022)  # feedback has to be readable; the course's folder itself is closed
    else:
        role, work = "student", Path(person.pw_dir, "tinytorch")
        os.umask(0o077)
        unpack(PLACE / "kit", work)
    os.environ["JUPYTER_CONFIG_PATH"] = str(PLACE / "settings" / role)
    os.environ["PYTHONPATH"] = str(work)  # kernels import tinytorch from here, and it grows here
    for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(threads, "1")
    os.chdir(work)
    server = [sys.executable, "-P", "-m", "jupyterhub.singleuser", *sys.argv[1:]]
    os.execv(sys.executable, [*server, f"--ServerApp.root_dir={work}"])


def unpack(kit: Path, work: Path) -> None:
    """Copy the kit, as a whole or not at all."""
    if work.exists():
        return
    with tempfile.TemporaryDirectory(dir=work.parent, prefix=".tinytorch-") as scratch:
        made = Path(scratch, work.name)
        shutil.copytree(kit, made, copy_function=shutil.copyfile)
        made.rename(work)
    work.chmod(0o700)


if __name__ == "__main__":
    main()
