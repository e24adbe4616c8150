"""How updates reach the bot: long polling, or delivery to its webhook.

Source: https://core.telegram.org/bots/api#getting-updates.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import time
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bot.sandbox.arguments import Arguments
from bot.sandbox.errors import Refused, bad_request
from bot.sandbox.state import State, Update, Webhook

MOST_AT_ONCE = 100
LONGEST_POLL_SECONDS = 50
WEBHOOK_TIMEOUT_SECONDS = 60
# Telegram waits longer after each failure; here nobody wants to wait that long.
LONGEST_PAUSE_SECONDS = 5.0


class Updates:
    """Hands out updates in order, each until it is confirmed.

    Args:
        state: where updates wait.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._arrived = asyncio.Event()
        self._poll = 0
        self._delivery: asyncio.Task[None] | None = None
        self._handed_out_twice: set[int] = set()
        state.update_listeners.append(self._arrived.set)

    async def get_updates(self, arguments: Arguments) -> list[Update]:
        """The updates from ``offset`` on; waits for one when there is none.

        Raises:
            Refused: a webhook is set, or another request for updates came meanwhile.
        """
        state = self._state
        if state.webhook.url:
            raise Refused(
                409,
                "Conflict: can't use getUpdates method while webhook is active;"
                " use deleteWebhook to delete the webhook first",
            )
        self._allow(arguments)
        self._poll += 1
        mine = self._poll
        self._arrived.set()  # whoever waits with an older request sees that it is over
        self._confirm(arguments.integer("offset", 0))
        limit = min(max(arguments.integer("limit", MOST_AT_ONCE), 1), MOST_AT_ONCE)
        timeout = min(max(arguments.integer("timeout", 0), 0), LONGEST_POLL_SECONDS)
        deadline = time.monotonic() + timeout
        while not state.updates:
            self._arrived.clear()
            left = deadline - time.monotonic()
            if left <= 0:
                break
            try:
                await asyncio.wait_for(self._arrived.wait(), left)
            except TimeoutError:
                break
            if mine != self._poll:
                raise Refused(
                    409,
                    "Conflict: terminated by other getUpdates request;"
                    " make sure that only one bot instance is running",
                )
        return list(state.updates)[:limit]

    def _allow(self, arguments: Arguments) -> None:
        allowed = arguments.json("allowed_updates")
        if isinstance(allowed, list):
            self._state.allowed_updates = [str(kind) for kind in allowed]

    def _confirm(self, offset: int) -> None:
        updates = self._state.updates
        if offset < 0:
            while len(updates) > -offset:
                updates.popleft()
        while updates and updates[0]["update_id"] < offset:
            update = updates.popleft()
            number = update["update_id"]
            if self._state.deliver_twice and number not in self._handed_out_twice:
                self._handed_out_twice.add(number)
                updates.append(update)
                self._arrived.set()
                break

    async def set_webhook(self, arguments: Arguments) -> bool:
        """Updates are delivered to the address from now on; an empty one ends that.

        Raises:
            Refused: address or secret break the rules.
        """
        url, secret = arguments.text("url"), arguments.text("secret_token")
        if url:
            _check_webhook(url, secret)
        self._allow(arguments)
        await self.stop()
        if arguments.flag("drop_pending_updates"):
            self._state.updates.clear()
        self._state.webhook = Webhook(url, secret, arguments.integer("max_connections", 40))
        self._poll += 1
        self._arrived.set()
        if url:
            self._delivery = asyncio.create_task(self._deliver(self._state.webhook))
        return True

    async def delete_webhook(self, arguments: Arguments) -> bool:
        """Updates wait for getUpdates again."""
        dropped = {"drop_pending_updates": arguments.text("drop_pending_updates")}
        return await self.set_webhook(Arguments(dropped))

    def webhook_info(self) -> dict[str, Any]:
        """What getWebhookInfo says."""
        webhook = self._state.webhook
        info: dict[str, Any] = {
            "url": webhook.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self._state.updates),
        }
        if webhook.url:
            info["max_connections"] = webhook.max_connections
        if webhook.last_error_date:
            info["last_error_date"] = webhook.last_error_date
            info["last_error_message"] = webhook.last_error_message
        if self._state.allowed_updates:
            info["allowed_updates"] = self._state.allowed_updates
        return info

    async def stop(self) -> None:
        """Nothing is delivered any more."""
        if self._delivery is not None:
            self._delivery.cancel()
            await asyncio.gather(self._delivery, return_exceptions=True)
            self._delivery = None

    async def _deliver(self, webhook: Webhook) -> None:
        timeout = aiohttp.ClientTimeout(total=WEBHOOK_TIMEOUT_SECONDS)
        headers = {"Content-Type": "application/json"}
        if webhook.secret_token:
            headers["X-Telegram-Bot-Api-Secret-Token"] = webhook.secret_token
        pause = 0.2
        async with aiohttp.ClientSession(timeout=timeout, headers=headers) as session:
            while True:
                if not self._state.updates:
                    self._arrived.clear()
                    await self._arrived.wait()
                    continue
                update = self._state.updates[0]
                error = await _post(session, webhook.url, update)
                if error is None:
                    pause = 0.2
                    self._confirm(update["update_id"] + 1)
                    continue
                webhook.last_error_date = int(time.time())
                webhook.last_error_message = error
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)


async def _post(session: aiohttp.ClientSession, url: str, update: Update) -> str | None:
    try:
        async with session.post(url, json=update) as response:
            if response.status // 100 == 2:
                return None
            return f"Wrong response from the webhook: {response.status} {response.reason}"
    except (aiohttp.ClientError, TimeoutError) as error:
        return f"Connection failed: {type(error).__name__}"


def _check_webhook(url: str, secret: str) -> None:
    parts = urlsplit(url)
    # A Bot API server on one's own machine takes http too, as this one does for its own machine.
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_local(parts.hostname)):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if len(secret) > 256:
        raise bad_request("bad webhook: Secret token is too long")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
        raise bad_request("bad webhook: Secret token contains unallowed characters")


def _is_local(host: str | None) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False
