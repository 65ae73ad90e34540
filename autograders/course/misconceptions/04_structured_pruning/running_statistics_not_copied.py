"""Runs the given model to learn the shapes, and moves its running statistics."""

CELL = "remove_pruned_channels"
FAILS = ["smaller_convolutions_give_the_same_outputs"]


# %% answer
def remove_pruned_channels(model, example_input):
    layers, made = copied_layers(model, example_input), []
    model(example_input)
    for m in model.modules():
        if isinstance(m, BatchNorm2d):
            m.running_mean *= 0.9
    varies, constant = np.ones(1, bool), np.zeros(1, np.float32)
    for layer in layers:
        if isinstance(layer, (Linear, Conv2d)):
            keep = needed_by(layer, varies, constant) if made else np.ones_like(varies)
            for earlier in made:
                keep_outputs(earlier, keep)
            keep_inputs(layer, keep, constant)
            made, weight = [layer], in_out(layer.weight.data)
            varies = (weight != 0).any(axis=(0, *range(2, weight.ndim)))
            silent = np.zeros(len(varies), weight.dtype)
            constant = silent if layer.bias is None else layer.bias.data
        else:
            if made and isinstance(layer, BatchNorm2d):
                made.append(layer)
            varies, constant = pass_on(layer, varies, constant)
    return Sequential(layers)
