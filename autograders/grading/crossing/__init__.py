"""Values and objects cross between two processes; behaviour stays in the process that wrote it.

The student's kernel and the judge each hold one end of a line, a :class:`.peer.Peer`. What
crosses is written in a closed grammar: :mod:`.plain` for values that never change, :mod:`.codecs`
for objects that both sides hold a copy of, :mod:`.standin` for what only one side can run.
:mod:`.table` knows which object here is which object there, :mod:`.message` turns a graph of them
into bytes and back, :mod:`.wire` carries the bytes. Reading never imports, evaluates or unpickles
anything that the other side names, but for classes and functions of packages that the course lists
(:mod:`.names`). It leans on NumPy and on nothing of this package outside this folder: it is
imported in both sandboxes.
"""
