"""Writes jax-oracle.json, what JAX computes in float64 for the cases of jax-oracle.test.ts.

Made with jax 0.10.2 by `python tests/tensor/jax-oracle.py`; the tests only read the file.
"""

import json
import os

import jax
import jax.numpy as jnp
from jax import lax

jax.config.update("jax_enable_x64", True)

here = os.path.dirname(os.path.abspath(__file__))


def points(shape, start):
    """Numbers between -1 and 1 without a pattern: fractions of multiples of the golden ratio."""
    size = 1
    for length in shape:
        size *= length
    x = (start + jnp.arange(size)) * 0.6180339887498949
    return (2 * (x - jnp.floor(x)) - 1).reshape(shape)


def conv(x, k, stride, padding):
    axes = ("NHC", "HIO", "NHC") if x.ndim == 3 else ("NHWC", "HWIO", "NHWC")
    return lax.conv_general_dilated(x, k, stride, padding, dimension_numbers=axes)


def periodic(x, k):
    sizes = k.shape[:-2]
    around = [((size - 1) // 2, size - 1 - (size - 1) // 2) for size in sizes]
    return conv(jnp.pad(x, [(0, 0), *around, (0, 0)], mode="wrap"), k, (1,) * len(sizes), "VALID")


def recurrent(w, xs):
    def step(h, x):
        h = jnp.tanh(h @ w + x)
        return h, h**2

    h, squares = lax.scan(step, jnp.zeros(xs.shape[1:]), xs)
    return jnp.concatenate([h.ravel(), squares.sum(0).ravel()])


def pendulum(start, forces):
    def step(state, force):
        q, p = state
        p = p - 0.1 * jnp.sin(q) + 0.1 * force
        return (q + 0.1 * p, p), q

    (q, p), path = lax.scan(step, (start[0], start[1]), forces, reverse=True)
    return jnp.concatenate([jnp.stack([q, p]), path])


rows = jnp.array([2, 0, 2, 1])
CASES = {
    "take": (lambda x: x[rows] ** 2, [(3, 4)]),
    "takeAlongAxis": (lambda x: jnp.take_along_axis(x, jnp.array([[1, 1], [0, 3], [2, 0]]), 1) ** 2, [(3, 4)]),
    "scatterAdd": (lambda x, y: x.at[rows].add(y) ** 2, [(3, 4), (4, 4)]),
    "dynamicSlice": (lambda x: lax.dynamic_slice(x, (1, 3), (2, 2)) ** 2, [(3, 4)]),
    "dynamicUpdate": (lambda x, y: lax.dynamic_update_slice(x, y, (2, 1)) ** 2, [(3, 4), (2, 2)]),
    "sort": (lambda x: jnp.sort(x, 0) * jnp.arange(12.0).reshape(3, 4), [(3, 4)]),
    "slice": (lambda x: x[1:7:2] ** 3, [(8, 2)]),
    "convolve 1": (lambda x, k: conv(x, k, (1,), "VALID"), [(2, 7, 3), (3, 3, 2)]),
    "convolve 2 same": (lambda x, k: conv(x, k, (1, 1), "SAME"), [(1, 4, 5, 2), (3, 2, 2, 3)]),
    "convolve 2 strides": (lambda x, k: conv(x, k, (2, 1), "VALID"), [(1, 5, 4, 2), (2, 3, 2, 2)]),
    "convolve 2 periodic": (periodic, [(1, 4, 5, 2), (3, 2, 2, 2)]),
    "recurrent": (recurrent, [(3, 3), (5, 2, 3)]),
    "pendulum": (pendulum, [(2,), (6,)]),
    "logSumExp": (lambda x: jax.nn.logsumexp(x, 1), [(3, 4)]),
    "softmax": (lambda x: jax.nn.softmax(x, 0), [(3, 4)]),
    "prod": (lambda x: jnp.prod(x, 1), [(3, 4)]),
    "erf": (lambda x: lax.erf(3 * x), [(3, 4)]),
    "atan2": (lambda x, y: jnp.arctan2(x, y), [(3, 4), (3, 4)]),
}


def results(f, shapes):
    inputs = [points(shape, 10 * i + 1) for i, shape in enumerate(shapes)]
    directions = [points(shape, 100 + 10 * i) for i, shape in enumerate(shapes)]
    loss = lambda *xs: jnp.sum(f(*xs) * points(f(*xs).shape, 7))
    gradient = jax.grad(loss, argnums=tuple(range(len(shapes))))
    value, tangent = jax.jvp(f, inputs, directions)
    _, second = jax.jvp(gradient, inputs, directions)
    flat = lambda x: [float(f"{v:.14g}") for v in jnp.ravel(x).tolist()]
    return {
        "value": flat(value),
        "tangent": flat(tangent),
        "gradient": [flat(g) for g in gradient(*inputs)],
        "second": [flat(g) for g in second],
    }


with open(os.path.join(here, "jax-oracle.json"), "w") as file:
    json.dump({name: {"shapes": shapes, **results(f, shapes)} for name, (f, shapes) in CASES.items()}, file)
    file.write("\n")
