"""MiniLM's weights as one ONNX file with small numbers: the whole way from token numbers to a vector of length 1.

Every row of activations is scaled by itself, so that what a text comes to doesn't depend on the texts beside it: a reading
can be made again alone. Weights take 7 bits of 8, since processors without dot products of bytes add two products in 16
bits, and would cut larger ones off. Nothing here is random: the same weights make the same bytes.
"""

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LAYERS, HEADS, WIDTH = 6, 12, 384
OPSET, IR = 20, 10
FLOAT, INT64 = 1, 7  # onnx.TensorProto's own numbers
WEIGHT_MOST, ACTIVATION_MOST = 63, 127
LEAST = 1e-12  # for what is divided by
INPUTS = ("input_ids", "attention_mask")
VECTORS, TOKENS = "vectors", "tokens"


def tensors_in(data: bytes) -> "dict[str, NDArray[np.float32]]":
    """The tensors of a safetensors file: a length, a header in JSON, and numbers one after the other."""
    import numpy as np

    start = 8 + int.from_bytes(data[:8], "little")
    found = {}
    for name, told in json.loads(data[8:start]).items():
        if name != "__metadata__" and told["dtype"] == "F32":
            begin, end = told["data_offsets"]
            numbers = np.frombuffer(data[start + begin : start + end], dtype="<f4")
            found[name] = numbers.reshape(told["shape"])
    return found


def onnx_of(tensors: "dict[str, NDArray[np.float32]]") -> bytes:
    """The model as ONNX: numbers of tokens and a mask go in, one vector for each text and one for each token come out."""
    from onnx import helper

    drawn = _Drawing(tensors)
    drawn.pooled(drawn.hidden())
    ins = [helper.make_tensor_value_info(name, INT64, ["texts", "tokens"]) for name in INPUTS]
    outs = [
        helper.make_tensor_value_info(VECTORS, FLOAT, ["texts", WIDTH]),
        helper.make_tensor_value_info(TOKENS, FLOAT, ["texts", "tokens", WIDTH]),
    ]
    graph = helper.make_graph(drawn.nodes, "minilm", ins, outs, drawn.constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR)
    written: bytes = model.SerializeToString(deterministic=True)
    return written


class _Drawing:
    """The graph as far as it is drawn. Each method draws one step, and returns the name of what comes out of it.

    Activations are rows, one for each token of each text; only attention sees texts.
    """

    def __init__(self, tensors: "dict[str, NDArray[np.float32]]") -> None:
        self.tensors = tensors
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.shape = self.put("Shape", ["input_ids"])
        self.rows = self.constant([-1, WIDTH], "int64")
        self.by_head = self.put("Concat", [self.shape, self.constant([HEADS, WIDTH // HEADS], "int64")], axis=0)
        self.by_text = self.put("Concat", [self.shape, self.constant([WIDTH], "int64")], axis=0)
        self.seen = self.put("Cast", ["attention_mask"], to=FLOAT)

    def put(self, kind: str, inputs: list[str], out: str = "", **attributes: Any) -> str:
        from onnx import helper

        out = out or f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [out], **attributes))
        return out

    def constant(self, value: Any, kind: str = "float32") -> str:
        import numpy as np
        from onnx import numpy_helper

        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value, dtype=kind, order="C"), name))
        return name

    def tensor(self, name: str) -> str:
        return self.constant(self.tensors[name])

    def hidden(self) -> str:
        """All layers, one after the other."""
        far = self.put("Mul", [self.put("Sub", [self.constant(1.0), self.seen]), self.constant(-10_000.0)])
        mask = self.put("Unsqueeze", [far, self.constant([1, 2], "int64")])
        rows = self.embedded()
        for layer in range(LAYERS):
            name = f"encoder.layer.{layer}."
            beside = self.linear(self.attended(name + "attention.self.", rows, mask), name + "attention.output.dense")
            rows = self.normal(self.put("Add", [beside, rows]), name + "attention.output.LayerNorm")
            wide = self.put("Gelu", [self.linear(rows, name + "intermediate.dense")])
            rows = self.normal(
                self.put("Add", [self.linear(wide, name + "output.dense"), rows]), name + "output.LayerNorm"
            )
        return rows

    def embedded(self) -> str:
        """Words, 8 bits and a scale each, and places; there is one sort of token."""
        small, scales = _small(self.tensors["embeddings.word_embeddings.weight"], 127)
        words = self.put("Cast", [self.put("Gather", [self.constant(small, "int8"), "input_ids"])], to=FLOAT)
        words = self.put("Mul", [words, self.put("Gather", [self.constant(scales), "input_ids"])])
        sort = self.tensors["embeddings.token_type_embeddings.weight"][0]
        table = self.constant(self.tensors["embeddings.position_embeddings.weight"] + sort)
        length = self.put("Slice", [self.shape, self.constant([1], "int64"), self.constant([2], "int64")])
        places = self.put("Slice", [table, self.constant([0], "int64"), length])
        rows = self.put("Reshape", [self.put("Add", [words, places]), self.rows])
        return self.normal(rows, "embeddings.LayerNorm")

    def attended(self, name: str, rows: str, mask: str) -> str:
        """What each token takes from the others of its text."""
        scaled = self.scaled(rows)
        turns = {"query": [0, 2, 1, 3], "key": [0, 2, 3, 1], "value": [0, 2, 1, 3]}
        query, key, value = (
            self.put("Transpose", [self.put("Reshape", [self.times(scaled, name + one), self.by_head])], perm=turn)
            for one, turn in turns.items()
        )
        near = self.put("MatMul", [self.put("Mul", [query, self.constant((WIDTH / HEADS) ** -0.5)]), key])
        shares = self.put("Softmax", [self.put("Add", [near, mask])], axis=-1)
        taken = self.put("Transpose", [self.put("MatMul", [shares, value])], perm=[0, 2, 1, 3])
        return self.put("Reshape", [taken, self.rows])

    def linear(self, rows: str, name: str) -> str:
        return self.times(self.scaled(rows), name)

    def scaled(self, rows: str) -> tuple[str, str, str]:
        """Rows in 8 bits, each with a scale of its own, and the zeros in the middle."""
        most = self.put("ReduceMax", [self.put("Abs", [rows]), self.constant([1], "int64")], keepdims=0)
        scales = self.put("Max", [self.put("Mul", [most, self.constant(1 / ACTIVATION_MOST)]), self.constant(LEAST)])
        zeros = self.put("Expand", [self.constant([128], "uint8"), self.put("Shape", [scales])])
        small = self.put("QuantizeLinear", [rows, scales, zeros], axis=0)
        return small, self.put("Unsqueeze", [scales, self.constant([1], "int64")]), self.constant(128, "uint8")

    def times(self, scaled: tuple[str, str, str], name: str) -> str:
        """Rows times a table of weights, plus its bias."""
        rows, row_scales, middle = scaled
        small, scales = _small(self.tensors[name + ".weight"], WEIGHT_MOST)
        whole = self.put("MatMulInteger", [rows, self.constant(small.T, "int8"), middle])
        product = self.put("Mul", [self.put("Cast", [whole], to=FLOAT), row_scales])
        return self.put("Add", [self.put("Mul", [product, self.constant(scales.T)]), self.tensor(name + ".bias")])

    def normal(self, rows: str, name: str) -> str:
        told = [rows, self.tensor(name + ".weight"), self.tensor(name + ".bias")]
        return self.put("LayerNormalization", told, axis=-1, epsilon=1e-12)

    def pooled(self, rows: str) -> str:
        """The mean of a text's tokens, at length 1."""
        tokens = self.put("Reshape", [rows, self.by_text], TOKENS)
        one = self.constant([1], "int64")
        share = self.put("Div", [self.seen, self.put("ReduceSum", [self.seen, one], keepdims=1)])
        weighed = self.put("Mul", [tokens, self.put("Unsqueeze", [share, self.constant([2], "int64")])])
        mean = self.put("ReduceSum", [weighed, one], keepdims=0)
        length = self.put("Max", [self.put("ReduceL2", [mean, one], keepdims=1), self.constant(LEAST)])
        return self.put("Div", [mean, length], VECTORS)


def _small(weights: "NDArray[np.float32]", most: int) -> "tuple[NDArray[np.int8], NDArray[np.float32]]":
    """Each row as whole numbers up to `most`, and the scale that makes them what they were."""
    import numpy as np

    scales = np.maximum(np.abs(weights).max(axis=1, keepdims=True), LEAST).astype(np.float32) / np.float32(most)
    return np.rint(weights / scales).astype(np.int8), scales
