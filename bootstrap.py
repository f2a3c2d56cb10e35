"""Three commands on a fresh machine, with Python alone:

    python3 bootstrap.py desk     make .venv, install, open the desk in the browser
    python3 bootstrap.py demo     make .venv, install, run `auditor demo`
    python3 bootstrap.py test     make .venv, install, run the tests

    python3 bootstrap.py wheelhouse DIR    fill a folder from which both install without a network

Further arguments go to `auditor desk`, `auditor demo` or pytest. With a folder `wheelhouse` beside
this file, or one named by AUDITOR_WHEELHOUSE, nothing is fetched. Windows: `py bootstrap.py ...`.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "auditor-installed.txt"
OLDEST = (3, 11)
COMMANDS = ("desk", "demo", "test", "wheelhouse")


def say(zh, en):
    """Say one thing in both languages, in whatever encoding the terminal has."""
    for text in (zh, en):
        encoding = sys.stderr.encoding or "ascii"
        sys.stderr.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    sys.stderr.flush()


def venv_python():
    """The interpreter inside .venv."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def wheelhouse():
    """The folder of wheels to install from, or None."""
    named = os.environ.get("AUDITOR_WHEELHOUSE")
    folder = Path(named) if named else ROOT / "wheelhouse"
    return folder.resolve() if folder.is_dir() else None


def environment():
    """What pip is told: the pinned versions, also for what it builds with."""
    found = dict(os.environ)
    # as an address: pip splits the variable at blanks, and a folder's name may have some
    found["PIP_CONSTRAINT"] = (ROOT / "constraints.txt").as_uri()
    found["PIP_BUILD_CONSTRAINT"] = found["PIP_CONSTRAINT"]
    found["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    found["PYTHONUTF8"] = "1"
    return found


def wanted(extra):
    """What an installation depends on; another text means installing again."""
    digest = hashlib.sha256()
    for name in ("pyproject.toml", "constraints.txt"):
        digest.update((ROOT / name).read_bytes())
    return f"{digest.hexdigest()} {sys.version_info[:3]} {ROOT} {extra}\n"


def make_venv():
    """Make .venv, or say plainly what is missing."""
    if (
        venv_python().exists()
        and subprocess.run([str(venv_python()), "-m", "pip", "--version"], capture_output=True).returncode
        == 0
    ):
        return
    if VENV.exists():
        say("上次的 .venv 不完整，重新建立……", "The .venv of last time is not whole; making it anew …")
        shutil.rmtree(VENV)
    say("正在建立 .venv ……", "Making .venv …")
    done = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True)
    if done.returncode != 0:
        shutil.rmtree(VENV, ignore_errors=True)
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        say(
            f"无法建立 .venv。Debian/Ubuntu/UOS 请先安装：sudo apt-get install python{version}-venv",
            f"Could not make .venv. On Debian first run: sudo apt-get install python{version}-venv",
        )
        sys.stderr.write((done.stderr or done.stdout)[-800:] + "\n")
        sys.exit(1)


def install(extra):
    """Install auditor and what it needs, once for each state of pyproject.toml and constraints.txt."""
    make_venv()
    installed = STAMP.read_text(encoding="utf-8") if STAMP.exists() else ""
    if installed in (wanted(extra), wanted("dev")):
        return
    say("正在安装（第一次约需一两分钟）……", "Installing (a minute or two the first time) …")
    target = f"{ROOT}[{extra}]" if extra else str(ROOT)
    command = [str(venv_python()), "-m", "pip", "install", "--quiet", "--editable", target]
    folder = wheelhouse()
    if folder:
        command += ["--no-index", "--find-links", str(folder)]
    if subprocess.run(command, env=environment()).returncode != 0:
        say(
            "安装未成功。没有网络时，请在有网络的电脑上运行 `python3 bootstrap.py wheelhouse wheelhouse`，"
            "把整个文件夹拷过来再试。",
            "Installing failed. Without a network, run `python3 bootstrap.py wheelhouse wheelhouse` on a "
            "computer that has one, bring the folder here and try again.",
        )
        sys.exit(1)
    STAMP.write_text(wanted(extra), encoding="utf-8")


def fill(folder):
    """Fetch every wheel that both commands need into a folder."""
    make_venv()
    folder.mkdir(parents=True, exist_ok=True)
    tools = ["hatchling", "editables"]
    command = [
        str(venv_python()),
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--wheel-dir",
        str(folder),
        f"{ROOT}[dev]",
    ]
    code = subprocess.run([*command, *tools], env=environment()).returncode
    for own in folder.glob("auditor-*.whl"):
        own.unlink()
    if code == 0:
        say(f"完成：{folder}", f"Done: {folder}")
    return code


def main(arguments):
    """Run one of the commands; give its exit code."""
    if sys.version_info < OLDEST:
        say(
            "auditor 需要 Python 3.11 或更新版本；当前是 {}.{}".format(*sys.version_info[:2]),
            "auditor needs Python 3.11 or newer; this is {}.{}".format(*sys.version_info[:2]),
        )
        return 1
    if not arguments or arguments[0] not in COMMANDS:
        sys.stderr.write(__doc__ + "\n")
        return 0 if arguments[:1] in (["-h"], ["--help"]) else 2
    command, rest = arguments[0], arguments[1:]
    if command == "wheelhouse":
        if len(rest) != 1:
            say("请写明文件夹：bootstrap.py wheelhouse DIR", "Name a folder: bootstrap.py wheelhouse DIR")
            return 2
        return fill(Path(rest[0]))
    install("dev" if command == "test" else "")
    start = [str(venv_python()), "-m"]
    if command == "test":
        # one process more than an office PC has cores: a test that waits for a browser leaves one idle
        return subprocess.run([*start, "pytest", "-n", "3", *rest], cwd=ROOT, env=environment()).returncode
    try:
        return subprocess.run([*start, "auditor", command, *rest], env=environment()).returncode
    except KeyboardInterrupt:  # Ctrl+C ends the desk; it says itself how it ended
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
