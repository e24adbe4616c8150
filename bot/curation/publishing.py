"""An edit goes out: difference and effect first, then one transaction."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import BaseHandler, CallbackContext, CallbackQueryHandler

from bot.callbacks import Code, pack, pattern, unpack
from bot.curation import store
from bot.curation.proposed import KIND, Proposed, change_of, proposed
from bot.curation.showing import Showing
from bot.database import Database
from bot.drafts import Drafts
from bot.live import Live
from bot.markup import Line, lines, strong
from bot.people.handlers import People
from bot.people.staff import Right, Staff
from bot.sending import acknowledge, send
from bot.store import last_questions
from bot.texts import Texts
from knowledge.curate import problems_with
from knowledge.effect import Effect, effect
from knowledge.entry import Entry
from knowledge.errors import Problem
from knowledge.revise import Content, Difference, differences, entry_of, in_step, rebased
from knowledge.store import KnowledgeStore

Context = CallbackContext[Any, Any, Any, Any]

QUESTIONS_ASKED_AGAIN = 1_000
AskForApproval = Callable[[Update, Bot, Proposed, int], Awaitable[None]]


class Publishing:
    """Previews and publishes edits, and has a second person agree where that is set.

    Args:
        now: gives the time, with its zone.
        ask_for_approval: has a second person agree to an edit; None where none is needed.
        published: called after an entry went out, with its id and the questions that it answers.
    """

    def __init__(
        self,
        texts: Texts,
        db: Database,
        live: Live,
        drafts: Drafts,
        people: People,
        staff: Staff,
        *,
        now: Callable[[], datetime.datetime],
        ask_for_approval: AskForApproval | None,
        published: Callable[[str, Sequence[str]], Awaitable[None]],
    ) -> None:
        self._texts = texts
        self._db = db
        self._live = live
        self._drafts = drafts
        self._people = people
        self._staff = staff
        self._now = now
        self._ask_for_approval = ask_for_approval
        self._published = published

    def handlers(self) -> Iterable[BaseHandler[Any, Any, Any]]:
        """The handlers, each for another command or button."""
        yield CallbackQueryHandler(self.on_preview, pattern(Code.PREVIEW))
        yield CallbackQueryHandler(self.on_publish, pattern(Code.PUBLISH))
        yield CallbackQueryHandler(self.on_rebase, pattern(Code.REBASE))

    async def edit(self, update: Update) -> Proposed | None:
        """The edit that a button belongs to, for an editor; otherwise they have been told why not."""
        query, user = update.callback_query, update.effective_user
        if query is None or user is None or not await self._staff.may(update, Right.EDIT):
            return None
        (key,) = unpack(query.data or "", 1)
        draft = self._drafts.get(user.id, KIND)
        if draft is None or draft.content["key"] != key:
            language = await self._people.reads(update)
            await acknowledge(query, self._texts.say(language, "edit.gone"), alert=True)
            return None
        await acknowledge(query)
        return proposed(draft.content)

    async def entry(self, update: Update, right: Right) -> tuple[Entry, str] | None:
        """The entry that a button names, and what else it carries, for whoever has the right."""
        query = update.callback_query
        if query is None or not await self._staff.may(update, right):
            return None
        entry_id, more = unpack(query.data or "", 2)
        entry = self._live.base.entries.get(entry_id)
        if entry is None:
            showing = await self.showing(update)
            await acknowledge(query, showing.say("button.gone"), alert=True)
            return None
        await acknowledge(query)
        return entry, more

    async def free(self, update: Update) -> bool:
        """Whether the sender has no unfinished edit; if they have, they are asked about it first."""
        user = update.effective_user
        begun = self._drafts.get(user.id, KIND) if user else None
        if begun is None:
            return True
        edit = proposed(begun.content)
        showing = await self.showing(update)
        rows = [
            [button(showing, "button.edit_more", Code.EDIT_MENU, edit.key)],
            [button(showing, "button.cancel", Code.EDIT_CANCEL, edit.key)],
        ]
        text = showing.say("edit.unfinished", id=edit.id or "–")
        await send(update, lines(text), InlineKeyboardMarkup(rows))
        return False

    async def showing(self, update: Update) -> Showing:
        """Writes for whoever sent the update."""
        language = await self._people.reads(update)
        return Showing(self._texts, language, self._live.base)

    async def propose(self, update: Update, entry: Entry, sources: Sequence[str] = ()) -> None:
        """A changed entry is a draft of whoever sent the update, who sees difference and effect."""
        user = update.effective_user
        current = self._live.base.entries.get(entry.id)
        if user is None or current is None or not await self.free(update):
            return
        edit = change_of(current, entry, sources=tuple(sources))
        await self._drafts.keep(edit.draft(user.id))
        await self.preview(update, edit)

    async def on_preview(self, update: Update, context: Context) -> None:
        """Shows what would change, and whether it may go out."""
        edit = await self.edit(update)
        if edit is not None:
            await self.preview(update, edit)

    def check(self, edit: Proposed) -> tuple[Entry, list[Problem]]:
        """The entry as it would be, and everything that keeps it from going out."""
        base = self._live.base
        names = {law.short: law.name for law in base.laws.laws.values() if law.short}
        entry, problems = entry_of(edit.content, names)
        before = base.entries.get(edit.id)
        if edit.base == 0 and before is not None:
            problems.append(Problem("-", edit.id, "id", "expected.unique"))
        if not problems:
            problems = problems_with(entry, base)
        return in_step(before, entry, small=edit.small), problems

    async def preview(self, update: Update, edit: Proposed) -> None:
        """Whoever sent the update sees the difference, the effect, and a button to publish."""
        showing = await self.showing(update)
        entry, problems = self.check(edit)
        before = self._live.base.entries.get(edit.id)
        found = differences(before, entry)
        message = [strong(showing.say("edit.preview", id=edit.id)), *showing.differences(found)]
        rows = [[button(showing, "button.edit_more", Code.EDIT_MENU, edit.key)]]
        if problems:
            message += [Line(), strong(showing.say("edit.not_ready")), *showing.problems(problems)]
        elif found:
            moved = await self.effect([entry])
            message += self._outlook(showing, edit, entry, moved)
            rows.insert(0, [self._publish_button(showing, edit, moved)])
        rows.append([button(showing, "button.cancel", Code.EDIT_CANCEL, edit.key)])
        await send(update, message, InlineKeyboardMarkup(rows))

    def _outlook(self, showing: Showing, edit: Proposed, entry: Entry, moved: Effect) -> list[Line]:
        message = showing.effect(moved)
        if entry.outdated is not None:
            language = showing.say(f"field.{entry.outdated}")
            message += [Line(), Line(showing.say("edit.will_wait", name=language))]
        return message

    def _publish_button(
        self, showing: Showing, edit: Proposed, moved: Effect
    ) -> InlineKeyboardButton:
        if self._ask_for_approval is not None:
            return button(showing, "button.send_for_approval", Code.PUBLISH, edit.key)
        if moved.harmful:
            text = showing.say("button.publish_all_the_same", count=len(moved.harmful))
            return InlineKeyboardButton(text, callback_data=pack(Code.PUBLISH, edit.key))
        return button(showing, "button.publish", Code.PUBLISH, edit.key)

    async def effect(self, entries: Sequence[Entry]) -> Effect:
        """What these entries would change for stored phrasings and the last questions of workers."""
        base = self._live.base
        questions = await self._db.run(partial(last_questions, limit=QUESTIONS_ASKED_AGAIN))
        changed = {entry.id: entry for entry in entries}

        def found() -> Effect:
            together = list({**base.entries, **changed}.values())
            return effect(base, self._live.with_entries(together), changed.keys(), questions)

        return await asyncio.to_thread(found)

    async def on_publish(self, update: Update, context: Context) -> None:
        """Publishes the edit, or has it agreed to first."""
        edit, user = await self.edit(update), update.effective_user
        if edit is None or user is None:
            return
        entry, problems = self.check(edit)
        if problems:
            await self.preview(update, edit)
        elif self._ask_for_approval is not None:
            await self._ask_for_approval(update, context.bot, edit, user.id)
        elif await self.publish(update, edit, entry, author=user.id):
            await self._drafts.drop(user.id, KIND)
        else:
            await self._conflict(update, edit)

    async def publish(
        self,
        update: Update,
        edit: Proposed,
        entry: Entry,
        *,
        author: int,
        approved_by: int | None = None,
    ) -> bool:
        """Whether the entry went out; it did not when somebody else published another version."""
        saved = await self._db.run(
            partial(
                store.publish,
                entry=entry,
                base=edit.base,
                author=author,
                approved_by=approved_by,
                now=self._now(),
            )
        )
        await self._live.refresh()
        if saved is None:
            return False
        showing = await self.showing(update)
        text = showing.say("edit.published", id=saved.id, version=saved.version)
        keyboard = InlineKeyboardMarkup([[button(showing, "button.card", Code.CARD, saved.id)]])
        await send(update, lines(text), keyboard)
        await self._published(saved.id, edit.sources)
        return True

    async def _conflict(self, update: Update, edit: Proposed) -> None:
        """Says what somebody else changed meanwhile, and offers to put this edit on top of it."""
        showing = await self.showing(update)
        theirs = await self._difference_since(edit)
        message = [strong(showing.say("edit.conflict")), *showing.differences(theirs)]
        rows = [
            [button(showing, "button.rebase", Code.REBASE, edit.key)],
            [button(showing, "button.cancel", Code.EDIT_CANCEL, edit.key)],
        ]
        await send(update, message, InlineKeyboardMarkup(rows))

    async def _difference_since(self, edit: Proposed) -> list[Difference]:
        def found(db: Any) -> list[Difference]:
            kept = KnowledgeStore(db)
            before = kept.at_version(edit.id, edit.base) if edit.base else None
            return differences(before, kept.entry(edit.id))

        return await self._db.run(found)

    async def on_rebase(self, update: Update, context: Context) -> None:
        """Puts the edit on top of what somebody else published meanwhile."""
        edit, user = await self.edit(update), update.effective_user
        if edit is None or user is None:
            return
        showing = await self.showing(update)
        entry_id, version = edit.id, edit.base
        current = await self._db.run(lambda db: KnowledgeStore(db).entry(entry_id))
        content: Content = edit.content
        both: list[str] = []
        if version:
            base = await self._db.run(lambda db: KnowledgeStore(db).at_version(entry_id, version))
            content, both = rebased(edit.content, base.as_json(), current.as_json())
        if both:
            fields = ", ".join(map(showing.field, both))
            await send(update, lines(showing.say("edit.both_changed", fields=fields)))
        edit = replace(edit, content=content, base=current.version)
        await self._drafts.keep(edit.draft(user.id))
        await self.preview(update, edit)


def button(showing: Showing, key: str, code: Code, value: object) -> InlineKeyboardButton:
    return InlineKeyboardButton(showing.say(key), callback_data=pack(code, value))
