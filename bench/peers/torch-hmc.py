"""PyTorch's side of `npm run bench -- gpu`: python torch-hmc.py DEVICE CHAINS SIDE STEPS TRAJECTORIES STEP_SIZE

The same hybrid Monte Carlo of lattice phi^4 as jax-hmc.py, all chains in one tensor; a trajectory is captured in a CUDA graph
where the device is one. Prints its version, then answers each line on stdin with the seconds of one run, and the mean
acceptance.
"""

import sys
import time

import torch

device = sys.argv[1]
chains, side, steps, trajectories = (int(value) for value in sys.argv[2:6])
epsilon = float(sys.argv[6])
torch.manual_seed(0)
MASS_SQUARED, COUPLING = -4.0, 8.0


def action(phi):
    hopping = torch.roll(phi, -1, 1) + torch.roll(phi, -1, 2)
    return ((MASS_SQUARED + 4 + COUPLING * phi**2) * phi**2 - 2 * phi * hopping).sum((1, 2))


def gradient(phi):
    neighbours = torch.roll(phi, 1, 1) + torch.roll(phi, -1, 1) + torch.roll(phi, 1, 2) + torch.roll(phi, -1, 2)
    return 2 * ((MASS_SQUARED + 4 + 2 * COUPLING * phi**2) * phi - neighbours)


phi = 0.3 * torch.randn(chains, side, side, device=device)
before = action(phi)
accepted = torch.zeros((), device=device)


def trajectory():
    p = torch.randn(chains, side, side, device=device)
    kinetic = 0.5 * (p**2).sum((1, 2))
    q = phi + 0.5 * epsilon * p
    for _ in range(steps):
        p = p - epsilon * gradient(q)
        q = q + epsilon * p
    q = q - 0.5 * epsilon * p
    after = action(q)
    difference = after + 0.5 * (p**2).sum((1, 2)) - before - kinetic
    accept = torch.rand(chains, device=device) < torch.exp(-difference)
    phi.copy_(torch.where(accept[:, None, None], q, phi))
    before.copy_(torch.where(accept, after, before))
    accepted.add_(accept.float().mean())


def synchronize():
    if device == "cuda":
        torch.cuda.synchronize()


run_trajectory = trajectory
if device == "cuda":
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            trajectory()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        trajectory()
    run_trajectory = graph.replay
synchronize()
print(torch.__version__, flush=True)
for _ in sys.stdin:
    accepted.zero_()
    begin = time.perf_counter()
    for _ in range(trajectories):
        run_trajectory()
    synchronize()
    print(time.perf_counter() - begin, float(accepted) / trajectories, flush=True)
