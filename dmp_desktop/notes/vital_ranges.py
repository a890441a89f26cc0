"""What is plausible at an age: narrower than the limits of terminology.vital_signs, ours, wide for the ill. Only unticks."""

from __future__ import annotations

# Upper bound of an age band in whole years -> (lowest, highest), inclusive. Units: terminology.vital_signs.
_BANDS: dict[str, tuple[tuple[int, float, float], ...]] = {
    "weight": ((0, 1.5, 16), (2, 5, 28), (5, 8, 45), (10, 12, 90), (17, 20, 180), (200, 30, 320)),
    "height": ((0, 38, 92), (2, 60, 110), (5, 75, 135), (10, 95, 175), (17, 110, 215), (200, 110, 225)),
    "head": ((0, 28, 53), (3, 40, 58), (10, 44, 62)),
    "heart_rate": ((0, 60, 230), (5, 50, 220), (17, 35, 220), (200, 25, 220)),
    "respiratory_rate": ((0, 15, 90), (5, 12, 80), (200, 6, 60)),
    "pressure": ((2, 50, 140), (10, 60, 170), (17, 70, 220), (200, 60, 260)),
    "bmi": ((10, 10, 45), (200, 11, 85)),
    "waist": ((10, 30, 120), (200, 45, 200)),
}


def plausible_at(key: str, value: float, age: int | None) -> bool:
    """`key` as in terminology.vital_signs, `pressure` for the systolic one; an unknown age or key is no objection."""
    if age is None or key not in _BANDS:
        return True
    return next((low <= value <= high for last, low, high in _BANDS[key] if age <= last), True)
