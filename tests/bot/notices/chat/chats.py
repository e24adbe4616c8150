"""A person who chats with the bot in a test."""

from __future__ import annotations

from typing import Any

from bot.sandbox import actions
from bot.sandbox.state import Message, Person
from tests.bot.telegram_server import TelegramServer, buttons

STEPS = {
    "title_zh": "社会保险法培训",
    "text_zh": "讲怎么查缴费、怎么投诉。",
    "title_en": "Workshop on the Social Insurance Law",
    "text_en": "How to check your record and how to complain.",
    "starts": "2026-12-12 14:00",
    "ends": "16:30",
    "place": "厦门市总工会三楼 | Trade union house, third floor",
    "map_link": "https://example.org/map",
    "contact": "老陈 12351",
    "capacity": "2",
    "sign_up_until": "12-11 18:00",
}


class Chat:
    """What one person says and taps, and what the bot says to them.

    Attributes:
        read: how many messages of the bot they have seen.
    """

    def __init__(self, telegram: TelegramServer, person: Person) -> None:
        self.telegram = telegram
        self.person = person
        self.read = 0

    @property
    def messages(self) -> list[Message]:
        """Everything that the bot has sent, as it looks now."""
        return self.telegram.to(self.person)

    async def next(self, count: int = 1) -> Message:
        """The last of so many new messages."""
        self.read += count
        await self.telegram.until(lambda: len(self.messages) >= self.read)
        return self.messages[self.read - 1]

    async def say(self, text: str, count: int = 1, **content: Any) -> Message:
        """They send a message; the last of so many replies."""
        self.telegram.says(text, person=self.person, **content)
        return await self.next(count)

    async def tap(self, message: Message, words: str, count: int = 1) -> Message:
        """They tap a button; the last of so many new messages, or with 0 the one that changed."""
        before = self.now(message)
        self.press(message, words)
        if count:
            return await self.next(count)
        await self.telegram.until(lambda: self.now(message) != before)
        return self.now(message)

    def press(self, message: Message, words: str) -> str:
        """They tap a button; the number of the press."""
        now = self.now(message)
        data = [data for text, data in shown(now) if words in text]
        assert data, (words, shown(now))
        return self.telegram.taps(now, data[0], person=self.person)

    def now(self, message: Message) -> Message:
        """The message as it looks now."""
        (same,) = [m for m in self.messages if m["message_id"] == message["message_id"]]
        return same

    async def alert(self, message: Message, words: str) -> str | None:
        """They tap a button; what stands in the alert."""
        press = self.press(message, words)
        await self.telegram.until(lambda: press in self.telegram.answers)
        return self.telegram.answers[press]

    async def sees(self, words: str) -> Message:
        """The message in which the words stand, once there is one."""

        def found() -> list[Message]:
            return [m for m in self.messages if words in str(m.get("text", m.get("caption")))]

        await self.telegram.until(lambda: bool(found()))
        self.read = len(self.messages)
        return found()[-1]

    async def subscribe(self) -> None:
        """They want notices, from everywhere, about everything."""
        panel = await self.say("/notices")
        await self.tap(panel, "要通知")

    async def compose(self, picture: bytes = b"", **changed: str | None) -> Message:
        """They compose a notice; the card below its preview. None skips a step."""
        menu = await self.say("/notice")
        step = await self.tap(menu, "写新通知")
        written = {**STEPS, **changed}
        skipped_with = {
            "title_zh": ("text_zh",),
            "title_en": ("text_en",),
            "starts": ("ends", "capacity", "sign_up_until"),
        }
        left_out = {
            n for name, names in skipped_with.items() if written[name] is None for n in names
        }
        for name, value in written.items():
            if name in left_out:
                continue
            step = await (self.tap(step, "跳过") if value is None else self.say(value))
        if picture:
            actions.send_file(self.telegram.state, self.person, picture, "a.png", "image/png", "")
            step = await self.next()
        else:
            step = await self.tap(step, "跳过")
        while step.get("text", "").startswith("第 "):
            step = await self.tap(step, " »")
        return await self.after_preview()

    async def after_preview(self) -> Message:
        """The card that stands below the preview."""
        return await self.sees("预览：通知")

    async def send(self, card: Message) -> Message:
        """They send what the card is about; the message that shows how far it is."""
        confirm = await self.tap(card, "发送", 0)
        self.press(confirm, "确定发送")
        return await self.sees("（通知 ")


def shown(message: Message) -> list[tuple[str, str]]:
    """Text and data of each button that is no link."""
    rows = (message.get("reply_markup") or {}).get("inline_keyboard", [])
    return [(b["text"], b["callback_data"]) for row in rows for b in row if "callback_data" in b]


__all__ = ["Chat", "buttons", "shown"]
