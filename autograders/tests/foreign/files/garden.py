"""Given out beside the lab: the answer imports a class of it, the check a function."""


class Plant:
    def __init__(self, name, height):
        self.name, self.height = name, height


def is_tall(plant):
    assert isinstance(plant, Plant), f"{plant!r} is no plant"
    return plant.height > 2
