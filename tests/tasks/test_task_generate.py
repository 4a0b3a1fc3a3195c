import subprocess
import sys
from collections import Counter

from tnas_bench.tasks.generate import LONGEST, SHORTEST, generate, vocabulary


def test_one_vocabulary_of_distinct_words():
    words = vocabulary()
    assert len(set(words)) == 1000
    used = {word for task in ("a", "b") for text in generate(task, 3)["text"] for word in text.split()}
    assert used <= set(words) and len(used) > 300


def test_shape():
    frame = generate("a", 5, rows=200)
    assert len(frame) == 200
    assert sorted(frame["label"].unique()) == [f"class {number}" for number in range(1, 6)]
    lengths = frame["text"].str.split().str.len()
    assert lengths.between(SHORTEST, LONGEST).all()


def test_classes_take_turns_but_for_a_few_wrong_labels():
    labels = generate("a", 4, rows=4000)["label"]
    assert all(940 < count < 1060 for count in Counter(labels).values())
    in_turn = sum(label == f"class {row % 4 + 1}" for row, label in enumerate(labels))
    assert 3800 < in_turn < 3900  # 5% drawn anew, a quarter of them right by chance: 3,850 expected


def test_a_classifier_can_learn_it():
    """Naive Bayes by hand: trained on one half, right on most of the other."""
    frame = generate("a", 3, rows=1200)
    known, unknown = frame[:600], frame[600:]
    counts = {label: Counter(" ".join(texts).split()) for label, texts in known.groupby("label")["text"]}

    def likelihood(label, text):
        total = sum(counts[label].values()) + 1000
        product = 1.0
        for word in text.split():
            product *= 1000 * (counts[label][word] + 1) / total
        return product

    guesses = [max(counts, key=lambda label: likelihood(label, text)) for text in unknown["text"]]
    assert (unknown["label"] == guesses).mean() > 0.75


def test_a_task_is_the_same_in_another_process_and_unlike_another_task():
    code = "from tnas_bench.tasks.generate import generate; print(generate('a', 2, 20).to_csv(index=False), end='')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == generate("a", 2, 20).to_csv(index=False)
    assert done.stdout != generate("b", 2, 20).to_csv(index=False)
