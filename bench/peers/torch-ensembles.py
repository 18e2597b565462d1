"""PyTorch's side of `npm run bench -- gpu`: python torch-ensembles.py DEVICE WIDTHS ACTIVATION MEMBERS BATCH STEPS

Trains the same ensemble as jax-ensembles.py, by torch.func: vmap of grad_and_value over members, Adam by hand, in float32.
Steps are captured in a CUDA graph where the device is one. Prints its version, then answers each line on stdin with the
seconds of one run.
"""

import sys
import time

import torch
from torch.func import grad_and_value, vmap

device, widths, activation = sys.argv[1:4]
members, batch, steps = map(int, sys.argv[4:])
torch.backends.cuda.matmul.allow_tf32 = False
torch.manual_seed(0)

sizes = [int(width) for width in widths.split("-")]
layers = len(sizes) - 1
autoencoder = sizes[0] == sizes[-1]
activate = {"tanh": torch.tanh, "relu": torch.relu}[activation]
X = torch.randn(batch, sizes[0], device=device)
Y = X if autoencoder else X.sum(-1, keepdim=True)


def loss(parameters):
    x = X
    for i in range(layers):
        x = x @ parameters[2 * i] + parameters[2 * i + 1]
        if i < layers - 1 and not (autoencoder and i == layers // 2 - 1):
            x = activate(x)
    return ((x - Y) ** 2).sum(-1).mean()


def start():
    shapes = [shape for i in range(layers) for shape in ((sizes[i], sizes[i + 1]), (sizes[i + 1],))]
    p = [torch.randn(members, *s, device=device) / s[0] ** 0.5 if len(s) == 2 else torch.zeros(members, *s, device=device) for s in shapes]
    return p, [torch.zeros_like(q) for q in p], [torch.zeros_like(q) for q in p], torch.zeros((), device=device)


gradients = vmap(grad_and_value(loss))
p, m, v, t = start()


def step():
    g, _ = gradients(p)
    t.add_(1)
    scale = 1e-3 * torch.sqrt(1 - 0.999**t) / (1 - 0.9**t)
    for i in range(2 * layers):
        m[i].mul_(0.9).add_(0.1 * g[i])
        v[i].mul_(0.999).add_(0.001 * g[i] * g[i])
        p[i].sub_(scale * m[i] / (torch.sqrt(v[i]) + 1e-8))


def synchronize():
    if device == "cuda":
        torch.cuda.synchronize()


run_step = step
if device == "cuda":
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    run_step = graph.replay
else:
    step()
synchronize()
print(torch.__version__, flush=True)
for _ in sys.stdin:
    begin = time.perf_counter()
    for _ in range(steps):
        run_step()
    synchronize()
    print(time.perf_counter() - begin, flush=True)
