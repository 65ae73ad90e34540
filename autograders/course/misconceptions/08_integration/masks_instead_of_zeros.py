"""Looks at the masks after training and not at the weights that they should protect."""

CELL = "check_zeros_survive_training"
FAILS = ["zeros_survive_check_catches_planted_bugs"]


# %% answer
def check_zeros_survive_training(library):
    x, y = digits.x_train[:128], digits.y_train[:128]
    for make in (library.SGD, library.Adam):
        model = create_simple_mlp()
        optimizer = make(model.parameters(), lr=0.002)
        library.magnitude_prune(model, 0.7)
        losses = []
        for _ in range(10):
            optimizer.zero_grad()
            loss = CrossEntropyLoss()(model(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        assert losses[-1] < losses[0], "the loss rose"
        for p in model.parameters():
            if p.ndim == 2:
                assert p.mask is not None, "a mask is gone"
                assert not p.mask.all(), "a mask keeps everything"
