"""The `shebao` command."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TextIO

import click

from bot import explaining
from bot.asking.answers import Answers, Reply
from bot.config import read_config
from bot.doctor import Finding, examine
from bot.faq_files import faq
from bot.figures_command import stats
from bot.markup import to_plain
from bot.notice_new_commands import notice
from bot.people_commands import people
from bot.shell import (
    FAILED,
    TERMINAL,
    TEXTS,
    ShebaoGroup,
    Shell,
    help_text,
    json_option,
    language_option,
    pass_shell,
)
from bot.staff_commands import audit, staff
from bot.terminal import Chat, questions_typed, show
from knowledge import calibrate
from knowledge.base import FOLDER, KnowledgeBase, Result
from knowledge.database import backup
from knowledge.decide import write_decision
from knowledge.evaluate import (
    Evaluation,
    Figures,
    InvalidCase,
    evaluate,
    mistaken,
    read_cases,
    read_json_lines,
    read_turns,
)
from knowledge.text import Language


@click.group(
    cls=ShebaoGroup,
    help=help_text("cli.help"),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="shebao-bot", prog_name="shebao")
@click.pass_context
def main(ctx: click.Context) -> None:
    """The group; settings are read once, before any command."""
    ctx.obj = Shell(TEXTS, TERMINAL, read_config())


main.add_command(faq)
main.add_command(staff)
main.add_command(audit)
main.add_command(stats)
main.add_command(notice)
main.add_command(people)


@main.command(help=help_text("cli.run"))
@pass_shell
def run(shell: Shell) -> None:
    """Runs the bot until it is stopped."""
    # The Telegram library takes a third of a second to import; answering in a terminal needs none of it.
    from bot import running
    from bot.logs import set_up_logging

    shell.config.need_token()
    set_up_logging(shell.config.log_level, shell.config.token)
    with shell.knowledge() as loaded:
        running.run(shell.config, loaded, shell.texts)


@main.command(help=help_text("cli.demo"))
@click.option("--port", type=click.IntRange(1, 65535), help=help_text("cli.option.port"))
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help=help_text("cli.option.data"),
)
@click.option("--no-browser", is_flag=True, help=help_text("cli.option.no_browser"))
@pass_shell
def demo(shell: Shell, port: int | None, data: Path | None, no_browser: bool) -> None:
    """The whole bot in a browser, until it is stopped."""
    from bot.demo import run_demo

    run_demo(shell, port=port, data=data, open_browser=not no_browser)


@main.command(help=help_text("cli.chat"))
@language_option
@click.option("--region", help=help_text("cli.option.region"))
@pass_shell
def chat(shell: Shell, language: str | None, region: str | None) -> None:
    """Answers in the terminal until the end of input."""
    with shell.knowledge() as loaded:
        code = _region(loaded.base, region)
        chosen = Language(language) if language else None
        session = Chat(
            shell.texts,
            loaded.base,
            shell.console(),
            language=chosen,
            region=code,
            today=shell.today(),
        )
        session.run(questions_typed(shell.say("chat.prompt")))


def _region(base: KnowledgeBase, name: str | None) -> str | None:
    if name is None:
        return None
    code = base.segmenter.tokens(name).places[:1] or (name,)
    if code[0] not in base.contacts.regions:
        raise click.BadParameter(help_text("cli.unknown_region"), param_hint="--region")
    return code[0]


def _asked_as_json(result: Result, reply: Reply) -> dict[str, object]:
    return {
        "question": result.question,
        "language": str(result.language),
        "decision": str(result.decision),
        "candidates": [{"id": c.id, "score": c.score} for c in result.candidates],
        "text": to_plain(reply.message),
        "provisions": [{"law": p.law, "article": p.article} for p in reply.provisions],
        "contacts": list(reply.contacts),
        "region": result.region,
        "elapsed_ms": result.elapsed_ms,
    }


@main.command(help=help_text("cli.ask"))
@click.argument("text", required=False)
@click.option("--batch", type=click.File("r", encoding="utf-8"), help=help_text("cli.option.batch"))
@language_option
@click.option("--region", help=help_text("cli.option.region"))
@json_option
@click.option("--explain", is_flag=True, help=help_text("cli.option.explain"))
@pass_shell
def ask(
    shell: Shell,
    text: str | None,
    batch: TextIO | None,
    language: str | None,
    region: str | None,
    as_json: bool,
    explain: bool,
) -> None:
    """Answers one question, or a file of them."""
    if (text is None) == (batch is None):
        raise click.UsageError(shell.say("cli.text_or_batch"))
    with shell.knowledge() as loaded:
        answers = Answers(shell.texts, loaded.base)
        code = _region(loaded.base, region)
        for turns in [(text,)] if text is not None else _batch(batch):
            result = loaded.base.ask(turns[-1], before=turns[:-1])
            reads = Language(language) if language else result.language
            reply = answers.result(result, reads, result.region or code, shell.today())
            why = (shell.texts, loaded.base, result, shell.language)
            if as_json:
                asked = _asked_as_json(result, reply)
                if explain:
                    asked["explain"] = explaining.as_json(*why)
                click.echo(json.dumps(asked, ensure_ascii=False))
                continue
            if explain:
                click.echo("\n".join(explaining.as_lines(*why)) + "\n", err=True)
            show(shell.console(), reply.message)


def _batch(file: TextIO | None) -> Iterator[tuple[str, ...]]:
    if file is not None:
        try:
            for number, item in read_json_lines(file, file.name):
                yield read_turns(item, file.name, number)
        except UnicodeDecodeError as error:
            raise InvalidCase(file.name, 0, "expected.utf8") from error


@main.command("evaluate", help=help_text("cli.evaluate"))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--written-only", is_flag=True, help=help_text("cli.option.written_only"))
@json_option
@click.option("--errors", is_flag=True, help=help_text("cli.option.errors"))
@pass_shell
def evaluate_file(
    shell: Shell, file: Path, written_only: bool, as_json: bool, errors: bool
) -> None:
    """Figures over labelled questions."""
    cases = read_cases(file)
    with shell.knowledge() as loaded:
        if written_only:
            written = set(loaded.base.entries)
            cases = [case for case in cases if not case.ids or case.ids[0] in written]
        evaluation = evaluate(loaded.base, cases)
    if as_json:
        click.echo(json.dumps(_evaluation_as_json(evaluation), ensure_ascii=False))
        return
    if errors:
        for case, result in evaluation.asked:
            if mistaken(case, result):
                found = " ".join(f"{c.id}={c.score}" for c in result.candidates[:3]) or "–"
                expected = " ".join(case.ids) or "–"
                click.echo(f"{result.decision}\t{case.turns[-1]}\t{expected}\t{found}")
    for name, figures in {
        shell.say("evaluate.overall"): evaluation.overall,
        **evaluation.kinds,
        **{f"[{name}]": f for name, f in evaluation.languages.items()},
    }.items():
        click.echo(_figures_line(shell, name, figures))
    click.echo(shell.say("evaluate.time", p50=evaluation.p50_ms, p99=evaluation.p99_ms))


def _figures_line(shell: Shell, name: str, figures: Figures) -> str:
    shown = {k: "–" if v is None else v for k, v in asdict(figures).items()}
    return shell.say("evaluate.figures", name=name, **shown)


def _evaluation_as_json(evaluation: Evaluation) -> dict[str, object]:
    return {
        **asdict(evaluation.overall),
        "kinds": {name: asdict(f) for name, f in evaluation.kinds.items()},
        "languages": {name: asdict(f) for name, f in evaluation.languages.items()},
        "p50_ms": evaluation.p50_ms,
        "p99_ms": evaluation.p99_ms,
    }


@main.command("calibrate", help=help_text("cli.calibrate"))
@click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="FILE...",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option(
    "--most-wrong",
    type=click.FloatRange(0, 100),
    default=5.0,
    show_default=True,
    help=help_text("cli.option.most_wrong"),
)
@click.option("--write", is_flag=True, help=help_text("cli.option.write"))
@pass_shell
def calibrate_scores(shell: Shell, files: tuple[Path, ...], most_wrong: float, write: bool) -> None:
    """Fits weights to labelled questions and lays out what each threshold brings."""
    labelled = [read_cases(file) for file in files]
    with shell.knowledge() as loaded:
        base = loaded.base
    examples = calibrate.examples(base, labelled)
    unseen = calibrate.cross_validated(base, examples)
    weights = calibrate.fit(examples, base.matcher.weights)
    points = calibrate.trade_off(unseen, base.matcher.thresholds)
    point = calibrate.chosen(points, most_wrong)
    for file, cases in zip(files, labelled, strict=True):
        seen = calibrate.hit_share(calibrate.guesses(base, examples, weights), cases)
        click.echo(
            shell.say(
                "calibrate.hits", file=file, seen=seen, unseen=calibrate.hit_share(unseen, cases)
            )
        )
    for each in points:
        mark = "→" if each == point else " "
        click.echo(
            shell.say(
                "calibrate.point",
                mark=mark,
                answer=each.thresholds.answer,
                answered=each.answered,
                wrong=each.wrong,
            )
        )
    for each_bin in calibrate.reliability(unseen):
        click.echo(shell.say("calibrate.bin", **asdict(each_bin)))
    if write:
        path = FOLDER / "decision.yaml"
        try:
            write_decision(path, weights, point.thresholds)
        except OSError as error:
            raise click.FileError(str(path), error.strerror) from error
        shell.tell("calibrate.written", file=path.name)


@main.command(help=help_text("cli.doctor"))
@pass_shell
def doctor(shell: Shell) -> None:
    """Says what is in order and what is not; fails when something is not."""
    findings: list[Finding] = examine(shell.config)
    for finding in findings:
        mark = {True: "✓", False: "✗", None: "·"}[finding.fine]
        click.echo(f"{mark} {shell.say(finding.key, **finding.parameters)}")
    if any(finding.fine is False for finding in findings):
        sys.exit(FAILED)


@main.command("backup", help=help_text("cli.backup"))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@pass_shell
def backup_database(shell: Shell, file: Path) -> None:
    """Copies the database while the bot may run."""
    backup(shell.config.db, file)
    shell.tell("backup.done", path=file, kilobytes=max(1, file.stat().st_size // 1024))
