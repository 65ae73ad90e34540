"""Divides by exponentials after the largest logit of each row was subtracted, in NumPy."""

CELL = "soft_log_probabilities"
FAILS = []


# %% answer
def soft_log_probabilities(logits, temperature):
    check_temperature(temperature)
    z = (logits if isinstance(logits, Tensor) else Tensor(logits)) * (1 / temperature)
    largest = np.max(z.data, axis=-1, keepdims=True)
    shifted = z - largest
    return shifted - shifted.exp().sum(dim=1, keepdim=True).log()
