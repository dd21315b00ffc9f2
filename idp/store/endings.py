"""What ends together when credentials change or are taken away: whatever the old ones opened."""

from idp.store import grants, links, remembered, sessions, tries, upstream


def end_everything(account_id: str, now: float, links_are: str) -> dict[str, int]:
    """End every session, grant, remembered browser and mailed link of an account (`links_are` is the links' outcome), and forget its
    wrong tries: what comes next is proven anew. How many of what people notice there were."""
    links.end_all(account_id, links_are)
    tries.forget(account_id)
    upstream.end_all(account_id, now)
    return {
        "sessions": sessions.end_all(account_id, now),
        "grants": grants.revoke_all(account_id, now),
        "browsers": remembered.end_all(account_id, now),
    }
