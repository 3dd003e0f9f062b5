"""The profile of the long run: `--hypothesis-profile=thorough`."""

from hypothesis import settings

settings.register_profile("thorough")
