"""What lies in ``files/`` runs on a hub, with names that only JupyterHub and nbgrader put there."""

collect_ignore = ["files"]
