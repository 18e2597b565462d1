"""JAX's side of `npm run bench -- hmc`: python jax-hmc.py VARIANT CHAINS SIDE STEPS TRAJECTORIES STEP_SIZE

Hybrid Monte Carlo of two-dimensional lattice phi^4 (m^2 = -4, lambda = 8, the action of arXiv:2101.08176), momenta drawn
anew for every trajectory, with accept or reject: `vmap` is jit(vmap(scan)); `pmap` maps over two host devices first.
Compiles, prints its version, then answers each line on stdin with the seconds of one run, and the mean acceptance.
"""

import os
import sys
import time

variant, chains, side, steps, trajectories = sys.argv[1], *(int(value) for value in sys.argv[2:6])
epsilon = float(sys.argv[6])
if variant == "pmap":
    os.environ["XLA_FLAGS"] = os.environ.get("XLA_FLAGS", "") + " --xla_force_host_platform_device_count=2"

import jax
import jax.numpy as jnp

MASS_SQUARED, COUPLING = -4.0, 8.0


def action(phi):
    hopping = jnp.roll(phi, -1, 0) + jnp.roll(phi, -1, 1)
    return jnp.sum((MASS_SQUARED + 4 + COUPLING * phi**2) * phi**2 - 2 * phi * hopping)


def gradient(phi):
    neighbours = jnp.roll(phi, 1, 0) + jnp.roll(phi, -1, 0) + jnp.roll(phi, 1, 1) + jnp.roll(phi, -1, 1)
    return 2 * ((MASS_SQUARED + 4 + 2 * COUPLING * phi**2) * phi - neighbours)


def trajectory(carry, key):
    phi, before = carry
    draw, test = jax.random.split(key)
    momentum = jax.random.normal(draw, phi.shape)
    kinetic = 0.5 * jnp.sum(momentum**2)

    def leap(at, _):
        q, p = at
        p = p - epsilon * gradient(q)
        return (q + epsilon * p, p), None

    (q, p), _ = jax.lax.scan(leap, (phi + 0.5 * epsilon * momentum, momentum), None, length=steps)
    q = q - 0.5 * epsilon * p
    after = action(q)
    difference = after + 0.5 * jnp.sum(p**2) - before - kinetic
    accept = jax.random.uniform(test) < jnp.exp(-difference)
    return (jnp.where(accept, q, phi), jnp.where(accept, after, before)), (jnp.mean(phi), accept.astype(jnp.float32))


def chain(key):
    start, run = jax.random.split(key)
    phi = 0.3 * jax.random.normal(start, (side, side))
    return jax.lax.scan(trajectory, (phi, action(phi)), jax.random.split(run, trajectories))[1]


keys = jax.random.split(jax.random.PRNGKey(0), chains)
if variant == "pmap":
    run, keys = jax.pmap(jax.vmap(chain)), keys.reshape(2, chains // 2, *keys.shape[1:])
else:
    run = jax.jit(jax.vmap(chain))
jax.block_until_ready(run(keys))
print(jax.__version__, flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    _, accepted = jax.block_until_ready(run(keys))
    print(time.perf_counter() - start, float(jnp.mean(accepted)), flush=True)
