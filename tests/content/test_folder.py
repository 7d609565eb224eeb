"""The data folder is read and changed as a whole."""

import fcntl
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.content import ContentError, Rules, export, folder, load, read_all, run_import
from bot.content.folder import JOURNAL, changing, commit, read_folder
from bot.content.formats import read
from tests.content.samples import SEED, entry

OLD = [entry(1), entry(2, talk="二つ目の講演", lecturer="宮尾 祐介", id="miyao-1")]
NEW = [entry(1, answer="新しい回答。"), entry(3, talk="三つ目", lecturer="関根 聡", id="sekine-1")]


def test_an_empty_folder_holds_no_entries(tmp_path: Path) -> None:
    assert () == load(tmp_path)


def test_only_yaml_files_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    text = "lecturer: 河原 大輔\nentries: [{{id: {}, question: 質問{}, answer: はい}}]\n"
    for name in ("b.yaml", "a.yml", ".hidden.yaml", "C.yaml"):
        (tmp_path / name).write_text(text.format(name.strip("."), name), encoding="utf-8")
    (tmp_path / "README.md").write_text("# 説明", encoding="utf-8")
    (tmp_path / "synonyms.txt").write_text("LLM,大規模言語モデル", encoding="utf-8")
    assert ["C.yaml", "a.yml", "b.yaml"] == [found.id for found in load(tmp_path)]


def test_problems_of_all_files_are_reported_together(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        'lecturer: ""\nentries: [{id: x-1, question: 何, answer: はい}]\n'
    )
    (tmp_path / "b.yaml").write_text("lecturer: 河原\nentries: [{question: 何, answer: はい}]\n")
    with pytest.raises(ContentError) as caught:
        load(tmp_path)
    first, second = str(caught.value).replace(f"{tmp_path}/", "").split("\n")
    assert first.startswith("a.yaml:2:lecturer: lecturer is empty.")
    assert second == "b.yaml:2: the entry has no id. Give it one of its own, such as kawahara-6."


@pytest.mark.fault(8)
def test_the_same_id_in_two_files_is_refused(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        text = "lecturer: 河原\nentries: [{id: x-1, question: 何, answer: はい}]\n"
        (tmp_path / name).write_text(text)
    with pytest.raises(ContentError, match=r"b\.yaml:2:id: id x-1 is taken .*a\.yaml:2"):
        load(tmp_path)


@pytest.mark.fault(23)
def test_content_decides_not_the_name(tmp_path: Path) -> None:
    (tmp_path / "faq.csv").write_text("lecturer\tquestion\tanswer\n河原\t何\tはい\n")
    (note,) = read(tmp_path / "faq.csv").notes
    assert str(note).endswith("faq.csv: read as TSV, which its content is.")


@pytest.mark.fault(23)
def test_what_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "empty.csv").touch()
    (tmp_path / "prose.txt").write_text("これは議事録です。\n")
    for path, expected in {
        tmp_path: "this is no file. Name a file, or a data folder.",
        Path("/dev/null"): "this is no file.",
        tmp_path / "pipe.csv": "this is no file.",
        tmp_path / "missing.csv": "there is no such file. Check the path.",
        tmp_path / "empty.csv": "the file is empty.",
        tmp_path / "prose.txt": "this is no file of entries.",
        tmp_path / "empty.csv" / "x": "can't be read (Not a directory).",
    }.items():
        with pytest.raises(ContentError) as caught:
            read(path)
        assert str(caught.value).startswith(f"{path}: {expected}")


@pytest.mark.fault(23)
def test_a_file_without_permission_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "faq.csv"
    path.touch(mode=0)
    user = os.geteuid()
    if user == 0:  # who may read everything
        os.seteuid(65534)
    try:
        with pytest.raises(ContentError, match=r"can't be read \(Permission denied\)"):
            read(path)
    finally:
        os.seteuid(user)


@pytest.mark.fault(23)
def test_a_link_out_of_the_data_folder_is_refused(tmp_path: Path) -> None:
    data = tmp_path / "data"
    export(data, OLD)
    (tmp_path / "outside.yaml").write_text("entries: []\n")
    (data / "link.yaml").symlink_to("../outside.yaml")
    with pytest.raises(ContentError, match=r"link\.yaml: the link leads out of the data folder\."):
        load(data)


@pytest.mark.fault(23)
def test_a_link_within_the_data_folder_is_read(tmp_path: Path) -> None:
    """Mounted configuration is made of such links."""
    (tmp_path / "..data").mkdir()
    export(tmp_path / "..data", OLD[:1])
    (tmp_path / "faq.yaml").symlink_to("..data/kawahara.yaml")
    assert OLD[:1] == list(load(tmp_path))


@pytest.mark.fault(23)
def test_no_name_in_a_file_leads_out_of_the_data_folder(tmp_path: Path) -> None:
    data = tmp_path / "data"
    evil = entry(id="a-1", lecturer="../../etc", talk="../../passwd")
    export(data, [evil])
    assert [evil] == list(load(data))
    assert ["data"] == [found.name for found in tmp_path.iterdir()]


@pytest.mark.fault(24)
def test_a_file_that_changes_while_it_is_read_is_one_snapshot(tmp_path: Path) -> None:
    """Readers get bytes: what happens to the file afterwards can't reach them."""
    path = tmp_path / "faq.csv"
    path.write_text("lecturer,question,answer\n河原,何,はい\n")
    content = read(path)
    path.unlink()
    assert ["はい"] == [draft.entry.answer for draft in content.drafts]


@pytest.mark.fault(24)
def test_a_second_import_waits_for_the_first(tmp_path: Path) -> None:
    drafts = read_all([SEED]).drafts
    with changing(tmp_path):
        second = threading.Thread(target=run_import, args=(tmp_path, drafts, Rules()))
        second.start()
        second.join(0.2)
        assert second.is_alive()
        assert [] == list(tmp_path.iterdir())
    second.join()
    assert len(load(tmp_path)) == 14


@pytest.mark.fault(24)
def test_an_import_that_takes_too_long_refuses_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "PATIENCE", 0.1)
    with changing(tmp_path):
        for other in (changing(tmp_path).__enter__, lambda: load(tmp_path)):
            with pytest.raises(ContentError, match="another import is at work"):
                other()


def test_readers_do_not_wait_for_one_another(tmp_path: Path) -> None:
    export(tmp_path, OLD)
    descriptor = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    assert OLD == list(load(tmp_path))
    os.close(descriptor)


@pytest.mark.fault(26)
def test_a_reader_sees_the_new_content_of_an_unfinished_import(tmp_path: Path) -> None:
    export(tmp_path, OLD)
    journal = '{"miyao.yaml": null, "sekine.yaml": "lecturer: 関根\\nentries: []\\n"}'
    (tmp_path / JOURNAL).write_text(journal, encoding="utf-8")
    tmp_path.chmod(0o555)  # a reader has nothing to write
    assert ["kawahara.yaml", "sekine.yaml"] == list(read_folder(tmp_path).files)
    tmp_path.chmod(0o755)
    with changing(tmp_path) as found:
        assert ["kawahara.yaml", "sekine.yaml"] == list(found.files)
    assert {"kawahara.yaml", "sekine.yaml"} == {file.name for file in tmp_path.iterdir()}


def test_files_that_do_not_change_are_not_rewritten(tmp_path: Path) -> None:
    export(tmp_path, OLD)
    before = {file.name: file.stat().st_mtime_ns for file in tmp_path.iterdir()}
    text = "id,lecturer,question,answer\nkawahara-1,河原 大輔,質問 1 は何ですか。,新しい。\n"
    (tmp_path / "change.csv").write_text(text)
    run_import(tmp_path, read_all([tmp_path / "change.csv"]).drafts, Rules())
    after = {file.name: file.stat().st_mtime_ns for file in tmp_path.glob("*.yaml")}
    assert {"kawahara.yaml"} == {name for name in after if after[name] != before[name]}


def test_the_comment_at_the_top_of_a_file_stays(tmp_path: Path) -> None:
    export(tmp_path, OLD)
    path = tmp_path / "kawahara.yaml"
    path.write_text("# 覚え書き: 消さないこと\n\n" + path.read_text(encoding="utf-8"))
    export(tmp_path, NEW)
    assert path.read_text(encoding="utf-8").startswith(
        "# 覚え書き: 消さないこと\n\norder: 1\ntalk: "
    )
    assert NEW == list(load(tmp_path))


# Replaces each step that touches the disk by one that first counts down and, at zero, dies as
# hard as a power cut lets a process die.
def _die(data: Path, steps: int) -> None:
    """Import, in a process that is killed after so many steps."""

    def dying(function: Callable[..., object]) -> Callable[..., object]:
        def step(*args: object, **kwargs: object) -> object:
            nonlocal steps
            steps -= 1
            if steps < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*args, **kwargs)

        return step

    os.fsync = dying(os.fsync)  # type: ignore[assignment]
    for name in ("open", "replace", "unlink"):
        setattr(Path, name, dying(getattr(Path, name)))
    export(data, NEW)


@pytest.mark.fault(26)
def test_killed_at_any_step_an_import_leaves_old_or_new_content_whole(
    tmp_path: Path,
) -> None:
    """Every open, fsync, rename and removal of an import is a step; each is tried."""
    seen = []
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload([__name__])  # imported once, not for each step
    for step in range(100):
        data = tmp_path / str(step)
        export(data, OLD)
        dying = processes.Process(target=_die, args=(data, step))
        dying.start()
        dying.join()
        found = list(load(data))
        assert found in (OLD, NEW), f"killed at step {step}"
        seen.append(found == NEW)
        export(data, found)  # the next import tidies up
        assert not [file for file in data.iterdir() if file.name.startswith(".")]
        assert found == list(load(data))
        if dying.exitcode == 0:
            break
        assert dying.exitcode == -signal.SIGKILL
    assert seen == sorted(seen), "once new, never old again"
    assert len(seen) > 10
    assert {False, True} == set(seen[:-1])


def _swap(data: Path, times: int) -> None:
    for number in range(times):
        export(data, NEW if number % 2 else OLD)


@pytest.mark.fault(26)
def test_a_running_bot_never_sees_a_mix(tmp_path: Path) -> None:
    export(tmp_path, OLD)
    importer = multiprocessing.get_context("spawn").Process(target=_swap, args=(tmp_path, 40))
    importer.start()
    seen = set()
    while importer.is_alive():
        found = list(load(tmp_path))
        assert found in (OLD, NEW)
        seen.add(found == NEW)
    importer.join()
    assert importer.exitcode == 0
    assert {False, True} == seen


def test_a_folder_that_cannot_be_used_is_an_error_with_its_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    expected = r"the data folder can't be used \(.*\)\. Check that it is a folder"
    with pytest.raises(ContentError, match=expected):
        read_folder(tmp_path / "missing")
    with pytest.raises(ContentError, match=expected):
        export(tmp_path / "file" / "data", OLD)


@pytest.mark.fault(26)
def test_an_import_that_cannot_finish_counts_and_is_finished_by_the_next(tmp_path: Path) -> None:
    export(tmp_path, OLD)
    in_the_way = tmp_path / "sekine.yaml"
    with changing(tmp_path):
        in_the_way.mkdir()
        with pytest.raises(ContentError, match=r"imported, but not all .*\(Is a directory\)"):
            commit(tmp_path, {"kawahara.yaml": None, "sekine.yaml": b"entries: []\n"})
    assert OLD[1:] == list(load(tmp_path))
    in_the_way.rmdir()
    export(tmp_path, OLD[1:])
    assert {"miyao.yaml", "sekine.yaml"} == {file.name for file in tmp_path.iterdir()}


@pytest.mark.fault(26)
def test_an_import_that_cannot_begin_changes_nothing(tmp_path: Path) -> None:
    export(tmp_path, OLD)
    in_the_way = tmp_path / f".{JOURNAL}.unfinished"
    in_the_way.mkdir()
    with pytest.raises(ContentError, match=r"the data folder can't be used \(Is a directory\)"):
        export(tmp_path, NEW)
    in_the_way.rmdir()
    assert OLD == list(load(tmp_path))
