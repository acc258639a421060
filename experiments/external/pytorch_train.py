"""A small network in PyTorch, on data made from a seed. Resumable: see README.md."""
import json
import os

import torch

params = json.loads(os.environ["VERNIER_PARAMS"])
seed = int(os.environ["VERNIER_SEED"]) % 2**63
budget = int(os.environ["VERNIER_BUDGET"])
state_file = os.path.join(os.environ["VERNIER_TRIAL_DIR"], "state.pt")

torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)


def generator(*numbers):
    """Its numbers depend on these alone, not on what was drawn before."""
    mixed = 0
    for number in numbers:
        mixed = (mixed * 1_000_003 + number) % 2**63
    return torch.Generator().manual_seed(mixed)


data = generator(7)
x = torch.randn(1000, 8, generator=data)
y = torch.sin(x @ torch.randn(8, 1, generator=data)) + 0.1 * torch.randn(1000, 1, generator=data)
train, valid = slice(0, 800), slice(800, 1000)

activation = {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh}[params["activation"]]
torch.manual_seed(seed)
model = torch.nn.Sequential(torch.nn.Linear(8, params["width"]), activation(), torch.nn.Linear(params["width"], 1))
optimizer = torch.optim.Adam(model.parameters(), lr=params["lr"])

printed = []
if os.path.exists(state_file):
    state = torch.load(state_file, weights_only=True)
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    printed = state["printed"]
for line in printed:
    print(line, flush=True)

for step in range(len(printed) + 1, budget + 1):
    model.train()
    for batch in torch.randperm(800, generator=generator(seed, step)).split(32):
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(x[train][batch]), y[train][batch]).backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        losses = {f"{name}_loss": torch.nn.functional.mse_loss(model(x[part]), y[part]).item() for name, part in (("train", train), ("val", valid))}
    printed.append(json.dumps({"step": step, **losses}))
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "printed": printed}, state_file + ".part")
    os.replace(state_file + ".part", state_file)
    print(printed[-1], flush=True)
