"""Cells that stand on CellStack: values and gradients, layers, directions, lengths, masks, initial states.

One file a cell, recurrent_cell_{layer_norm_lstm,min_lstm,ind_rnn_relu,ind_rnn_tanh}.json. The reference is a loop over the steps, written from the equations in the cells' own files
(Sources/MartletNN/Recurrent/Cells), in float64 with PyTorch's gradients. The minimal LSTM's shares are computed as the
paper has them, f / (f + i). A step under the mask (or beyond the length) keeps the state and gives zero.

The gradients are those of
    sum(output * output_weight) + sum over the tensors of the last states, in order, of sum(state * state_weight).
"""

import torch

from golden import Source, tensors, write

SEED = 20265
BATCH, TIME, INPUT, HIDDEN = 4, 5, 3, 4
EPSILON = 1e-5
LENGTHS = [3, 0, 5, 1]
# Anywhere; one row all masked, one not at all.
MASK = [[0, 1, 1, 0, 1], [0, 0, 0, 0, 0], [1, 1, 1, 1, 1], [1, 0, 0, 0, 0]]


def layer_norm(w, name, a):
    mean = a.mean(1, keepdim=True)
    variance = ((a - mean) ** 2).mean(1, keepdim=True)
    return (a - mean) / torch.sqrt(variance + EPSILON) * w[f"{name}.weight"] + w[f"{name}.bias"]


def layer_norm_lstm(w, x, states):
    h, c = states
    sums = layer_norm(w, "layernorm_i", x @ w["weight_ih"].T) + layer_norm(w, "layernorm_h", h @ w["weight_hh"].T)
    i, f, g, o = sums.chunk(4, 1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    h = torch.sigmoid(o) * torch.tanh(layer_norm(w, "layernorm_c", c))
    return h, [h, c]


def min_lstm(w, x, states):
    f, i, g = (x @ w["weight_ih"].T + w.get("bias_ih", 0)).chunk(3, 1)
    f, i = torch.sigmoid(f), torch.sigmoid(i)
    h = f / (f + i) * states[0] + i / (f + i) * g
    return h, [h]


def ind_rnn(function):
    def step(w, x, states):
        h = function(x @ w["weight_ih"].T + w.get("bias_ih", 0) + w["weight_hh"] * states[0])
        return h, [h]
    return step


# The step, the number of tensors of a state, and the shapes of the parameters for an input of width D.
CELLS = {
    "layer_norm_lstm": (layer_norm_lstm, 2, lambda D: {
        "weight_ih": (4 * HIDDEN, D), "weight_hh": (4 * HIDDEN, HIDDEN),
        "layernorm_i.weight": (4 * HIDDEN,), "layernorm_i.bias": (4 * HIDDEN,),
        "layernorm_h.weight": (4 * HIDDEN,), "layernorm_h.bias": (4 * HIDDEN,),
        "layernorm_c.weight": (HIDDEN,), "layernorm_c.bias": (HIDDEN,)}),
    "min_lstm": (min_lstm, 1, lambda D: {"weight_ih": (3 * HIDDEN, D), "bias_ih": (3 * HIDDEN,)}),
    "ind_rnn_relu": (ind_rnn(torch.relu), 1, lambda D: {
        "weight_ih": (HIDDEN, D), "weight_hh": (HIDDEN,), "bias_ih": (HIDDEN,)}),
    "ind_rnn_tanh": (ind_rnn(torch.tanh), 1, lambda D: {
        "weight_ih": (HIDDEN, D), "weight_hh": (HIDDEN,), "bias_ih": (HIDDEN,)}),
}


def direction(step, w, x, real, states, reverse):
    """One layer in one direction: outputs [B, T, H] and the last states. `real` is [B, T]."""
    outputs = [None] * x.shape[1]
    for t in reversed(range(x.shape[1])) if reverse else range(x.shape[1]):
        keep = real[:, t : t + 1]
        output, new = step(w, x[:, t], states)
        states = [torch.where(keep, a, b) for a, b in zip(new, states)]
        outputs[t] = torch.where(keep, output, torch.zeros_like(output))
    return torch.stack(outputs, 1), states


def suffixes(config):
    """The ends of the names, a list for each layer."""
    both = ("", "_reverse") if config.get("bidirectional") else ("",)
    return [[f"_l{layer}{end}" for end in both] for layer in range(config.get("num_layers", 1))]


def case(name, config, source, lengths=None, mask=None):
    step, count, shapes = CELLS[config["cell"]]
    w, states, width = {}, {}, INPUT
    for layer in suffixes(config):
        for end in layer:
            for key, shape in shapes(width).items():
                if key == "bias_ih" and not config.get("bias", True):
                    continue
                w[key + end] = source.values(*shape, bound=0.75)
                if key.startswith("layernorm") and key.endswith("weight"):
                    w[key + end] = w[key + end] + 1
                w[key + end].requires_grad_()
            for place in range(count):
                states[f"state_{place}{end}"] = source.values(BATCH, HIDDEN).requires_grad_()
        width = HIDDEN * len(layer)
    x = source.values(BATCH, TIME, INPUT, bound=2).requires_grad_()
    real = torch.ones(BATCH, TIME, dtype=torch.bool)
    if lengths is not None:
        real &= torch.tensor([[t < length for t in range(TIME)] for length in lengths])
    if mask is not None:
        real &= torch.tensor(mask).bool()

    y, final = x, {}
    for layer in suffixes(config):
        outputs = []
        for end in layer:
            own = {key.removesuffix(end): value for key, value in w.items() if key.endswith(end)}
            start = [states[f"state_{place}{end}"] for place in range(count)]
            reverse = end.endswith("_reverse") or config.get("reversed", False)
            output, last = direction(step, own, y, real, start, reverse)
            outputs.append(output)
            final.update({f"state_{place}{end}": value for place, value in enumerate(last)})
        y = torch.cat(outputs, 2)
    named = {"output": y, **final}
    leaves = {"input": x, **states, **w}
    weights = {f"{key}_weight": source.values(*value.shape) for key, value in named.items()}
    scalar = sum((value * weights[f"{key}_weight"]).sum() for key, value in named.items())
    scalar.backward()
    return {
        "name": name, "config": config, "lengths": lengths, "mask": mask, "parameters": tensors(w),
        "given": tensors({"input": x, **states, **weights}), "outputs": tensors(named), "scalar": scalar.item(),
        "gradients": tensors({key: leaf.grad for key, leaf in leaves.items()}),
    }


def main():
    for cell in CELLS:
        source = Source(SEED)
        cases = [
            case(f"{cell}", {"cell": cell}, source),
            case(f"{cell}, both, lengths", {"cell": cell, "num_layers": 2, "bidirectional": True}, source, LENGTHS),
            case(f"{cell}, reversed, mask", {"cell": cell, "num_layers": 2, "reversed": True}, source, LENGTHS, MASK),
        ]
        if cell in ("min_lstm", "ind_rnn_relu"):
            cases.append(case(f"{cell}, no bias", {"cell": cell, "bias": False}, source, None, MASK))
        write(f"recurrent_cell_{cell}.json", __file__, SEED, {"cases": cases})


main()
