"""What we remember. One noun a file: its rows and its queries together. Nothing here commits."""

from idp.store.database import Base, commit, db, lock, rollback, writing

__all__ = ["Base", "commit", "db", "lock", "rollback", "writing"]
