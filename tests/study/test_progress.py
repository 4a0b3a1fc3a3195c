"""Progress: what is printed, by a clock that the test turns."""

from tnas_bench.progress import Lines, progress


def test_lines(capsys):
    now = 100.0
    lines = Lines("a/b", 10, "trials", clock=lambda: now)
    lines(2, 0.5)  # recorded before
    now = 102.0
    lines(1, 0.9)  # too soon for a line
    assert capsys.readouterr().err == ""
    now = 106.0
    lines(1, 0.3)
    assert capsys.readouterr().err == "a/b: 4 of 10 trials, best 0.900, 18 s left\n"  # 2 in 6 s, 6 to go
    now = 107.0
    lines(6, 0.1)
    assert capsys.readouterr().err == "a/b: 10 of 10 trials, best 0.900, 0 s left\n"


def test_a_log_gets_lines(capsys):
    with progress("a/b", 1, "epochs") as observe:
        observe(0)
        observe(1)
    assert capsys.readouterr().err == "a/b: 1 of 1 epochs, 0 s left\n"


def test_a_terminal_gets_a_bar(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    with progress("a/b", 4, "trials") as observe:
        observe(0)
        observe(2, 0.75)
    assert "2/4" in capsys.readouterr().err
