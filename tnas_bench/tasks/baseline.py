"""Baseline: a linear classifier, to see at a glance that a prepared text task can be learned and is not mislabelled."""

import warnings

from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from tnas_bench.tasks import Task

STEPS = 100  # of the optimiser; enough to tell, not to converge on every task


def accuracy(task: Task) -> float:
    """Test accuracy of logistic regression on tf-idf of words and pairs of words, fitted on the training split.

    Where every text is one word, no word of a test text was seen in training: there it is of runs of 1 to 4 letters.
    """
    one_word = all(len(text.split()) == 1 for text in task.train.inputs)
    units = {"analyzer": "char_wb", "ngram_range": (1, 4)} if one_word else {"ngram_range": (1, 2)}
    terms = TfidfVectorizer(sublinear_tf=True, min_df=2, max_features=50_000, **units)
    model = make_pipeline(terms, LogisticRegression(C=10, max_iter=STEPS))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(task.train.inputs, task.train.labels)
    return model.score(task.test.inputs, task.test.labels)
