"""SavedModels with the signature of TF-Hub's text modules: [None] strings -> [None, dimension]."""

import numpy as np
import tensorflow as tf

from tnas_bench.seeds import stream

WORDS = "the film good Good bad never x_y don't , . ñandú été кот 日本語 $9"
TOKENS = [*WORDS.split(), *(f"w{number}" for number in range(300))]
BUCKETS, DIMENSION = 7, 5


def matrix():
    return stream("saved model").standard_normal((len(TOKENS) + BUCKETS, DIMENSION), dtype=np.float32)


def vocabulary_file(folder):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "tokens.txt"
    path.write_text("\n".join(TOKENS), encoding="utf-8")  # as publishers' files, without an end of the last line
    return str(path)


def table_of(asset):
    initializer = tf.lookup.TextFileInitializer(
        asset, tf.string, tf.lookup.TextFileIndex.WHOLE_LINE, tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER
    )
    return tf.lookup.StaticVocabularyTable(initializer, BUCKETS)


class TextModule(tf.Module):
    """Written with TensorFlow 2. ``prepare`` is applied to the texts, ``separator`` None is ASCII white space."""

    def __init__(self, scratch, prepare, separator, blank, tables=1):
        super().__init__()
        self.asset = tf.saved_model.Asset(vocabulary_file(scratch))
        self.table = table_of(self.asset)
        self.embeddings = [tf.Variable(matrix(), name=f"table{number}") for number in range(tables)]
        self.step = tf.Variable(0.0)
        self.prepare, self.separator, self.blank = prepare, separator, blank

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def __call__(self, texts):
        tokens = tf.strings.split(self.prepare(texts), self.separator).to_sparse()
        if self.blank:
            tokens = tf.sparse.reset_shape(tf.sparse.fill_empty_rows(tokens, tf.constant(""))[0])
        ids = tf.SparseTensor(tokens.indices, self.table.lookup(tokens.values), tokens.dense_shape)
        return tf.nn.safe_embedding_lookup_sparse(self.embeddings[0], ids, combiner="sqrtn")


def no_punctuation(texts):
    return tf.strings.regex_replace(texts, r"\pP", "")


def lower_and_spaced(texts):
    return tf.strings.regex_replace(tf.strings.lower(texts, "utf-8"), r"\pP", " ")


def save(folder, prepare=tf.identity, separator=None, blank=False, tables=1):
    tf.saved_model.save(TextModule(folder.with_name(f"{folder.name}-raw"), prepare, separator, blank, tables), folder)


def _part(shape, dtype, partition_info):
    start = partition_info.var_offset[0]
    return tf.constant(matrix()[start : start + shape[0]], dtype)


def save_version_1(folder):
    """Written with TensorFlow 1, its variable in two parts: spaces split, a text without tokens is the token ""."""
    v1 = tf.compat.v1
    with v1.Graph().as_default(), v1.Session() as session:
        asset = tf.constant(vocabulary_file(folder.with_name(f"{folder.name}-raw")))
        v1.add_to_collection(v1.GraphKeys.ASSET_FILEPATHS, asset)
        table, texts = table_of(asset), v1.placeholder(tf.string, [None])
        halves = v1.fixed_size_partitioner(2)
        embeddings = v1.get_variable("embeddings", matrix().shape, None, _part, partitioner=halves, use_resource=False)
        tokens = v1.string_split(texts, " ")
        ids = tf.SparseTensor(tokens.indices, table.lookup(tokens.values), tokens.dense_shape)
        ids = tf.sparse.reset_shape(tf.sparse.fill_empty_rows(ids, table.lookup(tf.constant("")))[0])
        vectors = v1.nn.embedding_lookup_sparse(embeddings, ids, None, "div", combiner="sqrtn")
        session.run([v1.global_variables_initializer(), v1.tables_initializer()])
        signature = v1.saved_model.predict_signature_def({"sentences": texts}, {"default": vectors})
        builder = v1.saved_model.Builder(str(folder))
        assets = v1.get_collection(v1.GraphKeys.ASSET_FILEPATHS)
        builder.add_meta_graph_and_variables(
            session, [], {"default": signature}, assets_collection=assets, main_op=v1.tables_initializer()
        )
        builder.save()
