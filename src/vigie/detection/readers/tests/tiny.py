"""A model of a few numbers, in the layout of Hugging Face: it adds up what each of its words weighs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

WORDS = ("[PAD]", "[UNK]", "bonjour", "zorble", "gnou", "essai")
WEIGHTS = {"zorble": 3.0, "gnou": -2.0}


def make_model(
    folder: Path,
    *,
    labels: Sequence[str] = ("neutral", "hateful"),
    weights: Mapping[str, float] = WEIGHTS,
    name: str = "model.onnx",
    problem: str = "single_label_classification",
    is_int8: bool = False,
    more_inputs: Sequence[str] = (),
    words: Sequence[str] = WORDS,
) -> Path:
    """Write model, tokenizer and configuration; every label but the last gets 0, the last the sum of the weights."""
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    table = np.zeros((len(words), len(labels)), dtype=np.float32)
    for word, weight in weights.items():
        table[words.index(word), -1] = weight
    onnx.save(_graph(table, is_int8, more_inputs), folder / name)
    tokenizer = Tokenizer(models.WordLevel({word: place for place, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {
        "id2label": {str(place): label for place, label in enumerate(labels)}, "problem_type": problem,
        "max_position_embeddings": 66, "pad_token_id": 0,
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


def _graph(table: np.ndarray, is_int8: bool, more_inputs: Sequence[str]) -> onnx.ModelProto:
    stored = [
        numpy_helper.from_array(np.array([1], dtype=np.int64), "axis"),
        numpy_helper.from_array(np.array([2], dtype=np.int64), "last"),
    ]
    nodes = []
    if is_int8:
        scale = float(np.abs(table).max()) / 127
        stored += [
            numpy_helper.from_array(np.round(table / scale).astype(np.int8), "small"),
            numpy_helper.from_array(np.float32(scale), "scale"), numpy_helper.from_array(np.int8(0), "zero"),
        ]  # fmt: skip
        nodes.append(helper.make_node("DequantizeLinear", ["small", "scale", "zero"], ["table"]))
    else:
        stored.append(numpy_helper.from_array(table, "table"))
    nodes += [
        helper.make_node("Gather", ["table", "input_ids"], ["each"]),
        helper.make_node("Cast", ["attention_mask"], ["there"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["there", "last"], ["column"]),
        helper.make_node("Mul", ["each", "column"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "axis"], ["logits"], keepdims=0),
    ]
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"])
        for name in ("input_ids", "attention_mask", *more_inputs)
    ]
    output = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["texts", table.shape[1]])
    graph = helper.make_graph(nodes, "tiny", inputs, [output], initializer=stored)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
