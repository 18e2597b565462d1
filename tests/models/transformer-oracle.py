"""Writes transformer-oracle.json, what JAX computes in float64 for the layer of transformer-layer.test.ts.

Made with jax 0.10.2 by `python tests/models/transformer-oracle.py`; the test only reads the file.
"""

import json
import os

import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)

here = os.path.dirname(os.path.abspath(__file__))
BATCH, TOKENS, WIDTH, HEADS, HIDDEN = 2, 3, 6, 3, 5


def points(shape, start):
    """Numbers between -1 and 1 without a pattern: fractions of multiples of the golden ratio."""
    x = (start + jnp.arange(jnp.prod(jnp.array(shape)))) * 0.6180339887498949
    return (2 * (x - jnp.floor(x)) - 1).reshape(shape)


def dense(inputs, outputs, start):
    return {"weight": points((inputs, outputs), start), "bias": points((outputs,), start + 5)}


PARAMETERS = {
    "query": [dense(WIDTH, WIDTH, 10)],
    "key": [dense(WIDTH, WIDTH, 20)],
    "value": [dense(WIDTH, WIDTH, 30)],
    "output": [dense(WIDTH, WIDTH, 40)],
    "feedForward": [dense(WIDTH, HIDDEN, 50), dense(HIDDEN, WIDTH, 60)],
    "attentionNorm": {"scale": points((WIDTH,), 70), "shift": points((WIDTH,), 75)},
    "feedForwardNorm": {"scale": points((WIDTH,), 80), "shift": points((WIDTH,), 85)},
}
X = 3 * points((BATCH, TOKENS, WIDTH), 1)


def norm(p, x):
    return jax.nn.standardize(x, axis=-1, epsilon=1e-5) * p["scale"] + p["shift"]


def linear(layers, x):
    return x @ layers[0]["weight"] + layers[0]["bias"]


def heads(x):
    return x.reshape(BATCH, TOKENS, HEADS, WIDTH // HEADS)


def layer(p, x):
    normal = norm(p["attentionNorm"], x)
    query, key, value = (heads(linear(p[name], normal)) for name in ("query", "key", "value"))
    weights = jax.nn.softmax(jnp.einsum("bqhd,bkhd->bhqk", query, key) / (WIDTH // HEADS) ** 0.5)
    read = jnp.einsum("bhqk,bkhd->bqhd", weights, value)
    # JAX's own takes the softmax in float32, whatever it is given.
    assert jnp.allclose(read, jax.nn.dot_product_attention(query, key, value), atol=1e-6)
    x = x + linear(p["output"], read.reshape(x.shape))
    hidden = jax.nn.relu(linear(p["feedForward"], norm(p["feedForwardNorm"], x)))
    return x + linear(p["feedForward"][1:], hidden)


def loss(p, x):
    return (layer(p, x) * points(X.shape, 7)).sum()


def lists(tree):
    return jax.tree.map(lambda leaf: leaf.ravel().tolist(), tree)


parameters, x = jax.grad(loss, argnums=(0, 1))(PARAMETERS, X)
expected = {
    "parameters": jax.tree.map(lambda leaf: leaf.tolist(), PARAMETERS),
    "x": X.tolist(),
    "value": layer(PARAMETERS, X).ravel().tolist(),
    "weighting": points(X.shape, 7).tolist(),
    "gradient": {"parameters": lists(parameters), "x": x.ravel().tolist()},
}
with open(os.path.join(here, "transformer-oracle.json"), "w") as file:
    json.dump(expected, file)
    file.write("\n")
