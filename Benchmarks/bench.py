"""What the measurements share: a place on a file system, drops, and programs that are run and measured."""

import contextlib
import http.client
import os
import pathlib
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
COLLECTED = "inboxes: [{{ settle: 0s }}]\nprocessed: {{ portion: {portion} }}\nlog: {{ level: error }}\nadmin: {{ listen: 'off' }}\n"


class Run:
    """One run of a program: how long it took, what processor time it used, and the most memory it had."""

    def __init__(self, arguments, environment=None, accepted=(0,), errors=None):
        start = time.monotonic()
        # Not through a pipe: nothing should wait for us while being measured.
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen(arguments, env=environment, stdout=output, stderr=errors)
            watcher = threading.Thread(target=self._watch, args=[process.pid])
            watcher.start()
            _, status, usage = os.wait4(process.pid, 0)
            self.seconds = time.monotonic() - start
            watcher.join()
            process.returncode = os.waitstatus_to_exitcode(status)
            output.seek(0)
            self.output = output.read().decode()
        if process.returncode not in accepted:
            sys.exit(f"{' '.join(map(str, arguments))} ended with {process.returncode}")
        self.cpu = usage.ru_utime + usage.ru_stime

    def _watch(self, pid):
        # Not ru_maxrss: a program inherits its initial value from the one that started it.
        self.memory = 0
        while True:
            try:
                with open(f"/proc/{pid}/status") as status:
                    peak = next((line for line in status if line.startswith("VmHWM:")), None)
            except (FileNotFoundError, ProcessLookupError):
                return
            if peak is None:
                return
            self.memory = int(peak.split()[1]) / 1024
            time.sleep(0.05)


class Sink:
    """`eventdrop sink` in the place of n8n."""

    def __init__(self, program):
        self.process = subprocess.Popen(
            [program, "sink", "--quiet", "--listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.url = next(line for line in self.process.stdout if line.startswith("N8N_WEBHOOK_URL=")).split("=", 1)[1].strip()

    def stop(self):
        self.process.terminate()
        self.process.wait()


def event(number, size):
    head = f'{{"id":"evt_{number:010}","type":"payment_intent.succeeded","created":1700000000,"data":{{"amount":1234.50,"text":"'
    return head + "x" * max(size - len(head) - 3, 0) + '"}}'


def drop(inbox, count, size, per_file=1, first=0):
    """Drops so many events, those of one file as JSON lines."""
    inbox.mkdir(parents=True, exist_ok=True)
    folder = os.open(inbox, os.O_RDONLY)
    for start in range(first, first + count, per_file):
        name = f"{start:08}.json" + ("l" if per_file > 1 else "")
        file = os.open(name, os.O_WRONLY | os.O_CREAT, 0o640, dir_fd=folder)
        with open(file, "w") as text:
            for number in range(start, min(start + per_file, first + count)):
                text.write(event(number, size) + ("\n" if per_file > 1 else ""))
    os.close(folder)


class Place:
    """A file system that is measured on."""

    def __init__(self, folder, options):
        self.folder = folder
        self.options = options

    @contextlib.contextmanager
    def tree(self):
        path = pathlib.Path(tempfile.mkdtemp(prefix="eventdrop-", dir=self.folder))
        try:
            yield path
        finally:
            shutil.rmtree(path)

    def configure(self, tree, portion=500, extra=""):
        (tree / "config.yaml").write_text(COLLECTED.format(portion=portion) + extra)

    def command(self, tree, *arguments):
        return [*self.options.prefix, self.options.program, *arguments, "--config", tree / "config.yaml"]

    def once(self, tree, url=""):
        return Run(self.command(tree, "run", "--once"), dict(os.environ, N8N_WEBHOOK_URL=url))


class Page:
    """The admin server of a daemon that is about to run on a tree, over one connection, as a browser has it."""

    def __init__(self, tree):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        path = tree / "config.yaml"
        path.write_text(path.read_text().replace("listen: 'off'", f"listen: '127.0.0.1:{self.port}'"))

    def wait(self):
        end = time.monotonic() + 60
        while True:
            try:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
                return self.get("/healthz")
            except ConnectionRefusedError:
                if time.monotonic() > end:
                    sys.exit("the daemon serves no page")
                time.sleep(0.05)

    def get(self, path):
        self.connection.request("GET", path)
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            sys.exit(f"{path} was answered with {answer.status}")
        return body


def records(tree):
    return sum(1 for day in os.scandir(tree / "processed") if day.name[0].isdigit() for entry in os.scandir(day)
               if entry.name.endswith(".json"))


@contextlib.contextmanager
def in_image(base, gigabytes=6, inodes=2_000_000):
    """An ext4 file system of its own, in a file in a folder."""
    with tempfile.TemporaryDirectory(prefix="eventdrop-", dir=base) as path:
        image, folder = f"{path}/image", f"{path}/disk"
        os.mkdir(folder)
        with open(image, "wb") as file:
            file.truncate(gigabytes << 30)
        subprocess.run(["mkfs.ext4", "-qF", "-N", str(inodes), image], check=True)
        subprocess.run(["mount", "-o", "loop,discard", image, folder], check=True)
        try:
            yield folder
        finally:
            subprocess.run(["umount", folder], check=True)


def in_memory(gigabytes=6, inodes=2_000_000):
    """An ext4 file system that lies in memory."""
    return in_image("/dev/shm", gigabytes, inodes)


@contextlib.contextmanager
def on_disk(folder):
    """A folder on the disk."""
    with tempfile.TemporaryDirectory(prefix="eventdrop-", dir=folder) as path:
        # ext4 checks each inode that was deleted within the last minute before it reuses one. With this, the trees get
        # separate block groups, so that none of them pays for those that were deleted before it.
        subprocess.run(["chattr", "+T", path], stderr=subprocess.DEVNULL)
        yield path


def add_options(parser):
    parser.add_argument("--program", help="an eventdrop that is built already")
    parser.add_argument("--prefix", type=str.split, default=[], help="put before eventdrop's command, such as 'perf record -g'")


def prepare(options):
    """Builds eventdrop for release where no program is named."""
    # Mounts and processes are cleaned up even if the run is interrupted.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    options.program = options.program or built(ROOT, "eventdrop")


def built(package, product):
    build = ["swift", "build", "-c", "release", "--package-path", package]
    subprocess.run([*build, "--product", product], check=True, stdout=sys.stderr)
    path = subprocess.run([*build, "--show-bin-path"], check=True, capture_output=True, text=True)
    return f"{path.stdout.strip()}/{product}"
