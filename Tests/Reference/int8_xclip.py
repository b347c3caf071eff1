"""X-CLIP with products in int8: weights symmetric per output, inputs affine per row, as CKernels.h defines them.

Written from the definition, in exact sums of float64. Replaces the linear layers of the vision encoder's blocks and messages;
all else stays in floats.
"""

import torch


class Int8Linear(torch.nn.Module):
    def __init__(self, linear):
        super().__init__()
        top = linear.weight.abs().amax(1, keepdim=True)
        self.scale = (top / 127).squeeze(1)
        self.weight = torch.round(linear.weight * (127 / top)).double()
        self.bias = linear.bias

    def forward(self, x):
        low, high = x.amin(-1, keepdim=True).clamp(max=0), x.amax(-1, keepdim=True).clamp(min=0)
        span = high - low
        zero = torch.round(-low * (255 / span))
        rounded = (torch.round(x * (255 / span)) + zero).clamp(0, 255)
        sums = (rounded - zero).double() @ self.weight.T
        return sums.float() * (span / 255) * self.scale + self.bias


def quantise(model):
    """Replaces the linear layers in place."""
    for layer in model.vision_model.encoder.layers:
        for module in list(layer.modules()):
            for name, child in list(module.named_children()):
                if isinstance(child, torch.nn.Linear):
                    setattr(module, name, Int8Linear(child))
    return model
