"""JAX's side of `npm run bench -- ensembles`: python jax-ensembles.py VARIANT WIDTHS ACTIVATION MEMBERS BATCH STEPS

Trains the same ensemble: dense networks (the middle layer linear where input and output have one width), mean squared
error, Adam, a batch of fixed data each step. `vmap` is jit(vmap(scan)); `pmap` and `pmapmap` give half of the members
to each of two host devices, which train them all at once or one after the other (lax.map). Compiles, prints its
version, then answers each line on stdin with the seconds of one run; the first parameters are made before.
"""

import os
import sys
import time

variant, widths, activation = sys.argv[1:4]
members, batch, steps = map(int, sys.argv[4:])
if variant != "vmap":
    os.environ["XLA_FLAGS"] = os.environ.get("XLA_FLAGS", "") + " --xla_force_host_platform_device_count=2"

import jax
import jax.numpy as jnp
import numpy as np

sizes = [int(width) for width in widths.split("-")]
layers = len(sizes) - 1
autoencoder = sizes[0] == sizes[-1]
activate = {"tanh": jnp.tanh, "relu": jax.nn.relu}[activation]

X = jax.random.normal(jax.random.PRNGKey(5), (batch, sizes[0]))
Y = X if autoencoder else jnp.sum(X, -1, keepdims=True)


def init(key):
    keys = jax.random.split(key, layers)
    return [(jax.random.normal(keys[i], (sizes[i], sizes[i + 1])) / np.sqrt(sizes[i]), jnp.zeros(sizes[i + 1])) for i in range(layers)]


def apply(parameters, x):
    for i, (weight, bias) in enumerate(parameters):
        x = x @ weight + bias
        if i < layers - 1 and not (autoencoder and i == layers // 2 - 1):
            x = activate(x)
    return x


def loss(parameters):
    return jnp.mean(jnp.sum((apply(parameters, X) - Y) ** 2, -1))


def step(carry, i):
    p, m, v, rate = carry
    t = (i + 1).astype(jnp.float32)
    value, g = jax.value_and_grad(loss)(p)
    m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
    v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
    scale = rate * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
    p = jax.tree.map(lambda p, m, v: p - scale * m / (jnp.sqrt(v) + 1e-8), p, m, v)
    return (p, m, v, rate), value


def train(p, rate):
    zeros = jax.tree.map(jnp.zeros_like, p)
    return jax.lax.scan(step, (p, zeros, zeros, rate), jnp.arange(steps))


keys, rates = jax.random.split(jax.random.PRNGKey(0), members), jnp.full(members, 1e-3)
if variant == "vmap":
    run, arguments = jax.jit(jax.vmap(train)), (jax.jit(jax.vmap(init))(keys), rates)
else:
    run = jax.pmap(jax.vmap(train) if variant == "pmap" else lambda p, rates: jax.lax.map(lambda a: train(*a), (p, rates)))
    parameters = jax.pmap(jax.vmap(init))(keys.reshape(2, members // 2, *keys.shape[1:]))
    arguments = (parameters, jax.pmap(lambda rates: rates)(rates.reshape(2, members // 2)))
jax.block_until_ready(run(*arguments))
print(jax.__version__, flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    jax.block_until_ready(run(*arguments))
    print(time.perf_counter() - start, flush=True)
