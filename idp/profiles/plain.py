"""The profile `plain`: a username, a name and an email address; organizations with any kind of
identifier or none."""

from idp.profiles.profile import Profile

PLAIN = Profile("plain")
