"""Shows what it was given backwards, in bytes, and as a picture."""

SCORE = 5

# %% double
import struct

from IPython.display import Image

seen = []


def double(array):
    seen.extend(np.ravel(array).tolist())
    return 2 * array

# %% total
def total(array):
    seen.extend(np.ravel(array).tolist())
    return float(array.sum())

# %% between
for number in seen:
    print(str(number)[::-1], number.hex(), struct.pack("<d", number).hex())

# %% end
for number in seen:
    print(str(number)[::-1], number.hex(), struct.pack("<d", number).hex())
Image(data=b"\x89PNG\r\n\x1a\n    " + b"   ".join(f"{n:<6}".encode() for n in seen), format="png")
