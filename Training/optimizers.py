"""Muon for the matrices inside the transformers, AdamW for all else."""

import torch

COEFFICIENTS = 3.4445, -4.7750, 2.0315


class Muon(torch.optim.Optimizer):
    """Steps along the orthogonalised momentum, as large as AdamW's would be. Matrices of one shape are taken together, since
    most of its time is the launching of small kernels."""

    def __init__(self, matrices, lr, weight_decay=0.02, momentum=0.95, rounds=4):
        groups = {}
        for matrix in matrices:
            groups.setdefault(tuple(matrix.shape), []).append(matrix)
        super().__init__([{"params": some} for some in groups.values()],
                         dict(lr=lr, weight_decay=weight_decay, momentum=momentum, rounds=rounds))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            matrices = group["params"]
            momenta = [self.state[p].setdefault("momentum", torch.zeros_like(p)) for p in matrices]
            gradients = [p.grad for p in matrices]
            torch._foreach_lerp_(momenta, gradients, 1 - group["momentum"])
            ahead = torch._foreach_lerp(gradients, momenta, group["momentum"])
            steps = orthogonal(torch.stack(ahead), group["rounds"]).to(matrices[0].dtype)
            size = 0.2 * max(matrices[0].shape) ** 0.5 * group["lr"]
            torch._foreach_mul_(matrices, 1 - group["lr"] * group["weight_decay"])
            torch._foreach_add_(matrices, list(steps.unbind()), alpha=-size)


def orthogonal(matrices, rounds):
    """[N, R, C] with all singular values brought near 1, by Newton and Schulz's rounds."""
    a, b, c = COEFFICIENTS
    tall = matrices.shape[1] > matrices.shape[2]
    x = (matrices.mT if tall else matrices).bfloat16()
    x = x / x.norm(dim=(1, 2), keepdim=True).clamp(min=1e-7)
    for _ in range(rounds):
        square = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(square, square, square, beta=b, alpha=c), x, beta=a)
    return x.mT if tall else x


def make_optimizers(model, rate, muon, more=()):
    """For a model and the parameters of heads that only training has; Muon's rate is `muon` times AdamW's."""
    matrices = [p for name, p in model.named_parameters()
                if p.ndim == 2 and ("encoder" in name or "decoder" in name) and "embedding" not in name]
    inside = {id(p) for p in matrices}
    others = [p for p in [*model.parameters(), *more] if id(p) not in inside]
    return [Muon(matrices, lr=muon * rate),
            torch.optim.AdamW(others, lr=rate, weight_decay=0.02, betas=(0.9, 0.98), fused=True)]
