"""Rows of numbers: plain arrays, which load at once from the database, and numpy's view of them."""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[Any]

_TYPES = {"H": np.uint16, "I": np.uint32, "Q": np.uint64, "f": np.float32, "d": np.float64}


def row(typecode: str, numbers: Numbers) -> array[Any]:
    """The numbers in an array of this type."""
    made: array[Any] = array(typecode)
    made.frombytes(numbers.astype(_TYPES[typecode]).tobytes())
    return made


def view(numbers: array[Any]) -> Numbers:
    """The numbers for numpy, without a copy."""
    return np.frombuffer(numbers, _TYPES[numbers.typecode])


def begins(sizes: Numbers) -> Numbers:
    """Where rows of these sizes begin, one after the other; and at the end how long all are."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
