"""Student code runs here: in a kernel that sees nothing worth reading and can harm nothing.

:mod:`.bubblewrap` finds the program that builds the walls, :mod:`.calls` says which system calls
stop there, :mod:`.view` decides what stands inside them, :mod:`.provisioner` starts a kernel there
or has :mod:`.warm` fork one, and :mod:`.inside` holds the programs that run inside. It leans on
Bubblewrap, libseccomp and jupyter_client; :mod:`autograders.grading.execute` leans on it.
"""

from autograders.grading.sandbox.bubblewrap import SandboxError, check
from autograders.grading.sandbox.provisioner import SandboxKernelManager
from autograders.grading.sandbox.room import About, Room, Sandbox
from autograders.grading.sandbox.warm import Template, beginning

__all__ = [
    "About",
    "Room",
    "Sandbox",
    "SandboxError",
    "SandboxKernelManager",
    "Template",
    "beginning",
    "check",
]
