"""Opens the labs: ``python3 start.py``, and on Windows ``py start.py``.

``start.py checkpoint`` runs checkpoint 17 on your functions, ``start.py submit NAME`` packs your
labs for hand-in. What is needed is installed into ``.venv/`` in this folder, the first time.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "installed"


def install() -> None:
    """Make ``.venv/``, unless it is there, was made for this folder, and is complete."""
    wanted = f"{HERE}\n{(HERE / 'pyproject.toml').read_text(encoding='utf-8')}"
    if STAMP.is_file() and STAMP.read_text(encoding="utf-8") == wanted:
        return
    print("Installing what the labs need, into .venv/: about a minute, the first time only")
    venv.create(VENV, with_pip=True, clear=True)
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-c", "constraints.txt", "-e", "."], cwd=HERE, check=True)
    STAMP.write_text(wanted, encoding="utf-8")


def main(what: str = "lab", *options: str) -> int:
    """Install what is missing and run what was asked for; return its exit status."""
    if sys.version_info < (3, 11):  # noqa: UP036  (run by whatever Python a student has)
        print(f"The labs need Python 3.11 or newer; this is {sys.version.split()[0]}.")
        return 1
    if what in ("-h", "--help"):
        print(__doc__)
        return 0
    if what == "checkpoint":
        command = ["-m", "pytest", "-q", "--tb=short", "checkpoints/checkpoint_17_compression.py"]
    elif what == "submit":
        command = ["-m", "tinytorch.submit"]
    elif what == "lab" or what.startswith("-"):  # options are JupyterLab's
        command = ["-m", "jupyterlab", "--LabApp.default_url=/lab/tree/labs"]
        command += ["--LabApp.app_settings_dir=tinytorch/jupyterlab"]  # asks for no news
        command += [what] if what != "lab" else []
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.append("--allow-root")
    else:
        print(f"start.py knows no {what!r}.\n\n{__doc__}")
        return 2
    try:
        install()
    except subprocess.CalledProcessError:
        print(
            "Installing failed; the reason stands above. Mend it, and run this again. If venv is "
            "missing: `apt install python3-venv` on Debian and Ubuntu."
        )
        return 1
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"}
    environment.pop("PYTHONPATH", None)
    for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        environment.setdefault(threads, "1")  # the labs' matrices are small: more would wait
    os.chdir(HERE)
    command = [str(PYTHON), *command, *options]
    if os.name == "nt":
        return subprocess.call(command, env=environment)
    os.execve(command[0], command, environment)  # so that Ctrl-C reaches JupyterLab alone


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
