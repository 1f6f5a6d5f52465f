"""A convolutional network over small grey images with random weights: scores, loss and gradients, from PyTorch.

As LeCun et al. 1998 have it, with relu and maximum pooling: nn.Conv2d, relu, nn.MaxPool2d(2), twice; nn.Linear, relu,
nn.Linear. An odd height loses a row in pooling. The parameters have the names of Martlet's checkpoints.
"""

import torch

from golden import Source, tensor, tensors, write

SEED = 20272
HEIGHT, WIDTH, CHANNELS, KERNEL, HIDDEN, CLASSES, BATCH = 9, 6, [2, 3], 3, 5, 4, 3
MEAN, DEVIATION = 0.25, 0.5


class ImageClassifier(torch.nn.Module):
    """The network as PyTorch's users write it."""

    def __init__(self):
        super().__init__()
        sizes = [1, *CHANNELS]
        self.convolutions = torch.nn.ModuleList(
            torch.nn.Conv2d(a, b, KERNEL, padding=KERNEL // 2) for a, b in zip(sizes, CHANNELS))
        self.hidden = torch.nn.Linear(CHANNELS[-1] * (HEIGHT // 2 // 2) * (WIDTH // 2 // 2), HIDDEN)
        self.output = torch.nn.Linear(HIDDEN, CLASSES)

    def forward(self, images):
        x = ((images - MEAN) / DEVIATION)[:, None]
        for convolution in self.convolutions:
            x = torch.nn.functional.max_pool2d(convolution(x).relu(), 2)
        return self.output(self.hidden(x.flatten(1)).relu())


source = Source(SEED)
model = ImageClassifier()
for parameter in model.parameters():
    parameter.data = source.values(*parameter.shape)
parameters = dict(model.named_parameters())
images = source.values(BATCH, HEIGHT, WIDTH).abs()
labels = source.indices(BATCH, below=CLASSES)
scores = model(images)
loss = torch.nn.functional.cross_entropy(scores, labels)
gradients = torch.autograd.grad(loss, list(parameters.values()))
write("image_classifier.json", __file__, SEED, {
    "config": {
        "height": HEIGHT, "width": WIDTH, "channels": CHANNELS, "kernel_size": KERNEL,
        "hidden_size": HIDDEN, "mean": MEAN, "deviation": DEVIATION, "classes": CLASSES},
    "parameters": tensors(parameters), "images": tensor(images), "labels": tensor(labels),
    "logits": tensor(scores), "loss": loss.item(),
    "gradients": tensors(dict(zip(parameters, gradients)))})
