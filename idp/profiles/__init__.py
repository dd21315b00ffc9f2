"""Profiles of registration: what a deployment asks of the people who register, and by what it
knows their organizations."""

from collections.abc import Mapping

from idp.profiles.plain import PLAIN
from idp.profiles.profile import Field, Identifier, Profile
from idp.profiles.us_healthcare import US_HEALTHCARE

PROFILES: Mapping[str, Profile] = {one.name: one for one in (PLAIN, US_HEALTHCARE)}

__all__ = ["PLAIN", "PROFILES", "US_HEALTHCARE", "Field", "Identifier", "Profile"]
