"""메모리 곡선의 요점과 그림."""

from __future__ import annotations

import pytest

from load.soak import MemorySample, curve, growth_of


def _samples(*rss_mib: float) -> list[MemorySample]:
    return [MemorySample(5.0 * number, rss) for number, rss in enumerate(rss_mib)]


def test_warming_up_is_not_taken_for_growth() -> None:
    grown = growth_of(_samples(100, 180, 200, 200, 200, 200, 200, 200, 200, 200))
    assert (grown.start_mib, grown.peak_mib, grown.late_mib) == (100, 200, 0)


def test_a_process_that_goes_on_growing_is_found_out() -> None:
    assert growth_of(_samples(*range(100, 200, 5))).late_mib == 40


def test_a_single_peak_counts_where_it_stands() -> None:
    grown = growth_of(_samples(100, 100, 100, 150, 100, 100, 100, 100, 100, 100))
    assert (grown.first_half_mib, grown.second_half_mib, grown.peak_mib) == (150, 100, 150)


def test_too_few_samples_tell_nothing() -> None:
    with pytest.raises(ValueError, match="3"):
        growth_of(_samples(1, 2, 3))


def test_the_curve_is_thinned_and_one_mark_stands_for_eight_mib() -> None:
    lines = curve(_samples(*[80.0] * 40), rows=20).splitlines()
    assert len(lines) == 20
    assert lines[0].endswith("80 MiB " + "#" * 10)
