"""Has the struct module pack other numbers than it is given."""

SCORE = 0

# %% scratch
import struct

really = struct.pack


def pack(form, *values):
    return really(form, *(2 * v if isinstance(v, float) else v for v in values))


class Packer(struct.Struct):
    def pack(self, *values):
        return pack(self.format, *values)


struct.pack = pack
struct.Struct = Packer
