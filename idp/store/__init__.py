"""What we remember. One noun a file: its rows and its queries together. Nothing here commits."""

from idp.store.database import Base, commit, lock, rollback, writing

__all__ = ["Base", "commit", "lock", "rollback", "writing"]
