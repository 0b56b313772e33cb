"""Tests know no clock and no chance: the same run fails or passes everywhere."""

from hypothesis import settings

settings.register_profile("kinora", deadline=None, derandomize=True)
settings.load_profile("kinora")
