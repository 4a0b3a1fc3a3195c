"""The columns of a table: meaning and unit of each, in their order."""

KEYS = {
    "task": ("name of the task", "name"),
    "configuration": ("number of the configuration; the choice of the last decision changes first", "from 0"),
    "seed": ("which training of the configuration on the task", "from 0"),
}
DECISIONS = {
    "module": ("pretrained embedding of words that the deep tower starts with", "name"),
    "fine_tune": ("whether the module is trained, too", "true or false"),
    "hidden_layers": ("hidden layers of the deep tower", "layers"),
    "hidden_size": ("units of each of them", "units"),
    "activation": ("activation function of each of them", "name"),
    "normalisation": ("normalisation of each of them", "name"),
    "dropout": ("rate of dropout after each of them", "share, 0 to 1"),
    "deep_learning_rate": ("learning rate of the deep tower (Proximal Adagrad)", "a step"),
    "deep_regularisation": ("L2 of the deep tower; 10,000 removes it", "weight of the penalty"),
    "wide_learning_rate": ("learning rate of the wide tower, on one-hot words (Proximal Adagrad)", "a step"),
    "wide_regularisation": ("L1 of the wide tower; 10,000 removes it", "weight of the penalty"),
    "training_steps": ("training steps, each on 100 texts", "steps"),
}
MEASURES = {
    "validation": ("accuracy on the validation rows: what a search may see", "share, 0 to 1"),
    "half": ("accuracy on every other validation row, from the first", "share, 0 to 1"),
    "test": ("accuracy on the test rows: what no search may see", "share, 0 to 1"),
    "seconds": ("time of training and evaluation on one thread: its share of its group's", "seconds"),
}
MARKS = {"seconds_measured": ("whether seconds are its own, or else the mean of its task and seed", "true or false")}


def described(decisions: list[str]) -> dict[str, dict[str, str]]:
    """Meaning and unit of each column of a table over these decisions."""
    chosen = KEYS | {name: DECISIONS[name] for name in decisions} | MEASURES | MARKS
    return {name: {"meaning": meaning, "unit": unit} for name, (meaning, unit) in chosen.items()}
