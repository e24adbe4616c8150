"""The Bot API as the bot meets it, driven by python-telegram-bot itself."""

from __future__ import annotations

import asyncio
import datetime
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputMediaPhoto,
    InputTextMessageContent,
    KeyboardButton,
    LinkPreviewOptions,
    Message,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
)
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter

from bot.sandbox import actions
from bot.sandbox.limits import Limits
from bot.sandbox.profile import commands_for, profile_text
from bot.sandbox.state import Fault, Person, State
from tests.bot.sandbox.conftest import png
from tests.bot.telegram_server import TOKEN


def keyboard(*rows: list[InlineKeyboardButton]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(rows)


def press(text: str = "a", data: str = "d") -> InlineKeyboardButton:
    return InlineKeyboardButton(text, callback_data=data)


async def refused(work: Any) -> str:
    """The description with which a request was refused."""
    with pytest.raises(BadRequest) as error:
        await work
    return error.value.message


async def test_a_text_arrives_with_its_entities_and_buttons(
    client: Bot, state: State, worker: Person
) -> None:
    sent = await client.send_message(
        worker.id, "<b>a</b>", parse_mode="HTML", reply_markup=keyboard([press()])
    )
    kept = state.messages[worker.id][sent.message_id]
    assert kept["text"] == "a"
    assert kept["entities"] == [{"type": "bold", "offset": 0, "length": 1}]
    assert sent.reply_markup is not None
    assert sent.reply_markup.inline_keyboard[0][0].callback_data == "d"
    assert sent.text_html == "<b>a</b>"


async def test_what_telegram_refuses_is_refused_in_its_words(client: Bot, worker: Person) -> None:
    chat = worker.id
    long = "d" * 65
    for work, reason in (
        (client.send_message(chat, " \n "), "Message text is empty"),
        (client.send_message(chat, "a" * 4097), "Message is too long"),
        (client.send_message(12, "a"), "Chat not found"),
        (client.send_message("@nobody", "a"), "Chat not found"),
        (client.send_message(chat, "<b>a", parse_mode="HTML"), "Can't parse entities"),
        (client.send_message(chat, "a", reply_markup=keyboard([press("a", long)])), "Button_data"),
        (
            client.send_message(
                chat, "a", reply_markup=keyboard([InlineKeyboardButton("a", url="nowhere")])
            ),
            "Inline keyboard button url",
        ),
        (
            client.send_message(chat, "a", reply_parameters=ReplyParameters(999)),
            "Message to be replied not found",
        ),
        (client.edit_message_text("a", chat_id=chat, message_id=999), "Message to edit not found"),
        (client.delete_message(chat, 999), "Message to delete not found"),
        (client.send_chat_action(chat, "dancing"), "Wrong parameter action"),
        (client.send_photo(chat, b"no picture"), "Image_process_failed"),
        (client.send_document(chat, "BQACunknown"), "Wrong remote file identifier"),
        (client.send_document(chat, "https://x.cn/a"), "Failed to get http url content"),
        (client.send_media_group(chat, [InputMediaPhoto(png(1, 1))]), "Wrong number of messages"),
        (client.get_file("unknown"), "Wrong file_id"),
        (client.answer_callback_query("unknown"), "Query is too old"),
        (client.answer_inline_query("unknown", []), "Query is too old"),
        (client.set_my_commands([BotCommand("Bad", "a")]), "Bot_command_invalid"),
        (client.set_my_description("a" * 513), "Bot_description_too_long"),
    ):
        assert reason.lower() in (await refused(work)).lower()


async def test_buttons_without_text_and_the_thirteenth_of_a_row_are_left_out(
    client: Bot, worker: Person
) -> None:
    row = [press(""), *[press(str(n)) for n in range(13)]]
    sent = await client.send_message(worker.id, "a", reply_markup=keyboard(row))
    assert sent.reply_markup is not None
    assert len(sent.reply_markup.inline_keyboard[0]) == 12


async def test_an_edit_that_changes_nothing_is_refused_and_one_that_does_is_kept(
    client: Bot, state: State, worker: Person
) -> None:
    sent = await client.send_message(worker.id, "a", reply_markup=keyboard([press()]))
    again = client.edit_message_text(
        "a", worker.id, sent.message_id, reply_markup=keyboard([press()])
    )
    assert "message is not modified" in (await refused(again)).lower()
    await client.edit_message_text("b", worker.id, sent.message_id)
    kept = state.messages[worker.id][sent.message_id]
    assert kept["text"] == "b"
    assert "reply_markup" not in kept
    assert kept["edit_date"]
    assert state.earlier[worker.id, sent.message_id][0]["text"] == "a"


async def test_the_bot_cannot_edit_what_a_person_wrote(
    client: Bot, state: State, worker: Person
) -> None:
    theirs = actions.say(state, worker, "a")["message_id"]
    edit = client.edit_message_text("b", worker.id, theirs)
    assert "message can't be edited" in (await refused(edit)).lower()


async def test_a_message_can_be_deleted_for_two_days(
    client: Bot, state: State, worker: Person
) -> None:
    first = await client.send_message(worker.id, "a")
    second = await client.send_message(worker.id, "b")
    state.clock.forward(datetime.timedelta(hours=47))
    assert await client.delete_message(worker.id, first.message_id)
    state.clock.forward(datetime.timedelta(hours=2))
    delete = client.delete_message(worker.id, second.message_id)
    assert "can't be deleted for everyone" in await refused(delete)
    assert await client.delete_messages(worker.id, [second.message_id])
    assert second.message_id in state.messages[worker.id]


async def test_the_bot_may_not_write_to_whoever_has_not_started_blocked_or_left(
    client: Bot, state: State, worker: Person
) -> None:
    stranger = actions.add_person(state, "S", "en")
    with pytest.raises(Forbidden, match="can't initiate conversation with a user"):
        await client.send_message(stranger.id, "a")
    actions.block(state, worker, blocked=True)
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await client.send_message(worker.id, "a")
    actions.say(state, worker, "back")
    assert await client.send_message(worker.id, "a")
    worker.deactivated = True
    with pytest.raises(Forbidden, match="user is deactivated"):
        await client.send_message(worker.id, "a")
    kinds = [kind for update in state.updates for kind in update if kind != "update_id"]
    assert kinds == ["my_chat_member", "my_chat_member", "message"]


async def test_files_come_up_and_down_whole(client: Bot, state: State, worker: Person) -> None:
    content = bytes(range(256)) * 100
    sent = await client.send_document(worker.id, content, filename="表.xlsx", caption="c")
    assert sent.document is not None
    assert (sent.document.file_name, sent.document.file_size) == ("表.xlsx", len(content))
    assert bytes(await (await sent.document.get_file()).download_as_bytearray()) == content
    again = await client.send_document(worker.id, sent.document.file_id)
    assert again.document == sent.document
    picture = await client.send_photo(worker.id, png(30, 20))
    assert (picture.photo[-1].width, picture.photo[-1].height) == (30, 20)
    uploaded = actions.send_file(state, worker, b"a,b", "a.csv", "text/csv", "")
    (update,) = await client.get_updates(timeout=1)
    assert update.message is not None
    assert update.message.document is not None
    file = await update.message.document.get_file()
    assert bytes(await file.download_as_bytearray()) == b"a,b"
    assert uploaded["document"]["mime_type"] == "text/csv"


async def test_a_picture_takes_another_ones_place(client: Bot, worker: Person) -> None:
    first, second = await client.send_media_group(
        worker.id, [InputMediaPhoto(png(1, 1)), InputMediaPhoto(png(2, 2), caption="b")]
    )
    assert second.caption == "b"
    edited = await client.edit_message_media(
        InputMediaPhoto(png(3, 3)), worker.id, first.message_id
    )
    assert isinstance(edited, Message)
    assert edited.photo[-1].width == 3
    await client.edit_message_caption(worker.id, second.message_id, caption="c")
    copied = await client.copy_message(worker.id, worker.id, second.message_id)
    assert copied.message_id > second.message_id


async def test_a_reply_keyboard_stays_until_it_is_removed(client: Bot, worker: Person) -> None:
    markup = ReplyKeyboardMarkup([[KeyboardButton("a"), "b"]], resize_keyboard=True)
    await client.send_message(worker.id, "x", reply_markup=markup)
    assert worker.reply_keyboard is not None
    assert [button["text"] for button in worker.reply_keyboard["keyboard"][0]] == ["a", "b"]
    await client.send_message(worker.id, "x", reply_markup=ReplyKeyboardRemove())
    assert worker.reply_keyboard is None


async def test_a_reply_names_what_it_answers_or_goes_without(
    client: Bot, state: State, worker: Person
) -> None:
    asked = actions.say(state, worker, "q")["message_id"]
    sent = await client.send_message(worker.id, "a", reply_parameters=ReplyParameters(asked))
    assert sent.reply_to_message is not None
    assert sent.reply_to_message.text == "q"
    lenient = ReplyParameters(9999, allow_sending_without_reply=True)
    assert (await client.send_message(worker.id, "a", reply_parameters=lenient)).text == "a"


async def test_a_press_is_answered_once_and_in_time(
    client: Bot, state: State, worker: Person
) -> None:
    await client.send_message(worker.id, "a", reply_markup=keyboard([press()]))
    message = state.messages[worker.id][max(state.messages[worker.id])]
    told: list[dict[str, Any]] = []
    state.page_listeners.append(told.append)
    number = actions.tap(state, worker, message, "d")
    (update,) = await client.get_updates(timeout=1)
    assert update.callback_query is not None
    assert (update.callback_query.data, update.callback_query.from_user.id) == ("d", worker.id)
    assert await update.callback_query.answer("好", show_alert=True)
    assert next(event for event in told if event["type"] == "press_answered")["text"] == "好"
    assert "too old" in await refused(client.answer_callback_query(number))
    late = actions.tap(state, worker, message, "d")
    state.clock.forward(datetime.timedelta(minutes=5))
    assert "too old" in await refused(client.answer_callback_query(late))


async def test_updates_wait_until_they_are_confirmed(
    client: Bot, state: State, worker: Person
) -> None:
    actions.say(state, worker, "a")
    actions.say(state, worker, "b")
    first = await client.get_updates(limit=1)
    again = await client.get_updates()
    assert next(update.update_id for update in again) == first[0].update_id
    rest = await client.get_updates(offset=first[0].update_id + 1)
    assert [update.message.text for update in rest if update.message] == ["b"]
    actions.say(state, worker, "c")
    newest = await client.get_updates(offset=-1)
    assert [update.message.text for update in newest if update.message] == ["c"]


async def test_a_long_poll_ends_with_the_first_update(
    client: Bot, state: State, worker: Person
) -> None:
    poll = asyncio.create_task(client.get_updates(timeout=20))
    await asyncio.sleep(0.1)
    assert not poll.done()
    actions.say(state, worker, "a")
    assert len(await asyncio.wait_for(poll, 5)) == 1


async def test_only_the_kinds_of_update_that_were_asked_for_arrive(
    client: Bot, state: State, worker: Person
) -> None:
    await client.get_updates(allowed_updates=["callback_query"])
    actions.say(state, worker, "a")
    assert await client.get_updates() == ()


async def test_two_bots_with_one_token_are_told_apart(
    client: Bot, server: str, state: State, worker: Person
) -> None:
    first = asyncio.create_task(client.get_updates(timeout=20))
    await asyncio.sleep(0.1)
    async with Bot(TOKEN, base_url=f"{server}/bot") as second:
        waiting = asyncio.create_task(second.get_updates(timeout=20))
        with pytest.raises(Conflict, match="terminated by other getUpdates"):
            await first
        actions.say(state, worker, "a")
        assert len(await waiting) == 1


async def test_a_wrong_token_and_an_unknown_method_are_refused_as_by_telegram(server: str) -> None:
    with pytest.raises(InvalidToken):
        async with Bot("1:" + "b" * 35, base_url=f"{server}/bot"):
            pass
    async with aiohttp.ClientSession() as session:
        for method, code, description in (
            ("noSuchMethod", 404, "Not Found: method not found"),
            ("GETME", 200, None),
        ):
            async with session.get(f"{server}/bot{TOKEN}/{method}") as response:
                assert response.status == code
                assert (await response.json()).get("description") == description
        async with session.get(f"{server}/file/bot{TOKEN}/documents/none") as response:
            assert response.status == 404


async def test_rates_are_those_that_telegram_publishes(
    client: Bot, state: State, worker: Person
) -> None:
    seconds = 0.0
    state.limits = Limits(on=True, clock=lambda: seconds)
    for _ in range(20):
        await client.send_message(worker.id, "a")
    with pytest.raises(RetryAfter) as wait:
        await client.send_message(worker.id, "a")
    assert wait.value.retry_after in (1, datetime.timedelta(seconds=1))
    seconds = 1.0
    assert await client.send_message(worker.id, "a")
    others = [actions.add_person(state, str(n), "en") for n in range(40)]
    for other in others:
        other.started = True
    seconds = 100.0
    for other in others[:30]:
        await client.send_message(other.id, "a")
    with pytest.raises(RetryAfter):
        await client.send_message(others[30].id, "a")
    assert await client.send_message(others[31].id, "a", allow_paid_broadcast=True)


async def test_faults_happen_as_often_as_was_wished(
    client: Bot, state: State, worker: Person
) -> None:
    state.faults.append(Fault("sendMessage", 500, "Internal Server Error", times=2))
    for _ in range(2):
        with pytest.raises(NetworkError):
            await client.send_message(worker.id, "a")
    assert await client.send_message(worker.id, "a")
    assert len(state.messages[worker.id]) == 1


async def test_an_answer_can_be_lost_although_the_message_arrived(
    client: Bot, state: State, worker: Person
) -> None:
    state.faults.append(Fault("sendMessage", 0, after=True))
    with pytest.raises(NetworkError):
        await client.send_message(worker.id, "a")
    assert [message["text"] for message in state.messages[worker.id].values()] == ["a"]


async def test_commands_and_texts_follow_scope_and_language(
    client: Bot, state: State, worker: Person
) -> None:
    private = BotCommandScopeAllPrivateChats()
    await client.set_my_commands([("a", "everywhere")])
    await client.set_my_commands([("b", "private")], scope=private)
    await client.set_my_commands([("c", "中文")], scope=private, language_code="zh")
    assert commands_for(state, worker.id, "zh-hans")[0]["command"] == "c"
    assert commands_for(state, worker.id, "fr")[0]["command"] == "b"
    assert commands_for(state, -5, "fr")[0]["command"] == "a"
    await client.set_my_commands([("d", "one chat")], scope=BotCommandScopeChat(worker.id))
    assert commands_for(state, worker.id, "zh-hans")[0]["command"] == "d"
    await client.delete_my_commands(scope=BotCommandScopeChat(worker.id))
    assert commands_for(state, worker.id, "zh-hans")[0]["command"] == "c"
    assert await client.get_my_commands(scope=private) == (BotCommand("b", "private"),)
    await client.set_my_description("D")
    await client.set_my_description("介绍", language_code="zh")
    assert profile_text(state, "description", "zh-hans") == "介绍"
    assert profile_text(state, "description", "en") == "D"


async def test_an_inline_query_is_answered_chosen_and_sent(
    client: Bot, state: State, worker: Person
) -> None:
    number = actions.ask_inline(state, worker, "工伤")
    (update,) = await client.get_updates(timeout=1)
    assert update.inline_query is not None
    content = InputTextMessageContent("<b>a</b>", parse_mode="HTML")
    await update.inline_query.answer([InlineQueryResultArticle("1", "t", content)])
    message = actions.choose_inline(state, worker, number, "1")
    assert message["text"] == "a"
    (chosen,) = await client.get_updates(offset=update.update_id + 1, timeout=1)
    assert chosen.chosen_inline_result is not None
    assert chosen.chosen_inline_result.result_id == "1"


async def test_a_link_preview_setting_and_an_unknown_parameter_do_no_harm(
    client: Bot, worker: Person
) -> None:
    assert await client.send_message(
        worker.id,
        "a",
        link_preview_options=LinkPreviewOptions(is_disabled=True),
        api_kwargs={"new_parameter": 1},
    )


async def test_a_webhook_gets_each_update_with_its_secret_until_it_takes_it(
    client: Bot, state: State, worker: Person
) -> None:
    got: list[tuple[str | None, int]] = []

    async def hook(request: web.Request) -> web.Response:
        secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token")
        got.append((secret, (await request.json())["update_id"]))
        return web.Response(status=500 if len(got) == 1 else 200)

    app = web.Application()
    app.router.add_post("/hook", hook)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        actions.say(state, worker, "a")
        await client.set_webhook(url, secret_token="s3cret")
        with pytest.raises(Conflict, match="webhook is active"):
            await client.get_updates()
        async with asyncio.timeout(10):
            while state.updates or len(got) < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert got[0] == got[1]
        assert got[0][0] == "s3cret"
        info = await client.get_webhook_info()
        assert (info.url, info.pending_update_count) == (url, 0)
        assert "500" in (info.last_error_message or "")
        await client.delete_webhook()
        actions.say(state, worker, "b")
        assert len(await client.get_updates()) == 1
    finally:
        await runner.cleanup()


async def test_a_webhook_must_be_https_and_its_secret_plain(client: Bot) -> None:
    assert (
        "https url must be provided"
        in (await refused(client.set_webhook("http://example.org/hook"))).lower()
    )
    secret = client.set_webhook("https://example.org/hook", secret_token="no spaces")
    assert "unallowed characters" in await refused(secret)
