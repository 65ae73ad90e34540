"""Returns text that cannot be written: half characters, zeros, a megabyte of escapes."""

LAB = "02_objects"
SCORE = 0

# %% summary
def summary(model):
    return {
        "\ud800": "\udfff",
        "\x00": b"\x00" * 1000,
        "\x1b[2J" * 1000: "\r\b" * 100_000,
        "\u202e" * 100: "</pre><script>unguessable(1)</script>",
    }
