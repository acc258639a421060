"""The modules of an exported torch.nn.Sequential as PyTorch documents them, in numpy: a second opinion where PyTorch is not installed."""
import contextlib
import math
import sys
import types

import numpy as np


class Tensor(np.ndarray):
    def view(self, *shape):
        return self.reshape(*shape) if shape and isinstance(shape[0], int) else super().view(*shape)


def tensor(values):
    return np.asarray(values, dtype=np.float32).view(Tensor)


def windows(x, kernel, stride):
    kh, kw = kernel if isinstance(kernel, tuple) else (kernel, kernel)
    found = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), axis=(2, 3))
    return found[:, :, ::stride, ::stride]  # (n, channels, rows, columns, kh, kw)


class Module:
    names = ()
    shape = None

    def take(self, weights):
        for name in self.names:
            setattr(self, name, weights.pop(name))


class Linear(Module):
    def __init__(self, inputs, outputs, bias=True):
        self.names = ("weight", "bias") if bias else ("weight",)
        self.bias = 0

    def __call__(self, x):
        return x @ self.weight.T + self.bias


class Conv2d(Module):
    def __init__(self, inputs, outputs, kernel, stride=1, padding=0, groups=1, bias=True):
        self.names = ("weight", "bias") if bias else ("weight",)
        self.kernel, self.stride, self.padding, self.groups, self.bias = kernel, stride, padding, groups, np.zeros(outputs)

    def __call__(self, x):
        p = self.padding
        seen = windows(np.pad(x, ((0, 0), (0, 0), (p, p), (p, p))), self.kernel, self.stride)
        parts = zip(np.split(seen, self.groups, 1), np.split(self.weight, self.groups, 0))
        return np.concatenate([np.einsum("ncijhw,ochw->noij", s, w) for s, w in parts], 1) + self.bias[:, None, None]


class MaxPool2d(Module):
    def __init__(self, kernel, stride=None, padding=0):
        self.kernel, self.stride, self.padding = kernel, stride or kernel, padding

    def __call__(self, x):
        p = self.padding
        return windows(np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)), constant_values=-np.inf), self.kernel, self.stride).max((4, 5))


class AvgPool2d(Module):
    def __init__(self, kernel, stride=None, padding=0, count_include_pad=True):
        assert not count_include_pad
        self.kernel, self.stride, self.padding = kernel, stride or kernel, padding

    def __call__(self, x):
        p = self.padding
        around = ((0, 0), (0, 0), (p, p), (p, p))
        return windows(np.pad(x, around), self.kernel, self.stride).sum((4, 5)) / windows(np.pad(np.ones_like(x), around), self.kernel, self.stride).sum((4, 5))


class Pad(Module):
    def __init__(self, sides, value=0.0):
        (self.left, self.right, self.top, self.bottom), self.value = sides, value

    def __call__(self, x):
        return np.pad(x, ((0, 0), (0, 0), (self.top, self.bottom), (self.left, self.right)), constant_values=self.value)


class BatchNorm(Module):
    names = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")

    def __init__(self, features):
        pass

    def __call__(self, x):
        shape = (-1, 1, 1) if x.ndim == 4 else (-1,)
        scale = self.weight / np.sqrt(self.running_var + 1e-5)
        return (x - self.running_mean.reshape(shape)) * scale.reshape(shape) + self.bias.reshape(shape)


def elementwise(function):
    class Elementwise(Module):
        def __init__(self, *args, **kwargs):
            self.args = args

        def __call__(self, x):
            return function(x, *self.args)
    return Elementwise


def softmax(x):
    e = np.exp(x - x.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


class Sequential:
    def __init__(self, *modules):
        self.modules = modules

    def load_state_dict(self, tensors):
        left = dict(tensors)
        for index, module in enumerate(self.modules):
            own = {name: left.pop(f"{index}.{name}") for name in module.names}
            module.take(own)
        assert not left, f"no module for {sorted(left)}"

    def eval(self):
        return self

    def __call__(self, x):
        for module in self.modules:
            x = module(x)
        return x


def install():
    """torch and safetensors.torch, as an exported file imports them."""
    from safetensors.numpy import load_file
    erf = np.vectorize(math.erf)
    nn = types.SimpleNamespace(
        Linear=Linear, Conv2d=Conv2d, MaxPool2d=MaxPool2d, AvgPool2d=AvgPool2d, ZeroPad2d=Pad, ConstantPad2d=Pad, BatchNorm1d=BatchNorm, BatchNorm2d=BatchNorm,
        Sequential=Sequential, Flatten=elementwise(lambda x: x.reshape(len(x), -1)), Dropout=elementwise(lambda x, rate: x), ReLU=elementwise(lambda x: np.maximum(x, 0)),
        Tanh=elementwise(np.tanh), Sigmoid=elementwise(lambda x: 1 / (1 + np.exp(-x))), LeakyReLU=elementwise(lambda x, slope: np.where(x < 0, slope * x, x)),
        Softplus=elementwise(lambda x: np.logaddexp(0, x)), ELU=elementwise(lambda x: np.where(x < 0, np.expm1(x), x)), GELU=elementwise(lambda x: x * 0.5 * (1 + erf(x / 2**0.5))),
        Softmax=lambda dim: elementwise(softmax)(), AdaptiveAvgPool2d=elementwise(lambda x, size: x.mean((2, 3), keepdims=True)))
    torch = types.ModuleType("torch")
    torch.__name__ = "numpy"
    torch.nn, torch.tensor, torch.no_grad = nn, tensor, contextlib.nullcontext
    loader = types.ModuleType("safetensors.torch")
    loader.load_file = load_file
    sys.modules["torch"], sys.modules["safetensors.torch"] = torch, loader
    return torch
