"""`make soak`: whole sign-ins, refreshes and userinfo for a while (SECONDS=60); watches memory and
errors. Then what is answered at once under pressure."""

import os
import sys
import threading
import time
from itertools import count

from benchmarks import pressed
from benchmarks.browser import Browser
from benchmarks.deployment import PEOPLE, Deployment, resident_mb

SECONDS = float(os.environ.get("SECONDS", "60"))
MOST_MB = 140  # with no hash under way, and the cache of verified tokens full


def main() -> None:
    failed: list[str] = []
    signed_in, people, stop = [0], count(), threading.Event()
    with Deployment() as deployment:
        client = deployment.clients["RS256"]

        def live() -> None:
            browser = Browser(deployment)
            while not stop.is_set():
                try:
                    number = next(people)
                    tokens = browser.sign_in(
                        number % PEOPLE, client, "phone" if number % 2 else "email"
                    )
                    for _ in range(5):
                        tokens = browser.token(
                            client,
                            {
                                "grant_type": "refresh_token",
                                "refresh_token": tokens["refresh_token"],
                            },
                        )
                        browser.send(
                            "GET",
                            "/userinfo",
                            headers={"Authorization": f"Bearer {tokens['access_token']}"},
                        )
                    signed_in[0] += 1
                except (RuntimeError, OSError) as error:
                    failed.append(str(error))

        threads = [threading.Thread(target=live) for _ in range(8)]
        for thread in threads:
            thread.start()
        begun, memory = time.monotonic(), 0.0
        while time.monotonic() - begun < SECONDS:
            time.sleep(min(10, SECONDS))
            memory = resident_mb(deployment.worker)
            print(
                f"{time.monotonic() - begun:5.0f} s  {signed_in[0]:6} sign-ins  "
                f"{memory:4.0f} MB  {len(failed)} errors",
                flush=True,
            )
        stop.set()
        for thread in threads:
            thread.join()
        time.sleep(2)  # a hash under way has 19 MB of its own
        memory = resident_mb(deployment.worker)
        print(f"The worker holds {memory:.0f} MB afterwards.", flush=True)
        print(
            f"\nWith {pressed.SLOW_SENDERS} slow senders, a flood of wrong passwords, and "
            "then a locked database as well:",
            flush=True,
        )
        figures = pressed.measure(deployment)
        for path, (median, hundredth, wrong) in figures.items():
            print(
                f"{path:36} median {median:4.0f} ms  99 % {hundredth:4.0f} ms  {wrong} "
                "not answered",
                flush=True,
            )
    for text in failed[:5]:
        print(text, file=sys.stderr)
    sys.exit(bool(failed) or memory > MOST_MB or not pressed.within(figures))


if __name__ == "__main__":
    main()
