"""What we remember. One noun a file: its rows and its queries together. Nothing here commits."""

from idp.store.database import Base, commit, db, rollback, writing

__all__ = ["Base", "commit", "db", "rollback", "writing"]
