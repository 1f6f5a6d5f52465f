"""The variants of recurrent layers that PyTorch has in part or not at all: values and gradients.

recurrent_variants.json, recurrent_masks.json, recurrent_state_masks.json. The reference is a loop over the steps, written from the equations in Documentation/Notation.md, in
float64 with PyTorch's gradients; it is first held against torch.nn.RNN, LSTM (also with proj_size) and GRU, where these have
the same. A step under the mask (or beyond the length) keeps the state and gives zero.

The gradients are those of
    sum(output * output_weight) + sum over layers and directions of sum(h_n * h_n_weight) + sum(c_n * c_n_weight).
"""

import torch

from golden import Source, tensors, write

SEED = 20264
BATCH, TIME, INPUT = 4, 5, 3
LENGTHS = [3, 0, 5, 1]
# Anywhere; one row all masked, one not at all.
MASK = [[0, 1, 1, 0, 1], [0, 0, 0, 0, 0], [1, 1, 1, 1, 1], [1, 0, 0, 0, 0]]
GATES = {"rnn_tanh": 1, "rnn_relu": 1, "gru": 3, "gru_reset_first": 3, "lstm": 4}


def step(cell, w, x, h, c, state_mask):
    """One step of a row of batch; gives h' and c'."""
    seen = h if state_mask is None else h * state_mask
    a = x @ w["weight_ih"].T + w.get("bias_ih", 0)
    b_hh = w.get("bias_hh", torch.zeros(len(w["weight_ih"]), dtype=x.dtype))
    if cell.startswith("rnn"):
        a = a + seen @ w["weight_hh"].T + b_hh
        return (torch.tanh(a) if cell == "rnn_tanh" else torch.relu(a)), c
    if cell.startswith("gru"):
        W_r, W_z, W_n = w["weight_hh"].chunk(3)
        b_r, b_z, b_n = b_hh.chunk(3)
        a_r, a_z, a_n = a.chunk(3, 1)
        r = torch.sigmoid(a_r + seen @ W_r.T + b_r)
        z = torch.sigmoid(a_z + seen @ W_z.T + b_z)
        if cell == "gru":
            n = torch.tanh(a_n + r * (seen @ W_n.T + b_n))
        else:
            n = torch.tanh(a_n + (r * seen) @ W_n.T + b_n)
        return (1 - z) * n + z * h, c
    i, f, g, o = (a + seen @ w["weight_hh"].T + b_hh).chunk(4, 1)
    if "weight_peephole" in w:
        p_i, p_f, p_o = w["weight_peephole"].chunk(3)
        i, f = i + p_i * c, f + p_f * c
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    if "weight_peephole" in w:
        o = o + p_o * c
    h = torch.sigmoid(o) * torch.tanh(c)
    return (h @ w["weight_hr"].T if "weight_hr" in w else h), c


def direction(cell, w, x, real, h, c, reverse, state_mask=None):
    """One layer in one direction: outputs [B, T, P] and the last states. `real` is [B, T]."""
    outputs = [None] * x.shape[1]
    for t in reversed(range(x.shape[1])) if reverse else range(x.shape[1]):
        keep = real[:, t : t + 1]
        new_h, new_c = step(cell, w, x[:, t], h, c, state_mask)
        h = torch.where(keep, new_h, h)
        c = torch.where(keep, new_c, c) if c is not None else None
        outputs[t] = torch.where(keep, new_h, torch.zeros_like(new_h))
    return torch.stack(outputs, 1), h, c


def widths(config):
    """For each layer: the width of its input, its units, and the width of its states."""
    sizes = config["hidden_size"]
    sizes = sizes if isinstance(sizes, list) else [sizes] * config.get("num_layers", 1)
    directions = 2 if config.get("bidirectional") else 1
    width = config["input_size"]
    for hidden in sizes:
        state = config.get("proj_size") or hidden
        yield width, hidden, state
        width = state * directions


def parameters(config, source):
    """Every parameter by its name, in Martlet's order."""
    found = {}
    for layer, (width, hidden, state) in enumerate(widths(config)):
        rows = GATES[config["cell"]] * hidden
        for suffix in ("", "_reverse") if config.get("bidirectional") else ("",):
            shapes = {"weight_ih": (rows, width), "weight_hh": (rows, state)}
            if config.get("bias", True):
                shapes.update(bias_ih=(rows,), bias_hh=(rows,))
            if config.get("proj_size"):
                shapes["weight_hr"] = (state, hidden)
            if config.get("peephole"):
                shapes["weight_peephole"] = (3 * hidden,)
            for name, shape in shapes.items():
                found[f"{name}_l{layer}{suffix}"] = source.values(*shape, bound=0.75).requires_grad_()
    return found


def run(config, w, x, real, states, state_masks=None):
    """The whole stack: outputs and the last states, layer by layer and direction by direction."""
    final = []
    for layer, _ in enumerate(widths(config)):
        outputs = []
        for suffix in ("", "_reverse") if config.get("bidirectional") else ("",):
            end = f"_l{layer}{suffix}"
            own = {name.removesuffix(end): value for name, value in w.items() if name.endswith(end)}
            h, c = states[len(final)]
            mask = state_masks[len(final)] if state_masks else None
            reverse = bool(suffix) or config.get("reversed", False)
            y, h, c = direction(config["cell"], own, x, real, h, c, reverse, mask)
            outputs.append(y)
            final.append((h, c))
        x = torch.cat(outputs, 2)
    return x, final


def first_states(config, source=None):
    states = []
    for _, hidden, state in widths(config):
        for _ in range(2 if config.get("bidirectional") else 1):
            make = source.values if source else (lambda *shape: torch.zeros(*shape, dtype=torch.float64))
            h = make(BATCH, state)
            states.append((h, make(BATCH, hidden) if config["cell"] == "lstm" else None))
    return states


def hold_against_pytorch():
    """The loop above equals torch.nn where torch.nn has the same."""
    source = Source(SEED + 1)
    real = torch.tensor([[t < length for t in range(TIME)] for length in [3, 1, 5, 2]])
    for cell in ("rnn_tanh", "rnn_relu", "gru", "lstm"):
        for projection in (0, 2) if cell == "lstm" else (0,):
            config = {"cell": cell, "input_size": INPUT, "hidden_size": 4, "num_layers": 2, "bidirectional": True,
                      "proj_size": projection}
            w = parameters(config, source)
            kinds = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
            extra = {"proj_size": projection} if projection else {}
            if cell.startswith("rnn"):
                extra["nonlinearity"] = cell.removeprefix("rnn_")
            module = kinds.get(cell, torch.nn.RNN)(
                INPUT, 4, 2, bidirectional=True, batch_first=True, dtype=torch.float64, **extra)
            module.load_state_dict(w)
            x = source.values(BATCH, TIME, INPUT, bound=2)
            packed = torch.nn.utils.rnn.pack_padded_sequence(x, [3, 1, 5, 2], batch_first=True, enforce_sorted=False)
            expected, _ = torch.nn.utils.rnn.pad_packed_sequence(module(packed)[0], batch_first=True, total_length=TIME)
            found, _ = run(config, w, x, real, first_states(config))
            assert (found - expected).abs().max() < 1e-12, cell


def case(name, config, source, lengths=None, mask=None, masks_state=False):
    w = parameters(config, source)
    x = source.values(BATCH, TIME, INPUT, bound=2).requires_grad_()
    states = first_states(config, source)
    for pair in states:
        for state in pair:
            if state is not None:
                state.requires_grad_()
    real = torch.ones(BATCH, TIME, dtype=torch.bool)
    if lengths is not None:
        real &= torch.tensor([[t < length for t in range(TIME)] for length in lengths])
    if mask is not None:
        real &= torch.tensor(mask).bool()
    state_masks = None
    if masks_state:
        state_masks = [2 * (source.values(*h.shape) > 0).double() for h, _ in states]
    output, final = run(config, w, x, real, states, state_masks)
    named = {"output": output}
    leaves = {"input": x, **w}
    for place, ((h, c), (h0, c0)) in enumerate(zip(final, states)):
        named[f"h_n_{place}"], leaves[f"h0_{place}"] = h, h0
        if c is not None:
            named[f"c_n_{place}"], leaves[f"c0_{place}"] = c, c0
    weights = {f"{name}_weight": source.values(*value.shape) for name, value in named.items()}
    scalar = sum((value * weights[f"{name}_weight"]).sum() for name, value in named.items())
    scalar.backward()
    given = {**weights, **{key: leaf for key, leaf in leaves.items() if key not in w}}
    for place, value in enumerate(state_masks or []):
        given[f"state_mask_{place}"] = value
    return {
        "name": name, "config": config, "lengths": lengths, "mask": mask, "parameters": tensors(w),
        "given": tensors(given), "outputs": tensors(named), "scalar": scalar.item(),
        "gradients": tensors({key: leaf.grad for key, leaf in leaves.items()}),
    }


def main():
    hold_against_pytorch()
    source = Source(SEED)
    both = {"input_size": INPUT, "bidirectional": True}
    one = {"input_size": INPUT, "hidden_size": 4}
    variants = [
        case("projection", {"cell": "lstm", **both, "hidden_size": 4, "num_layers": 2, "proj_size": 2}, source, LENGTHS),
        case("peephole", {"cell": "lstm", **both, "hidden_size": [4, 3], "peephole": True}, source, LENGTHS),
        case("peephole and projection", {"cell": "lstm", **one, "proj_size": 3, "peephole": True}, source, None, MASK),
        case("reset first", {"cell": "gru_reset_first", **both, "hidden_size": 4, "num_layers": 2}, source, LENGTHS),
        case("no bias", {"cell": "gru_reset_first", **one, "bias": False}, source),
        case("own widths", {"cell": "gru", **both, "hidden_size": [2, 5, 3]}, source, LENGTHS, MASK),
        case("reversed", {"cell": "lstm", "input_size": INPUT, "hidden_size": [3, 2], "reversed": True}, source, LENGTHS, MASK),
    ]
    write("recurrent_variants.json", __file__, SEED, {"cases": variants})
    masks = [case(f"mask, {cell}", {"cell": cell, **both, "hidden_size": 3, "num_layers": 2}, source, None, MASK) for cell in GATES]
    write("recurrent_masks.json", __file__, SEED, {"cases": masks})
    state_masks = [
        case(f"state mask, {cell}", {"cell": cell, **both, "hidden_size": 3}, source, LENGTHS, MASK, masks_state=True)
        for cell in GATES
    ] + [case("state mask, projection", {"cell": "lstm", **one, "proj_size": 2}, source, None, MASK, masks_state=True)]
    write("recurrent_state_masks.json", __file__, SEED, {"cases": state_masks})


main()
