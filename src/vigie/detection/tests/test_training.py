"""What `make model` promises: the same inputs give the same model, on any machine."""

from __future__ import annotations

from typing import Any

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from vigie.detection.model import train


def test_training_gives_the_same_model_whatever_the_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads change the last digits of a sum, which only a long training shows: hence also how many work on it."""
    monkeypatch.setitem(train.MADE, "nl", 1_500)
    at_work: list[int] = []
    fitted = train.fitted

    def counted(*arguments: Any) -> Any:
        at_work.extend(library["num_threads"] for library in threadpool_info())
        return fitted(*arguments)

    monkeypatch.setattr(train, "fitted", counted)
    models = []
    for threads in (1, 2):
        with threadpool_limits(limits=threads):
            models.append(train.train(["nl"]).model)
    one, two = models
    assert set(at_work) == {1}
    assert one.version == two.version
    assert (one.weights == two.weights).all()
    assert (one.kinds == two.kinds).all()
    assert (one.bias, one.slope, one.shift) == (two.bias, two.slope, two.shift)
