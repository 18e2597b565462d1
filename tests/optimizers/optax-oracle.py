"""Prints the numbers of Optax that optimizers.test.ts compares with: python optax-oracle.py (optax==0.2.4, float64)."""

import jax

jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp
import optax

OPTIMIZERS = {
    "Adam": optax.adam(0.1),
    "AdamW": optax.adamw(0.1, weight_decay=0.3),
    "AdamW with weight decay in one group": optax.adamw(0.1, weight_decay=0.3, mask={"x": True, "y": False}),
    "heavy ball": optax.sgd(0.01, momentum=0.9),
    "Nesterov's momentum": optax.sgd(0.01, momentum=0.9, nesterov=True),
    "clipping by the global norm": optax.chain(optax.clip_by_global_norm(3.5), optax.sgd(0.5)),
    "Adam behind clipping": optax.chain(optax.clip_by_global_norm(5.0), optax.adam(0.1, b1=0.8, b2=0.95)),
    "a rate for each group": optax.multi_transform({"a": optax.sgd(0.1), "b": optax.sgd(0.01)}, {"x": "a", "y": "b"}),
}
SCHEDULES = {
    "linearDecay": optax.linear_schedule(1, 0.2, 4),
    "exponentialDecay": optax.exponential_decay(1, 4, 0.01),
    "stepDecay": optax.piecewise_constant_schedule(1, {2: 0.1, 3: 0.1}),
    "cosineDecay": optax.cosine_decay_schedule(1, 4),
    "warmup": optax.linear_schedule(0, 1, 2),
}


def loss(p):
    return p["x"] ** 4 + p["y"] ** 2


for name, optimizer in OPTIMIZERS.items():
    p = {"x": jnp.array(1.0), "y": jnp.array(-2.0)}
    state, positions = optimizer.init(p), []
    for _ in range(3):
        updates, state = optimizer.update(jax.grad(loss)(p), state, p)
        p = optax.apply_updates(p, updates)
        positions += [float(p["x"]), float(p["y"])]
    print(name, [float(f"{position:.13g}") for position in positions])
for name, schedule in SCHEDULES.items():
    print(name, [float(schedule(step)) for step in range(6)])
