"""Recurrent stacks: outputs, final states and gradients of torch.nn.RNN, LSTM and GRU.

One file a cell, recurrent_{rnn_tanh,rnn_relu,lstm,gru}.json. Each has three stacks (one layer; two layers; two layers
in both directions), and each stack four runs: with and without `lengths`, with and without initial states. Batch
first. The gradients are those of
    sum(output * output_weight) + sum(h_n * h_n_weight) + sum(c_n * c_n_weight).
"""

import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from golden import Source, tensors, write

SEED = 20261
BATCH, TIME, INPUT, HIDDEN = 4, 5, 3, 4
LENGTHS = [3, 1, 5, 2]
STACKS = {
    "one_layer": {"num_layers": 1, "bidirectional": False},
    "two_layers": {"num_layers": 2, "bidirectional": False},
    "two_layers_bidirectional": {"num_layers": 2, "bidirectional": True},
}


def build(cell, stack):
    sizes = {"input_size": INPUT, "hidden_size": HIDDEN, "batch_first": True, **stack}
    if cell == "lstm":
        return torch.nn.LSTM(**sizes)
    if cell == "gru":
        return torch.nn.GRU(**sizes)
    return torch.nn.RNN(**sizes, nonlinearity=cell.removeprefix("rnn_"))


def run(module, cell, given, lengths, with_states):
    """Outputs and gradients of one run; `given` has the input, the states and the weights of the scalar."""
    module.zero_grad()
    leaves = {"input": given["input"].clone().requires_grad_()}
    states = None
    if with_states:
        leaves["h0"] = given["h0"].clone().requires_grad_()
        states = leaves["h0"]
        if cell == "lstm":
            leaves["c0"] = given["c0"].clone().requires_grad_()
            states = (leaves["h0"], leaves["c0"])

    if lengths is None:
        output, final = module(leaves["input"], states)
    else:
        packed = pack_padded_sequence(
            leaves["input"], torch.tensor(lengths), batch_first=True, enforce_sorted=False)
        output, final = module(packed, states)
        output, _ = pad_packed_sequence(output, batch_first=True, total_length=TIME)

    results = {"output": output}
    results.update(zip(("h_n", "c_n"), final if cell == "lstm" else (final,)))
    scalar = sum((results[name] * given[name + "_weight"]).sum() for name in results)
    scalar.backward()

    gradients = {name: leaf.grad for name, leaf in leaves.items()}
    gradients.update((name, p.grad) for name, p in module.named_parameters())
    return {
        "lengths": lengths,
        "initial_states": with_states,
        "outputs": tensors(results),
        "scalar": scalar.item(),
        "gradients": tensors(gradients),
    }


def main():
    for cell in ("rnn_tanh", "rnn_relu", "lstm", "gru"):
        source = Source(SEED)
        stacks = []
        for name, stack in STACKS.items():
            module = build(cell, stack)
            with torch.no_grad():
                for parameter in module.parameters():
                    parameter.copy_(source.values(*parameter.shape, bound=0.75))
            directions = 2 if stack["bidirectional"] else 1
            state = (stack["num_layers"] * directions, BATCH, HIDDEN)
            given = {
                "input": source.values(BATCH, TIME, INPUT, bound=2),
                "h0": source.values(*state),
                "output_weight": source.values(BATCH, TIME, directions * HIDDEN),
                "h_n_weight": source.values(*state),
            }
            if cell == "lstm":
                given["c0"] = source.values(*state)
                given["c_n_weight"] = source.values(*state)
            stacks.append({
                "name": name,
                "config": {"cell": cell, "input_size": INPUT, "hidden_size": HIDDEN, **stack},
                "parameters": tensors(dict(module.named_parameters())),
                "given": tensors(given),
                "runs": [
                    run(module, cell, given, lengths, with_states)
                    for lengths in (None, LENGTHS) for with_states in (False, True)
                ],
            })
        write(f"recurrent_{cell}.json", __file__, SEED, {"stacks": stacks})


main()
