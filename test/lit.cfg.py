# Configuration of lit for NT's tests: see docs/testing.md.
import os

import lit.formats

config.name = "NT"
config.test_format = lit.formats.ShTest(True)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "CMakeLists.txt"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.nt_obj_root, "test")

path = [config.nt_tools_dir, config.llvm_tools_dir, os.environ["PATH"]]
config.environment["PATH"] = os.pathsep.join(path)
config.environment["NT_DEVICE_PATH"] = os.path.join(
    config.nt_src_root, "share", "nt", "devices"
)
config.environment["NT_PLAIN_PROGRESS"] = "1"
config.substitutions.append(("%models", os.path.join(config.nt_src_root, "models")))
config.substitutions.append(("%inputs", os.path.join(config.nt_src_root, "test", "Inputs")))
config.substitutions.append(("%devices", os.path.join(config.nt_src_root, "share", "nt", "devices")))
config.substitutions.append(("%src", config.nt_src_root))
config.substitutions.append(("%obj", config.nt_obj_root))
config.substitutions.append(("%python", "/usr/bin/python3"))

# The tiny model, its two tasks, and the usual compilation of it.
digits = os.path.join(config.nt_src_root, "models", "digits4x4.npz")
for task, classes in (("source", "0,1,2,3,4"), ("target", "5,6,7,8,9")):
    for part in ("train", "test"):
        config.substitutions.append((f"%{task}-{part}", f"'{digits}:{part};classes={classes}'"))
config.substitutions.append((
    "%compile-tiny",
    f"ntc compile {config.nt_src_root}/models/tiny.onnx --device nt1-tiny"
    f" --data '{digits}:train;classes=0,1,2,3,4'"))
config.substitutions.append((
    "%with-target", f"--task 'target={digits}:train;classes=5,6,7,8,9' --epochs 2"))
