"""Whole Transformer models at a small size, from Hugging Face transformers and PyTorch's nn.Transformer.

Each file is a model in evaluation, with what a run folder would hold: `config` is the config.json that `save_pretrained`
wrote (the whole of it), `older_config` the same model as transformers 4 described it, which is what most folders have;
`weights` names each tensor of model.safetensors, made of integers by `hashed` plus `offset`; `tied` names the tensors that
are another one.

`outputs` and `loss` belong to `inputs`; positions where `real` is 0 are padding, their rows are what the reference gives.
The loss is the model's own. A model without one has the sum, over the real positions, of its outputs times hashed numbers
(`loss_weights`). `gradients` are the loss's, of every weight. `cached` are the logits of row 0 (without padding) given as
a prompt and then a token at a time; `greedy` continues a prompt with the likeliest tokens.

In a float64 model the library still computes norms, softmax and rotary angles in float32. Here they are float64 too: while
a model is made and run, `torch.float32` and `.float()` mean float64. Each model is held against the untouched library in
float32, and read back from its folder by both configs.

`rope.json` has the rotary frequencies of each scaling, `t5_buckets.json` the buckets of T5's relative positions.
"""

import contextlib
import json
import math
import pathlib
import tempfile

import torch
import transformers
from safetensors import safe_open
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding
from transformers.models.t5.modeling_t5 import T5Attention

from golden import Source, hashed, tensor, tensors, write

SEED = 20272
VOCABULARY, TIME, SHORT, TARGET_TIME, TARGET_SHORT = 37, 9, 6, 7, 5
PAD, START, END = 0, 1, 2
PROMPT, CONTINUED = 5, 12
VERSIONS = {"transformers": transformers.__version__, "torch": torch.__version__}

transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()
torch.backends.mha.set_fastpath_enabled(False)


@contextlib.contextmanager
def exact():
    """Inside, what asks for float32 gets float64."""
    single, method = torch.float32, torch.Tensor.float
    torch.float32 = torch.float = torch.float64
    torch.Tensor.float = torch.Tensor.double
    try:
        yield
    finally:
        torch.float32 = torch.float = single
        torch.Tensor.float = method


def close(a, b, tolerance, what):
    apart = float((a.detach().double() - b.detach().double()).abs().max())
    if not apart <= tolerance:
        raise SystemExit(f"{what}: {apart:.1e} apart, allowed {tolerance:.0e}")


def sixtyfourths(value):
    return round(value * 64) / 64


def shares_memory(a, b):
    return a.data_ptr() == b.data_ptr() and a.shape == b.shape


class Weights:
    """Which hashed numbers each tensor has: scores that differ, logits of about 1, norms and biases that matter."""

    # Those of one family have the same weights in the body whatever the head is. `first`, where it is given, is one of
    # those with which the likeliest tokens are not always the same one.
    numbers: dict = {}

    def __init__(self, family, embedding=1.0, query=0.625, others=1.5, first=0):
        self.numbers = Weights.numbers.setdefault(family, {})
        self.embedding, self.query, self.others, self.first = embedding, query, others, first

    def described(self, name, shape):
        place = self.numbers.setdefault(name.removeprefix("bert.").removeprefix("roberta."), len(self.numbers))
        kind = name.split(".")[-2]
        entry = {"number": self.first + place, "bound": 0.25, "shape": list(shape)}
        if len(shape) == 1:
            if name.endswith("weight"):
                entry["offset"] = 1
        elif kind == "relative_attention_bias":
            entry["bound"] = 1.0
        elif kind in ("wpe", "position_embeddings", "token_type_embeddings"):
            entry["bound"] = 0.5
        elif kind in ("wte", "shared") or "embed" in kind:
            entry["bound"] = self.embedding
        elif kind in ("q_proj", "k_proj", "query", "key", "q", "k", "c_attn") or name.endswith("in_proj_weight"):
            entry["bound"] = self.query
        else:
            width = shape[0] if kind in ("c_proj", "c_fc") else shape[1]  # GPT-2's matrices are [in, out]
            entry["bound"] = sixtyfourths(self.others / math.sqrt(width))
        return entry

    @staticmethod
    def values(entry):
        return (hashed(entry["number"], math.prod(entry["shape"]), entry["bound"]) + entry.get("offset", 0)).reshape(
            entry["shape"])


def older(config):
    """config.json as transformers 4 wrote it."""
    config = dict(config)
    config["torch_dtype"] = config.pop("dtype")
    config["transformers_version"] = "4.57.6"
    rope = config.pop("rope_parameters", None)
    if rope and "full_attention" in rope:
        whole = dict(rope["full_attention"])
        config["rope_theta"] = whole.pop("rope_theta")
        config["rope_scaling"] = None if whole == {"rope_type": "default"} else whole
        config["rope_local_base_freq"] = rope["sliding_attention"]["rope_theta"]
        # The kinds of layers follow from the pattern there.
        config["sliding_window_pattern"] = config["layer_types"].index("full_attention") + 1
        del config["layer_types"], config["_sliding_window_pattern"]
    elif rope:
        scaling = dict(rope)
        config["rope_theta"] = scaling.pop("rope_theta")
        if scaling["rope_type"] in ("linear", "dynamic"):
            scaling["type"] = scaling.pop("rope_type")
        config["rope_scaling"] = None if scaling == {"rope_type": "default"} else scaling
    if "scale_decoder_outputs" in config:
        config["tie_word_embeddings"] = config.pop("scale_decoder_outputs")
    return config


class Case:
    """One model of the library: made, filled, run, read back, written."""

    def __init__(self, name, kind, config, weights, inputs, untied=()):
        self.name, self.kind, self.config, self.weights = name, kind, config, weights
        self.inputs, self.untied = inputs, untied
        self.entries, self.tied = {}, {}
        model = self.fresh()
        with tempfile.TemporaryDirectory() as folder:
            model.save_pretrained(folder)
            self.read_names(model, pathlib.Path(folder) / "model.safetensors")
            self.fill(model)
            model.save_pretrained(folder)
            self.written = json.loads((pathlib.Path(folder) / "config.json").read_text(encoding="utf-8"))
            self.older = older(self.written)
            self.check_folder(pathlib.Path(folder))

    def fresh(self):
        """A model of its own: the library's dynamic frequencies remember the longest text they saw."""
        with exact():
            model = self.kind._from_config(self.config, attn_implementation="eager", dtype=torch.float64).eval()
        for name in self.untied:
            parent = model.get_submodule(name.rsplit(".", 1)[0])
            parent.weight = torch.nn.Parameter(parent.weight.detach().clone())
        if self.entries:
            self.fill(model)
        if model.can_generate():
            model.generation_config.eos_token_id = None  # all of the tokens, whatever they are
            model.generation_config.pad_token_id = PAD
        return model

    def read_names(self, model, path):
        state = model.state_dict()
        with safe_open(path, "pt") as file:
            for name in file.keys():
                self.entries[name] = self.weights.described(name, file.get_slice(name).get_shape())
        for name, value in state.items():
            if name not in self.entries:
                owner = [other for other in self.entries if shares_memory(state[other], value)]
                self.tied[name] = owner[0]

    def fill(self, model):
        state = model.state_dict()
        for name, entry in self.entries.items():
            state[name].copy_(Weights.values(entry))

    def run(self, model, **more):
        return model(**{**self.inputs, **more})

    def check_folder(self, folder):
        """The library reads the folder as it is, in float32, and with the older config, and gives the same."""
        with exact():
            mine = self.first(self.run(self.fresh()))
        torch.set_default_dtype(torch.float32)
        loaded, report = self.kind.from_pretrained(
            folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True)
        close(self.first(self.run(loaded.eval())), mine, 2e-5, f"{self.name} in float32")
        torch.set_default_dtype(torch.float64)
        for config in (self.written, self.older):
            (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
            with exact():
                loaded, report = self.kind.from_pretrained(
                    folder, dtype=torch.float64, attn_implementation="eager", output_loading_info=True)
                close(self.first(self.run(loaded.eval())), mine, 1e-12, f"{self.name} read again")
            if any(report[key] for key in ("missing_keys", "unexpected_keys", "mismatched_keys")):
                raise SystemExit(f"{self.name}: {report}")

    @staticmethod
    def first(output):
        return output["logits"] if "logits" in output else output["last_hidden_state"]

    def gradients(self, model, loss):
        parameters = dict(model.named_parameters(remove_duplicate=False))
        return dict(zip(self.entries, torch.autograd.grad(loss, [parameters[name] for name in self.entries])))

    def write(self, real, outputs, loss, model, **more):
        check_numbers(self.name, outputs)
        gradients = self.gradients(model, loss)
        for name, gradient in gradients.items():
            # A key's bias adds the same to all scores of a query: only rounding is left of its gradient.
            wrong = float(gradient.abs().max()) < 1e-9 and not name.endswith("key.bias")
            if wrong or not bool(gradient.isfinite().all()):
                raise SystemExit(f"{self.name}: the gradient of {name} is zero or not a number")
        write(f"transformers/{self.name}.json", __file__, SEED, {
            "config": self.written, "older_config": self.older, "weights": self.entries, "tied": self.tied,
            "inputs": tensors(self.inputs), "real": tensor(real), "outputs": tensors(outputs), "loss": loss.item(),
            "gradients": tensors(gradients), **more}, versions=VERSIONS)


def check_numbers(name, outputs):
    for key, value in outputs.items():
        size = float(value.detach().std())
        print(f"{name}: {key} {list(value.shape)}, deviation {size:.2f}, largest {float(value.detach().abs().max()):.2f}")
        if not 0.2 < size < 4:
            raise SystemExit(f"{name}: {key} is not of the size of 1")


def lengths_mask(lengths, time):
    return (torch.arange(time) < torch.tensor(lengths)[:, None]).long()


def tokens(source, mask, pad=PAD):
    """Random tokens, none of them special, and padding."""
    values = source.indices(*mask.shape, below=VOCABULARY - 5) + 5
    return torch.where(mask == 1, values, pad)


def greedy(step):
    """The likeliest tokens one after another; `step` gives the logits after those so far. None may be nearly equal."""
    found = []
    for _ in range(CONTINUED):
        best = step(found).topk(2)
        if float(best.values[0] - best.values[1]) < 2e-4:
            raise SystemExit(f"two tokens are nearly equally likely, {best.values}: take another prompt")
        found.append(int(best.indices[0]))
    return found


def cached_logits(model, ids, name, keep, **more):
    """Logits `[1, T, V]` of `ids` given as a prompt and then one by one."""
    cache, parts = None, []
    for part in (ids[:, :PROMPT], *ids[:, PROMPT:].split(1, 1)):
        output = model(**{name: part}, use_cache=True, cache=cache, **more)
        cache = output[keep]
        parts.append(output.logits)
    return torch.cat(parts, 1)


def causal(name, kind, config, weights, changes_with_length=False):
    """A decoder."""
    source, mask = Source(SEED), lengths_mask((TIME, SHORT), TIME)
    ids = tokens(source, mask)
    labels = torch.where(mask == 1, ids, -100)
    case = Case(name, kind, config, weights, {"input_ids": ids, "attention_mask": mask, "labels": labels})
    with exact():
        model = case.fresh()
        output = case.run(model)
        shifted = torch.nn.functional.cross_entropy(output.logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        close(output.loss, shifted, 1e-12, f"{name}: loss")
        with torch.no_grad():
            row = ids[:1]
            alone = case.fresh()(input_ids=row).logits
            steps = cached_logits(case.fresh(), row, "input_ids", "cache")
            apart = float((steps - alone).abs().max())
            if changes_with_length == (apart < 1e-10):
                raise SystemExit(f"{name}: with a cache it is {apart:.1e} apart")
            prompt = row[:, :PROMPT]
            continued = case.fresh().generate(
                prompt, attention_mask=torch.ones_like(prompt), do_sample=False, max_new_tokens=CONTINUED)[0, PROMPT:].tolist()
            if not changes_with_length:
                model_alone = case.fresh()
                again = greedy(lambda found: model_alone(
                    input_ids=torch.cat([prompt, torch.tensor([found], dtype=torch.long)], 1)).logits[0, -1])
                assert again == continued, name
        print(f"{name}: {continued}")
        case.write(mask, {"logits": output.logits}, output.loss, model, **{
            "cached": {"prompt": PROMPT, "equals_full": not changes_with_length, "logits": tensor(steps)},
            "greedy": {"prompt": tensor(prompt), "tokens": continued}})


def encoder(name, kind, config, weights, labels=None, types=True, pad=PAD):
    """A model that reads in both directions."""
    source, mask = Source(SEED), lengths_mask((TIME, SHORT), TIME)
    inputs = {"input_ids": tokens(source, mask, pad), "attention_mask": mask}
    if types:
        inputs["token_type_ids"] = ((torch.arange(TIME) >= 4) & (mask == 1)).long()
    if labels == "tokens":
        hidden = torch.zeros_like(mask)
        hidden[0, [2, 5, 7]] = hidden[1, [1, 3]] = 1
        inputs["labels"] = torch.where(hidden == 1, inputs["input_ids"], -100)
        inputs["input_ids"] = torch.where(hidden == 1, 4, inputs["input_ids"])  # 4 stands for [MASK]
    elif labels == "classes":
        inputs["labels"] = torch.tensor([2, 0])
    case = Case(name, kind, config, weights, inputs)
    with exact():
        model = case.fresh()
        output = case.run(model)
        if labels:
            close(output.loss, torch.nn.functional.cross_entropy(
                output.logits.flatten(0, -2), inputs["labels"].flatten()), 1e-12, f"{name}: loss")
            real = mask if labels == "tokens" else torch.ones(2, 1, dtype=torch.long)
            case.write(real, {"logits": output.logits}, output.loss, model)
            return
        outputs = {key: output[key] for key in ("last_hidden_state", "pooler_output")}
        entries, loss = {}, 0
        for number, (key, value) in enumerate(outputs.items(), 900):
            entries[key] = {"number": number, "bound": 1.0, "shape": list(value.shape)}
            product = value * Weights.values(entries[key])
            loss = loss + (product * mask[..., None] if value.dim() == 3 else product).sum()
        case.write(mask, outputs, loss, model, loss_weights=entries)


def targets(source):
    """What a decoder is given and must say: shifted by one, with the start's token first."""
    mask = lengths_mask((TARGET_TIME, TARGET_SHORT), TARGET_TIME)
    labels = torch.where(mask == 1, tokens(source, mask), -100)
    labels[0, TARGET_TIME - 1] = labels[1, TARGET_SHORT - 1] = END
    return mask, labels


def shifted(labels, start):
    given = torch.full_like(labels, start)
    given[:, 1:] = labels[:, :-1].masked_fill(labels[:, :-1] == -100, PAD)
    return given


def t5(name, config, weights, untied=()):
    """An encoder and a decoder with relative positions."""
    source, mask = Source(SEED), lengths_mask((TIME, SHORT), TIME)
    real, labels = targets(source)
    inputs = {
        "input_ids": tokens(source, mask), "attention_mask": mask, "decoder_input_ids": shifted(labels, PAD),
        "labels": labels}
    case = Case(name, transformers.T5ForConditionalGeneration, config, weights, inputs, untied)
    with exact():
        model = case.fresh()
        output = case.run(model)
        close(case.run(case.fresh(), decoder_input_ids=None).logits, output.logits, 0, f"{name}: shifted")
        with torch.no_grad():
            row = inputs["input_ids"][:1]
            encoded = model.encoder(input_ids=row)
            more = {"encoder_outputs": encoded}
            alone = model(decoder_input_ids=inputs["decoder_input_ids"][:1], **more).logits
            steps = cached_logits(model, inputs["decoder_input_ids"][:1], "decoder_input_ids", "cache", **more)
            close(steps, alone, 1e-10, f"{name}: with a cache")
            continued = model.generate(row, do_sample=False, max_new_tokens=CONTINUED)[0, 1:].tolist()
            assert continued == greedy(lambda found: model(
                decoder_input_ids=torch.tensor([[PAD, *found]]), **more).logits[0, -1]), name
        print(f"{name}: {continued}")
        case.write(real, {"logits": output.logits, "encoder_last_hidden_state": output.encoder_last_hidden_state},
                   output.loss, model, **{
            "cached": {"prompt": PROMPT, "equals_full": True, "logits": tensor(steps)},
            "greedy": {"input_ids": tensor(row), "prompt": tensor(torch.tensor([[PAD]])), "tokens": continued}})


class TorchTransformer(torch.nn.Module):
    """nn.Transformer as its users write it: embeddings times √D, plus sines and cosines, and a linear layer."""

    def __init__(self, config):
        super().__init__()
        width, size = config["d_model"], config["vocab_size"]
        self.width = width
        self.source_embedding = torch.nn.Embedding(size, width)
        self.target_embedding = torch.nn.Embedding(size, width)
        self.transformer = torch.nn.Transformer(
            width, config["nhead"], config["num_encoder_layers"], config["num_decoder_layers"],
            config["dim_feedforward"], 0.0, config["activation"], batch_first=True, norm_first=config["norm_first"],
            layer_norm_eps=config["layer_norm_eps"])
        self.output = torch.nn.Linear(width, size, bias=not config["tie_word_embeddings"])
        if config["tie_word_embeddings"]:
            self.target_embedding.weight = self.output.weight = self.source_embedding.weight

    def embedded(self, embedding, ids):
        """Position p has sin(p / 10000^(2i/D)) at 2i and the cosine at 2i + 1 (Vaswani et al. 2017)."""
        angles = torch.arange(ids.shape[1])[:, None] * 10000.0 ** (-torch.arange(0, self.width, 2) / self.width)
        positions = torch.stack([angles.sin(), angles.cos()], 2).flatten(1)
        return embedding(ids) * math.sqrt(self.width) + positions

    def forward(self, input_ids, attention_mask, decoder_input_ids, labels=None, **_):
        hidden = attention_mask == 0
        later = torch.ones(decoder_input_ids.shape[1], decoder_input_ids.shape[1], dtype=torch.bool).triu(1)
        x = self.transformer(
            self.embedded(self.source_embedding, input_ids), self.embedded(self.target_embedding, decoder_input_ids),
            tgt_mask=later, src_key_padding_mask=hidden, memory_key_padding_mask=hidden)
        return self.output(x)


def torch_transformer(name, norm_first, activation, tied, weights):
    config = {
        "model_type": "torch-transformer", "vocab_size": VOCABULARY, "d_model": 16, "nhead": 4, "num_encoder_layers": 2,
        "num_decoder_layers": 2, "dim_feedforward": 18, "activation": activation, "norm_first": norm_first,
        "layer_norm_eps": 1e-5, "tie_word_embeddings": tied, "pad_token_id": PAD, "bos_token_id": START,
        "eos_token_id": END}
    model = TorchTransformer(config).eval()
    parameters = dict(model.named_parameters())
    entries = {key: weights.described(key, value.shape) for key, value in parameters.items()}
    for key, value in parameters.items():
        value.data = Weights.values(entries[key])
    every = dict(model.named_parameters(remove_duplicate=False))
    ties = {key: next(k for k in parameters if parameters[k] is value) for key, value in every.items() if key not in parameters}
    source, mask = Source(SEED), lengths_mask((TIME, SHORT), TIME)
    real, labels = targets(source)
    inputs = {
        "input_ids": tokens(source, mask), "attention_mask": mask, "decoder_input_ids": shifted(labels, START),
        "labels": labels}
    logits = model(**inputs)
    loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten())
    gradients = dict(zip(entries, torch.autograd.grad(loss, [parameters[key] for key in entries])))
    row = {"input_ids": inputs["input_ids"][:1], "attention_mask": mask[:1]}
    with torch.no_grad():
        given = inputs["decoder_input_ids"][:1]
        # There is no cache in nn.Transformer: each step is the last of a longer and longer text.
        steps = torch.cat([model(decoder_input_ids=given[:, :PROMPT], **row)] + [
            model(decoder_input_ids=given[:, :k + 1], **row)[:, -1:] for k in range(PROMPT, TARGET_TIME)], 1)
        close(steps, logits[:1], 1e-10, f"{name}: step by step")
        continued = greedy(lambda found: model(decoder_input_ids=torch.tensor([[START, *found]]), **row)[0, -1])
    check_numbers(name, {"logits": logits})
    print(f"{name}: {continued}")
    write(f"transformers/{name}.json", __file__, SEED, {
        "config": config, "weights": entries, "tied": ties, "inputs": tensors(inputs), "real": tensor(real),
        "outputs": {"logits": tensor(logits)}, "loss": loss.item(), "gradients": tensors(gradients),
        "cached": {"prompt": PROMPT, "equals_full": True, "logits": tensor(steps)},
        "greedy": {"input_ids": tensor(row["input_ids"]), "prompt": tensor(torch.tensor([[START]])), "tokens": continued},
    }, versions=VERSIONS)


SPECIAL = {"bos_token_id": START, "eos_token_id": END, "pad_token_id": PAD}
DECODER = {
    "vocab_size": VOCABULARY, "hidden_size": 16, "intermediate_size": 22, "num_hidden_layers": 2,
    "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 8, "max_position_embeddings": 32,
    "attention_dropout": 0.0, **SPECIAL}
QWEN2 = {**{key: value for key, value in DECODER.items() if key != "head_dim"}, "hidden_size": 24, "intermediate_size": 20}
GEMMA = {**DECODER, "hidden_size": 20, "intermediate_size": 18, "head_dim": 6, "sliding_window": 4,
         "query_pre_attn_scalar": 5}
BERT = {
    "vocab_size": VOCABULARY, "hidden_size": 16, "intermediate_size": 22, "num_hidden_layers": 2, "num_attention_heads": 4,
    "max_position_embeddings": 14, "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
T5 = {
    "vocab_size": VOCABULARY, "d_model": 16, "d_kv": 3, "d_ff": 20, "num_layers": 2, "num_heads": 4,
    "relative_attention_num_buckets": 8, "relative_attention_max_distance": 20, "dropout_rate": 0.0,
    "pad_token_id": PAD, "eos_token_id": END, "decoder_start_token_id": PAD}

LLAMA_SCALING = {
    "llama": {"rope_type": "default", "rope_theta": 10000.0},
    # Wavelengths 6, 11, 20 and 35: kept, in between, in between, divided.
    "llama3": {
        "rope_type": "llama3", "rope_theta": 10.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
        "original_max_position_embeddings": 32},
    "llama_linear": {"rope_type": "linear", "rope_theta": 100.0, "factor": 4.0},
    "llama_yarn": {"rope_type": "yarn", "rope_theta": 100.0, "factor": 4.0, "original_max_position_embeddings": 64},
    "llama_dynamic": {"rope_type": "dynamic", "rope_theta": 100.0, "factor": 2.0},
}
LONGEST = {"llama3": 256, "llama_linear": 128, "llama_yarn": 256, "llama_dynamic": 6}


def decoders():
    causal("gpt2", transformers.GPT2LMHeadModel, transformers.GPT2Config(
        vocab_size=VOCABULARY, n_embd=16, n_layer=2, n_head=4, n_inner=28, n_positions=20, resid_pdrop=0.0, embd_pdrop=0.0,
        attn_pdrop=0.0, **SPECIAL), Weights("gpt2", embedding=0.375, others=2, first=300))
    for name, rope in LLAMA_SCALING.items():
        config = {**DECODER, "max_position_embeddings": LONGEST.get(name, 32), "rope_parameters": dict(rope)}
        causal(name, transformers.LlamaForCausalLM, transformers.LlamaConfig(**config), Weights("llama"),
               changes_with_length=name == "llama_dynamic")
    causal("mistral", transformers.MistralForCausalLM, transformers.MistralConfig(
        **DECODER, sliding_window=4, rope_parameters={"rope_type": "default", "rope_theta": 1000.0}), Weights("mistral"))
    causal("qwen2", transformers.Qwen2ForCausalLM, transformers.Qwen2Config(
        **QWEN2, tie_word_embeddings=True, rope_parameters={"rope_type": "default", "rope_theta": 1000000.0}),
        Weights("qwen2", embedding=0.375, others=3))
    causal("qwen3", transformers.Qwen3ForCausalLM, transformers.Qwen3Config(
        **DECODER, rope_parameters={"rope_type": "default", "rope_theta": 1000000.0}), Weights("qwen3"))
    causal("gemma2", transformers.Gemma2ForCausalLM, transformers.Gemma2Config(
        **GEMMA, attn_logit_softcapping=2.0, final_logit_softcapping=3.0),
        Weights("gemma2", embedding=0.25))
    causal("gemma3", transformers.Gemma3ForCausalLM, transformers.Gemma3TextConfig(
        **{**GEMMA, "num_hidden_layers": 3}, layer_types=["sliding_attention", "full_attention", "sliding_attention"],
        rope_parameters={
            "full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 1000.0},
            "sliding_attention": {"rope_type": "default", "rope_theta": 100.0}}),
        Weights("gemma3", embedding=0.25))


def encoders():
    base = Weights("bert", embedding=0.5)
    encoder("bert", transformers.BertModel, transformers.BertConfig(**BERT), base)
    encoder("bert_masked_lm", transformers.BertForMaskedLM, transformers.BertConfig(**BERT), base, "tokens")
    encoder("bert_classification", transformers.BertForSequenceClassification, transformers.BertConfig(
        **BERT, num_labels=3), base, "classes")
    roberta = {**BERT, "type_vocab_size": 1, "pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2}
    base = Weights("roberta", embedding=0.5)
    encoder("roberta", transformers.RobertaModel, transformers.RobertaConfig(**roberta), base, types=False, pad=1)
    encoder("roberta_masked_lm", transformers.RobertaForMaskedLM, transformers.RobertaConfig(**roberta), base,
            "tokens", types=False, pad=1)


def encoder_decoders():
    t5("t5", transformers.T5Config(**T5), Weights("t5", embedding=1.0, query=0.375, others=3, first=100))
    t5("t5_v1_1", transformers.T5Config(**T5, feed_forward_proj="gated-gelu", tie_word_embeddings=False),
       Weights("t5_v1_1", query=0.375), untied=["lm_head.weight"])
    torch_transformer(
        "torch_post_norm", False, "relu", True, Weights("torch_post_norm", embedding=0.375, others=4, first=1100))
    torch_transformer("torch_norm_first", True, "gelu", False, Weights("torch_norm_first", embedding=0.5))


def rope():
    """Frequencies of heads of 16; `length` is that of the text where they depend on it."""
    width, cases = 16, []
    factors = {
        "short_factor": [1.0, 1.0, 1.0625, 1.125, 1.25, 1.5, 1.75, 2.0],
        "long_factor": [1.0, 1.25, 2.0, 3.5, 6.0, 12.0, 24.0, 48.0]}
    scalings = [
        (2048, {"rope_type": "default"}, [None]),
        (2048, {"rope_type": "default", "partial_rotary_factor": 0.5}, [None]),
        (8192, {"rope_type": "linear", "factor": 4.0}, [None]),
        (2048, {"rope_type": "dynamic", "factor": 4.0}, [None, 1000, 2048, 2049, 5000]),
        (16384, {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 4096}, [None]),
        (16384, {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 4096, "truncate": False}, [None]),
        (16384, {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 4096, "beta_fast": 16.0,
                 "beta_slow": 2.0, "attention_factor": 1.25}, [None]),
        (16384, {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 4096, "mscale": 0.707,
                 "mscale_all_dim": 1.0}, [None]),
        (131072, {"rope_type": "llama3", "rope_theta": 500000.0, "factor": 8.0, "low_freq_factor": 1.0,
                  "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}, [None]),
        (16384, {"rope_type": "longrope", "original_max_position_embeddings": 4096, **factors}, [4096, 4097]),
        (16384, {"rope_type": "longrope", "original_max_position_embeddings": 4096, "factor": 8.0, **factors}, [4096, 4097]),
        (16384, {"rope_type": "longrope", "original_max_position_embeddings": 4096, "attention_factor": 1.5, **factors},
         [4096]),
    ]
    for longest, parameters, lengths in scalings:
        parameters = {"rope_theta": 10000.0, **parameters}
        config = transformers.LlamaConfig(
            hidden_size=4 * width, num_attention_heads=4, head_dim=width, max_position_embeddings=longest,
            rope_parameters=dict(parameters))
        function = ROPE_INIT_FUNCTIONS.get(parameters["rope_type"], LlamaRotaryEmbedding.compute_default_rope_parameters)
        for length in lengths:
            with exact():
                found, factor = function(config, **({} if length is None else {"seq_len": length}))
            theta, scaling = parameters["rope_theta"], {k: v for k, v in parameters.items() if k != "rope_theta"}
            partial = scaling.pop("partial_rotary_factor", None)
            cases.append({
                "head_dim": width, "max_position_embeddings": longest, "rope_parameters": parameters,
                "rope_theta": theta, "rope_scaling": None if parameters["rope_type"] == "default" else scaling,
                **({"partial_rotary_factor": partial} if partial else {}),
                "length": length, "inverse_frequencies": tensor(found), "attention_factor": float(factor)})
    write("transformers/rope.json", __file__, SEED, {"cases": cases}, versions=VERSIONS)


def buckets():
    """Of the distances from a query to a key: negative ones are behind it."""
    distances = torch.arange(-150, 151)
    cases = []
    for count, longest in ((8, 20), (32, 128)):
        for both in (True, False):
            found = T5Attention._relative_position_bucket(distances, both, count, longest)
            with exact():
                assert torch.equal(found, T5Attention._relative_position_bucket(distances, both, count, longest))
            cases.append({"bidirectional": both, "buckets": count, "max_distance": longest, "found": found.tolist()})
    write("transformers/t5_buckets.json", __file__, SEED, {
        "distances": distances.tolist(), "cases": cases}, versions=VERSIONS)


if __name__ == "__main__":
    decoders()
    encoders()
    encoder_decoders()
    rope()
    buckets()
