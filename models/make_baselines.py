#!/usr/bin/python3
"""What a conventional (floating point) network reaches on the NEW tasks.

Run:  /usr/bin/python3 models/make_baselines.py      (after make_models.py)

Reads models/<name>.onnx, writes models/baselines.json.  Accuracies are percent on
the test part.  Last-epoch weights are taken; nothing is chosen on the test part.
"""
from make_models import HEAD, HERE, SEED, accuracy, build, data, fit, load_onnx, logits

import json
import time

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment

torch.set_num_threads(1)

# epochs, batch, learning rate
HEAD_ONLY = {"mlp": (20, 128, 2e-3), "cnn": (20, 128, 2e-3), "tiny": (100, 32, 1e-2)}
FULL = {"mlp": (8, 128, 1e-3), "cnn": (5, 128, 1e-3), "tiny": (100, 32, 5e-3)}


def fresh_head(name, net):
    """Replace the last layer by a newly initialised one (same shape)."""
    torch.manual_seed(SEED)
    net._modules[HEAD[name]] = build(name)._modules[HEAD[name]]
    return net


def features(name, net, x):
    """The input of the last layer."""
    return logits(torch.nn.Sequential(*[m for n, m in net.named_children() if n != HEAD[name]]), x)


def count(params):
    return sum(p.numel() for p in params)


def run(name):
    out = {}
    net = load_onnx(name)
    _, _, sx, sy = map(torch.from_numpy, data(name, "source"))
    xa, ya, xb, yb = map(torch.from_numpy, data(name, "new"))
    out["source_task"] = {"accuracy": accuracy(net, sx, sy), "test_images": len(sx),
                          "values_in_network": count(net.parameters())}
    out["new_task"] = {"train_images": len(xa), "test_images": len(xb)}

    winners = logits(net, xb).argmax(1).numpy()
    out["untouched"] = {"accuracy": 100.0 * float((winners == yb.numpy()).mean()), "trained_values": 0}
    # one-to-one outputs -> classes, best by winner counts on the training images
    table = np.zeros((5, 5), np.int64)
    np.add.at(table, (logits(net, xa).argmax(1).numpy(), ya.numpy()), 1)
    _, cls = linear_sum_assignment(-table)
    out["untouched_matched"] = {"accuracy": 100.0 * float((cls[winners] == yb.numpy()).mean()),
                                "trained_values": 0, "class_of_output": cls.tolist()}

    t0 = time.time()
    head = fresh_head(name, load_onnx(name))._modules[HEAD[name]]
    fa, fb = features(name, net, xa), features(name, net, xb)
    epochs, batch, lr = HEAD_ONLY[name]
    torch.manual_seed(SEED)
    fit(head.train(), fa, ya, epochs, batch, lr)
    out["head_only"] = {"accuracy": accuracy(head, fb, yb), "epochs": epochs, "batch": batch,
                        "lr": lr, "seed": SEED, "trained_values": count(head.parameters()),
                        "seconds": round(time.time() - t0, 1)}

    t0 = time.time()
    full = fresh_head(name, load_onnx(name)).train()
    epochs, batch, lr = FULL[name]
    torch.manual_seed(SEED)
    fit(full, xa, ya, epochs, batch, lr)
    out["full_finetune"] = {"accuracy": accuracy(full, xb, yb), "epochs": epochs, "batch": batch,
                            "lr": lr, "seed": SEED, "trained_values": count(full.parameters()),
                            "running_statistics_also_updated":
                                count(b for n, b in full.named_buffers() if "running" in n),
                            "seconds": round(time.time() - t0, 1)}
    for v in out.values():
        if "accuracy" in v:
            v["accuracy"] = round(v["accuracy"], 2)
    return out


def main():
    result = {"_note": "percent on the test part; Adam, cosine to 0, weight decay 1e-4 on weights, one seed; "
                       "head_only and full_finetune start from a newly initialised last layer; "
                       "written by models/make_baselines.py"}
    for name in ("tiny", "mlp", "cnn"):
        result[name] = run(name)
        print(name, json.dumps(result[name], indent=1), flush=True)
    with open(f"{HERE}/baselines.json", "w") as f:
        json.dump(result, f, indent=1)
        f.write("\n")


if __name__ == "__main__":
    main()
