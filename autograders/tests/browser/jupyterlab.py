"""A real JupyterLab server on this machine, and what a person does in its notebooks.

:class:`Server` starts ``jupyter lab`` as a new user would have it; :class:`Notebook` presses its
buttons and reads its cells. Waiting is always for something that shows on the page or that
JupyterLab says of itself, never for a length of time.
"""

import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, expect

from autograders.course import ROOT

TOKEN = "journey"
SETTINGS = ROOT / "tinytorch" / "jupyterlab"  # as `make lab` and a kit's start.py have it
SCRIPTS = Path(sys.executable).parent
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def user_environment(**more):
    """Return the environment of a user of this Python who has set nothing else."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "JUPYTER"))}
    path = f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}"
    return {**inherited, "PATH": path, **dict.fromkeys(THREADS, "1"), **more}


class Server:
    """JupyterLab on a folder, with a home, settings and kernels of its own.

    Parameters
    ----------
    folder : Path
        Where it is started; its file browser shows this folder.
    home : Path
        The user's home. Settings and running servers are kept below it.
    options : sequence of str
        What else is said on the command line.
    environment : mapping of str to str
        What its environment has beside the usual, such as ``PYTHONPATH``.
    """

    def __init__(self, folder, home, options=(), environment=None):
        self.folder, self.options = folder, options
        self._home = home
        self._log = home / f"{folder.name}.log"
        self._environment = user_environment(
            HOME=str(home),
            JUPYTER_RUNTIME_DIR=str(home / f"runtime-{folder.name}"),
            MPLBACKEND="module://matplotlib_inline.backend_inline",
            **(environment or {}),
        )

    def __enter__(self):
        """Start it, and wait until it answers."""
        self._home.mkdir(parents=True, exist_ok=True)
        command = [
            sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
            "--ServerApp.ip=127.0.0.1", "--ServerApp.port=0", f"--IdentityProvider.token={TOKEN}",
            "--LabApp.expose_app_in_browser=True", f"--LabApp.app_settings_dir={SETTINGS}",
            *self.options,
        ]  # fmt: skip
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                command, cwd=self.folder, env=self._environment, stdout=log, stderr=log
            )
        self.url = self._answers()
        return self

    def __exit__(self, *_):
        """End it as Ctrl-C does, with every kernel."""
        self._process.terminate()
        self._process.wait(300)

    def _answers(self):
        deadline = time.monotonic() + 300
        runtime = Path(self._environment["JUPYTER_RUNTIME_DIR"])
        said = runtime / f"jpserver-{self._process.pid}.json"
        while time.monotonic() < deadline and self._process.poll() is None:
            if said.is_file() and (text := said.read_text()):
                url = json.loads(text)["url"]
                try:
                    urllib.request.urlopen(f"{url}api?token={TOKEN}", timeout=5).close()
                    return url
                except urllib.error.URLError:
                    pass
            time.sleep(0.05)
        raise AssertionError(f"JupyterLab did not start:\n{self._log.read_text()[-3000:]}")

    @property
    def log(self):
        """What the server has written so far."""
        return self._log.read_text(encoding="utf-8")

    def address(self, path=""):
        """Return the address of JupyterLab with a file opened, as its own links have it."""
        where = f"/tree/{path}" if path else ""
        return f"{self.url}lab{where}?reset&token={TOKEN}"


# Menus, buttons and keys all end in a command of JupyterLab, whose promise tells when it is done.
_TRACK_COMMANDS = """() => {
    if (window.unfinishedCommands !== undefined) return;
    window.unfinishedCommands = 0;
    window.jupyterapp.commands.commandExecuted.connect((_, command) => {
        if (!/^(notebook:run|notebook:restart|runmenu:|kernelmenu:restart|docmanager:save)/
            .test(command.id)) return;
        window.unfinishedCommands += 1;
        command.result.catch(() => {}).finally(() => { window.unfinishedCommands -= 1; });
    });
}"""


class Notebook:
    """One notebook in JupyterLab, as a person sees and uses it.

    Parameters
    ----------
    page : Page
        Where JupyterLab is open, with the notebook in front.
    path : str
        The notebook, from the server's folder.
    """

    def __init__(self, page: Page, path: str):
        self.page, self.path = page, path
        page.wait_for_function(
            "path => window.jupyterapp?.shell.currentWidget?.context?.path === path", arg=path
        )
        page.evaluate(_TRACK_COMMANDS)
        self.panel = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
        expect(self.cells.first).to_be_visible()
        self.wait_until_idle()

    @classmethod
    def visit(cls, page: Page, server: Server, path: str):
        """Follow a link to the notebook."""
        page.goto(server.address(path))
        return cls(page, path)

    # What is there

    @property
    def cells(self):
        """All cells, in order."""
        return self.panel.locator(".jp-Notebook .jp-Cell")

    def cell(self, name):
        """Return the cell of a grade id, or of nbformat's id for the cells without one."""
        index = self._ask(
            """(notebook, name) => notebook.model.sharedModel.cells.findIndex(cell =>
                (cell.getMetadata('nbgrader')?.grade_id ?? cell.getId()) === name)""",
            name,
        )
        assert index >= 0, f"{self.path} has no cell {name}"
        return self.cells.nth(index)

    def active(self):
        """Return the name of the cell that keys act on."""
        return self._ask(
            """notebook => (cell => cell.getMetadata('nbgrader')?.grade_id ?? cell.getId())(
                notebook.activeCell.model.sharedModel)"""
        )

    def source(self, name):
        """Return the text of a cell."""
        return self._ask(
            """(notebook, name) => notebook.model.sharedModel.cells.find(cell =>
                (cell.getMetadata('nbgrader')?.grade_id ?? cell.getId()) === name).getSource()""",
            name,
        )

    def errors(self):
        """Return the messages of the cells that show an error, by name, in order."""
        return self._ask(
            """notebook => Object.fromEntries(notebook.model.sharedModel.cells.flatMap(cell =>
                (cell.cell_type === 'code' ? cell.toJSON().outputs : [])
                    .filter(output => output.output_type === 'error')
                    .map(output => [cell.getMetadata('nbgrader')?.grade_id ?? cell.getId(),
                                    `${output.ename}: ${output.evalue}`])))"""
        )

    def counts(self):
        """Return the execution counts of the code cells, None for one that was not run."""
        return self._ask(
            """notebook => notebook.model.sharedModel.cells
                .filter(cell => cell.cell_type === 'code').map(cell => cell.execution_count)"""
        )

    def _ask(self, question, argument=None):
        return self.page.evaluate(
            f"argument => ({question})(window.jupyterapp.shell.currentWidget.content, argument)",
            argument,
        )

    # What a person does

    def select(self, name):
        """Click beside a cell, so that the keys of command mode act on it."""
        cell = self.cell(name)
        cell.scroll_into_view_if_needed()
        cell.locator(".jp-InputPrompt").first.click()
        return cell

    def type(self, name, text):
        """Replace the text of a cell by keyboard alone, as if it had been pasted."""
        self.select(name)
        self.page.keyboard.press("Enter")
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(text)
        self.page.keyboard.press("Escape")
        assert self.source(name) == text

    def run(self, name):
        """Run one cell with Shift+Enter, and wait until nothing runs; return the cell."""
        cell = self.select(name)
        self.page.keyboard.press("Shift+Enter")
        self.wait_until_idle()
        return cell

    def run_through(self, name):
        """Run every code cell from the top to one of them; return that cell."""
        names = self._ask(
            """notebook => notebook.model.sharedModel.cells
                .filter(cell => cell.cell_type === 'code')
                .map(cell => cell.getMetadata('nbgrader')?.grade_id ?? cell.getId())"""
        )
        for above in names[: names.index(name)]:
            self.run(above)
        return self.run(name)

    def menu(self, *path):
        """Choose from the menu bar: ``menu("Run", "Run All Cells")``."""
        bar = self.page.get_by_role("menubar").first
        bar.get_by_role("menuitem", name=path[0], exact=True).click()
        for name in path[1:]:
            whole = re.compile(f"^{re.escape(name)}$")
            self.page.locator(".lm-Menu-itemLabel", has_text=whole).last.click()

    def run_all(self):
        """Run every cell, and wait until the last of them has come to an end."""
        self.menu("Run", "Run All Cells")
        self.wait_until_idle()

    def restart(self, and_run_all=False):
        """Restart the kernel, confirming as asked, and wait for it."""
        ending = " and Run All Cells…" if and_run_all else "…"
        self.menu("Kernel", f"Restart Kernel{ending}")
        self.page.get_by_role("dialog").get_by_role("button", name="Confirm").click()
        self.wait_until_idle()

    def save(self):
        """Save with Ctrl+S, and wait until it is on disk."""
        self.page.keyboard.press("ControlOrMeta+s")
        self.wait_until_idle()
        assert not self._ask("notebook => notebook.model.dirty"), self.path

    def validate(self):
        """Press nbgrader's Validate, by keyboard; return its dialog, and the seconds it took.

        From any cell, Shift+Home leads to the first, Shift+Tab to the toolbar, arrows to it.
        """
        for key in ("Escape", "Shift+Home", "Shift+Tab"):
            self.page.keyboard.press(key)
        reached = self.panel.locator(".validate-button:focus")
        for _ in range(20):  # no toolbar has more buttons
            if reached.count():
                break
            self.page.keyboard.press("ArrowRight")
        expect(reached).to_have_count(1)
        began = time.monotonic()
        self.page.keyboard.press("Enter")
        dialog = self.page.get_by_role("dialog")
        expect(dialog).to_be_visible(timeout=180_000)
        return dialog, time.monotonic() - began

    def close_dialog(self):
        """Press the dialog's last button."""
        self.page.get_by_role("dialog").get_by_role("button").last.click()
        expect(self.page.get_by_role("dialog")).to_have_count(0)

    def wait_until_idle(self):
        """Wait until whatever was started has ended, and the kernel is there for more."""
        self.page.wait_for_function(
            """() => {
                const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel;
                return window.unfinishedCommands === 0 && kernel?.status === 'idle'
                    && kernel.connectionStatus === 'connected';
            }""",
            timeout=180_000,
        )
