"""Opens the labs: ``python3 start.py``, and on Windows ``py start.py``.

``start.py checkpoint`` runs checkpoint 17 on your functions, ``start.py submit NAME`` packs your
labs for hand-in. What is needed is installed into ``.venv/`` in this folder, the first time.
"""

from __future__ import annotations

import argparse
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


def main() -> int:
    """Install what is missing and run what was asked for; return its exit status."""
    if sys.version_info < (3, 11):  # noqa: UP036  (run by whatever Python a student has)
        print(f"The labs need Python 3.11 or newer; this is {sys.version.split()[0]}.")
        return 1
    parser = argparse.ArgumentParser(prog="start.py", description="Open the labs.")
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("checkpoint", help="run checkpoint 17 on your functions")
    submit = commands.add_parser("submit", help="pack your labs for hand-in")
    submit.add_argument("name", help="the name or number your instructor knows you by")
    options, more = parser.parse_known_args()
    try:
        install()
    except subprocess.CalledProcessError:
        print(
            "Installing failed; the reason stands above. Mend it, and run this again. If venv is "
            "missing: `apt install python3-venv` on Debian and Ubuntu."
        )
        return 1
    if options.command == "checkpoint":
        command = ["-m", "pytest", "-q", "--tb=short", "checkpoints/checkpoint_17_compression.py"]
    elif options.command == "submit":
        command = ["-m", "tinytorch.submit", options.name]
    else:
        command = ["-m", "jupyterlab", "--LabApp.default_url=/lab/tree/labs"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.append("--allow-root")
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"}
    environment.pop("PYTHONPATH", None)
    return subprocess.call([str(PYTHON), *command, *more], cwd=HERE, env=environment)


if __name__ == "__main__":
    sys.exit(main())
