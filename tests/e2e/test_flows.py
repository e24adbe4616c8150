"""Every flow that a worker meets, clicked through in a browser."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.async_api import Page, expect

from tests.e2e.browser import DESKTOP, Phone, demo, free_port, open_page, wait_for_the_bot


async def add_worker(page: Page, name: str, language: str = "zh-hans", region: str = "") -> Phone:
    """A new worker who has started the bot."""
    await page.locator("#add-worker").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("名字").fill(name)
    await dialog.get_by_label("手机语言").select_option(language)
    await dialog.get_by_label("地区（可不填）").fill(region)
    await dialog.get_by_role("button", name="加上").click()
    phone = Phone(page, name)
    await phone.show()
    await phone.answers(2 if region else 1)
    return phone


async def test_the_example_worker_has_been_answered(page: Page) -> None:
    phone = Phone(page, "王芳")
    await phone.show()
    await expect(phone.messages().nth(1)).to_contain_text("社会保险法")
    await expect(phone.root).to_contain_text("12333")


async def test_a_question_is_answered_in_the_language_it_is_asked_in(
    page: Page, new_name: str
) -> None:
    phone = await add_worker(page, new_name)
    await phone.say("老板不给我交社保怎么办")
    await expect(await phone.answers(2)).to_contain_text("社会保险法")
    await phone.say("my boss refuses to pay shebao")
    await expect(await phone.answers(3)).to_contain_text("Social Insurance Law")
    await phone.say("老闆不給我交社保怎麼辦")
    await expect(await phone.answers(4)).to_contain_text("社會保險法")


async def test_a_choice_among_did_you_mean_is_answered_and_so_is_none_of_these(
    page: Page, new_name: str
) -> None:
    phone = await add_worker(page, new_name)
    await phone.say("社保")
    offered = await phone.answers(2)
    first = offered.locator(".inline-keyboard button").first
    title = re.sub(r"^\d+\. ", "", await first.inner_text())
    await first.click()
    await expect(await phone.answers(3)).to_contain_text(title)
    await phone.tap("都不是", phone.messages().nth(1))
    await expect(await phone.answers(4)).to_contain_text("12333")


async def test_topics_are_browsed_to_an_answer_and_back(page: Page, new_name: str) -> None:
    phone = await add_worker(page, new_name)
    await phone.say("/topics")
    await phone.answers(2)
    await phone.tap("工伤")
    await expect(phone.messages().last).to_have_class(re.compile("theirs"))
    await expect(phone.messages().nth(1).locator(".edited")).to_be_visible()
    entry = phone.messages().nth(1).locator(":scope > .inline-keyboard button").first
    title = await entry.inner_text()
    await entry.click()
    await expect(await phone.answers(3)).to_contain_text(title)


async def test_language_and_region_change_what_is_read(page: Page, new_name: str) -> None:
    phone = await add_worker(page, new_name, region="福建")
    await expect(phone.messages().last).to_contain_text("福建")
    await phone.say("/language")
    await phone.answers(3)
    await phone.tap("English")
    await expect(phone.messages().nth(2)).to_contain_text("English")
    await phone.say("/help")
    await expect(await phone.answers(4)).to_contain_text("question")
    await phone.say("/region")
    await phone.answers(5)
    await phone.tap("Sichuan")
    await expect(phone.messages().last).to_contain_text("Sichuan")


async def test_the_interface_of_a_foreign_worker_is_english(page: Page, new_name: str) -> None:
    phone = await add_worker(page, new_name, language="en")
    await expect(phone.messages().last).to_contain_text("Hello")
    await phone.root.get_by_role("button", name="命令").click()
    await expect(phone.root.get_by_role("listbox")).to_contain_text("/topics")


async def test_feedback_is_thanked_for_and_its_buttons_go(page: Page, new_name: str) -> None:
    phone = await add_worker(page, new_name)
    await phone.say("老板不给我交社保怎么办")
    answer = await phone.answers(2)
    await phone.tap(re.compile("有用"), answer)
    await expect(phone.root.get_by_role("alert")).to_be_visible()
    await expect(
        answer.locator(":scope > .inline-keyboard").get_by_role("button", name=re.compile("有用"))
    ).to_have_count(0)


async def test_a_related_question_is_opened_from_an_answer(page: Page, new_name: str) -> None:
    phone = await add_worker(page, new_name)
    await phone.say("老板不给我交社保怎么办")
    answer = await phone.answers(2)
    related = answer.locator(".inline-keyboard button").last
    title = await related.inner_text()
    await related.click()
    await expect(await phone.answers(3)).to_contain_text(title)


async def test_a_corrected_question_gets_its_answer_in_the_old_place(
    page: Page, new_name: str
) -> None:
    phone = await add_worker(page, new_name)
    await phone.say("今天天气怎么样")
    await phone.answers(2)
    box = phone.root.get_by_role("combobox")
    await box.press("ArrowUp")
    await expect(box).to_have_value("今天天气怎么样")
    await box.fill("老板不给我交社保怎么办")
    await box.press("Enter")
    await expect(phone.messages().nth(1)).to_contain_text("社会保险法")
    await expect(phone.messages()).to_have_count(2)
    await phone.messages().nth(1).locator("summary").click()
    await expect(phone.messages().nth(1).locator(".earlier li")).to_have_count(1)


async def test_who_blocks_the_bot_is_answered_again_after_unblocking(
    page: Page, new_name: str
) -> None:
    phone = await add_worker(page, new_name)
    await phone.root.get_by_role("button", name="拉黑", exact=True).click()
    await expect(phone.root).to_have_class(re.compile("blocked"))
    await phone.root.get_by_role("button", name="解除拉黑").click()
    await expect(phone.root).not_to_have_class(re.compile("blocked"))
    await phone.say("老板不给我交社保怎么办")
    await expect(await phone.answers(2)).to_contain_text("社会保险法")


async def test_a_file_that_is_dropped_in_gets_a_kind_answer(page: Page, new_name: str) -> None:
    phone = await add_worker(page, new_name)
    file = {"name": "工资.xlsx", "mimeType": "application/vnd.ms-excel", "buffer": b"x" * 2048}
    await phone.root.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    await expect(phone.messages("mine").last).to_contain_text("工资.xlsx")
    await expect(await phone.answers(2)).to_contain_text("文字")


async def test_everything_can_be_done_with_the_keyboard(page: Page, new_name: str) -> None:
    phone = await add_worker(page, new_name)
    box = phone.root.get_by_role("combobox")
    await box.focus()
    await page.keyboard.type("/reg")
    await expect(phone.root.get_by_role("option")).to_have_count(1)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await phone.answers(2)
    await phone.messages().last.locator(".inline-keyboard button").first.focus()
    await page.keyboard.press("Enter")
    await expect(phone.messages().last.locator(".edited")).to_be_visible()


async def test_privacy_is_explained_and_what_is_kept_is_erased(page: Page, new_name: str) -> None:
    phone = await add_worker(page, new_name, region="福建")
    await phone.say("/forget")
    await phone.answers(3)
    await phone.tap(re.compile("删"))
    await expect(phone.messages().last.locator(".edited")).to_be_visible()
    await phone.say("/privacy")
    await expect(await phone.answers(4)).to_contain_text("180")


async def test_the_panel_shows_requests_moves_the_clock_and_makes_trouble(
    page: Page, new_name: str
) -> None:
    phone = await add_worker(page, new_name)
    toggle = page.locator("#show-panel")
    await toggle.click()
    panel = page.locator("#panel")
    first = panel.locator(".requests li").first
    await expect(first).to_contain_text("sendMessage")
    await first.locator("summary").click()
    await expect(first.locator("pre").first).to_contain_text("chat_id")
    before = await page.locator("#clock").inner_text()
    await panel.get_by_role("button", name="过1天").click()
    await expect(page.locator("#clock")).not_to_have_text(before)
    await panel.get_by_role("button", name="回到现在").click()
    await panel.get_by_label("哪个请求出故障").select_option("sendMessage")
    await panel.get_by_label("什么故障").select_option(label="太频繁（429，等3秒）")
    await panel.get_by_role("button", name="制造故障").click()
    await expect(panel.locator(".note").first).to_contain_text("sendMessage → 429 (1)")
    await toggle.click()
    await phone.say("老板不给我交社保怎么办")
    await expect(await phone.answers(2)).to_contain_text("社会保险法")


async def test_the_page_is_in_english_too(page: Page, new_name: str) -> None:
    await page.locator("#language").click()
    await expect(page.locator("h1")).to_have_text("Shebao Bot · sandbox")
    await page.locator("#language").click()
    await expect(page.locator("h1")).to_have_text("社保问答 · 试用台")


async def test_old_buttons_and_chats_outlive_a_restart(tmp_path: Path) -> None:
    folder, port = tmp_path / "data", free_port()
    with demo(folder, port) as url:
        wait_for_the_bot(url)
        async with open_page(url, DESKTOP) as page:
            phone = Phone(page, "李娜")
            await phone.say("社保")
            await phone.answers(1)
    with demo(folder, port) as url:
        async with open_page(url, DESKTOP) as page:
            phone = Phone(page, "李娜")
            first = phone.messages().first.locator(".inline-keyboard button").first
            title = re.sub(r"^\d+\. ", "", await first.inner_text())
            await first.click()
            await expect(await phone.answers(2)).to_contain_text(title)
