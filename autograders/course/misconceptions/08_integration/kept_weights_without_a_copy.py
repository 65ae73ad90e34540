"""Keeps the array itself to compare with, which training then changes too."""

CELL = "check_zeros_survive_training"
FAILS = [
    "zeros_survive_check_accepts_right_libraries",
    "zeros_survive_check_catches_planted_bugs",
]


# %% answer
def check_zeros_survive_training(library):
    x, y = digits.x_train[:128], digits.y_train[:128]
    for make in (
        lambda p: library.SGD(p, lr=0.02, momentum=0.9),
        lambda p: library.Adam(p, lr=0.002),
    ):
        model = create_simple_mlp()
        weights = [p for p in model.parameters() if p.ndim == 2]
        optimizer = make(model.parameters())
        losses = []
        for step in range(18):
            if step == 3:
                library.magnitude_prune(model, 0.7)
                zero = [p.data == 0 for p in weights]
                before = [p.data for p in weights]
            optimizer.zero_grad()
            loss = CrossEntropyLoss()(model(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        for p, z, old in zip(weights, zero, before, strict=True):
            assert z.any(), "pruning left no zeros"
            assert (p.data[z] == 0).all(), "zeros came back"
            assert (p.data != old).any(), "kept weights do not learn"
        assert losses[-1] < losses[3], "the loss rose"
