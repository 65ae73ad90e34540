"""Decides what goes before anything is cut, and so keeps units that read only what is gone."""

CELL = "remove_pruned_channels"
FAILS = ["smaller_model_gives_the_same_outputs"]


# %% answer
def remove_pruned_channels(model, example_input):
    layers = copied_layers(model, example_input)
    plan, varies, constant, maker = [], None, None, None
    for i, layer in enumerate(layers):
        if isinstance(layer, (Linear, Conv2d)):
            if maker is not None:
                plan.append((maker, i, needed_by(layer, varies, constant), constant))
            weight = layer.weight.data if layer.weight.ndim == 4 else layer.weight.data.T
            varies = weight.reshape(len(weight), -1).any(axis=1)
            constant = np.zeros(len(weight)) if layer.bias is None else layer.bias.data.copy()
            constant, maker = constant.astype(np.float32), i
        elif maker is not None:
            varies, constant = pass_on(layer, varies, constant)
    for maker, reader, keep, constant in reversed(plan):
        keep_inputs(layers[reader], keep, constant)
        for layer in layers[maker:reader]:
            if isinstance(layer, (Linear, Conv2d, BatchNorm2d)):
                keep_outputs(layer, keep)
    return Sequential(*layers)
