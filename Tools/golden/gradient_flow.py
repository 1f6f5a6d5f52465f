"""Gradients of states: what hooks on h_t and c_t see, step by step; and eigenvalues.

gradient_flow.json. The reference is a loop over the steps of torch.nn.RNNCell, LSTMCell and GRUCell, layer by layer, with
retain_grad on every h_t and c_t; for LSTMs with a projection or peepholes, which have no cell in PyTorch, a loop written from
the equations in LSTM.swift. The loss is sum(output * output_weight), whose weights are zero but at each sequence's last step
("last"), or not ("every"). `norms` holds, for each layer and direction, the mean over the sequences that have the step of
|dloss/dh_t| and |dloss/dc_t|; null where none has it. c_t's is the whole derivative, what h_t shows of it included.

`matrices` has square matrices with their eigenvalues (torch.linalg.eigvals, that is LAPACK) and largest singular values.
"""

import torch

from golden import Source, tensor, tensors, write

SEED = 20267
BATCH, TIME, INPUT, HIDDEN = 3, 12, 4, 5
LENGTHS = [12, 5, 9]


def builtin(cell):
    made = {"rnn_tanh": lambda d: torch.nn.RNNCell(d, HIDDEN), "gru": lambda d: torch.nn.GRUCell(d, HIDDEN),
            "rnn_relu": lambda d: torch.nn.RNNCell(d, HIDDEN, nonlinearity="relu"),
            "lstm": lambda d: torch.nn.LSTMCell(d, HIDDEN)}[cell]

    def step(w, x, h, c):
        module = made(x.shape[1])
        given = {name: w[name] for name, _ in module.named_parameters()}
        result = torch.func.functional_call(module, given, (x, (h, c) if cell == "lstm" else h))
        return result if cell == "lstm" else (result, None)

    return step


def lstm_variant(w, x, h, c):
    """An LSTM with a projection, or with peepholes."""
    sums = x @ w["weight_ih"].T + w["bias_ih"] + h @ w["weight_hh"].T + w["bias_hh"]
    i, f, g, o = sums.chunk(4, 1)
    p_i, p_f, p_o = w["weight_peephole"].chunk(3) if "weight_peephole" in w else (0.0, 0.0, 0.0)
    i, f = torch.sigmoid(i + p_i * c), torch.sigmoid(f + p_f * c)
    new = f * c + i * torch.tanh(g)
    shown = torch.sigmoid(o + p_o * new) * torch.tanh(new)
    return (shown @ w["weight_hr"].T if "weight_hr" in w else shown), new


def run_direction(step, w, x, lengths, state, is_lstm, reverse):
    """Outputs [B, T, P], and the h_t and c_t of each time, with their gradients kept."""
    h, c = torch.zeros(BATCH, state), torch.zeros(BATCH, HIDDEN) if is_lstm else None
    outputs, hs, cs = [None] * TIME, [None] * TIME, [None] * TIME
    for t in reversed(range(TIME)) if reverse else range(TIME):
        real = torch.tensor([[t < length] for length in lengths])
        new_h, new_c = step(w, x[:, t], h, c)
        h = torch.where(real, new_h, h)
        if is_lstm:
            # What h_t shows of c_t was computed from new_c: the hook stands there.
            c = torch.where(real, new_c, c)
            cs[t] = new_c
        hs[t] = new_h
        outputs[t] = torch.where(real, h, torch.zeros_like(h))
    for value in hs + (cs if is_lstm else []):
        if value.requires_grad:
            value.retain_grad()
    return torch.stack(outputs, 1), hs, cs


def norms(values, lengths):
    result = []
    for t, value in enumerate(values):
        rows = [value.grad[b].norm().item() if value.grad is not None else 0.0
                for b, length in enumerate(lengths) if t < length]
        result.append(float(f"{sum(rows) / len(rows):.12g}") if rows else None)
    return result


def case(name, config, source, lengths=None, every=False):
    cell = config["cell"]
    is_lstm = cell == "lstm"
    gates = {"lstm": 4, "gru": 3}.get(cell, 1)
    projection, peephole = config.get("proj_size"), config.get("peephole", False)
    step = lstm_variant if projection or peephole else builtin(cell)
    state = projection or HIDDEN
    both = ("", "_reverse") if config.get("bidirectional") else ("",)
    real = lengths or [TIME] * BATCH
    parameters, x, found, width = {}, source.values(BATCH, TIME, INPUT, bound=2), [], INPUT
    given = {"input": x}
    pending = []
    for layer in range(config.get("num_layers", 1)):
        parts = []
        for direction in both:
            shapes = {"weight_ih": (gates * HIDDEN, width), "weight_hh": (gates * HIDDEN, state),
                      "bias_ih": (gates * HIDDEN,), "bias_hh": (gates * HIDDEN,)}
            if projection:
                shapes["weight_hr"] = (projection, HIDDEN)
            if peephole:
                shapes["weight_peephole"] = (3 * HIDDEN,)
            w = {key: source.values(*shape, bound=0.75).requires_grad_() for key, shape in shapes.items()}
            parameters.update({f"{key}_l{layer}{direction}": value for key, value in w.items()})
            output, hs, cs = run_direction(step, w, x, real, state, is_lstm, direction != "")
            parts.append(output)
            pending.append((layer, direction, hs, cs))
        x, width = torch.cat(parts, 2), state * len(both)
    weight = source.values(BATCH, TIME, width)
    if not every:
        for b, length in enumerate(real):
            weight[b, torch.arange(TIME) != length - 1] = 0
    given["output_weight"] = weight
    loss = (x * weight).sum()
    loss.backward()
    for layer, direction, hs, cs in pending:
        entry = {"layer": layer, "reverse": direction != "", "hidden": norms(hs, real)}
        if is_lstm:
            entry["cell"] = norms(cs, real)
        found.append(entry)
    return {"name": name, "config": {"input_size": INPUT, "hidden_size": HIDDEN, **config}, "lengths": lengths,
            "parameters": tensors(parameters), "given": tensors(given), "loss": loss.item(), "norms": found}


def matrices(source):
    def rotation(angle):
        a = torch.tensor(angle)
        return torch.stack([torch.stack([a.cos(), -a.sin()]), torch.stack([a.sin(), a.cos()])])

    named = {f"random {n}": source.values(n, n) for n in (1, 2, 3, 4, 7, 16, 33)}
    named["symmetric 9"] = (lambda a: a + a.T)(source.values(9, 9))
    named["rotation"] = rotation(0.7) * 0.9
    named["two rotations"] = torch.block_diag(rotation(2.1), rotation(0.4) * 1.25, torch.tensor([[0.5]]))
    named["cyclic 6"] = torch.eye(6).roll(1, 0)
    named["triangular 5"] = torch.triu(source.values(5, 5))
    named["orthogonal 8"] = torch.linalg.qr(source.values(8, 8))[0]
    named["zero 4"] = torch.zeros(4, 4)
    named["large 5"] = source.values(5, 5) * 2.0**300
    named["rank one 6"] = source.values(6, 1) @ source.values(1, 6)
    result = []
    for name, matrix in named.items():
        # The digits that are written are the matrix; its eigenvalues are computed from them.
        matrix = torch.tensor(tensor(matrix)["values"]).reshape(matrix.shape)
        values = torch.linalg.eigvals(matrix)
        result.append({
            "name": name, "matrix": tensor(matrix), "real": tensor(values.real), "imaginary": tensor(values.imag),
            "radius": values.abs().max().item(), "norm": torch.linalg.matrix_norm(matrix, 2).item()})
    return result


def main():
    source = Source(SEED)
    cases = [case(f"{cell}, last", {"cell": cell}, source) for cell in ("rnn_tanh", "rnn_relu", "lstm", "gru")]
    cases += [case(f"{cell}, two layers, every", {"cell": cell, "num_layers": 2}, source, every=True)
              for cell in ("rnn_tanh", "lstm", "gru")]
    variants = [case(f"{cell}, both, lengths", {"cell": cell, "num_layers": 2, "bidirectional": True}, source,
                     LENGTHS, every=True) for cell in ("rnn_tanh", "lstm", "gru")]
    variants.append(case("lstm, projection", {"cell": "lstm", "proj_size": 3, "num_layers": 2}, source, LENGTHS))
    variants.append(case("lstm, peepholes", {"cell": "lstm", "peephole": True}, source, every=True))
    write("gradient_flow.json", __file__, SEED, {"cases": cases})
    write("gradient_flow_variants.json", __file__, SEED, {"cases": variants})
    write("eigenvalues.json", __file__, SEED, {"matrices": matrices(source)})


main()
