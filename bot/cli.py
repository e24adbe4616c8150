"""The `shebao` command."""

from __future__ import annotations

import datetime
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO

import click
from rich.console import Console

from bot.asking.answers import Answers, Reply
from bot.config import Config, InvalidSetting, read_config
from bot.doctor import Finding, examine
from bot.loading import Loaded, load
from bot.markup import to_plain
from bot.terminal import Chat, questions_typed, show, terminal_language
from bot.texts import Texts
from knowledge import curate
from knowledge.base import KnowledgeBase, Result
from knowledge.decide import Decision
from knowledge.entry import Entry
from knowledge.errors import InvalidKnowledge, NoEntry, Problem, ShebaoError
from knowledge.evaluate import (
    Evaluation,
    Figures,
    InvalidCase,
    evaluate,
    read_cases,
    read_json_lines,
    read_turns,
)
from knowledge.rank import Candidate
from knowledge.text import Language

DONE, FAILED, WRONG_USAGE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Shell:
    """What every command works with.

    Attributes:
        language: language of messages to the person at the terminal.
    """

    texts: Texts
    language: Language
    config: Config

    def say(self, key: str, **values: object) -> str:
        """A sentence in the terminal's language."""
        return self.texts.say(self.language, key, **values)

    def tell(self, key: str, **values: object) -> None:
        """A sentence on stderr."""
        click.echo(self.say(key, **values), err=True)

    @contextmanager
    def knowledge(self) -> Iterator[Loaded]:
        """The knowledge, loaded; what a new release changed is told on stderr."""
        loaded = load(self.config.db)
        try:
            self._tell_release(loaded)
            yield loaded
        finally:
            loaded.connection.close()

    def _tell_release(self, loaded: Loaded) -> None:
        report = loaded.report
        if not report:
            return
        self.tell(
            "release.applied",
            added=len(report.added),
            updated=len(report.updated),
            kept=len(report.kept),
            retired=len(report.retired),
        )
        named = {"updated": report.updated, "kept": report.kept, "retired": report.retired}
        for name, ids in named.items():
            if ids:
                self.tell(f"release.{name}", ids=", ".join(ids))

    def today(self) -> datetime.date:
        """The day, in the set time zone."""
        return datetime.datetime.now(self.config.timezone).date()

    def console(self) -> Console:
        """Prints to stdout; without colours where it is no terminal."""
        return Console(highlight=False)


pass_shell = click.make_pass_decorator(Shell)
_texts = Texts()
_terminal = terminal_language()


def _help(key: str) -> str:
    return _texts.say(_terminal, key)


class ShebaoGroup(click.Group):
    """Turns our errors into one clear line on stderr and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except InvalidSetting as error:
            _tell_error(error)
            ctx.exit(WRONG_USAGE)
        except ShebaoError as error:
            _tell_error(error)
            ctx.exit(FAILED)


def _tell_error(error: ShebaoError) -> None:
    values = dict(error.parameters)
    if isinstance(error, InvalidSetting | InvalidCase):
        values["expected"] = _texts.say(_terminal, error.expected)
    click.echo(_texts.say(_terminal, error.key, **values), err=True)
    if isinstance(error, InvalidKnowledge):
        for problem in error.problems:
            click.echo("  " + _problem(problem), err=True)


def _problem(problem: Problem) -> str:
    expected = _texts.say(_terminal, problem.key, **problem.parameters)
    return _texts.say(
        _terminal,
        "error.problem",
        file=problem.file,
        entry=problem.entry,
        field=problem.field,
        expected=expected,
    )


language_option = click.option(
    "--lang",
    "language",
    type=click.Choice([str(x) for x in Language]),
    help=_help("cli.option.lang"),
)
json_option = click.option("--json", "as_json", is_flag=True, help=_help("cli.option.json"))


@click.group(
    cls=ShebaoGroup,
    help=_help("cli.help"),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="shebao-bot", prog_name="shebao")
@click.pass_context
def main(ctx: click.Context) -> None:
    """The group; settings are read once, before any command."""
    ctx.obj = Shell(_texts, _terminal, read_config())


@main.command(help=_help("cli.run"))
@pass_shell
def run(shell: Shell) -> None:
    """Runs the bot until it is stopped."""
    # The Telegram library takes a third of a second to import; answering in a terminal needs none of it.
    from bot import app
    from bot.logs import set_up_logging

    shell.config.need_token()
    set_up_logging(shell.config.log_level, shell.config.token)
    with shell.knowledge() as loaded:
        app.run(shell.config, loaded, shell.texts)


@main.command(help=_help("cli.chat"))
@language_option
@click.option("--region", help=_help("cli.option.region"))
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
        raise click.BadParameter(_help("cli.unknown_region"), param_hint="--region")
    return code[0]


def _asked_as_json(result: Result, reply: Reply, explain: bool) -> dict[str, object]:
    asked: dict[str, object] = {
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
    if explain:
        asked["explain"] = {
            "reason": _help(result.settled.reason),
            "words": list(result.tokens.words),
            "concepts": list(result.tokens.concepts),
            "candidates": [asdict(candidate) for candidate in result.candidates],
        }
    return asked


def _explain(shell: Shell, result: Result) -> Iterable[str]:
    tokens = result.tokens
    yield shell.say("explain.words", words=" ".join(tokens.words) or "–")
    yield shell.say("explain.concepts", concepts=" ".join(tokens.concepts) or "–")
    for candidate in result.candidates:
        yield _explain_candidate(shell, candidate)
    yield shell.say(
        "explain.decision", decision=result.decision, reason=shell.say(result.settled.reason)
    )


def _explain_candidate(shell: Shell, candidate: Candidate) -> str:
    return shell.say(
        "explain.candidate",
        id=candidate.id,
        score=candidate.score,
        explained=candidate.explained,
        likeness=candidate.likeness,
        spelling=candidate.spelling,
        shared=" ".join(candidate.shared) or "–",
        phrasing=candidate.phrasing or "–",
    )


@main.command(help=_help("cli.ask"))
@click.argument("text", required=False)
@click.option("--batch", type=click.File("r", encoding="utf-8"), help=_help("cli.option.batch"))
@language_option
@click.option("--region", help=_help("cli.option.region"))
@json_option
@click.option("--explain", is_flag=True, help=_help("cli.option.explain"))
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
            if as_json:
                click.echo(json.dumps(_asked_as_json(result, reply, explain), ensure_ascii=False))
                continue
            if explain:
                click.echo("\n".join(_explain(shell, result)) + "\n", err=True)
            show(shell.console(), reply.message)
            for choice in reply.choices:
                click.echo(f"  - {choice.title}")


def _batch(file: TextIO | None) -> Iterator[tuple[str, ...]]:
    if file is not None:
        try:
            for number, item in read_json_lines(file, file.name):
                yield read_turns(item, file.name, number)
        except UnicodeDecodeError as error:
            raise InvalidCase(file.name, 0, "expected.utf8") from error


@main.group(help=_help("cli.faq"))
def faq() -> None:
    """The entries."""


@faq.command("list", help=_help("cli.faq_list"))
@json_option
@pass_shell
def faq_list(shell: Shell, as_json: bool) -> None:
    """Lists the entries."""
    with shell.knowledge() as loaded:
        entries = list(loaded.base.entries.values())
    if as_json:
        names = ("id", "scheme", "status", "title", "version")
        listed = [{name: entry.as_json()[name] for name in names} for entry in entries]
        click.echo(json.dumps(listed, ensure_ascii=False))
        return
    for entry in entries:
        click.echo(f"{entry.id}\t{entry.status}\t{entry.title.of(shell.language)}")


@faq.command("show", help=_help("cli.faq_show"))
@click.argument("entry_id", metavar="ID")
@json_option
@pass_shell
def faq_show(shell: Shell, entry_id: str, as_json: bool) -> None:
    """Shows one entry whole."""
    with shell.knowledge() as loaded:
        entry = loaded.base.entries.get(entry_id)
        if entry is None:
            raise NoEntry(entry_id)
        if as_json:
            click.echo(json.dumps(entry.as_json(), ensure_ascii=False))
            return
        answers = Answers(shell.texts, loaded.base)
        for language in (Language.ZH, Language.EN):
            show(shell.console(), answers.entry(entry, language, None, shell.today()).message)
            for phrasing in entry.phrasings.of(language):
                click.echo(f"  · {phrasing}")
            click.echo()


@faq.command("export", help=_help("cli.faq_export"))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@pass_shell
def faq_export(shell: Shell, file: Path) -> None:
    """Writes every entry to a JSON file."""
    if file.suffix.casefold() != ".json":
        raise click.BadParameter(shell.say("cli.export_json"), param_hint="FILE")
    with shell.knowledge() as loaded:
        entries = [entry.as_json() for entry in loaded.base.entries.values()]
    try:
        file.write_text(json.dumps(entries, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise click.FileError(str(file), error.strerror) from error
    shell.tell("cli.exported", count=len(entries), file=file)


@faq.command("check", help=_help("cli.faq_check"))
@pass_shell
def faq_check(shell: Shell) -> None:
    """Checks every entry; fails when one is wrong or a phrasing finds another entry."""
    with shell.knowledge() as loaded:
        base = loaded.base
    problems = curate.check(base, shell.today())
    for problem in problems:
        click.echo(_problem(problem))
    stolen = curate.stolen_phrasings(base)
    for theft in stolen:
        click.echo(shell.say("check.stolen", **asdict(theft)))
    _tell_notes(shell, base)
    phrasings = sum(len(asked) for asked in base.index.phrasings)
    shell.tell(
        "check.summary",
        entries=len(base.entries),
        phrasings=phrasings,
        problems=len(problems),
        stolen=len(stolen),
    )
    if problems or stolen:
        sys.exit(FAILED)


def _tell_notes(shell: Shell, base: KnowledgeBase) -> None:
    overdue: Sequence[Entry] = curate.overdue(base, shell.today())
    for entry in overdue:
        shell.tell("check.overdue", id=entry.id, date=entry.review_by)
    missing = {related for _, related in curate.unwritten_related(base)}
    if missing:
        shell.tell("check.unwritten_related", count=len(missing))


@main.command("evaluate", help=_help("cli.evaluate"))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--written-only", is_flag=True, help=_help("cli.option.written_only"))
@json_option
@click.option("--errors", is_flag=True, help=_help("cli.option.errors"))
@pass_shell
def evaluate_file(
    shell: Shell, file: Path, written_only: bool, as_json: bool, errors: bool
) -> None:
    """Figures over labelled questions."""
    cases = read_cases(file)
    with shell.knowledge() as loaded:
        if written_only:
            written = set(loaded.base.index.entry_ids)
            cases = [case for case in cases if not case.ids or case.ids[0] in written]
        evaluation = evaluate(loaded.base, cases)
    if as_json:
        click.echo(json.dumps(_evaluation_as_json(evaluation), ensure_ascii=False))
        return
    if errors:
        for case, result in evaluation.asked:
            found = [candidate.id for candidate in result.candidates[:3]]
            right = (found[:1] and found[0] in case.ids) or (
                not case.ids and result.decision is not Decision.ANSWER
            )
            if not right:
                score = result.candidates[0].score if result.candidates else 0
                click.echo(
                    f"{result.decision}\t{score}\t{case.turns[-1][:60]}\t{case.ids[:2]}\t{found}"
                )
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


@main.command(help=_help("cli.doctor"))
@pass_shell
def doctor(shell: Shell) -> None:
    """Says what is in order and what is not; fails when something is not."""
    findings: list[Finding] = examine(shell.config)
    for finding in findings:
        mark = {True: "✓", False: "✗", None: "·"}[finding.fine]
        click.echo(f"{mark} {shell.say(finding.key, **finding.parameters)}")
    if any(finding.fine is False for finding in findings):
        sys.exit(FAILED)
