"""Settings of controllers: of the policy, and a block for each algorithm that trains it."""

from pydantic import Field

from tnas_bench.config.values import Count, Depth, Flag, Floor, Fraction, Rate, Repeats, Settings, Size, Start, Weight


class PpoSettings(Settings):
    """Proximal policy optimisation (Schulman et al. 2017)."""

    clip: Fraction = Field(0.2, description="a ratio of probabilities counts within 1 +- this (PPO: 0.2)")
    epochs: Count = Field(4, description="steps of Adam a round, each on all of its trials [choice]")


class TrpoSettings(Settings):
    """Trust region policy optimisation (Schulman et al. 2015)."""

    divergence: Floor = Field(0.03, description="bound on the mean KL divergence of a step [choice]")
    damping: Floor = Field(0.1, description="added to the diagonal of the Fisher matrix [choice]")
    iterations: Repeats = Field(10, description="of conjugate gradients (TRPO: 10)")
    shrink: Fraction = Field(0.5, description="factor of a step that breaks the bound or does not improve [choice]")
    tries: Repeats = Field(10, description="times that a step is shrunk and tried, before there is none [choice]")


class UrexSettings(Settings):
    """Under-appreciated reward exploration (Nachum et al. 2017)."""

    temperature: Floor = Field(0.1, description="tau: weight and sharpness of the exploration (UREX: 0.1)")
    window: Count = Field(10, description="K: last trials of a task that share the exploration's weights [choice]")


class ReplaySettings(Settings):
    """Off-policy training from a bank of past trials (Multitask Neural Model Search)."""

    steps: Count = Field(10, description="minibatches that the learner trains on at an update [choice]")
    batch: Count = Field(10, description="trials of each task in a minibatch, with replacement [choice]")
    clip: Fraction = Field(0.2, description="a ratio of probabilities counts within 1 +- this [choice]")
    sync: Count = Field(2, description="updates after which the actor takes the learner's weights [choice]")
    # Advantages (R - b) / b are about a tenth of normalised ones.
    entropy: Weight = Field(0.001, description="weight of the entropy bonus, in place of the general one [choice]")
    baseline_floor: Floor = Field(0.05, description="least average that an advantage is divided by [choice]")


class PolicySettings(Settings):
    """The policy, and what all algorithms that train it share."""

    learning_rate: Rate = Field(description="learning rate (paper: 1e-4, one update a child) of Adam [choice]")
    entropy: Weight = Field(0.01, description="weight of the entropy bonus, summed over the decisions [choice]")
    baseline_decay: Fraction = Field(0.01, description="alpha of the moving averages of a task's rewards (paper)")
    deviation_floor: Floor = Field(1e-3, description="least deviation that an advantage is divided by [choice]")
    hidden_units: Size = Field(50, description="units of an LSTM layer (paper)")
    layers: Depth = Field(2, description="LSTM layers (paper)")
    embedding_size: Size = Field(25, description="size of action and task embeddings (paper)")
    initial_range: Start = Field(0.1, description="weights start uniform in +- this [choice]")
    reset_optimizer: Flag = Field(True, description="transfer starts with a fresh optimizer state [choice]")


class ControllerSettings(PolicySettings):
    """Those, and one block for each algorithm that has settings of its own."""

    ppo: PpoSettings = PpoSettings()
    trpo: TrpoSettings = TrpoSettings()
    urex: UrexSettings = UrexSettings()
    replay: ReplaySettings = ReplaySettings()
